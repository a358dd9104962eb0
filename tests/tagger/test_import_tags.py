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


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        ({"Bark": [0.1, 1.5, 0]}, r"^tagger.path: .*tag 'Bark' of audio/b.wav is 1.5; expected a value in \[0, 1\]"),
        ({"Bark": [0.1, -0.1, 0]}, "is -0.1"),
        ({"Bark": [float("nan"), 0.1, 0]}, "of audio/a.wav is nan"),
        ({"Bark": ["loud", "quiet", "no"]}, "column 'Bark' has the value 'loud'; expected numbers"),
        ({}, "has the columns filename; expected a column filename and one column per tag"),
    ],
)
def test_bad_values_are_named(tmp_path, meta, columns, line):
    table(**columns).to_csv(tmp_path / "tags.csv", index=False)
    with pytest.raises(InputError, match=line):
        import_tags(tmp_path / "tags.csv", meta, tmp_path / "imported.npz")
    assert not (tmp_path / "imported.npz").exists()


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


@pytest.mark.parametrize("name", ["tags.txt", "tags.npz", "tags.parquet"])
def test_other_files_are_refused(tmp_path, meta, name):
    (tmp_path / name).write_text("no tags")
    with pytest.raises(InputError, match=rf"^tagger.path: .*{name}"):
        import_tags(tmp_path / name, meta, tmp_path / "imported.npz")


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
    assert "nowhere.csv: cannot be read" in check_tags(tmp_path / "nowhere.csv", NAMES).stops[0]
