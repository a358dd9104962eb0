import os

import pytest

from tagasc.runtime.paths import file_problem, folder_problem


@pytest.fixture
def tree(tmp_path):
    """Write a file, a folder, links and a pipe, each of a name that says what it is."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("text")
    (tmp_path / "good").symlink_to("file")
    (tmp_path / "dangling").symlink_to(tmp_path / "gone")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("file", None),
        ("good", None),
        ("gone", "does not exist"),
        ("gone/file", "does not exist"),
        ("folder", "is a folder, and a file is expected"),
        ("dangling", "is a link to {tree}/gone, which does not exist"),
        ("dangling/file", "does not exist, because {tree}/dangling is a link to {tree}/gone, which does not exist"),
        ("file/below/name", "does not exist, because {tree}/file is a file and not a folder"),
        ("loop", "is a link that leads back to itself"),
        ("pipe", "is not a regular file"),
        ("x" * 300, "has a name that is longer than the file system allows"),
        ("a\0b", "has a name that no file can have"),
    ],
)
def test_what_stands_in_the_way_of_a_file_is_named(tree, name, problem):
    assert file_problem(tree / name) == (problem and problem.format(tree=tree))


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("folder", None),
        ("gone", "does not exist"),
        ("file", "is a file, and a folder is expected"),
        ("file/folder", "does not exist, because {tree}/file is a file and not a folder"),
        ("dangling", "is a link to {tree}/gone, which does not exist"),
    ],
)
def test_what_stands_in_the_way_of_a_folder_is_named(tree, name, problem):
    assert folder_problem(tree / name) == (problem and problem.format(tree=tree))


def test_a_missing_permission_is_named(tree, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(os, "scandir", refuse)
    assert file_problem(tree / "file") == "cannot be read, because you lack the permission"
    assert folder_problem(tree / "folder") == "cannot be read, because you lack the permission"
