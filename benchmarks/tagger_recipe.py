"""The tagger's training as in the released code of Akiyama and Sato (2019) [14], compared with simpler choices.

TAGASC_REAL_CORPORA names the folder of real recordings. The taggers are those of demo/recordings.yaml with spectrograms
of half the resolution and fewer epochs. The simpler choices share the statistics of batches, crop only soft-labelled
clips, draw half of their partners for mix-up from the curated clips, use all noisy clips in every fold, and pad noisy
clips before their soft labels are predicted.
"""

import os
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from benchmarks.record import arguments, report
from benchmarks.workflow import fresh_clone, snakemake
from tagasc.artifacts.lwlrap import BY_FOLD
from tagasc.artifacts.predictions import CONTROL_PREDICTIONS
from tagasc.config import Tagging

WAYS: dict[str, dict[str, Any]] = {
    "as released": {},
    "simpler": {
        "training": {"separate_batches": False},
        "stage2": {"crop": "soft", "mixup_partners": "balanced", "noisy_by_fold": False},
        "soft_labels": {"padding": Tagging().padding},
    },
}
MEL = {"n_mels": 24, "hop_length": 500}
TRAINING = {"slice_frames": 32, "mask_half_width": [1.5, 5.5]}


def train(clone: Path, way: str, seed: int, cycle_epochs: int, corpora: str, threads: int) -> dict[str, float]:
    """Train and score a tagger in a clone, and return its scores in per cent."""
    name = f"{way.replace(' ', '-')}-{seed}"
    training = TRAINING | WAYS[way].get("training", {}) | {"seed": seed, "cycle_epochs": cycle_epochs}
    keys = {"data": corpora, "events": {"mel": MEL}, "tagger": WAYS[way] | {"name": name, "training": training}}
    overlay = clone / f"{name}.yaml"
    overlay.write_text(yaml.safe_dump(keys | {"name": name}))
    lwlrap = Path("results/taggers", name, "lwlrap.csv")
    predictions = Path("results/experiments", name, "controls/tags_alone/seed0/predictions.csv")
    files = ("--configfile", "demo/recordings.yaml", overlay)
    snakemake(clone, lwlrap, predictions, "--profile", "demo", "--cores", str(threads), *files)
    scores = BY_FOLD.read(clone / lwlrap).iloc[-1]  # the row of all folds
    table = CONTROL_PREDICTIONS.read(clone / predictions).query("protocol == 'last' and test_list == 'official'")
    return {
        "held-out lwlrap": 100 * scores["held_out_lwlrap"],
        "test lwlrap": 100 * scores["test_lwlrap"],
        "accuracy of tags alone": 100 * (table["predicted"] == table["scene"]).mean(),
    }


def main() -> None:
    """Train taggers both ways with several seeds."""
    parser = arguments(__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="seeds of the taggers")
    parser.add_argument("--cycle-epochs", type=int, default=10, help="epochs per cycle; demo/recordings.yaml has 30")
    given = parser.parse_args()
    corpora = os.environ.get("TAGASC_REAL_CORPORA")
    if corpora is None:
        sys.exit("TAGASC_REAL_CORPORA names no folder of real recordings")
    with fresh_clone() as clone:
        rows = {}
        for seed in given.seeds:
            for way in WAYS:
                rows[way, seed] = train(clone, way, seed, given.cycle_epochs, corpora, given.threads)
                scores = ", ".join(f"{name} {score:.1f} %" for name, score in rows[way, seed].items())
                print(f"{way}, seed {seed}: {scores}", flush=True)
    for way in WAYS:
        runs = pd.DataFrame([row for (trained, _), row in rows.items() if trained == way])
        values = ", ".join(f"{name} {runs[name].mean():.1f} ± {runs[name].std():.1f} %" for name in runs)
        results = f"{way}, {len(runs)} seeds, cycles of {given.cycle_epochs} epochs: {values}"
        report("tagger recipe", results, record=given.record)


if __name__ == "__main__":
    main()
