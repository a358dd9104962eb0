"""Ways of damaging one file."""

import ctypes
import os
import random
import shutil
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tagasc.artifacts.record import record_path

Damage = Callable[[Path], object]


def edit(change: Callable[[bytes], bytes]) -> Damage:
    """Return a damage that replaces the content of a file."""

    def damage(path: Path) -> None:
        content = path.read_bytes()
        path.unlink()  # the undisturbed experiment may hold the same file under another name
        path.write_bytes(change(content))

    return damage


def flip(place: float) -> Damage:
    """Return a damage that changes all bits of one byte: the first at 0, the last at 1."""

    def change(content: bytes) -> bytes:
        at = round(place * (len(content) - 1))
        return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]

    return edit(change)


def cut(share: float) -> Damage:
    """Return a damage that keeps a share of a file."""
    return edit(lambda content: content[: int(share * len(content))])


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def make_dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def make_unreadable(path: Path) -> None:
    edit(lambda content: content)(path)
    path.chmod(0)


DAMAGES: dict[str, Damage] = {
    "missing": Path.unlink,
    "empty": edit(lambda _: b""),
    "one byte": edit(lambda content: content[:1]),
    "a quarter": cut(0.25),
    "half": cut(0.5),
    "without the last byte": edit(lambda content: content[:-1]),
    "with one byte more": edit(lambda content: content + b"\n"),
    "first byte flipped": flip(0),
    "a byte of the first quarter flipped": flip(0.25),
    "middle byte flipped": flip(0.5),
    "last byte flipped": flip(1),
    "zeros": edit(lambda content: bytes(len(content))),
    "random bytes": edit(lambda content: random.Random(0).randbytes(len(content))),
    "other text": edit(lambda _: b"<html>Please log in</html>\n"),
    "a folder": make_folder,
    "a dangling link": make_dangling,
    "unreadable": make_unreadable,
}


def replace_by(path: Path, other: Path, *, with_record: bool) -> None:
    """Replace a file by another one; with or without the record of the other one."""
    path.unlink()
    shutil.copyfile(other, path)
    if with_record:
        record_path(path).unlink(missing_ok=True)
        shutil.copyfile(record_path(other), record_path(path))


_IGNORING = (1, 2)
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: with them, root opens files whatever their mode."""


@contextmanager
def obeyed_permissions() -> Iterator[None]:
    """Take from root, in this thread, the right to open files whatever their mode; others do not have it."""
    if os.geteuid():
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = ctypes.create_string_buffer(struct.pack("Ii", 0x20080522, 0))  # version 3, this thread
    before = ctypes.create_string_buffer(24)  # effective, permitted and inheritable, twice 32 bits each
    assert libc.capget(header, before) == 0
    effective, *others = struct.unpack("6I", before.raw[:24])
    effective &= ~sum(1 << capability for capability in _IGNORING)
    assert libc.capset(header, ctypes.create_string_buffer(struct.pack("6I", effective, *others))) == 0
    try:
        yield
    finally:
        assert libc.capset(header, before) == 0


def obey_permissions() -> None:
    """Take the same right from the programs that this process starts."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in _IGNORING:
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP, which fails for others than root
