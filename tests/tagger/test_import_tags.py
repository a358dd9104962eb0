import re

import numpy as np
import pandas as pd
import pytest

from tagasc.artifacts.tags import read_tags
from tagasc.runtime.errors import InputError
from tagasc.tagger.import_tags import check_tags, import_tags

NAMES = ["audio/b.wav", "audio/a.wav"]


@pytest.fixture
def meta(tmp_path):
    path = tmp_path / "meta.csv"
    table = pd.DataFrame({"filename": NAMES, "scene_label": ["park", "tram"], "identifier": ["oslo-0", "oslo-1"]})
    table.to_csv(path, sep="\t", index=False)
    return path


def table(**columns):
    return pd.DataFrame({"filename": ["audio/a.wav", "audio/b.wav", "audio/other.wav"], **columns})


@pytest.mark.parametrize("suffix", ["csv", "parquet", "npz"])
def test_any_format_is_imported_in_the_order_of_meta(tmp_path, meta, suffix):
    given, path = table(Bark=[0.25, 0.5, 0.75], Rain=[0, 1, 0.5]), tmp_path / f"tags.{suffix}"
    if suffix == "csv":
        given.to_csv(path, index=False)
    elif suffix == "parquet":
        given.to_parquet(path)
    else:
        values = given[["Bark", "Rain"]].to_numpy()
        np.savez(path, tags=values, labels=["Bark", "Rain"], filenames=given["filename"].to_numpy("U"))
    import_tags(path, meta, tmp_path / "imported.npz")
    tags = read_tags(tmp_path / "imported.npz", NAMES)
    assert tags.labels == ["Bark", "Rain"]
    np.testing.assert_array_equal(tags.vectors, [[0.5, 1], [0.25, 0]])


@pytest.mark.parametrize("suffix", ["csv", "parquet", "npz"])
@pytest.mark.parametrize("value", [1.5, -0.1, float("nan"), float("inf"), 1e300])
def test_a_bad_value_is_named_with_its_row(tmp_path, meta, suffix, value):
    given, path = table(Rain=[0.5, 0, 1], Bark=[0.1, value, 0]), tmp_path / f"tags.{suffix}"
    if suffix == "csv":
        given.to_csv(path, index=False, na_rep="nan")
    elif suffix == "parquet":
        given.to_parquet(path)
    else:
        names = given["filename"].to_numpy("U")
        np.savez(path, tags=given[["Rain", "Bark"]].to_numpy(), labels=["Rain", "Bark"], filenames=names)
    place = "line 3" if suffix == "csv" else "row 2"
    found = "inf" if value > 2 else f"{value:g}"
    line = rf"^tagger\.path: .*: {place}: tag 'Bark' of audio/b\.wav is {found}; expected a number in \[0, 1\]$"
    with pytest.raises(InputError, match=line):
        import_tags(path, meta, tmp_path / "imported.npz")
    assert not (tmp_path / "imported.npz").exists()


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("filename,Bark\na.wav,loud\n", "line 2: tag 'Bark' of a.wav is 'loud'; expected a number"),
        ("filename,Bark\na.wav,\n", "line 2: tag 'Bark' of a.wav is empty; expected a number"),
        ('filename,Bark\n\n"a\n.wav",x\n', "line 4: tag 'Bark' of a .wav is 'x'; expected a number"),
        ("filename,Bark\na.wav\n", "line 2 has 1 columns, expected the header's 2; correct it"),
        ("filename,Bark\na.wav,0.5,0.5\n", "line 2 has 3 columns, expected the header's 2; correct it"),
        ("filename,Bark,Bark\na.wav,0.5,0.5\n", "has 2 columns 'Bark'; rename or remove all but one"),
        ("filename,Bark,filename\na.wav,0.5,a.wav\n", "has 2 columns 'filename'; rename or remove all but one"),
        (",filename,Bark\n0,a.wav,0.5\n", "tag 1 has no label; name its column, or remove it"),
        ("filename;Bark\na.wav;0,5\n", "its columns are separated by semicolons; save it with commas instead"),
        ("wav,Bark\na.wav,0.5\n", "no column 'filename'; expected a header with filename"),
        ("filename\na.wav\n", "has no tag vectors; write one row per clip and one column per tag"),
        ("filename,Bark\n", "has no tag vectors; write one row per clip and one column per tag"),
        ("", "is empty"),
        (f"filename,Bark\na.wav,{'1' * 200_000}\n", "line 2: field larger than field limit"),
    ],
)
def test_a_bad_csv_file_is_refused_in_one_line(tmp_path, meta, content, line):
    (tmp_path / "tags.csv").write_text(content)
    with pytest.raises(InputError, match=rf"^tagger\.path: .*tags\.csv: .*{re.escape(line)}"):
        import_tags(tmp_path / "tags.csv", meta, tmp_path / "imported.npz")


def test_a_file_that_a_spreadsheet_has_saved_is_imported(tmp_path, meta):
    content = "Bark,filename\r\n 0.5 ,audio/b.wav\r\n1,audio/a.wav\r\n\r\n"
    (tmp_path / "tags.csv").write_bytes(b"\xef\xbb\xbf" + content.encode())
    import_tags(tmp_path / "tags.csv", meta, tmp_path / "imported.npz")
    assert read_tags(tmp_path / "imported.npz", NAMES).vectors.tolist() == [[0.5], [1]]


@pytest.mark.parametrize("column", [["a", 0.5, 0.5], [None, 0.5, 0.5], [[0.5], [0.5], [0.5]]], ids=str)
def test_a_parquet_file_with_other_things_than_numbers_is_refused(tmp_path, meta, column):
    found = {str: "'a'", list: r"array\("}.get(type(column[0]), "nan")
    pd.DataFrame(
        {"filename": list("abc"), "Bark": pd.Series(column, dtype=object).astype(str if "a" in column else object)}
    ).to_parquet(tmp_path / "tags.parquet")
    with pytest.raises(InputError, match=rf"tags\.parquet: row 1: tag 'Bark' of a is {found}"):
        import_tags(tmp_path / "tags.parquet", meta, tmp_path / "imported.npz")


def test_a_missing_and_a_repeated_clip_are_named(tmp_path, meta):
    given = table(Bark=[0.1, 0.2, 0.3])
    given[1:].to_csv(tmp_path / "missing.csv", index=False)
    with pytest.raises(
        InputError, match=r"^tagger.path: .*missing.csv: audio/a.wav has no tag vector \(1 clips lack one\)"
    ):
        import_tags(tmp_path / "missing.csv", meta, tmp_path / "imported.npz")
    pd.concat([given, given[:1]]).to_csv(tmp_path / "repeated.csv", index=False)
    with pytest.raises(InputError, match=r"repeated.csv: audio/a.wav occurs twice"):
        import_tags(tmp_path / "repeated.csv", meta, tmp_path / "imported.npz")


def test_two_tags_with_the_same_label(tmp_path, meta):
    np.savez(tmp_path / "tags.npz", tags=np.zeros((2, 3)), labels=["Bark", "Rain", "Bark"], filenames=NAMES)
    with pytest.raises(InputError, match=r"tags.npz: there are 2 tags 'Bark'; give each tag a label of its own"):
        import_tags(tmp_path / "tags.npz", meta, tmp_path / "imported.npz")


@pytest.mark.parametrize("name", ["tags.txt", "tags", "tags.npz", "tags.parquet"])
def test_other_files_are_refused(tmp_path, meta, name):
    (tmp_path / name).write_text("no tags")
    with pytest.raises(InputError, match=rf"^tagger.path: .*{name}"):
        import_tags(tmp_path / name, meta, tmp_path / "imported.npz")


@pytest.mark.parametrize("suffix", ["csv", "parquet", "npz"])
def test_a_folder_and_a_file_cut_short_are_refused(tmp_path, meta, suffix):
    path = tmp_path / f"tags.{suffix}"
    path.mkdir()
    with pytest.raises(
        InputError, match=rf"^tagger\.path: .*tags\.{suffix}: is a folder, and a file is expected; name a csv"
    ):
        import_tags(path, meta, tmp_path / "imported.npz")
    path.rmdir()
    if suffix == "npz":
        np.savez(path, tags=np.zeros((2, 1)), labels=["Bark"], filenames=NAMES)
    else:
        table(Bark=[0.1, 0.2, 0.3]).to_parquet(path)
    whole = path.read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match=rf"^tagger\.path: .*tags\.{suffix}: "):
            import_tags(path, meta, tmp_path / "imported.npz")


def test_a_check_tells_what_the_file_holds(tmp_path):
    table(Bark=[0.1, 0.2, 0.3], Rain=[0.5, 0.5, 0.1]).to_csv(tmp_path / "tags.csv", index=False)
    found = check_tags(tmp_path / "tags.csv", NAMES)
    assert found.facts == [f"Tags in {tmp_path}/tags.csv", "3 clips with 2 tags, 0 of the listed clips missing"]
    assert found.stops == []
    assert found.weakens == [f"{tmp_path}/tags.csv: 1 of 2 tags are the same in all clips; leave them out"]
    missing = check_tags(tmp_path / "tags.csv", [*NAMES, "audio/c.wav", "audio/d.wav"])
    assert missing.facts[1].endswith("2 of the listed clips missing")
    assert len(missing.stops) == 1
    assert missing.stops[0].startswith(f"tagger.path: {tmp_path}/tags.csv: audio/c.wav has no tag vector (2 clips lack")
    unlisted = check_tags(tmp_path / "tags.csv", [])
    assert (unlisted.stops, unlisted.weakens) == ([], [])
    assert "nowhere.csv: does not exist; name a csv" in check_tags(tmp_path / "nowhere.csv", NAMES).stops[0]
