"""Tag vectors of whole clips, averaged over networks."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from tagasc.config import Tagger
from tagasc.corpora.packed import PackedEvents
from tagasc.tagger.log_mel import log_mel
from tagasc.tagger.network import TwoHeadedResNet


@torch.no_grad()
def tag_power(networks: Sequence[TwoHeadedResNet], power: Tensor, settings: Tagger) -> Tensor:
    """Return tag vectors (batch, classes) of mel power (batch, frame, band): the curated heads' sigmoid, averaged."""
    spectrogram = log_mel(power, settings, settings.tag_padding)
    outputs = [network.eval().curated_head(network(spectrogram)).sigmoid() for network in networks]
    return torch.stack(outputs).mean(dim=0)


def clips_at_a_time(frames: int, settings: Tagger) -> int:
    """Return how many clips of so many frames to tag together: no more frames than a training batch has, or one clip.

    So memory is bounded for clips of any length, and what could be trained can be tagged.
    """
    return max(1, min(settings.batch, settings.batch * settings.slice_frames // frames))


def tag_events(
    networks: Sequence[TwoHeadedResNet],
    events: PackedEvents,
    rows: slice | NDArray[np.int64],
    settings: Tagger,
    device: torch.device,
) -> NDArray[np.float32]:
    """Return the tag vectors (rows, classes) of event clips, whole and in the order of ``rows``."""
    order = np.arange(len(events.clips))[rows].tolist()
    tags = np.zeros((len(order), len(events.labels)), "float32")
    for batch in tqdm(list(_of_equal_length(events, order, settings)), desc="tagging events", mininterval=5):
        power = np.stack([events.power(order[position]) for position in batch])
        tags[batch] = tag_power(networks, torch.from_numpy(power).to(device), settings).cpu().numpy()
    return tags


def _of_equal_length(events: PackedEvents, rows: list[int], settings: Tagger) -> Iterator[list[int]]:
    """Yield positions of ``rows`` in batches whose clips have the same number of frames, so that none needs padding."""
    frames = events.clips["frames"].to_numpy()[rows]
    for length, group in groupby(
        np.argsort(frames, kind="stable").tolist(), key=lambda position: int(frames[position])
    ):
        positions, count = list(group), clips_at_a_time(length, settings)
        yield from (positions[first : first + count] for first in range(0, len(positions), count))
