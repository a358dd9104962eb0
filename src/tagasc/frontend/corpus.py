"""The scene corpus as the networks see it: integers that stay on the device, turned into waveforms batch by batch."""

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor

from tagasc.corpora.packed import load_scenes
from tagasc.errors import InputError
from tagasc.tagger.cache import load_tags


def pre_emphasise(waveform: Tensor, coefficient: float) -> Tensor:
    """Return y[t] = x[t] - c·x[t-1] of waveforms (..., time); the first sample is dropped: (..., time - 1)."""
    return torch.sub(waveform[..., 1:], waveform[..., :-1], alpha=coefficient)


@dataclass(frozen=True)
class Corpus:
    """Clips, tags and labels of a packed corpus.

    Attributes
    ----------
    waveforms : int16 (clips, channel, time), on the device where they fit, else memory-mapped
    scale : (clips,), the factor that makes a clip's integers a waveform in [-1, 1]
    tags : (clips, tags)
    labels : (clips,), indices into ``scenes``
    train, evaluate : rows of the two splits
    """

    waveforms: Tensor
    scale: Tensor
    tags: Tensor
    labels: Tensor
    scenes: list[str]
    train: slice
    evaluate: slice
    pre_emphasis: float
    gain: float

    @classmethod
    def load(
        cls, clips: Path, waveforms: Path, tags: Path, *, pre_emphasis: float, gain: float, device: torch.device
    ) -> Self:
        """Load a packed corpus and its tag vectors, and put on the device what fits there."""
        packed = load_scenes(clips, waveforms)
        vectors = load_tags(tags, packed.clips["filename"].tolist()).vectors
        with warnings.catch_warnings():
            # The memory map is read-only, and nothing here writes to it.
            warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
            integers = torch.from_numpy(packed.waveforms)
        if device.type == "cuda" and integers.nbytes < 0.7 * torch.cuda.mem_get_info(device)[0]:
            integers = integers.to(device)
        return cls(
            waveforms=integers,
            scale=torch.tensor(packed.clips["scale"].to_numpy("float32"), device=device),
            tags=torch.tensor(vectors, device=device),
            labels=torch.tensor(packed.labels, dtype=torch.long, device=device),
            scenes=packed.scenes,
            train=packed.rows("train"),
            evaluate=packed.rows("evaluate"),
            pre_emphasis=pre_emphasis,
            gain=gain,
        )

    def batch(self, rows: Tensor, starts: Tensor | None = None, length: int | None = None) -> tuple[Tensor, ...]:
        """Return pre-emphasised waveforms (batch, channel, time - 1), tags (batch, tags) and labels (batch,) of rows.

        With ``starts`` (batch,), crops of ``length`` samples begin there; without, clips are whole.
        """
        source, device = self.waveforms, self.scale.device
        rows = rows.to(source.device)
        if starts is None:
            integers = source[rows]
        else:
            assert length is not None
            integers = source.unfold(2, length, 1)[rows, :, starts]
        rows = rows.to(device)
        waveform = pre_emphasise(integers.to(device, self.scale.dtype), self.pre_emphasis)
        return waveform.mul_((self.gain * self.scale[rows])[:, None, None]), self.tags[rows], self.labels[rows]

    def with_shuffled_tags(self, seed: int) -> Self:
        """Return the corpus with its tag vectors permuted over the training clips, and over the others; a control."""
        order = np.arange(len(self.tags))
        random = np.random.default_rng(seed)
        for rows in (self.train, slice(self.train.stop, None)):
            order[rows] = random.permutation(order[rows])
        return replace(self, tags=self.tags[torch.from_numpy(order).to(self.tags.device)])

    def check(self, batch: int) -> None:
        """Raise InputError if the training clips do not fill one batch."""
        clips = self.train.stop - self.train.start
        if clips < batch:
            raise InputError(
                f"frontend.training.batch: {batch} is more than the {clips} training clips; take a smaller batch"
            )


def batches_of(rows: slice, batch: int) -> list[Tensor]:
    """Return the rows of a slice, in order, in batches of at most ``batch``."""
    return list(torch.from_numpy(np.arange(rows.start, rows.stop)).split(batch))
