import os
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snakemake.common.configfile import load_configfile

from tagasc.runtime.errors import InputError
from tagasc.runtime.key_files import check_key_files, read_keys


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: 1\nscenes: {name: x}\nscenes: {folder: y}", "line 3: key 'scenes' is repeated (first in line 2); correct"),
        ("a:\n  b: 1\n  b: 1", "line 3: key 'b' is repeated (first in line 2); correct it"),
        ('{"a": 1,\n "a": 2}', "line 2: key 'a' is repeated (first in line 1); correct it"),
        (
            "a: [1\nb: 2",
            "line 2: while parsing a flow sequence of line 1, expected ',' or ']', but got ':'; correct it",
        ),
        ("a: 1\n\tb: 2", "line 2: found character '\\t' that cannot start any token; correct it"),
        ("---\na: 1\n---\nb: 1", "line 3: expected a single document in the stream of line 2, but found another"),
        ("a: !!python/name:os.system", "line 1: could not determine a constructor for the tag"),
        ("a: &x [*x]", "line 1: found unconstructable recursive node"),
        ("a: 2020-13-45", "is not YAML (month must be in 1..12); correct it"),
        ("a: 1\nb: \x01", "line 2: holds the character 0x1; correct it"),
        ("[" * 10_000, "is not YAML ("),
        ("", "expected keys and values, for example 'seeds: [0, 1]'; correct it"),
        ("# nothing", "expected keys and values"),
        ("- a", "expected keys and values"),
        (b"a: 1\nname: \xe9", "line 2: is not UTF-8; save the file in this encoding"),
        ("a: 1".encode("utf-16"), "line 1: is not UTF-8"),
        ("__use_yte__: true\na:\n  ?print()", "__use_yte__ lets a file of keys run Python code; remove it, and write"),
    ],
)
def test_a_file_that_snakemake_would_misread_is_one_line(tmp_path, content, message):
    path = tmp_path / "my.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=f"^{re.escape(f'{path}: {message}')}") as error:
        read_keys(path)
    assert "\n" not in str(error.value)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path):
    for path, reason in ((tmp_path, "Is a directory"), (tmp_path / "none", "No such file or directory")):
        with pytest.raises(InputError, match=re.escape(f"{path}: cannot be read ({reason}); name a file of keys")):
            read_keys(path)


@pytest.mark.parametrize(
    "text",
    [
        "a: {b: 1.0e-3, c: [x, null, yes]}",
        "\ufeffa: 1",
        '{"a":\n\t{"b": 1e-3, "c": "\\ud83d\\ude00"}}',
        "a: &x {b: 1}\nc: {<<: *x, b: 2}\nd: *x",
    ],
)
def test_other_files_are_read_as_snakemake_reads_them(tmp_path, text):
    (tmp_path / "my.yaml").write_text(text)
    assert read_keys(tmp_path / "my.yaml") == load_configfile(tmp_path / "my.yaml")


def test_a_pipe_is_left_to_who_reads_it(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    check_key_files([tmp_path / "pipe"])
    (tmp_path / "empty.yaml").touch()
    with pytest.raises(InputError, match=r"empty\.yaml: expected keys"):
        check_key_files([tmp_path / "pipe", tmp_path / "empty.yaml"])


YAML_LIKE = st.text(st.sampled_from("ab01:-?[]{},&*!|>'\"%@# \n\t.<é"), max_size=40).map(str.encode)


@settings(max_examples=200)
@given(content=st.one_of(st.binary(max_size=40), YAML_LIKE))
def test_any_content_is_keys_or_one_line(tmp_path, content):
    path = tmp_path / "my.yaml"
    path.write_bytes(content)
    try:
        assert isinstance(read_keys(path), dict)
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 - most contents are errors, but not all
