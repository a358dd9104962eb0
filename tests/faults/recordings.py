"""Damaging recordings and their lists; and what a user does with them: plan and pack."""

import io
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import soundfile

from tagasc.config.loading import load
from tagasc.corpora.preflight import check_events, check_scenes
from tagasc.corpora.repacking import plan_revision
from tests.faults.damage import edit
from tests.faults.experiment import JOBS, TINY
from tests.faults.tree import content

SCENES, EVENTS = Path("data/demo-scenes"), Path("data/demo-events")
META, TRAIN, EVALUATE = (
    SCENES / "meta.csv",
    *(SCENES / f"evaluation_setup/fold1_{name}.csv" for name in ("train", "evaluate")),
)
SCENE = SCENES / "audio/airport-barcelona-0-0-a.wav"
CURATED = EVENTS / "FSDKaggle2019.meta/train_curated_post_competition.csv"
EVENT = EVENTS / "FSDKaggle2019.audio_train_curated/15342b8f.wav"
NAME = SCENE.relative_to(SCENES).as_posix()
PACKED = {"scenes": ("clips.csv", "waveforms.npy"), "events": ("clips.csv", "labels.csv", "mel_power.npy")}


def own(section: str, **keys) -> dict:
    """Return the tiny experiment with recordings of the user's own."""
    return TINY | {section: TINY[section] | {"source": "folder"}} | keys


def plan_and_pack(section: str, **keys) -> None:
    """Plan and pack recordings that nobody has packed before."""
    config = own(section, **keys)
    shutil.rmtree(f"results/corpora/demo-{section}", ignore_errors=True)
    experiment = load(config)
    {"scenes": check_scenes, "events": check_events}[section](experiment)
    plan_revision(experiment, section, Path("results"))
    JOBS[f"pack_{section}"].run(config)


def same_packing(undisturbed: Path, section: str) -> bool:
    """Return whether the corpus is that of the undisturbed experiment."""
    folder = Path(f"results/corpora/demo-{section}")
    return all(content(folder / name) == content(undisturbed / folder / name) for name in PACKED[section])


def rewrite(path: Path, change: Callable[[str], str]) -> Callable[[], object]:
    """Return a damage that changes the text of a list."""
    return partial(edit(lambda old: change(old.decode()).encode()), path)


def rows(change: Callable[[list[str]], list[str]]) -> Callable[[str], str]:
    """Return a change of a list's rows, without its header."""

    def change_text(text: str) -> str:
        header, *lines = text.splitlines(keepends=True)
        return "".join([header, *change(lines)])

    return change_text


def first_row(change: Callable[[str], str]) -> Callable[[str], str]:
    """Return a change of a list's first row."""
    return rows(lambda lines: [change(lines[0]), *lines[1:]])


def move(path: Path, other: str) -> None:
    """Let a link stand where a file or folder was."""
    path.rename(other)
    path.symlink_to(Path(other).absolute())


def link_to_itself(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.absolute())


def audio(path: Path, change: Callable[[np.ndarray], np.ndarray], rate: int = 8000, **keys) -> Callable[[], object]:
    """Return a damage that writes a recording again, with changed samples (samples, channels) or in another format."""

    def damage(old: bytes) -> bytes:
        samples, _ = soundfile.read(io.BytesIO(old), always_2d=True)
        file = io.BytesIO()
        soundfile.write(file, change(samples), rate, **({"format": "WAV", "subtype": "PCM_24"} | keys))
        return file.getvalue()

    return partial(edit(damage), path)


def with_value(value: float) -> Callable[[np.ndarray], np.ndarray]:
    """Return a change that sets one sample."""

    def change(samples: np.ndarray) -> np.ndarray:
        samples[len(samples) // 2] = value
        return samples

    return change


def put_file(path: Path) -> None:
    """Replace a folder by a file."""
    shutil.rmtree(path)
    path.touch()


def put_dangling(path: Path) -> None:
    """Replace a folder by a dangling link."""
    shutil.rmtree(path)
    path.symlink_to("nowhere")
