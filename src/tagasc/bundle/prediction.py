"""What a system says about a recording."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Heard:
    """What a system hears in some windows.

    Parameters
    ----------
    tags
        Tag vectors (windows, tags); (windows, 0) if the system has no tagger and none were given.
    codes
        float32 (windows, code).
    margins
        Margin of each scene (windows, scenes); see `tagasc.backend.fitted_machine.FittedMachine.margins`.
    predicted
        Indices of the predicted scenes (windows,).
    """

    tags: NDArray[np.float32]
    codes: NDArray[np.float32]
    margins: NDArray[np.float64]
    predicted: NDArray[np.int64]

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return what was heard in several groups of windows, one after the other."""
        names = ("tags", "codes", "margins", "predicted")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


class WindowPrediction(NamedTuple):
    """A window of a recording."""

    start: float
    """In s."""
    end: float
    """In s."""
    scene: str
    """The predicted scene."""
    margins: Mapping[str, float]
    """Margin of each scene; see `Prediction`."""
    tags: Mapping[str, float]
    """Probability of each event, in [0, 1]."""


@dataclass(frozen=True)
class Prediction:
    """A whole recording.

    The margin of a scene is the smallest decision value of the support vector machine for it against any other scene.
    A scene with a positive one wins all comparisons; 1 is the machine's own margin; it is no probability. A recording's
    margins and tags are means over its windows.

    Parameters
    ----------
    scenes, labels
        Names of the scenes and tags.
    starts, ends
        Where the windows begin and end, in s (windows,).
    heard
        What was heard in them.
    """

    scenes: Sequence[str]
    labels: Sequence[str]
    starts: NDArray[np.float64]
    ends: NDArray[np.float64]
    heard: Heard

    @property
    def duration(self) -> float:
        """Length of the recording in s."""
        return float(self.ends[-1])

    @property
    def scene(self) -> str:
        """The scene with the greatest mean margin; of a single window, the scene that the machine predicts."""
        single = len(self.starts) == 1
        return self.scenes[int(self.heard.predicted[0] if single else self.heard.margins.mean(axis=0).argmax())]

    @cached_property
    def margins(self) -> dict[str, float]:
        """Mean margin of each scene."""
        return _named(self.scenes, self.heard.margins.mean(axis=0))

    @cached_property
    def tags(self) -> dict[str, float]:
        """Mean probability of each event; empty if the system has no tagger."""
        return _named(self.labels, self.heard.tags.mean(axis=0)) if self.heard.tags.shape[1] else {}

    @property
    def windows(self) -> list[WindowPrediction]:
        """The windows."""
        return [
            WindowPrediction(
                float(start),
                float(end),
                self.scenes[int(index)],
                _named(self.scenes, margins),
                _named(self.labels, tags) if len(tags) else {},
            )
            for start, end, index, margins, tags in zip(
                self.starts, self.ends, self.heard.predicted, self.heard.margins, self.heard.tags, strict=True
            )
        ]


def top_tags(tags: Mapping[str, float], count: int) -> list[tuple[str, float]]:
    """Return the most probable tags.

    >>> top_tags({"Bark": 0.1, "Rain": 0.7, "Bus": 0.2}, 2)
    [('Rain', 0.7), ('Bus', 0.2)]
    """
    return sorted(tags.items(), key=lambda tag: -tag[1])[:count]


def _named(names: Sequence[str], values: NDArray[np.floating]) -> dict[str, float]:
    return dict(zip(names, values.tolist(), strict=True))
