"""Keys that fit the recordings: networks and trainings of the demo's size, or of the paper's."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tagasc.config import Mel
from tagasc.recordings.headers import ClipFormat
from tagasc.runtime.errors import InputError

Size = Literal["small", "paper"]

CELLS = [
    "baseline",
    "codecat",
    "before_code-layers1",
    "attention-heads2-layers1",
    "shared-heads4-layers3",
    "codecat-shuffled",
]
"""Cells to begin with: no tags, each of the ways in which tags enter the network, and a control."""

TAGS_FILE = "tags.npz"
"""Tag vectors that a bundle has given, next to experiment.yaml."""

_BLOCKS = range(7, 2, -1)  # the paper's 7 first
_FRAMES = 5  # that blocks leave of what a network is trained on, if there are enough
_CROP = 3.0  # s, of the demo's size
_SMALL_RATE = 16000  # Hz, of the demo-sized tagger
_STEPS = 180  # of a small training: 15 epochs on 300 clips


class Material(NamedTuple):
    """What keys depend on.

    Parameters
    ----------
    clips
        Format of the clips.
    training_clips
        Number of training clips.
    """

    clips: ClipFormat
    training_clips: int


class Sections(NamedTuple):
    """Sections of the configuration that can be exchanged as a whole; an empty one keeps its defaults."""

    tagger: Mapping[str, Any]
    frontend: Mapping[str, Any]
    backend: Mapping[str, Any]
    events: Mapping[str, Any]


def make_sections(
    name: str, size: Size, material: Material, events: Path | None = None, tags: Path | None = None
) -> Sections:
    """Return the sections of a size.

    Parameters
    ----------
    name
        Name of the experiment, with which the names of taggers and events begin.
    size
        small or paper.
    material
        What the keys have to fit.
    events
        Folder of events in the layout of FSDKaggle2019.
    tags
        File of tag vectors. Then no tagger is trained.

    Raises
    ------
    InputError
        If clips are too short for a network, or if there are events and tags.
    """
    if events is not None and tags is not None:
        raise InputError("--events: is for a tagger that is trained, and --tags is for tags that exist; leave one out")
    small = size == "small"
    frontend = {"network": _network(small, material.clips), "training": _training(small, material)}
    shorter = _shorter_crops(small, material.clips)
    if small:
        steps = {"specialist": {"epochs": 5, "learning_rate": 1.2e-4, "milestones": [2, 4]}}
        student = {"epochs": 10, "learning_rate": 3e-3, "milestones": [3, 5, 8], **shorter}
        frontend |= {"jung2019": shorter, "distillation": {**steps, "student": student}}
    elif shorter:
        frontend |= {"jung2019": shorter, "distillation": {"student": shorter}}
    backend = {"svm": {"n_splits": 3}} if small else {}
    if tags is not None:
        tagger = {"name": f"{name}-tags", "kind": "file", "path": str(tags)}
        return Sections(tagger, frontend, backend, {})
    return Sections(_tagger(name, small, material), frontend, backend, _events(name, small, material, events))


def _network(small: bool, clips: ClipFormat) -> dict[str, Any]:
    blocks = _blocks(small, clips)
    if not small:
        return {"filters": 128, "blocks": blocks}
    sizes = {"filters": 32, "blocks": blocks, "code_size": 32}
    return {**sizes, "standardise_tags": True, "attention_rescale": True}


def _blocks(small: bool, clips: ClipFormat) -> int:
    """Return the most blocks that leave `_FRAMES` frames, or fewer where even the fewest leave less.

    >>> _blocks(True, ClipFormat(16000, 2, 160000)), _blocks(False, ClipFormat(48000, 2, 480000))
    (6, 7)
    """
    crop = _crop(small, clips)
    length = clips.samples - round(0.01 * clips.sample_rate) if crop == "auto" else round(crop * clips.sample_rate)
    frames = {blocks: length // 12 // 3**blocks for blocks in _BLOCKS}
    fitting = [blocks for blocks, left in frames.items() if left >= _FRAMES]
    if fitting:
        return fitting[0]
    if frames[_BLOCKS[-1]] < 1:
        shortest = (12 * 3 ** _BLOCKS[-1] + 1) / clips.sample_rate + 0.01
        raise InputError(
            f"--clip: {clips.seconds:g} s at {clips.sample_rate} Hz are too short for a network; choose at least "
            f"{shortest:.3f} s, or add longer recordings"
        )
    return _BLOCKS[-1]


def _crop(small: bool, clips: ClipFormat) -> float | Literal["auto"]:
    return _CROP if small and clips.seconds > _CROP else "auto"


def _shorter_crops(small: bool, clips: ClipFormat) -> dict[str, Any]:
    """Return the crop of the recipe of Jung et al. (2019) [22], unless its 5 s fit."""
    return {"crop": _crop(small, clips)} if small or clips.seconds < 5 else {}


def _training(small: bool, material: Material) -> dict[str, Any]:
    count = material.training_clips
    # Several steps per epoch, even on few clips.
    batch = min(24, count, max(4, count // 4))
    if not small:
        return {"epochs": 90, "batch_size": batch, "learning_rate": 1e-4, "crop": "auto"}
    epochs = max(15, -(-_STEPS // (count // batch)))
    return {"epochs": epochs, "batch_size": batch, "learning_rate": 3e-3, "crop": _crop(small, material.clips)}


def small_training(material: Material) -> dict[str, Any]:
    """Return the training keys of the demo's size."""
    return _training(True, material)


def _tagger(name: str, small: bool, material: Material) -> dict[str, Any]:
    if not small:
        # A trained tagger is shared by all experiments that name it, so another spectrogram needs another name.
        return {"name": f"{name}-tagger"} if _mel(small, material) else {}
    mel = _mel(small, material)
    return {
        "name": f"{name}-tagger",
        "stage1_cycles": 2,
        "stage2_cycles": 1,
        "network": {"layers": [1, 1, 1, 1], "head_width": 128},
        "folds": {"n_splits": 2},
        "training": {
            "batch_size": 24,
            "slice_frames": 64,
            "cycle_epochs": 30,
            "mask_half_width": [round(mel["n_mels"] * share) for share in (8 / 128, 30 / 128)],
        },
        "tagging": {"batch_frames": 1536},
    }


def _events(name: str, small: bool, material: Material, events: Path | None) -> dict[str, Any]:
    mel = _mel(small, material)
    if events is None and not mel:
        return {}
    source: dict[str, Any] = {"name": f"{name}-events", "source": "download"}
    if events is not None:
        source |= {"source": "folder", "folder": str(events)}
    return source | {"on_mismatch": "convert"} | ({"mel": mel} if mel else {})


def _mel(small: bool, material: Material) -> dict[str, Any]:
    """Return the events' spectrogram; it hears no higher frequencies than the scenes have.

    >>> mel = _mel(True, Material(ClipFormat(48000, 2, 480000), 100))
    >>> list(mel.values())
    [16000, 1024, 250, 48, 20.0, 8000.0]
    >>> _mel(False, Material(ClipFormat(48000, 2, 480000), 100))
    {}
    """
    rate = material.clips.sample_rate
    if small:
        rate = min(rate, _SMALL_RATE)
        n_fft = 1 << round(0.064 * rate).bit_length() - 1
        n_fft = n_fft if 0.064 * rate < 1.5 * n_fft else 2 * n_fft
        sizes = {"n_fft": n_fft, "hop_length": round(rate / 64), "n_mels": max(min(48, n_fft // 16), 8)}
    else:
        paper = Mel()
        if rate >= paper.sample_rate:
            return {}
        share = rate / paper.sample_rate
        sizes = {"n_fft": 2 * round(share * paper.n_fft / 2), "hop_length": round(share * paper.hop_length)}
    return {"sample_rate": rate, **sizes, "f_min": 20.0, "f_max": rate / 2}
