"""Learning in bfloat16 compared with float32: the loss of 200 steps, and accuracies of five seeds of the demo.

The steps train the table6 baseline at full width with the default settings, on crops of 1 s of synthesised scenes at
48 kHz. The last third of the steps uses mix-up. The plain network of the benchmarks in float32 shows how much rounding
alone separates two trainings. The accuracies are those of the support vector machines, for one cell per variant.
"""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import torch
from scipy import stats

from benchmarks.record import arguments, report
from benchmarks.reference import PlainTrunk, copy_weights
from benchmarks.workflow import fresh_clone, snakemake
from tagasc.artifacts.scenes import read_clips
from tagasc.artifacts.tags import Tags, write_tags
from tagasc.config import Audio, DemoScenes, Frontend, Network, Training
from tagasc.corpora.pack_scenes import pack_scenes
from tagasc.corpora.synthetic.scenes import write_demo_scenes
from tagasc.frontend.dataset import SceneDataset
from tagasc.frontend.trainer import Trainer
from tagasc.paper.grid import parse
from tagasc.runtime.device import choose_device
from tagasc.training.optimizer import Adam

STEPS, BATCH = 200, 24
CELLS = (
    "baseline",
    "codecat",
    "before_code-layers1",
    "attention-heads2-layers1",
    "separate-heads2-concat3-attention3",
    "shared-heads4-layers3",
)


def synthesised_dataset(folder: Path, device: torch.device, threads: int) -> SceneDataset:
    """Return 192 training clips of 2 s at 48 kHz, in six scenes."""
    audio = Audio(sample_rate=48_000, duration=2.0)
    write_demo_scenes(audio, DemoScenes(train=32, evaluate=8), folder / "scenes")
    clips, waveforms, tags = folder / "clips.csv", folder / "waveforms.npy", folder / "tags.npz"
    pack_scenes(audio, "error", folder / "scenes", clips, waveforms, threads)
    names = read_clips(clips)["filename"].tolist()
    write_tags(tags, Tags(np.full((len(names), 1), 0.5, np.float32), ["none"], names))
    return SceneDataset.load(clips, waveforms, tags, preemphasis=0.97, gain=32_000.0, device=device)


def losses(dataset: SceneDataset, precision: Literal["float32", "bfloat16"], *, plain: bool = False) -> list[float]:
    """Return the mean loss of each epoch; all epochs together have 200 steps."""
    epochs = STEPS // ((dataset.train.stop - dataset.train.start) // BATCH)
    frontend = Frontend(
        network=Network(architecture="table6", precision=precision),
        training=Training(crop=1.0, epochs=epochs, mixup_from_epoch=epochs * 2 // 3 + 1),
    )
    trainer = Trainer(parse("baseline"), 0, frontend, 48_000, dataset)
    if plain:
        trunk = PlainTrunk(frontend.network, 2).to(dataset.device)
        copy_weights(trainer.network.trunk, trunk)
        trainer.network.trunk = trunk  # type: ignore[assignment]  # it has the same interface
        training = frontend.training
        trainer.optimizer = Adam(
            trainer.network.parameters(), training.learning_rate, training.weight_decay, amsgrad=training.amsgrad
        )
    return [trainer.train_epoch(epoch)["loss"] for epoch in range(1, epochs + 1)]


def difference(one: list[float], other: list[float]) -> str:
    """Return how much two series of losses differ, over all steps and in the worst epoch."""
    first, second = np.array(one), np.array(other)
    worst = np.abs(second / first - 1).max()
    return f"{second.mean() / first.mean() - 1:+.2%} over all, at most {worst:.2%} in an epoch"


def accuracies(threads: int) -> pd.DataFrame:
    """Train and score six cells with five seeds in both precisions.

    Returns
    -------
    DataFrame
        Accuracies: one row per cell and seed, one column per precision.
    """
    columns = {}
    with fresh_clone() as clone:
        for precision in ("float32", "bfloat16"):
            overlay = clone / f"{precision}.yaml"
            overlay.write_text(
                f"name: {precision}\nseeds: [0, 1, 2, 3, 4]\ncells: [{', '.join(CELLS)}]\n"
                f"frontend: {{network: {{precision: {precision}}}}}\n"
            )
            scores = Path("results", "experiments", precision, "scores.csv")
            cores = ("--cores", str(threads))
            snakemake(clone, scores, "--profile", "demo", *cores, "--configfile", "demo/experiment.yaml", overlay)
            table = pd.read_csv(clone / scores).query("protocol == 'last' and test_list == 'official'")
            columns[precision] = table.set_index(["cell", "seed"])["accuracy"]
    return pd.DataFrame(columns)


def main() -> None:
    """Compare the losses, then the accuracies."""
    parser = arguments(__doc__)
    parser.add_argument("--loss-only", action="store_true", help="leave out the five seeds of the demo")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        dataset = synthesised_dataset(Path(folder), choose_device(given.threads), given.threads)
        dataset = replace(dataset, waveforms=dataset.waveforms.clone())
        single = losses(dataset, "float32")
        half, plain = losses(dataset, "bfloat16"), losses(dataset, "float32", plain=True)
    series = ", ".join(f"{loss:.3f}" for loss in single[:: len(single) // 5])
    report(
        "loss of 200 steps",
        f"float32 {series}; bfloat16 differs by {difference(single, half)}; the plain network in float32 by "
        f"{difference(single, plain)}",
        record=given.record,
    )
    if given.loss_only:
        return
    table = accuracies(given.threads)
    by_seed = (table["bfloat16"] - table["float32"]).groupby("seed").mean() * 100
    low, high = stats.t.interval(0.95, len(by_seed) - 1, by_seed.mean(), stats.sem(by_seed))
    report(
        "accuracy in the demo",
        f"{len(table)} pairs of trainings, six cells and five seeds: float32 {table['float32'].mean():.2%}, bfloat16 "
        f"{table['bfloat16'].mean():.2%}, difference {by_seed.mean():+.2f} points, 95 % interval over seeds "
        f"[{low:+.2f}, {high:+.2f}]",
        record=given.record,
    )


if __name__ == "__main__":
    main()
