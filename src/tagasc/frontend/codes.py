"""The codes of a trained network: what the back-end classifies."""

from collections.abc import Collection
from pathlib import Path

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
        codes.append(code.float())
        predicted.append(scores.argmax(dim=1))
    return torch.cat(codes).cpu().numpy(), torch.cat(predicted).cpu().numpy()


class CodesByEpoch:
    """The codes of chosen epochs, float16 (epochs, clips, code), written while the training goes.

    Until it ends they wait in ``unfinished``, because Snakemake deletes the outputs of an interrupted job before it
    runs again, and a training that goes on does not see its first epochs a second time.
    """

    def __init__(self, path: Path, epochs: Collection[int], clips: int, code: int) -> None:
        self.path = path
        self.unfinished = path.with_name(f"unfinished-{path.name}")
        self.epochs = sorted(epochs)
        self.shape = (len(self.epochs), clips, code)

    def begin(self) -> None:
        """Make room for all epochs."""
        self.unfinished.parent.mkdir(parents=True, exist_ok=True)
        np.lib.format.open_memmap(self.unfinished, "w+", np.float16, self.shape)

    def add(self, epoch: int, codes: NDArray[np.float32]) -> None:
        """Write the codes (clips, code) of one of the epochs."""
        stored = np.lib.format.open_memmap(self.unfinished, "r+")
        stored[self.epochs.index(epoch)] = codes
        stored.flush()

    def finish(self) -> None:
        """Give the file its name."""
        self.unfinished.replace(self.path)
