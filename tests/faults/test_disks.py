"""Full and read-only disks, and files where folders are needed: one line, and the next run goes on."""

import os
import stat
import subprocess
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.faults.commands import PACKED, pack, tagasc, write_keys
from tests.faults.fault import Fault, params
from tests.faults.tree import same_files

GROUP = "commands and disks"
CORPUS = "results/corpora/demo-scenes"

pytestmark = [pytest.mark.slow, pytest.mark.workflow, pytest.mark.usefixtures("empty")]


def make_read_only(path: str) -> None:
    Path(path).mkdir(parents=True)
    Path(path).chmod(0o500)


def put_file(path: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).touch()


def put_link(path: str) -> None:
    Path(path).symlink_to("/nowhere/else")


def into_full_disk(*arguments: str) -> None:
    with Path("/dev/full").open("w") as full:
        tagasc(*arguments, stdout=full)


def make_device() -> None:
    """Create a device like /dev/full."""
    try:
        os.mknod("full", stat.S_IFCHR | 0o666, os.makedev(1, 7))
        Path("full").open("w").close()
    except OSError:
        pytest.skip("only root creates devices, and only on some disks")


@contextmanager
def small_disk(folder: Path, size: str):
    """Mount a small disk at a folder."""
    folder.mkdir(parents=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False).returncode:
        pytest.skip("only root mounts a disk")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


OBSTACLES = {
    "is a file": (put_file, ("results", "data", ".snakemake", f"{CORPUS}/logs", CORPUS)),
    "is a dangling link": (put_link, ("results", "data")),
    "is read-only": (make_read_only, ("results", "data", ".snakemake", CORPUS)),
}


def faults():
    for name, (inject, paths) in OBSTACLES.items():
        for path in paths:
            yield Fault(f"{path} {name}", GROUP, partial(inject, path), pack, words=(path,))
    same = partial(same_files, paths=PACKED)
    for variable in ("HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR"):
        act = partial(pack, **{variable: "/nowhere"})
        yield Fault(f"{variable} is missing", GROUP, lambda: None, act, "same", (), same)
    yield Fault(
        "tagasc config into a full disk", GROUP, lambda: None, partial(into_full_disk, "config"), words=("full",)
    )
    yield Fault(
        "tagasc audit into a device",
        GROUP,
        make_device,
        partial(tagasc, "audit", "--output", "full"),
        words=("full",),
        is_same=lambda _: Path("full").is_char_device(),
        again=lambda: None,
    )


@pytest.mark.parametrize("fault", params(faults()))
def test_a_bad_folder_is_named(expect, fault):
    write_keys()
    expect(fault)
    for folder in filter(Path.is_dir, Path().rglob("*")):
        folder.chmod(0o700)


@pytest.mark.parametrize("size", ["8k", "40k", "100k", "150k"])
def test_a_full_disk_is_named_and_the_next_run_goes_on(expect, size):
    write_keys()
    with ExitStack() as disk:
        disk.enter_context(small_disk(Path("results"), size))
        fault = Fault(
            f"results is on a disk of {size}",
            GROUP,
            lambda: None,
            pack,
            words=("results",),
            is_same=partial(same_files, paths=PACKED),
            again=lambda: (disk.close(), pack()),
        )
        expect(fault)
