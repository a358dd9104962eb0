"""Wall time of the demo, from a fresh clone of the last commit in an environment that is there, and by stage."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from benchmarks.record import arguments, report

STAGES = {
    "make_demo": "corpora",
    "pack": "corpora",
    "train_stage": "tagger",
    "make_soft": "tagger",
    "score_tagger": "tagger",
    "tag": "tagger",
    "describe": "tagger",
    "train_cell": "frontend",
    "score_cell": "backend",
    "score_control": "backend",
}
"""Stage of a rule, by how its name begins; whatever is left belongs to the tables."""


def main() -> None:
    """Run the demo, and read the times that its rules have noted."""
    given = arguments(__doc__).parse_args()
    root = Path(__file__).parents[1]
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    with tempfile.TemporaryDirectory() as clone:
        subprocess.run(["git", "clone", "--quiet", root, clone], check=True)  # noqa: S603, S607 - whichever git there is
        command = ["snakemake", "--profile", "demo", "--cores", str(given.threads)]
        started = time.perf_counter()
        subprocess.run(command, check=True, cwd=clone, env=environment, capture_output=True)  # noqa: S603
        wall = time.perf_counter() - started
        seconds: dict[str, float] = {}
        jobs = 0
        for path in Path(clone, "results").glob("**/benchmarks/**/*.tsv"):
            rule = path.parent.name if path.parent.name != "benchmarks" else path.stem
            stage = next((stage for begin, stage in STAGES.items() if rule.startswith(begin)), "tables")
            seconds[stage] = seconds.get(stage, 0) + pd.read_csv(path, sep="\t")["s"].sum()
            jobs += 1
    stages = ", ".join(f"{stage} {spent:.0f}" for stage, spent in sorted(seconds.items(), key=lambda item: -item[1]))
    report(
        "demo", f"{jobs} jobs on {given.threads} cores: {wall:.0f} s; seconds of jobs: {stages}", record=given.record
    )


if __name__ == "__main__":
    main()
