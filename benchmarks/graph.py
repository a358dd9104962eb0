"""Duration of a dry run of the paper's workflow, for 56, 1,008 and 5,040 trainings."""

import tempfile
import time

from benchmarks.record import arguments, report
from benchmarks.workflow import ROOT, snakemake


def main() -> None:
    """Plan 56 cells with 1, 18 and 90 seeds. No data are needed."""
    given = arguments(__doc__).parse_args()
    durations = []
    for seeds in (1, 18, 90):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(f"name: benchmark\nseeds: {list(range(seeds))}\n")
            file.flush()
            started = time.perf_counter()
            snakemake(ROOT, "--dry-run", "--quiet", "all", "--cores", "1", "--configfile", file.name)
            durations.append(f"{56 * seeds:,} trainings {time.perf_counter() - started:.1f} s")
    report("graph", f"dry run: {', '.join(durations)}", record=given.record)


if __name__ == "__main__":
    main()
