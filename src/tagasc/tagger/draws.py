"""Random draws of augmentation: slices, crops, mix-up within a pool, and frequency masks.

They follow section 4.2 of the paper and Akiyama and Sato (2019) [14]. A batch is drawn with a few calls of NumPy, so
that the host is never slower than a GPU.
"""

from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from tagasc.artifacts.events import EventCorpus
from tagasc.config import Stage2, TaggerTraining
from tagasc.tagger.pools import Pool

T = TypeVar("T")  # arrays on the host, tensors on a device


class Draws(NamedTuple, Generic[T]):
    """Everything that is drawn for a batch: slices of its clips, then slices of the clips that are mixed into some.

    Parameters
    ----------
    origin
        (slices,), int64: row of the packed mel power that is the slice's first frame. It may be outside the clip.
    offset, kept
        (slices,), int64: first frame and number of the frames of the slice that are not silent.
    factor
        (slices,), float32: what turns packed values into mel power, times the clip's share of its mixture.
    mixed
        (slices - batch,), int64: the clip of the batch that each of the last slices is mixed into.
    centre, half_width
        (batch,), float32: centre and half-width of the masked frequencies in bands. A half-width of 0 masks none.
    targets
        (batch, classes), float32.
    """

    origin: T
    offset: T
    kept: T
    factor: T
    mixed: T
    centre: T
    half_width: T
    targets: T


class AugmentedPool:
    """A pool whose clips are augmented by random draws.

    Parameters
    ----------
    events
        The packed events.
    pool
        The clips to draw from.
    training
        Length of a slice; probabilities and sizes of mix-up and masks.
    random
        Generator of all draws.
    stage2
        If given, slices are cropped in time. The released code of [14] crops along the frequency axis if the clip is
        longer than a slice. This is taken for a mistake and not repeated.
    """

    def __init__(
        self,
        events: EventCorpus,
        pool: Pool,
        training: TaggerTraining,
        random: np.random.Generator,
        stage2: Stage2 | None = None,
    ) -> None:
        self.pool, self.training, self.random, self.stage2 = pool, training, random, stage2
        self.bands = events.mel_power.shape[1]
        clips = events.clips.iloc[pool.rows]
        self.starts, self.frames = (clips[column].to_numpy(np.int64) for column in ("start", "frames"))
        self.scale = clips["scale"].to_numpy(np.float32)

    def draw(self, positions: NDArray[np.int64]) -> Draws[NDArray[Any]]:
        """Draw the augmentation of the clips at these positions of the pool.

        With the configured probabilities, each clip is mixed with another clip of the pool, and a band of its
        frequencies is masked. Both clips of a mixture are sliced and cropped independently.
        """
        count, alpha = len(positions), self.training.mixup_alpha
        mixed = np.flatnonzero(self.random.random(count) < self.training.mixup_probability)
        partners = self.pool.draw_partners(len(mixed), self.random)
        share = np.ones(count, np.float32)
        share[mixed] = self.random.beta(alpha, alpha, len(mixed))
        targets = share[:, None] * self.pool.targets[positions]
        targets[mixed] += (1 - share[mixed])[:, None] * self.pool.targets[partners]
        slices = self._slice(np.concatenate([positions, partners]), np.concatenate([share, 1 - share[mixed]]))
        return Draws(*slices, mixed, *self._mask(count), targets)

    def _slice(
        self, positions: NDArray[np.int64], share: NDArray[np.float32]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """Draw a slice of each clip, and return the first four fields of `Draws`."""
        part = np.ones(len(positions))
        if self.stage2 is not None:
            cropped = self.random.random(len(positions)) < self.stage2.crop_probability
            part[cropped] = self.random.uniform(self.stage2.min_crop, 1.0, cropped.sum())
        first, offset, kept = draw_slices(self.frames[positions], part, self.training.slice_frames, self.random)
        return self.starts[positions] + first - offset, offset, kept, self.scale[positions] * share

    def _mask(self, count: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Draw centre and half-width of each clip's mask, in bands."""
        centre = self.random.uniform(0, self.bands, count)
        narrowest, widest = self.training.mask_half_width
        half_width = self.random.uniform(narrowest, widest, count)
        half_width[self.random.random(count) >= self.training.mask_probability] = 0.0
        return centre.astype(np.float32), half_width.astype(np.float32)


def draw_slices(
    frames: NDArray[np.int64], part: NDArray[np.float64], slice_frames: int, random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Draw a random slice of each clip, cropped and filled up with silence.

    Parameters
    ----------
    frames
        (clips,), length of each clip. If it is longer than the slice, the crop stays at its place in the slice.
        Otherwise, the crop is placed at a random offset in silence.
    part
        (clips,), share of what the slice shows of the clip that a crop keeps. 1 keeps everything.
    slice_frames
        Length of a slice.
    random
        Generator of the draws.

    Returns
    -------
    first, offset, kept : (clips,)
        First frame that is shown, counted in the clip and in the slice, and number of frames.
    """
    shown = np.minimum(frames, slice_frames)
    start = random.integers(0, frames - shown + 1)
    kept = np.maximum(1, (part * shown).astype(np.int64))
    cut = random.integers(0, shown - kept + 1)
    placed = random.integers(0, slice_frames - kept + 1)
    return start + cut, np.where(frames > slice_frames, cut, placed), kept
