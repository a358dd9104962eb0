"""Whether bfloat16 learns what float32 does: the loss of the first 200 steps, and accuracies of five seeds of the demo.

The steps are those of the full-width table6 baseline under the paper's recipe, on crops of 1 s of synthesised 48 kHz
scenes, a third of them with mix-up. The plain network of the benchmarks, in float32 too, shows how far mere rounding
takes two trainings apart. The accuracies are those of the support vector machines, for one cell of each family.
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
from tagasc.config import Demo, Frontend, Network, Scenes, Training
from tagasc.corpora.demo import write_demo_scenes
from tagasc.corpora.device import choose_device
from tagasc.corpora.packed import load_scenes
from tagasc.corpora.packing import pack_scenes
from tagasc.frontend.corpus import Corpus
from tagasc.frontend.trainer import Trainer
from tagasc.tagger.cache import Tags, save_tags

STEPS, BATCH = 200, 24
CELLS = (
    "baseline",
    "codecat",
    "before_code-layers1",
    "attention-heads2-layers1",
    "separate-heads2-concat3-attention3",
    "shared-heads4-layers3",
)


def synthesised_corpus(folder: Path, device: torch.device, threads: int) -> Corpus:
    """Return 192 training clips of 2 s at 48 kHz, in six scenes."""
    scenes = Scenes(source="demo", sample_rate=48_000, duration=2.0)
    write_demo_scenes(scenes, Demo(train=32, evaluate=8), folder / "scenes")
    clips, waveforms, tags = folder / "clips.csv", folder / "waveforms.npy", folder / "tags.npz"
    pack_scenes(scenes, folder / "scenes", clips, waveforms, threads)
    names = load_scenes(clips, waveforms).clips["filename"].tolist()
    save_tags(tags, Tags(np.full((len(names), 1), 0.5, np.float32), ["none"], names))
    return Corpus.load(clips, waveforms, tags, pre_emphasis=0.97, gain=32_000.0, device=device)


def losses(corpus: Corpus, precision: Literal["float32", "bfloat16"], *, plain: bool = False) -> list[float]:
    """Return the mean losses of epochs with 200 steps in all."""
    epochs = STEPS // ((corpus.train.stop - corpus.train.start) // BATCH)
    frontend = Frontend(
        network=Network(architecture="table6", precision=precision),
        training=Training(crop=1.0, epochs=epochs, mix_up_from_epoch=epochs * 2 // 3 + 1),
    )
    trainer = Trainer.of_cell("baseline", 0, frontend, 48_000, corpus)
    if plain:
        trunk = PlainTrunk(frontend.network, 2).to(corpus.scale.device)
        copy_weights(trainer.network.trunk, trunk)
        trainer.network.trunk = trunk  # type: ignore[assignment]  # as its namesake, for comparison only
        trainer = Trainer(trainer.network, corpus, frontend.training, trainer.crop, np.random.default_rng(0))
    return [trainer.train_epoch(epoch)["loss"] for epoch in range(1, epochs + 1)]


def difference(one: list[float], other: list[float]) -> str:
    """Compare two courses of the loss, epoch by epoch and over all steps."""
    first, second = np.array(one), np.array(other)
    worst = np.abs(second / first - 1).max()
    return f"{second.mean() / first.mean() - 1:+.2%} over all, at most {worst:.2%} in an epoch"


def accuracies(threads: int) -> pd.DataFrame:
    """Train and score six cells with five seeds in both precisions; return accuracies by (cell, seed) and precision."""
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
    parser.add_argument("--loss-only", action="store_true", help="leave out the demo's five seeds")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        corpus = synthesised_corpus(Path(folder), choose_device(given.threads), given.threads)
        corpus = replace(corpus, waveforms=corpus.waveforms.clone())
        single = losses(corpus, "float32")
        half, plain = losses(corpus, "bfloat16"), losses(corpus, "float32", plain=True)
    course = ", ".join(f"{loss:.3f}" for loss in single[:: len(single) // 5])
    report(
        "loss of 200 steps",
        f"float32 {course}; bfloat16 differs by {difference(single, half)}; the plain network in float32 by "
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
