"""An exported system under ONNX Runtime, compared with eager PyTorch in float32: time, peak memory, and file size.

The system has the paper's size, random weights and a made-up support vector machine. Clips are random, 2 × 480,000
samples each. The scene network and the whole system, tagger included, are measured on the same batch, in turns.

Modules are imported where they are used, so that ONNX Runtime's memory is measured without PyTorch.
"""

import multiprocessing
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.record import arguments, report

if TYPE_CHECKING:
    from tagasc.backend.fitted_machine import FittedMachine
    from tagasc.bundle.system import System

# ruff: noqa: PLC0415

CELL, SAMPLE_RATE, SAMPLES, TAGS, SCENES = "shared-heads4-layers3", 48_000, 480_000, 80, 10
SUPPORT_VECTORS = 6_000
TURNS = 5

Inputs = dict[str, NDArray[np.float32]]


def random_inputs(batch: int, *, tags: bool) -> Inputs:
    """Return random windows, and tag vectors if they are an input."""
    random = np.random.default_rng(0)
    waveform = random.uniform(-1, 1, (batch, 2, SAMPLES)).astype(np.float32)
    return {"waveform": waveform} | ({"tags": random.random((batch, TAGS), np.float32)} if tags else {})


def random_system(folds: int) -> "System":
    """Return a system of the paper's size with random weights; without folds, it takes tags from elsewhere."""
    from tagasc.artifacts.bundle import BundledAudio, BundledScores, BundledTagger, Manifest
    from tagasc.bundle.system import System
    from tagasc.config import Features, Mel, Network, TaggerNetwork, Tagging
    from tagasc.frontend.network import SceneNetwork
    from tagasc.paper.grid import parse
    from tagasc.tagger.network import TwoHeadedResNet
    from tagasc.tagger.scene_tagger import SceneTagger

    settings, features, tagging, mel = Network(), Features(), Tagging(), Mel()
    network = SceneNetwork(parse(CELL), settings, 2, TAGS, SCENES).eval()
    networks = [TwoHeadedResNet(TaggerNetwork(), TAGS) for _ in range(folds)]
    described = BundledTagger(folds=folds, network=TaggerNetwork(), features=features, tagging=tagging, mel=mel)
    scenes = [f"scene {number}" for number in range(SCENES)]
    manifest = Manifest(
        format=1,
        version="0",
        experiment="random",
        cell=CELL,
        seed=0,
        audio=BundledAudio(sample_rate=SAMPLE_RATE, channels=2, samples=SAMPLES),
        scenes=scenes,
        tags=[f"tag {number}" for number in range(TAGS)],
        network=settings,
        preemphasis=0.97,
        gain=1.0,
        tagger_name="random",
        tagger=described if folds else None,
        kernel="rbf",
        scores=BundledScores(clips=0, accuracy=0.0, output_layer_accuracy=0.0),
        versions={},
        commit="",
        device="cpu",
        licence="none",
    )
    tagger = SceneTagger(networks, features, tagging, mel, SAMPLE_RATE) if folds else None
    return System(manifest, network, tagger, _machine(scenes, network.code_size))


def _machine(scenes: list[str], size: int) -> "FittedMachine":
    from tagasc.backend.fitted_machine import FittedMachine

    random, count = np.random.default_rng(0), len(scenes)
    return FittedMachine(
        scenes=scenes,
        kernel="rbf",
        gamma=1 / size,
        support_vectors=random.normal(size=(SUPPORT_VECTORS, size)),
        coefficients=random.uniform(-1, 1, (count - 1, SUPPORT_VECTORS)),
        intercepts=random.normal(size=count * (count - 1) // 2),
        counts=np.full(count, SUPPORT_VECTORS // count),
        mean=np.zeros(0),
        deviation=np.zeros(0),
    )


def eager(system: "System", threads: int) -> Callable[[Inputs], NDArray[np.int64]]:
    """Return a function that computes what `System.hear` does, without packing, for a whole batch."""
    import torch
    from torchaudio.functional import resample

    from tagasc.frontend.preemphasis import preemphasis

    torch.set_num_threads(threads)
    tagger, machine = system.tagger, system.machine

    @torch.no_grad()
    def run(inputs: Inputs) -> NDArray[np.int64]:
        waveform = torch.from_numpy(inputs["waveform"])
        if tagger is None:
            tags = inputs["tags"]
        else:
            tags = tagger.ensemble.tag_power(tagger.mel_power(resample(waveform.mean(dim=1), *tagger.rates)))
        emphasised = preemphasis(waveform, system.manifest.preemphasis) * system.manifest.gain
        codes = system.network(emphasised, torch.from_numpy(tags))[0].double().numpy()
        return machine.predict(machine.decide(codes))

    return run


def runtime(path: Path, threads: int) -> Callable[[Inputs], list[Any]]:
    """Return a function that runs a file under ONNX Runtime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda inputs: session.run(["scene"], inputs)


def run_eager(folds: int, batch: int, threads: int) -> None:
    """Compute two batches with PyTorch."""
    run = eager(random_system(folds), threads)
    for _ in range(2):
        run(random_inputs(batch, tags=not folds))


def run_runtime(path: Path, folds: int, batch: int, threads: int) -> None:
    """Compute two batches with ONNX Runtime."""
    run = runtime(path, threads)
    for _ in range(2):
        run(random_inputs(batch, tags=not folds))


def peak(task: Callable[..., None], *given: Any) -> float:
    """Run a task in its own process, and return its peak memory in GB."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(_peak, task, given).result()


def _peak(task: Callable[..., None], given: tuple[Any, ...]) -> float:
    task(*given)
    # VmHWM starts with this program, whereas getrusage inherits the peak of the process that started it.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) * 1024 / 1e9


def measure(folds: int, batch: int, threads: int) -> str:
    """Return time, memory and size in words, with ratios of PyTorch to ONNX Runtime."""
    import torch

    from tagasc.bundle.export.graph import ExportedSystem
    from tagasc.bundle.export.model import write_model

    torch.manual_seed(0)
    system, inputs = random_system(folds), random_inputs(batch, tags=not folds)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "model.onnx")
        write_model(path, system, ExportedSystem(system))
        size = path.stat().st_size / 1e6
        runs = {"torch": eager(system, threads), "runtime": runtime(path, threads)}
        seconds = {key: float("inf") for key in runs}
        for turn in range(TURNS + 1):
            for key, run in runs.items():
                started = time.perf_counter()
                run(inputs)
                if turn:  # the first one does not count
                    seconds[key] = min(seconds[key], time.perf_counter() - started)
        memory = peak(run_eager, folds, batch, threads), peak(run_runtime, path, folds, batch, threads)
    return (
        f"ONNX Runtime {seconds['runtime']:.3f} s and {memory[1]:.2f} GB, eager float32 {seconds['torch']:.3f} s and "
        f"{memory[0]:.2f} GB; ratios {seconds['torch'] / seconds['runtime']:.2f} and {memory[0] / memory[1]:.2f}; "
        f"file {size:.1f} MB"
    )


def main() -> None:
    """Measure the scene network with its support vector machine, and the whole system."""
    parser = arguments(__doc__)
    parser.add_argument("--batch", type=int, default=4, help="windows at the same time")
    parser.add_argument("--folds", type=int, nargs="+", default=[1], help="networks of the tagger (paper: 5)")
    given = parser.parse_args()
    where = f"batch {given.batch}, {given.threads} threads"
    for folds in (0, *given.folds):
        part = f"whole system, tagger of {folds} fold{'s' if folds > 1 else ''}" if folds else "scene network and SVM"
        report("export", f"{part}, {where}: {measure(folds, given.batch, given.threads)}", record=given.record)


if __name__ == "__main__":
    main()
