"""The sizes of both corpora: of the packed ones if they exist, otherwise those that are expected."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from tagasc.artifacts.array import ARRAY_ERRORS
from tagasc.artifacts.events import CLIPS as EVENT_CLIPS
from tagasc.artifacts.events import SUBSETS
from tagasc.artifacts.scenes import WAVEFORMS, read_clips
from tagasc.config import PUBLISHED_SOURCES, Experiment, Mel
from tagasc.corpora import fsdkaggle2019, tau2019
from tagasc.corpora.synthetic.scenes import SCENES, plan_scenes
from tagasc.corpora.synthetic.sounds import EVENTS

_DEMO_SECONDS = 1.5
"""Mean length of synthesised events, which are 0.3 to 4 s long."""


@dataclass(frozen=True)
class SceneCounts:
    """Size of the scenes.

    Parameters
    ----------
    train, clips
        Number of training clips, and of all clips.
    scenes
        Number of scenes.
    channels, samples
        Shape of a clip.
    """

    train: int
    clips: int
    scenes: int
    channels: int
    samples: int

    @property
    def packed_bytes(self) -> int:
        """Bytes of the packed waveforms."""
        return 2 * self.clips * self.channels * self.samples


@dataclass(frozen=True)
class EventCounts:
    """Size of the events: clips and frames of mel power of each subset, and the number of mel bands."""

    clips: Mapping[str, int]
    frames: Mapping[str, int]
    bands: int

    @property
    def packed_bytes(self) -> int:
        """Bytes of the packed mel power."""
        return 2 * sum(self.frames.values()) * self.bands

    def mean_frames(self, subset: str) -> int:
        """Return the mean number of frames per clip."""
        return max(round(self.frames[subset] / max(self.clips[subset], 1)), 1)


class Corpora:
    """The sizes of both corpora of an experiment, each counted when it is needed first.

    Parameters
    ----------
    experiment
        The experiment.
    results
        The results tree, in which packed corpora are looked for.
    planned
        Rules that will run. What they pack again is counted as if it was not packed yet.
    """

    def __init__(self, experiment: Experiment, results: Path, planned: Collection[str] = ()) -> None:
        self._experiment, self._results, self._planned = experiment, results, planned

    @cached_property
    def scenes(self) -> SceneCounts:
        """The size of the scenes; see `count_scenes`."""
        return count_scenes(self._experiment, None if "pack_scenes" in self._planned else self._results)

    @cached_property
    def events(self) -> EventCounts:
        """The size of the events; see `count_events`."""
        return count_events(self._experiment, None if "pack_events" in self._planned else self._results)


def count_scenes(experiment: Experiment, results: Path | None) -> SceneCounts:
    """Return the size of the scenes of an experiment, of the packed ones if they are in ``results``.

    Of a folder that is not packed yet, the lists are read. Under ``scenes.audio.duration: auto``, the headers of all
    recordings are read as well.

    Raises
    ------
    InputError
        If what has to be read is missing or malformed.

    Examples
    --------
    >>> count_scenes(Experiment(), Path("results")).train
    9185
    """
    scenes, audio = experiment.scenes, experiment.scenes.audio
    packed = None if results is None else results / "corpora" / scenes.name
    if packed is not None and (packed / "clips.csv").exists() and (packed / "waveforms.npy").exists():
        clips = read_clips(packed / "clips.csv")
        train = int((clips["split"] == "train").sum())
        return SceneCounts(train, len(clips), clips["scene"].nunique(), *_shape(packed / "waveforms.npy")[1:])
    if scenes.source in PUBLISHED_SOURCES:
        counts = tau2019.CLIPS["train"], sum(tau2019.CLIPS.values()), len(tau2019.CLIPS_BY_SCENE)
    elif scenes.source == "demo":
        counts = len(SCENES) * scenes.demo.train, len(plan_scenes(scenes.demo)), len(SCENES)
    elif audio.duration == "auto":
        listed, audio = tau2019.read_scenes(experiment.scenes_folder, audio, scenes.on_mismatch)
        counts = int((listed["split"] == "train").sum()), len(listed), listed["scene"].nunique()
    else:
        listed = tau2019.list_scenes(experiment.scenes_folder)
        counts = int((listed["split"] == "train").sum()), len(listed), listed["scene"].nunique()
    if audio.duration == "auto":  # of a published data set
        audio = audio.model_copy(update={"duration": 10.0})
    return SceneCounts(*counts, audio.channels, audio.samples)


def count_events(experiment: Experiment, results: Path | None) -> EventCounts:
    """Return the size of the events of an experiment, of the packed ones if they are in ``results``.

    Of a folder that is not packed yet, the headers of all recordings are read.

    Raises
    ------
    InputError
        If what has to be read is missing or malformed.
    """
    events, mel = experiment.events, experiment.events.mel
    table = None if results is None else results / "corpora" / events.name / "clips.csv"
    if table is not None and table.exists():
        clips = EVENT_CLIPS.read(table)
        frames = clips.groupby("subset")["frames"].sum()
        numbers = clips["subset"].value_counts()
        return EventCounts(
            {subset: int(numbers.get(subset, 0)) for subset in SUBSETS},
            {subset: int(frames.get(subset, 0)) for subset in SUBSETS},
            mel.n_mels,
        )
    if events.source in PUBLISHED_SOURCES:
        counts = dict(fsdkaggle2019.CLIPS)
        seconds = {subset: 3600 * hours for subset, hours in fsdkaggle2019.HOURS.items()}
        counts["curated"] -= len(events.drop)
    elif events.source == "demo":
        counts = {subset: len(EVENTS) * getattr(events.demo, subset) for subset in SUBSETS}
        seconds = {subset: _DEMO_SECONDS * count for subset, count in counts.items()}
    else:
        listed = fsdkaggle2019.read_events(experiment.events_folder, events.drop, mel.sample_rate, events.on_mismatch)
        lengths = listed.groupby("subset")["samples"].agg(["count", "sum"])
        counts = {subset: int(lengths["count"].get(subset, 0)) for subset in SUBSETS}
        seconds = {subset: float(lengths["sum"].get(subset, 0)) / mel.sample_rate for subset in SUBSETS}
    return EventCounts(
        counts, {subset: _frames(seconds[subset], counts[subset], mel) for subset in SUBSETS}, mel.n_mels
    )


def _frames(seconds: float, clips: int, mel: Mel) -> int:
    """Return the number of frames of clips of a total length: each has one more than hops."""
    return round(seconds * mel.sample_rate / mel.hop_length + clips / 2)


def _shape(path: Path) -> tuple[int, ...]:
    """Return the shape of the packed waveforms from their header; their digest is compared by the jobs."""
    try:
        shape: tuple[int, ...] = np.lib.format.open_memmap(path, mode="r").shape
    except ARRAY_ERRORS as error:
        raise WAVEFORMS.error(path, f"cannot be read as an array ({error})") from None
    if len(shape) != len(WAVEFORMS.axes):
        raise WAVEFORMS.error(path, f"has the shape {shape}, expected ({', '.join(WAVEFORMS.axes)})")
    return shape
