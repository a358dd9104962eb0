"""Codes of a trained network: the vectors that the back-end classifies."""

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray

from tagasc.frontend.batches import Batches
from tagasc.frontend.dataset import SceneDataset
from tagasc.frontend.network import SceneNetwork
from tagasc.frontend.normalised_convolutions import with_folded_norms


@torch.no_grad()
def compute_codes(
    network: SceneNetwork, dataset: SceneDataset, batch_size: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the codes (clips, code) of all whole clips, and the classes (clips,) that the output layer predicts."""
    network = _evaluated(network, dataset)
    codes, predicted = [], []
    for first in range(0, len(dataset.labels), batch_size):
        waveform, tags, _ = dataset.whole_clips(slice(first, first + batch_size))
        code, scores = network(waveform, tags)
        codes.append(code.float())
        predicted.append(scores.argmax(dim=1))
    return torch.cat(codes).cpu().numpy(), torch.cat(predicted).cpu().numpy()


@torch.no_grad()
def compute_crop_codes(network: SceneNetwork, batches: Batches, random: Generator) -> NDArray[np.float32]:
    """Return the codes (training clips, code) of one random crop of each training clip.

    Jung et al. (2019) [22] fit their support vector machines on such codes, of one more pass over the training clips:
    in random order, without mix-up, and without the incomplete last batch. Its clips have codes of NaN.

    Parameters
    ----------
    network
        The network. It is left in evaluation mode.
    batches
        The batches of the training: their clips, size and length of crops.
    random
        Generator of the order and of the crops, so that the training's own generator stays as it is.
    """
    network = _evaluated(network, batches.dataset)
    dataset, size, crop = batches.dataset, batches.batch_size, batches.crop
    count = len(batches.clips)
    order = random.permutation(count)[: count // size * size]
    latest = 0 if crop is None else dataset.waveforms.shape[2] - 1 - crop
    starts = random.integers(0, latest + 1, len(order)).reshape(-1, size)
    rows = batches.clips[order].reshape(-1, size)
    codes = []
    for waveform, tags, _ in dataset.training_batches(rows, None if crop is None else starts, crop):
        codes.append(network(waveform, tags)[0].float())
    known = torch.cat(codes).cpu().numpy()
    table = np.full((count, known.shape[1]), np.nan, np.float32)
    table[order] = known
    return table


def _evaluated(network: SceneNetwork, dataset: SceneDataset) -> SceneNetwork:
    """Return a network in evaluation mode. On a GPU, it is a copy that needs no pass for its batch norms."""
    network.eval()
    # The bits of a CPU's codes are those that a bundle computes.
    return with_folded_norms(network) if dataset.device.type == "cuda" else network
