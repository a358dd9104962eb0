"""The packed scenes as a scene network sees them: integers on the device, turned into waveforms batch by batch."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor

from tagasc.artifacts.scenes import read_scenes
from tagasc.artifacts.tags import Tags, read_tags
from tagasc.audio.file import MAX_PEAK

_LARGEST_INPUT = 1e18  # a batch norm squares its inputs, and single precision ends at 3e38


def preemphasis(waveform: Tensor, coefficient: float) -> Tensor:
    """Return y[t] = x[t] - c·x[t-1] of waveforms (..., time). The first sample is dropped: (..., time - 1)."""
    return torch.sub(waveform[..., 1:], waveform[..., :-1], alpha=coefficient)


def network_input(integers: Tensor, scale: Tensor, coefficient: float, gain: float) -> Tensor:
    """Return what a scene network is given: pre-emphasised waveforms (batch, channel, time - 1).

    Parameters
    ----------
    integers
        Packed clips (batch, channel, time), int16; see `tagasc.audio.packing`.
    scale
        Their scales (batch,), float32, on the device of the result.
    coefficient
        Coefficient of the pre-emphasis.
    gain
        Factor on the pre-emphasised waveform.
    """
    waveform = preemphasis(integers.to(scale.device, scale.dtype), coefficient)
    return waveform.mul_((gain * scale)[:, None, None])


@dataclass(frozen=True)
class SceneDataset:
    """Waveforms, tag vectors and labels of all clips.

    Parameters
    ----------
    waveforms
        int16 (clips, channel, time), on the device if they fit there, otherwise memory-mapped.
    scale
        (clips,), factor that turns a clip's integers into a waveform in [-1, 1].
    tags
        (clips, tags), tag vectors; (clips, 0) for a cell without tags.
    labels
        (clips,), indices into ``scenes``.
    scenes
        Names of the scenes.
    train, evaluate
        Rows of the two splits.
    preemphasis
        Coefficient of the pre-emphasis.
    gain
        Factor on the pre-emphasised waveform.
    clips
        The table of clips, for messages.
    tag_labels
        Names of the tags.
    """

    waveforms: Tensor
    scale: Tensor
    tags: Tensor
    labels: Tensor
    scenes: list[str]
    train: slice
    evaluate: slice
    preemphasis: float
    gain: float
    clips: Path = Path("clips.csv")
    tag_labels: Sequence[str] = ()

    @classmethod
    def load(
        cls, clips: Path, waveforms: Path, tags: Path | None, *, preemphasis: float, gain: float, device: torch.device
    ) -> Self:
        """Load packed scenes and their tag vectors, if there are any.

        Raises
        ------
        InputError
            If a file is missing, damaged or foreign, or if the files do not belong together.
        """
        packed = read_scenes(clips, waveforms)
        names = packed.clips["filename"].tolist()
        given = Tags(np.zeros((len(names), 0), np.float32), [], names) if tags is None else read_tags(tags, names)
        with warnings.catch_warnings():
            # The memory map is read-only, and nothing here writes to it.
            warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
            integers = torch.from_numpy(packed.waveforms)
        # The rest of the memory is for the network and its activations.
        if device.type == "cuda" and integers.nbytes < 0.7 * torch.cuda.mem_get_info(device)[0]:
            integers = integers.to(device)
        return cls(
            waveforms=integers,
            scale=torch.tensor(packed.clips["scale"].to_numpy("float32"), device=device),
            tags=torch.tensor(given.vectors, device=device),
            labels=torch.tensor(packed.labels, dtype=torch.long, device=device),
            scenes=packed.scenes,
            train=packed.rows("train"),
            evaluate=packed.rows("evaluate"),
            preemphasis=preemphasis,
            gain=gain,
            clips=clips,
            tag_labels=given.labels,
        )

    @property
    def device(self) -> torch.device:
        """Device of the batches."""
        return self.scale.device

    def batch(
        self, rows: Tensor, starts: Tensor | None = None, length: int | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return pre-emphasised waveforms (batch, channel, time - 1), tags (batch, tags) and labels (batch,) of rows.

        With ``starts`` (batch,), the waveforms are crops (batch, channel, length) that begin there, counted in
        pre-emphasised samples. Otherwise they are whole.
        """
        rows = rows.to(self.waveforms.device)
        if starts is None:
            integers = self.waveforms[rows]
        else:
            assert length is not None
            # Pre-emphasis drops the first sample, so one more is taken.
            integers = self.waveforms.unfold(2, length + 1, 1)[rows, :, starts]
        rows = rows.to(self.device)
        waveform = network_input(integers, self.scale[rows], self.preemphasis, self.gain)
        return waveform, self.tags[rows], self.labels[rows]

    def find_problem(self) -> str | None:
        """Return why a network's inputs are too large, and what to do; None if they are not."""
        row = int(self.scale.argmax())
        peak = 32767 * float(self.scale[row])
        if peak > MAX_PEAK:
            return (
                f"{self.clips}: line {row + 2} is a recording with samples of up to {peak:.3g}, expected samples "
                f"within -1 and 1; export it again, or leave it out"
            )
        if self.gain * peak > _LARGEST_INPUT:
            return f"frontend.training.gain: {self.gain:g} makes waveforms of up to {self.gain * peak:.3g}; lower it"
        return None

    def with_shuffled_tags(self, seed: int) -> Self:
        """Return the dataset of a control: tag vectors are permuted among training clips, and among all others."""
        order = np.arange(len(self.tags))
        random = np.random.default_rng(seed)
        for rows in (self.train, slice(self.train.stop, None)):
            order[rows] = random.permutation(order[rows])
        return replace(self, tags=self.tags[torch.from_numpy(order).to(self.tags.device)])
