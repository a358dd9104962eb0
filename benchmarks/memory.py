"""Peak memory of a training, and how it grows with the clips of the corpus, their length and the batch."""

import multiprocessing
import resource
import sys
from concurrent.futures import ProcessPoolExecutor
from typing import Literal

import torch

from benchmarks.record import arguments, device, report
from benchmarks.training_step import SAMPLE_RATE, random_corpus
from tagasc.config import Frontend, Network, Training
from tagasc.corpora.device import choose_device
from tagasc.frontend.trainer import Trainer


def peak(
    clips: int, crop: float, batch: int, precision: Literal["float32", "bfloat16"], threads: int
) -> tuple[float, float]:
    """Return the peak of two steps of the table6 baseline in GB, and the corpus's share of it."""
    where = choose_device(threads)
    corpus = random_corpus(clips, where)
    frontend = Frontend(
        network=Network(architecture="table6", precision=precision),
        training=Training(batch=batch, crop=crop, mix_up_from_epoch=1),
    )
    trainer = Trainer.of_cell("baseline", 0, frontend, SAMPLE_RATE, corpus)
    trainer.train_epoch(1)
    if where.type == "cuda":
        most = torch.cuda.max_memory_allocated()
    else:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return most / 1e9, corpus.waveforms.nbytes / 1e9


def main() -> None:
    """Change one of clips, length, batch and precision at a time, each in a process of its own."""
    given = arguments(__doc__).parse_args()
    batch = 24 if device().type == "cuda" else 4
    settings: dict[str, tuple[int, float, int, Literal["float32", "bfloat16"]]] = {
        f"batch {batch}, 10 s, bfloat16, {2 * batch} clips": (2 * batch, 10.0, batch, "bfloat16"),
        "half the batch": (batch, 10.0, batch // 2, "bfloat16"),
        "half the length": (2 * batch, 5.0, batch, "bfloat16"),
        "twice the clips": (4 * batch, 10.0, batch, "bfloat16"),
        "float32": (2 * batch, 10.0, batch, "float32"),
    }
    figures = []
    for name, setting in settings.items():
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
            most, corpus = process.submit(peak, *setting, given.threads).result()
        figures.append(f"{name} {most:.2f} GB (of it {corpus:.2f} waveforms)")
    report("memory of a training", "; ".join(figures), record=given.record)


if __name__ == "__main__":
    main()
