"""Seconds of a dry run of the paper's workflow, for 56, 1,000 and 5,000 trainings."""

import tempfile
import time

from benchmarks.record import arguments, report
from benchmarks.workflow import ROOT, snakemake


def main() -> None:
    """Take 56 cells with 1, 18 and 90 seeds; nothing has to be on the disk."""
    given = arguments(__doc__).parse_args()
    figures = []
    for seeds in (1, 18, 90):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(f"name: benchmark\nseeds: {list(range(seeds))}\n")
            file.flush()
            started = time.perf_counter()
            snakemake(ROOT, "--dry-run", "--quiet", "all", "--cores", "1", "--configfile", file.name)
            figures.append(f"{56 * seeds:,} trainings {time.perf_counter() - started:.1f} s")
    report("graph", f"dry run: {', '.join(figures)}", record=given.record)


if __name__ == "__main__":
    main()
