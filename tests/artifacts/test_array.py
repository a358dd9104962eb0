from contextlib import suppress

import numpy as np
import pytest

from tagasc.artifacts.array import ArrayFile
from tagasc.runtime.errors import InputError

pytestmark = pytest.mark.usefixtures("without_records")

FILE = ArrayFile(path="x.npy", rule="make_x", meaning="", dtype=np.float16, axes=["clips", "values"])


@pytest.fixture
def path(tmp_path):
    FILE.write(tmp_path / "x.npy", np.arange(6).reshape(3, 2))
    return tmp_path / "x.npy"


def test_an_array_is_mapped_in_the_type_of_the_file(path):
    array = FILE.read(path)
    assert isinstance(array, np.memmap)
    assert array.dtype == np.float16
    assert array.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert not array.flags.writeable


def test_an_array_in_fortran_order_is_written_row_by_row(tmp_path):
    FILE.write(tmp_path / "x.npy", np.arange(6.0, dtype=np.float16).reshape(2, 3).T)
    assert FILE.read(tmp_path / "x.npy").tolist() == [[0, 3], [1, 4], [2, 5]]


def test_a_damaged_array_names_the_rule_that_writes_it_again(path, damage):
    damage(path)
    with pytest.raises(InputError, match=rf"^{path}: .*; delete it, and rule make_x writes it again$"):
        FILE.read(path)


def test_an_array_that_is_cut_short_is_recognised_at_every_length(path):
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(InputError, match="rule make_x writes it again"):
            FILE.read(path)


def test_changed_bytes_of_the_header_never_raise_another_error(path):
    content = path.read_bytes()
    random = np.random.default_rng(0)
    for _ in range(1000):
        changed = bytearray(content)
        changed[random.integers(128)] = random.integers(256)
        path.unlink()
        path.write_bytes(changed)
        with suppress(InputError):
            assert FILE.read(path).shape == (3, 2)  # only the padding has changed


@pytest.mark.parametrize(
    ("array", "problem"),
    [
        (np.zeros((3, 2), np.float32), r"is float32 \(3, 2\), expected float16 \(clips, values\)"),
        (np.zeros(3, np.float16), r"is float16 \(3,\), expected float16 \(clips, values\)"),
        (np.zeros((3, 2), np.float16, order="F"), r"is float16 \(3, 2\), expected"),
        (np.array([[None]]), "cannot be read as an array"),
    ],
)
def test_another_type_or_shape_is_an_error(array, problem, path):
    np.save(path, array)
    with pytest.raises(InputError, match=rf"x\.npy: {problem}.*rule make_x writes it again"):
        FILE.read(path)


def test_an_npz_file_is_not_an_array(path):
    np.savez(path.with_suffix(".npz"), x=np.zeros((3, 2), np.float16))
    path.with_suffix(".npz").rename(path)
    with pytest.raises(InputError, match="cannot be read as an array"):
        FILE.read(path)


def test_bytes_behind_the_values_are_an_error(path):
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(InputError, match=r"is longer than its \(3, 2\) values; .*rule make_x"):
        FILE.read(path)
