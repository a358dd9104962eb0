"""One scene network, its optimizer and its corpus, and one epoch of training, after reference [22].

The paper prints no hyper-parameters.
"""

import resource
import sys
import time
from typing import Any, Self

import numpy as np
import torch
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from torch import Tensor

from tagasc.cells import parse
from tagasc.config import Frontend, Training
from tagasc.errors import InputError
from tagasc.frontend.batches import draw_epoch
from tagasc.frontend.codes import codes_and_predictions
from tagasc.frontend.corpus import Corpus
from tagasc.frontend.loss import CentreLoss, batch_loss
from tagasc.frontend.network import SceneNetwork, TagStandardisation
from tagasc.tagger.adam import Adam


class Trainer:
    """A network in training.

    Parameters
    ----------
    network
        The network of a cell, on the corpus's device.
    corpus
        What it learns from and is evaluated on.
    settings
        The recipe.
    crop
        Length of the training clips in samples, or None for whole clips.
    random
        Draws batches, crops and mix-up.
    """

    def __init__(
        self,
        network: SceneNetwork,
        corpus: Corpus,
        settings: Training,
        crop: int | None,
        random: Generator,
    ) -> None:
        self.network, self.corpus, self.settings, self.crop, self.random = network, corpus, settings, crop, random
        self.device = corpus.scale.device
        self.code = network.output.in_features
        self.centre_loss: CentreLoss | None = None
        if settings.centre_loss:
            self.centre_loss = CentreLoss(settings.centre_loss, len(corpus.scenes), self.code).to(self.device)
        self.optimizer = Adam(
            network.parameters(), settings.learning_rate, settings.weight_decay, amsgrad=settings.amsgrad
        )

    @classmethod
    def of_cell(cls, name: str, seed: int, frontend: Frontend, sample_rate: int, corpus: Corpus) -> Self:
        """Build a cell's network for a corpus of so many samples a second, both weights and batches from the seed.

        Raises
        ------
        InputError
            If the corpus does not fill a batch.
        """
        torch.manual_seed(seed)
        cell, settings = parse(name), frontend.training
        if cell.shuffled:
            corpus = corpus.with_shuffled_tags(seed)
        corpus.check(settings.batch)
        _, channels, samples = corpus.waveforms.shape
        network = SceneNetwork(cell, frontend.network, channels, corpus.tags.shape[1], len(corpus.scenes)).to(
            corpus.scale.device
        )
        if isinstance(network.standardise, TagStandardisation):
            network.standardise.fit(corpus.tags[corpus.train])
        print(f"{name}, seed {seed}: {sum(p.numel() for p in network.parameters())} parameters", file=sys.stderr)
        crop = None if settings.crop is None else min(round(settings.crop * sample_rate), samples)
        trainer = cls(network, corpus, settings, crop, default_rng(seed))
        if frontend.network.compile:
            trainer.compile()
        return trainer

    def compile(self) -> None:
        """Compile the network, apart from the epochs and their clock, and say how long it took.

        Raises
        ------
        InputError
            If it cannot be compiled, say because there is no compiler.
        """
        from torch._dynamo.exc import BackendCompilerFailed  # noqa: PLC0415 - takes as long as torch itself

        started = time.perf_counter()
        before = {name: value.clone() for name, value in self.network.state_dict().items()}
        first = next(draw_epoch(self.settings.mix_up_from_epoch, self.corpus, self.settings, self.crop, default_rng(0)))
        self.network.compile()
        try:
            batch_loss(self.network.train(), self.corpus, first, self.crop, self.settings)[0].backward()
        except BackendCompilerFailed as error:
            what = str(error).strip().splitlines()[0]
            raise InputError(
                f"frontend.network.compile: torch.compile failed ({what}); set it to false, or see that there is a "
                f"compiler: g++ for a CPU"
            ) from None
        self.network.load_state_dict(before)  # the statistics of batch norm have moved
        self.optimizer.zero_grad()
        print(f"compiled the network in {time.perf_counter() - started:.0f} s", file=sys.stderr)

    def train_epoch(self, epoch: int) -> dict[str, Any]:
        """Run one epoch, counted from 1, and return its row of the history.

        Raises
        ------
        InputError
            If the loss is no longer a number.
        """
        started = time.perf_counter()
        self.network.train()
        # Losses stay on the device until the epoch ends: reading them earlier would make the host wait for every step.
        losses: list[Tensor] = []
        correct = torch.zeros((), device=self.device)
        for batch in draw_epoch(epoch, self.corpus, self.settings, self.crop, self.random):
            loss, right = batch_loss(self.network, self.corpus, batch, self.crop, self.settings, self.centre_loss)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            losses.append(loss.detach())
            correct += right
        values = torch.stack(losses).cpu().numpy()  # waits for the device, so the clock is read after it
        seconds = time.perf_counter() - started
        rate = self.settings.learning_rate
        if not np.isfinite(values).all():
            first = int(np.flatnonzero(~np.isfinite(values))[0]) + 1
            raise InputError(
                f"the loss of {self.network.cell.name} is not a number in epoch {epoch}, batch {first} of "
                f"{len(values)}; lower frontend.training.learning_rate (now {rate:g})"
            )
        clips = len(values) * self.settings.batch
        return {
            "epoch": epoch,
            "loss": float(values.mean(dtype=np.float64)),
            "train_accuracy": float(correct) / clips,
            "learning_rate": rate,
            "seconds": round(seconds, 3),
            "clips_per_second": round(clips / seconds, 1),
            "peak_memory_mb": self._peak_memory(),
        }

    def evaluate(self) -> tuple[NDArray[np.float32], float]:
        """Return the codes (clips, code) of all clips, and the output layer's accuracy on the evaluation clips."""
        codes, predicted = codes_and_predictions(self.network, self.corpus, self.settings.batch)
        rows = self.corpus.evaluate
        return codes, float((predicted[rows] == self.corpus.labels[rows].cpu().numpy()).mean())

    def _peak_memory(self) -> int:
        """Return the most memory so far in MB: of the GPU, or of the process on a CPU (the mapped corpus included)."""
        if self.device.type == "cuda":
            return torch.cuda.max_memory_allocated(self.device) // 10**6
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // 10**6
