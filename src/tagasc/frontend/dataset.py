"""The packed scenes as a scene network sees them: integers, turned into waveforms on the device batch by batch."""

import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tagasc.artifacts.scenes import read_scenes
from tagasc.artifacts.tags import Tags, read_tags
from tagasc.audio.file import MAX_PEAK
from tagasc.frontend.preemphasis import network_input
from tagasc.frontend.prefetch import ClipPrefetcher

_LARGEST_INPUT = 1e18  # a batch norm squares its inputs, and single precision ends at 3e38


@dataclass(frozen=True)
class SceneDataset:
    """Waveforms, tag vectors and labels of all clips.

    Parameters
    ----------
    waveforms
        int16 (clips, channel, time), memory-mapped.
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
    resident
        The waveforms of the training clips, if they are on a GPU.
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
    resident: Tensor | None = None

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

    def with_training_clips_on_gpu(self, reserved: int) -> Self:
        """Return the dataset with its training clips on the GPU, if they and ``reserved`` bytes fit there.

        A line on stderr says where they are. On a CPU, the dataset stays as it is.
        """
        if self._at_hand:
            return self
        clips = self.waveforms[: self.train.stop]
        free, total = torch.cuda.mem_get_info(self.device)
        size = f"{clips.nbytes / 1e9:.1f} GB"
        if clips.nbytes + reserved <= free:
            print(f"training clips on the GPU ({size} of {total / 1e9:.0f} GB)", file=sys.stderr)
            return replace(self, resident=clips.to(self.device))
        print(
            f"training clips in host memory, because the GPU has only {free / 1e9:.1f} GB free: they need {size}, and "
            f"training {reserved / 1e9:.1f} GB",
            file=sys.stderr,
        )
        return self

    def batch(
        self, rows: Tensor, starts: Tensor | None = None, length: int | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return pre-emphasised waveforms (batch, channel, time - 1), tags (batch, tags) and labels (batch,) of rows.

        With ``starts`` (batch,), the waveforms are crops (batch, channel, length) that begin there, counted in
        pre-emphasised samples. Otherwise they are whole. If the training clips are on a GPU, rows are among them.
        """
        waveforms = self._training_waveforms
        if starts is None:
            return self._finish(waveforms[rows], rows)
        assert length is not None
        # Pre-emphasis drops the first sample, so one more is taken.
        return self._finish(waveforms.unfold(2, length + 1, 1)[rows, :, starts], rows)

    def training_batches(
        self, rows: NDArray[np.int64], starts: NDArray[np.int64] | None = None, length: int | None = None
    ) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Yield a batch of training clips for each row of ``rows`` and ``starts`` (steps, batch); see `batch`."""
        # All numbers go to the device at once: with one copy per step, the device would wait for the host.
        all_rows = torch.from_numpy(rows).to(self.device)
        if self._at_hand:
            all_starts = None if starts is None else torch.from_numpy(starts).to(self.device)
            for step, batch in enumerate(all_rows):
                yield self.batch(batch, None if all_starts is None else all_starts[step], length)
            return
        samples = self.waveforms.shape[2] if length is None else length + 1
        first = np.zeros_like(rows) if starts is None else starts
        prefetched = ClipPrefetcher(self.waveforms, rows, first, samples, self.device)
        for batch, integers in zip(all_rows, prefetched, strict=True):
            yield self._finish(integers, batch)

    def whole_clips(self, rows: slice) -> tuple[Tensor, Tensor, Tensor]:
        """Return waveforms, tags and labels of whole clips of any split; see `batch`."""
        waveforms = self.waveforms
        if self.resident is not None and rows.stop <= len(self.resident):
            waveforms = self.resident
        return self._finish(waveforms[rows], rows)

    @property
    def _training_waveforms(self) -> Tensor:
        """Where the waveforms of training clips are read."""
        return self.waveforms if self.resident is None else self.resident

    @property
    def _at_hand(self) -> bool:
        """Whether training clips can be read on the device of the batches."""
        return self._training_waveforms.device.type == self.device.type

    def _finish(self, integers: Tensor, rows: Tensor | slice) -> tuple[Tensor, Tensor, Tensor]:
        """Return waveforms, tags and labels of rows, from their packed clips or crops of them."""
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
