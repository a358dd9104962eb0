"""Ensemble of tagger networks, which tags whole clips."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from tagasc.artifacts.events import EventCorpus
from tagasc.config import Features
from tagasc.tagger.log_mel import LogMel
from tagasc.tagger.network import TwoHeadedResNet


class Ensemble:
    """Networks whose tag vectors are averaged.

    Parameters
    ----------
    networks
        Networks on one device. They are put into evaluation mode.
    features
        Settings of the log-mel spectrogram.
    batch_frames
        Frames to tag at the same time.
    padding
        Frames of silence that are added on both sides of a clip.
    """

    def __init__(
        self, networks: Sequence[TwoHeadedResNet], features: Features, batch_frames: int, padding: int = 0
    ) -> None:
        self.networks = [network.eval() for network in networks]
        self.log_mel = LogMel(features, padding)
        self.batch_frames = batch_frames

    def clips_at_a_time(self, frames: int) -> int:
        """Return how many clips of this many frames to tag at the same time: one at least.

        Memory is therefore bounded for clips of any length.
        """
        return max(1, self.batch_frames // frames)

    @torch.no_grad()
    def tag_power(self, power: Tensor) -> NDArray[np.float32]:
        """Return the tag vectors (batch, classes) of mel power (batch, frame, band).

        A tag vector is the sigmoid of the curated head, averaged over the networks (section 2.2).
        """
        device = next(self.networks[0].parameters()).device
        spectrogram = self.log_mel(power.to(device, copy=True))  # which overwrites what it is given
        tags = [network.curated_head(network(spectrogram)).sigmoid() for network in self.networks]
        return torch.stack(tags).mean(dim=0).cpu().numpy()

    def tag_events(self, events: EventCorpus, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the tag vectors (rows, classes) of whole event clips, in the order of ``rows``."""
        rows = np.asarray(rows)
        tags = np.zeros((len(rows), len(events.labels)), np.float32)
        batches = list(self._of_equal_length(events.clips["frames"].to_numpy()[rows]))
        for positions in tqdm(batches, desc="tagging events", unit="batch", mininterval=5):
            power = np.stack([events.power(row) for row in rows[positions]])
            tags[positions] = self.tag_power(torch.from_numpy(power))
        return tags

    def _of_equal_length(self, frames: NDArray[np.int64]) -> Iterator[list[int]]:
        """Yield positions in batches of clips with the same number of frames, so that no clip needs padding."""
        by_length = np.argsort(frames, kind="stable").tolist()
        for length, group in groupby(by_length, key=lambda position: int(frames[position])):
            positions, count = list(group), self.clips_at_a_time(length)
            yield from (positions[first : first + count] for first in range(0, len(positions), count))
