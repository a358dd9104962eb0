"""Errors of the operating system, as it and the libraries raise them."""

import errno
import os
import resource
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors import SafetensorError

from tagasc.runtime.errors import InputError
from tagasc.runtime.files import atomic_write
from tagasc.runtime.system_errors import Grant, as_input_error, disk_errors, one_line_exit

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


class TerminatedWorkerError(Exception):
    """As joblib names it."""


def line(error, **others):
    refused = as_input_error(error, Path("results"), **others)
    assert refused is not None, error
    assert "\n" not in str(refused)
    return str(refused)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EROFS, "is on a disk that is read-only"),
        (errno.EACCES, "permission is denied"),
        (errno.EPERM, "permission is denied"),
        (errno.EFBIG, "the file would be larger than is allowed"),
        (errno.EMFILE, "too many files are open"),
        (errno.ENFILE, "too many files are open on this machine"),
        (errno.EIO, "the disk or the network file system fails"),
        (errno.ENAMETOOLONG, "the name is too long"),
        (errno.EISDIR, "a folder is where a file is needed"),
        (errno.ELOOP, "the link leads to itself"),
    ],
)
def test_an_error_of_the_disk_names_the_file_or_else_the_place(code, words):
    reason = os.strerror(code)
    assert line(OSError(code, reason, "a.csv")).startswith(f"a.csv: {words} ({reason}")
    assert line(OSError(code, reason)).startswith(f"results: {words} ({reason}")


def test_the_file_that_is_in_the_way_is_named(tmp_path):
    (tmp_path / "results").write_text("")
    with pytest.raises(NotADirectoryError) as error:
        (tmp_path / "results/experiments/a.csv").open("w")
    assert line(error.value).startswith(f"{tmp_path / 'results'}: a file or a dangling link is where a folder is")
    with pytest.raises(FileExistsError) as error:
        (tmp_path / "results").mkdir(parents=True, exist_ok=True)
    assert line(error.value).startswith(f"{tmp_path / 'results'}: a file or a dangling link is where a folder is")


@needs_full
@pytest.mark.parametrize(
    "write",
    [
        lambda: FULL.write_text("x" * 10_000),
        lambda: np.save(FULL.open("wb"), np.zeros(10_000)),
        lambda: np.savez(FULL.open("wb"), x=np.zeros(100_000)),
        lambda: pd.DataFrame({"x": np.zeros(10_000)}).to_csv(FULL),
    ],
    ids=["text", "npy", "npz", "csv"],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_what_libraries_raise_on_a_full_disk(write):
    with pytest.raises(OSError, match=r"No space left on device|requested and") as error:
        write()
    assert ": the disk is full (No space left on device); free some space and run again" in line(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Error while serializing: I/O error: No space left on device (os error 28)", "results: the disk is full"),
        ("Error while serializing: I/O error: Read-only file system (os error 30) at path", "results: is on a disk"),
        ("open file failed with strerror: Permission denied", "results: permission is denied"),
    ],
)
def test_what_libraries_only_say_in_words(text, words):
    assert line(SafetensorError(text)).startswith(words)


def test_numpy_does_not_say_whether_the_disk_or_a_limit_stops_it(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (8192, 8192))
    assert "raise the limit of this shell (ulimit -f)" in line(OSError("300000 requested and 8192 written"))


def test_what_is_raised_while_an_error_of_the_disk_is_handled():
    def close():
        try:
            raise OSError(errno.ENOSPC, "No space left on device", "tags.npz")
        finally:
            raise ValueError("Can't close the ZIP file while there is an open writing handle on it")

    with pytest.raises(ValueError, match="Can't close") as error:
        close()
    assert line(error.value).startswith("tags.npz: the disk is full")


@pytest.mark.parametrize("allocate", [np.zeros, torch.zeros], ids=["numpy", "torch"])
def test_too_little_memory_names_the_rule_and_what_it_was_granted(allocate):
    with pytest.raises((MemoryError, RuntimeError)) as error:
        allocate(10**15)
    text = line(error.value, grant=Grant("train_cell", 4000))
    assert text.startswith("rule train_cell: memory does not suffice (")
    assert text.endswith("on a cluster grant more than 4000 MB (--set-resources train_cell:mem_mb=8000)")
    assert line(error.value).startswith("memory does not suffice (")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "memory does not suffice"),
        (ImportError("libtorch_cpu.so: failed to map segment from shared object"), "memory does not suffice"),
        (RuntimeError("can't start new thread"), "no further process or thread"),
        (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), "no further process or thread"),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), "the GPU's memory does not suffice"),
        (TerminatedWorkerError("A worker process was terminated"), "a worker was killed, probably because memory"),
    ],
)
def test_other_signs_of_too_little_memory(error, words):
    assert line(error, grant=Grant("train_cell", None)).startswith(f"rule train_cell: {words}")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_long_work_continues_after_a_full_disk(code):
    remedy = r"^results: the disk is full \(.*\); free some space and run again, which continues where this stopped, or"
    with pytest.raises(InputError, match=remedy), disk_errors(Path("results"), "name another folder"):
        raise OSError(code, os.strerror(code))


@pytest.mark.parametrize(
    "error", [KeyError("scale"), FileNotFoundError(errno.ENOENT, "No such file", "a"), ConnectionError(), OSError()]
)
def test_other_exceptions_are_not_changed(error):
    assert as_input_error(error, Path("results")) is None
    with pytest.raises(type(error)), disk_errors(Path("results")):
        raise error
    with pytest.raises(type(error)), one_line_exit():
        raise error


def test_a_folder_that_exists_already_is_a_mistake_of_the_program(tmp_path):
    with pytest.raises(FileExistsError) as error:
        tmp_path.mkdir()
    assert as_input_error(error.value, tmp_path) is None


def test_the_process_ends_with_one_line():
    with pytest.raises(SystemExit) as ended, one_line_exit():
        raise OSError(errno.EROFS, "Read-only file system", "results/a.csv")
    assert ended.value.code.startswith("tagasc: error: results/a.csv: is on a disk that is read-only")
    with pytest.raises(SystemExit) as ended, one_line_exit():
        raise InputError("seeds: no seed")
    assert ended.value.code == "tagasc: error: seeds: no seed"


def test_a_file_of_the_results_is_named_and_not_its_temporary_file(tmp_path):
    (tmp_path / "scores.csv").mkdir()
    with pytest.raises(InputError) as error, atomic_write(tmp_path / "scores.csv") as partial:
        partial.write_text("1")
    assert str(error.value).startswith(f"{tmp_path / 'scores.csv'}: a folder is where a file is needed")
    with pytest.raises(InputError) as error, atomic_write(tmp_path / "scores2.csv") as partial:
        raise OSError(errno.ENOSPC, "No space left on device", str(partial))
    assert str(error.value).startswith(f"{tmp_path / 'scores2.csv'}: the disk is full")
    with pytest.raises(InputError, match="the name is too long"), atomic_write(tmp_path / ("x" * 300)):
        pass
