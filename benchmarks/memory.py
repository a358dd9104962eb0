"""Peak memory of training, codes, packing, tagging and scoring, and its growth with clips, length and batch size.

Modules are imported where they are used, so that a task does not pay for the imports of another.
"""

import multiprocessing
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from benchmarks.record import arguments, device, report

if TYPE_CHECKING:
    from tagasc.frontend.trainer import Trainer

# ruff: noqa: PLC0415


def train(clips: int, crop: float, batch: int, precision: Literal["float32", "bfloat16"], threads: int) -> None:
    """Train the table6 baseline for one epoch."""
    _trainer(clips, crop, batch, precision, threads).train_epoch(1)


def compute_codes(clips: int, batch: int, threads: int) -> None:
    """Compute codes of whole clips."""
    _trainer(clips, 10.0, batch, "bfloat16", threads).evaluate()


def pack(folder: Path) -> None:
    """Pack the clips that `benchmarks.packing.write_corpus` has written, in this process instead of a worker."""
    from tagasc.config import Audio
    from tagasc.corpora.pack_scenes import pack_scenes

    pack_scenes(Audio(), "error", folder, folder / "clips.csv", folder / "waveforms.npy", 1)


def tag(folder: Path, threads: int) -> None:
    """Tag the clips that `benchmarks.tagging.prepare` has written."""
    from benchmarks import tagging

    tagging.tag(folder, threads)


def score(folder: Path, threads: int) -> None:
    """Score the codes that `benchmarks.scoring.prepare` has written."""
    from benchmarks import scoring

    scoring.score(folder, threads)


def _trainer(clips: int, crop: float, batch: int, precision: Literal["float32", "bfloat16"], threads: int) -> "Trainer":
    from benchmarks.training_step import SAMPLE_RATE, random_dataset
    from tagasc.config import Frontend, Network, Training
    from tagasc.frontend.trainer import Trainer
    from tagasc.paper.grid import parse
    from tagasc.runtime.device import choose_device

    frontend = Frontend(
        network=Network(architecture="table6", precision=precision),
        training=Training(batch_size=batch, crop=crop, mixup_from_epoch=1),
    )
    return Trainer(parse("baseline"), 0, frontend, SAMPLE_RATE, random_dataset(clips, choose_device(threads)))


def _peak(task: Callable[..., None], given: tuple[Any, ...], *, on_gpu: bool) -> float:
    """Run a task and return its peak memory in GB, of the GPU or of this process."""
    task(*given)
    if on_gpu:
        import torch

        return torch.cuda.max_memory_allocated() / 1e9
    # VmHWM starts with this program, whereas getrusage inherits the peak of the process that started it.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) * 1024 / 1e9


def peak(task: Callable[..., None], *given: Any) -> str:
    """Run a task in its own process, and return its peak memory in words."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        most = process.submit(_peak, task, given, on_gpu=device().type == "cuda" and task is not pack).result()
    return f"{most:.2f} GB"


def main() -> None:
    """Change clips, length, batch size and precision, one at a time."""
    from benchmarks import packing, scoring, tagging

    given = arguments(__doc__).parse_args()
    batch, threads = 24 if device().type == "cuda" else 4, given.threads
    trainings = {
        f"batch {batch}, 10 s, bfloat16, {2 * batch} clips": (2 * batch, 10.0, batch, "bfloat16"),
        "half the batch": (batch, 10.0, batch // 2, "bfloat16"),
        "half the length": (2 * batch, 5.0, batch, "bfloat16"),
        "twice the clips": (4 * batch, 10.0, batch, "bfloat16"),
        "float32": (2 * batch, 10.0, batch, "float32"),
    }
    results = [f"{name} {peak(train, *setting, threads)}" for name, setting in trainings.items()]
    report("memory of a training", "; ".join(results), record=given.record)
    results = [f"codes of {clips} clips {peak(compute_codes, clips, batch, threads)}" for clips in (16, 64)]
    for clips in (40, 160):
        with tempfile.TemporaryDirectory() as name:
            packing.write_corpus(Path(name, "corpus"), clips)
            results.append(f"packing of {clips} clips {peak(pack, Path(name, 'corpus'))}")
    for clips in (32, 96):
        with tempfile.TemporaryDirectory() as name:
            tagging.prepare(Path(name), clips)
            results.append(f"tagging of {clips} clips {peak(tag, Path(name), threads)}")
    with tempfile.TemporaryDirectory() as name:
        scoring.prepare(Path(name))
        results.append(f"scoring of the paper's size {peak(score, Path(name), threads)}")
    report("memory of the others", "; ".join(results), record=given.record)


if __name__ == "__main__":
    main()
