"""Wall time of the demo, in total and per stage, in a fresh clone of the last commit and the present environment."""

import time

import pandas as pd

from benchmarks.record import arguments, report
from benchmarks.workflow import fresh_clone, snakemake

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
"""Stage of a rule, by the beginning of its name. All other rules belong to the tables."""


def run_demo(threads: int) -> str:
    """Run the demo, and return in words the times in the benchmark files of its jobs."""
    with fresh_clone() as clone:
        started = time.perf_counter()
        snakemake(clone, "--profile", "demo", "--cores", str(threads))
        wall = time.perf_counter() - started
        seconds: dict[str, float] = {}
        jobs = 0
        for path in (clone / "results").glob("**/benchmarks/**/*.tsv"):
            rule = path.parent.name if path.parent.name != "benchmarks" else path.stem
            stage = next((stage for begin, stage in STAGES.items() if rule.startswith(begin)), "tables")
            seconds[stage] = seconds.get(stage, 0) + pd.read_csv(path, sep="\t")["s"].sum()
            jobs += 1
    stages = ", ".join(f"{stage} {spent:.0f}" for stage, spent in sorted(seconds.items(), key=lambda item: -item[1]))
    return f"{jobs} jobs on {threads} cores: {wall:.0f} s; seconds of jobs: {stages}"


def main() -> None:
    """Time the demo."""
    given = arguments(__doc__).parse_args()
    report("demo", run_demo(given.threads), record=given.record)


if __name__ == "__main__":
    main()
