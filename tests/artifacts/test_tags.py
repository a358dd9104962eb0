from contextlib import suppress

import numpy as np
import pytest

from tagasc.artifacts.tags import Tags, read_npz, read_tags, write_tags
from tagasc.runtime.errors import InputError

pytestmark = pytest.mark.usefixtures("without_records")

NAMES = ["a.wav", "b.wav", "c.wav"]
AGAIN = "; (if nobody edited the file, )?delete it, and rule tag_scenes or import_tags writes it again$"


def tags(vectors=None, labels=("Bark", "Rain"), names=NAMES):
    values = np.array([[0, 1], [0.25, 0.5], [0.75, 1]]) if vectors is None else vectors
    return Tags(values, list(labels), list(names))


@pytest.fixture
def path(tmp_path):
    write_tags(tmp_path / "tags.npz", tags())
    return tmp_path / "tags.npz"


def test_tags_are_read_in_the_order_of_the_clips(path):
    found = read_tags(path, ["c.wav", "a.wav"])
    assert found.vectors.tolist() == [[0.75, 1], [0, 1]]
    assert found.vectors.dtype == np.float32
    assert (found.labels, found.filenames) == (["Bark", "Rain"], ["c.wav", "a.wav"])


def test_damaged_tags_name_the_rules_that_write_them_again(path, damage):
    damage(path)
    with pytest.raises(InputError, match=rf"^{path}: .*{AGAIN}"):
        read_tags(path, NAMES)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_file_that_is_cut_short_is_recognised_at_every_length(save, path):
    save(path, tags=tags().vectors, labels=["Bark", "Rain"], filenames=NAMES)
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(InputError, match=AGAIN):
            read_tags(path, NAMES)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_changed_byte_changes_no_tag(save, path):
    save(path, tags=tags().vectors, labels=["Bark", "Rain"], filenames=NAMES)
    content = path.read_bytes()
    random = np.random.default_rng(0)
    for _ in range(1000):
        changed = bytearray(content)
        changed[random.integers(len(changed))] = random.integers(256)
        path.write_bytes(changed)
        with suppress(InputError):
            assert read_tags(path, NAMES).vectors.tolist() == tags().vectors.tolist()


@pytest.mark.parametrize(
    ("stored", "problem"),
    [
        (tags(names=["a.wav", "b.wav", "d.wav"]), r"c\.wav has no tag vector \(1 clips lack one\)"),
        (tags(names=["a.wav", "b.wav", "b.wav"]), r"b\.wav occurs twice"),
        (tags(labels=["Bark", "Bark"]), "there are 2 tags 'Bark'; give each tag a label of its own"),
        (tags(vectors=np.full((3, 2), np.nan)), r"tag 'Bark' of a\.wav is nan; expected a value in \[0, 1\]"),
        (tags(vectors=np.array([[0, 0], [0, 1.5], [0, 0]])), r"tag 'Rain' of b\.wav is 1\.5; expected"),
        (tags(vectors=np.zeros((3, 3))), r"its tags have the shape \(3, 3\), expected \(3 filenames, 2 labels\)"),
    ],
)
def test_tags_that_are_not_valid_are_an_error(stored, problem, path):
    write_tags(path, stored)
    with pytest.raises(InputError, match=rf"tags\.npz: {problem}.*{AGAIN}"):
        read_tags(path, NAMES)


@pytest.mark.parametrize(
    ("arrays", "problem"),
    [
        ({"tags": np.zeros((1, 1)), "labels": ["a"]}, "has no array 'filenames'"),
        ({"tags": [["x"]], "labels": ["a"], "filenames": ["a"]}, "its tags are <U1, not real numbers"),
        ({"tags": [[1j]], "labels": ["a"], "filenames": ["a"]}, "its tags are complex128, not real numbers"),
        ({"tags": [[None]], "labels": ["a"], "filenames": ["a"]}, "cannot be read as npz"),
        ({"tags": np.zeros((1, 1)), "labels": "a", "filenames": ["a"]}, "its tags have the shape"),
    ],
)
def test_the_arrays_of_another_tagger_are_checked(arrays, problem, path):
    np.savez(path, allow_pickle=True, **arrays)
    with pytest.raises(InputError, match=rf"tags\.npz: {problem}.*expected"):
        read_npz(path)


def test_an_npy_file_is_not_a_cache(path):
    np.save(path.with_suffix(".npy"), np.zeros(3))
    path.with_suffix(".npy").rename(path)
    with pytest.raises(InputError, match="cannot be read as npz"):
        read_npz(path)
