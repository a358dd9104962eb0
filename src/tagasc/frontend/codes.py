"""The codes of a trained network: what the back-end classifies."""

import numpy as np
import torch
from numpy.typing import NDArray

from tagasc.frontend.corpus import Corpus, batches_of
from tagasc.frontend.network import SceneNetwork


@torch.no_grad()
def codes_and_predictions(
    network: SceneNetwork, corpus: Corpus, batch: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the codes (clips, code) of all clips, whole, and the class (clips,) that the output layer picks."""
    network.eval()
    codes, predicted = [], []
    for rows in batches_of(slice(0, len(corpus.labels)), batch):
        waveform, tags, _ = corpus.batch(rows)
        code, scores = network(waveform, tags)
        codes.append(code.float().cpu())
        predicted.append(scores.argmax(dim=1).cpu())
    return torch.cat(codes).numpy(), torch.cat(predicted).numpy()
