"""Codes of a trained network: the vectors that the back-end classifies."""

import numpy as np
import torch
from numpy.typing import NDArray

from tagasc.frontend.dataset import SceneDataset
from tagasc.frontend.network import SceneNetwork


@torch.no_grad()
def compute_codes(
    network: SceneNetwork, dataset: SceneDataset, batch_size: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the codes (clips, code) of all whole clips, and the classes (clips,) that the output layer predicts."""
    network.eval()
    codes, predicted = [], []
    for rows in torch.arange(len(dataset.labels)).split(batch_size):
        waveform, tags, _ = dataset.batch(rows)
        code, scores = network(waveform, tags)
        codes.append(code.float())
        predicted.append(scores.argmax(dim=1))
    return torch.cat(codes).cpu().numpy(), torch.cat(predicted).cpu().numpy()
