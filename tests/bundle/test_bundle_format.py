import json
import shutil
import subprocess

import pytest

from tagasc.artifacts.bundle import CHECKSUMS, MANIFEST, read_manifest
from tagasc.runtime.errors import InputError


@pytest.fixture
def copy(made_up, tmp_path):
    return shutil.copytree(made_up, tmp_path / "copy")


def test_no_file_is_a_pickle_and_sha256sum_accepts_all(copy):
    done = subprocess.run(["sha256sum", "-c", "--strict", CHECKSUMS], cwd=copy, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    files = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    assert files == {*read_manifest(copy).files, CHECKSUMS}
    assert {path.rpartition(".")[2] for path in files} == {"json", "safetensors", "npz", "yaml", "md", "SHA256SUMS"}


def test_one_changed_byte_anywhere_is_refused(copy):
    for path in [path for path in copy.rglob("*") if path.is_file()]:
        content = path.read_bytes()
        for place in (0, len(content) // 2, len(content) - 2):
            path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
            with pytest.raises(InputError) as error:
                read_manifest(copy)
            assert str(error.value).startswith(f"{copy}: "), path
            assert "bundle" in str(error.value)
            assert "\n" not in str(error.value)
        path.write_bytes(content)
    read_manifest(copy)


def test_a_missing_file_is_named(copy):
    (copy / "svm.npz").unlink()
    with pytest.raises(InputError, match=r"svm\.npz does not exist; copy the bundle again"):
        read_manifest(copy)


def test_a_bundle_of_a_later_version_says_so(copy):
    content = json.loads((copy / MANIFEST).read_text())
    (copy / MANIFEST).write_text(json.dumps(content | {"format": 3, "version": "9.9", "new": True}))
    with pytest.raises(InputError, match=r"format 3, written by tagasc '9\.9', and this version reads formats up to 2"):
        read_manifest(copy)


def test_what_is_no_bundle_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    for place, problem in [
        ("nowhere", "does not exist; name the folder that 'tagasc bundle' has written"),
        ("file", "is a file, and a folder is expected"),
        ("", "is no bundle, because bundle.json does not exist"),
    ]:
        with pytest.raises(InputError, match=problem):
            read_manifest(tmp_path / place)
