"""Recordings in every bad state: refused before any training, or packed with the same result."""

import os
from functools import partial
from pathlib import Path

import pytest

from tests.faults.damage import DAMAGES
from tests.faults.fault import Fault, params
from tests.faults.recordings import (
    EVENT,
    SCENE,
    SCENES,
    audio,
    link_to_itself,
    move,
    plan_and_pack,
    same_packing,
    with_value,
)

GROUP = "recordings and lists"
OTHER_RECORDINGS = ("flipped", "with one byte more")
"""Damages after which a recording is another one, but a recording."""


def put_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def link_to_folder(path: Path) -> None:
    path.unlink()
    path.symlink_to(SCENES.absolute())


def refused(path: Path):
    """Yield what happens to a recording that is refused."""
    for name, damage in DAMAGES.items():
        if not any(change in name for change in OTHER_RECORDINGS):
            yield name, partial(damage, path)
    for value in (3e38, 1000.0, float("nan"), float("inf"), float("-inf")):
        yield f"a float sample of {value}", audio(path, with_value(value), subtype="FLOAT")
    yield "a double sample of 1e300", audio(path, with_value(1e300), subtype="DOUBLE")
    yield "another rate", audio(path, lambda samples: samples, rate=16000)
    yield "no samples", audio(path, lambda samples: samples[:0])
    yield "samples without a header", audio(path, lambda samples: samples, format="RAW")
    yield "a pipe", partial(put_pipe, path)
    yield "a link to itself", partial(link_to_itself, path)
    yield "a link to a folder", partial(link_to_folder, path)
    if path == SCENE:
        yield "one channel", audio(path, lambda samples: samples[:, :1])
        yield "nine samples too short", audio(path, lambda samples: samples[:-9])


def faults():
    for section, path in (("scenes", SCENE), ("events", EVENT)):
        act, same = partial(plan_and_pack, section), partial(same_packing, section=section)
        for name, inject in refused(path):
            yield Fault(f"a recording of {section}: {name}", GROUP, inject, act, words=(path.name,))
        flac = audio(path, lambda samples: samples, format="FLAC")
        for name, inject in (("FLAC", flac), ("a link", partial(move, path, "moved.wav"))):
            yield Fault(f"a recording of {section}: {name} under its name", GROUP, inject, act, "same", (), same)


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("fault", params(faults()))
def test_a_bad_recording_is_refused_before_any_training(expect, fault):
    expect(fault)
