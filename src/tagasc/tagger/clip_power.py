"""Mel power of the training clips, on the device if it fits there."""

import sys
import warnings
from typing import Self

import torch
from torch import Tensor

from tagasc.artifacts.events import EventCorpus
from tagasc.config import TaggerNetwork, TaggerTraining
from tagasc.tagger.operations import training_bytes


class ClipPower:
    """Packed mel power of the curated and noisy clips.

    Parameters
    ----------
    packed
        float16 (frames of all clips, bands), on the device or in host memory.
    device
        Where slices are needed.
    """

    def __init__(self, packed: Tensor, device: torch.device) -> None:
        self.packed, self.device = packed, device

    @classmethod
    def load(
        cls, events: EventCorpus, network: TaggerNetwork, training: TaggerTraining, device: torch.device, batches: int
    ) -> Self:
        """Return the mel power of all training clips.

        On a GPU without enough free memory it stays in pinned host memory, which a GPU can read while it computes.

        Parameters
        ----------
        events
            The packed events.
        network, training
            Sections of the tagger's configuration, which say how much memory a training needs.
        device
            Where slices are needed.
        batches
            Batches per step: two in stage 1, three in stage 2.
        """
        clips = events.clips.iloc[: events.rows("noisy").stop]
        with warnings.catch_warnings():
            # The memory map is read-only, and nothing here writes to it.
            warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
            power = torch.from_numpy(events.mel_power[: int(clips["frames"].sum())])
        if device.type == "cuda":
            others = training_bytes(network, training, len(events.labels), power.shape[1], batches)
            free = torch.cuda.mem_get_info(device)[0]
            fits = power.nbytes + others <= free
            power = power.to(device) if fits else power.pin_memory()
            where = "on the GPU" if fits else f"in host memory, because the GPU has only {free / 1e9:.1f} GB free"
            print(f"mel power of the training clips ({power.nbytes / 1e9:.1f} GB): {where}", file=sys.stderr)
        return cls(power, device)

    def slices(self, origin: Tensor, frames: int) -> Tensor:
        """Return the packed values (slices, frame, band) that begin at rows ``origin`` (slices,).

        Rows before the first and behind the last clip are those at the edge. ``origin`` is where the packed values are.
        """
        rows = origin[:, None] + torch.arange(frames, device=origin.device)
        rows = rows.clamp_(0, len(self.packed) - 1).flatten()
        taken = torch.empty(
            len(rows),
            self.packed.shape[1],
            dtype=self.packed.dtype,
            device=self.packed.device,
            pin_memory=self.packed.device != self.device,
        )
        torch.index_select(self.packed, 0, rows, out=taken)
        return taken.to(self.device, non_blocking=True).view(len(origin), frames, -1)
