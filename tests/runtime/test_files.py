import errno
import os

import pytest

from tagasc.runtime.errors import InputError
from tagasc.runtime.files import atomic_write, disk_errors, require_space


def test_a_file_appears_only_when_it_is_complete(tmp_path):
    path = tmp_path / "new/table.csv"
    with atomic_write(path) as partial:
        partial.write_text("half")
        assert partial.suffix == ".csv"
        assert not path.exists()
    assert path.read_text() == "half"
    assert list(path.parent.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")

    def fail():
        with atomic_write(path) as partial:
            partial.write_text("half")
            raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_too_little_space_is_reported_before_the_work(tmp_path):
    require_space(tmp_path, 1, "for a byte", "name another folder")
    with pytest.raises(InputError, match=r"1000000000\.0 GB are needed for a test, but only .* are free; free some"):
        require_space(tmp_path, 10**18, "for a test", "name another folder")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_one_line(tmp_path, code):
    full = pytest.raises(InputError, match=r": the disk is full \(.*\); free some space and run again")
    with full as error, disk_errors(tmp_path, "name another folder"):
        raise OSError(code, os.strerror(code))
    assert "\n" not in str(error.value)


def test_other_errors_of_the_system_pass(tmp_path):
    with pytest.raises(PermissionError), disk_errors(tmp_path, "name another folder"):
        raise PermissionError
