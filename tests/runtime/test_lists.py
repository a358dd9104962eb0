import re
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagasc.runtime.errors import InputError
from tagasc.runtime.lists import check_spelling, read_list

COLUMNS = ["filename", "scene"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "list.csv"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("filename,filename,scene\na,b,park\n", "has 2 columns 'filename'; rename or remove all but one"),
        ("filename,scene,note,note\na,park,x,y\n", "has 2 columns 'note'; rename or remove all but one"),
        ('filename,scene\n"a\nb",park\n', r"line 3 has a line break or another control character in 'a\nb'; remove it"),
        ("filename,scene\na,par\0k\n", r"line 2 has a line break or another control character in 'par\x00k'"),
        (
            "filename,scene\n/a.wav,park\n",
            "line 2 lists /a.wav; write its path below the folder, without a leading '/'",
        ),
        ("filename,scene\naudio/../../a,park\n", "line 2 lists audio/../../a; write its path below the folder"),
        ("filename,scene\naudio//a.wav,park\n", "line 2 lists audio//a.wav; write its path below the folder"),
        ("filename,scene\n./a.wav,park\n", "line 2 lists ./a.wav; write its path below the folder"),
        ("filename,scene\nb,park\na,park\n\na,park\n", "line 5 lists a again; remove one of the two lines"),
        (f"filename,scene\na,{'x' * 200_000}\n", "line 2: field larger than field limit (131072); correct the line"),
        ('filename,scene\na,"park\n', "line 2: unexpected end of data; correct the line, in which a quotation mark"),
        ("\n\n", "is empty"),
    ],
)
def test_a_bad_list_is_refused_in_one_line(path, content, problem):
    path.write_text(content)
    with pytest.raises(InputError, match=re.escape(problem)):
        read_list(path, ",", COLUMNS)


def test_a_list_that_is_no_utf8_is_refused_with_its_line(path):
    path.write_bytes(b"filename,scene\n" + b"a,park\n" * 5000 + b"b,caf\xe9\n")
    with pytest.raises(
        InputError, match=r"list\.csv: cannot be read as a csv file in UTF-8: .* after line \d+; save it as"
    ):
        read_list(path, ",", COLUMNS)


def test_a_folder_in_place_of_a_list_is_named(path):
    path.mkdir()
    with pytest.raises(InputError, match=r"list\.csv: is a folder, and a file is expected; unpack the data set there"):
        read_list(path, ",", COLUMNS)


def test_all_kinds_of_bad_lines_are_reported_and_left_out(path):
    path.write_text("filename,scene\na,park\na,bus\nb\nc,\n../d,park\nb,bus,x\ne,tram\n")
    errors = []
    assert read_list(path, ",", COLUMNS, report=errors.append)["filename"].tolist() == ["a", "e"]
    assert [str(error).removeprefix(f"{path}: ") for error in errors] == [
        "line 3 lists a again; remove one of the two lines",
        "line 4 has 1 columns, expected the header's 2; correct it (the same holds for 1 other line)",
        "line 5 (c) has no scene; add it, or remove the line",
        "line 6 lists ../d; write its path below the folder, without a leading '/', './' or '..'",
    ]


def test_names_that_differ_only_in_spelling_are_reported():
    errors = []
    names = ["café", "bus", "Tram", "cafe\u0301", "tram", "park", "TRAM"]
    check_spelling(Path("meta.csv"), "scene", names, errors.append)
    assert [str(error) for error in errors] == [
        "meta.csv: the scenes 'café' and 'cafe\u0301' differ only in spelling; write one of them everywhere (the same "
        "holds for 1 other scene)"
    ]


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
)
def test_any_bytes_are_a_list_or_refused(content):
    for start in (b"", b"filename,scene\n"):
        with tempfile.NamedTemporaryFile(suffix=".csv") as file:
            file.write(start + content)
            file.flush()
            try:
                table, refusal = read_list(Path(file.name), ",", COLUMNS), None
            except InputError as error:
                table, refusal = None, str(error)
            if refusal is None:
                assert table["filename"].is_unique
                assert (table != "").all(axis=None)
            else:
                assert refusal.startswith(file.name)
                assert "\n" not in refusal


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(WORDS.filter(lambda name: name not in {".", ".."} and "/" not in name), WORDS, min_size=1),
    st.sampled_from(["\t", ",", ";"]),
)
def test_a_written_list_is_read_as_it_was(scenes, delimiter):
    table = pd.DataFrame({"filename": scenes.keys(), "scene": scenes.values()}, dtype=str)
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        table.to_csv(file.name, sep=delimiter, index=False)
        assert read_list(Path(file.name), delimiter, COLUMNS).equals(table)
