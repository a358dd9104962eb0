"""Correctness and speed of everything that runs on a GPU, in at most eight minutes: correctness first.

Each row of results is printed as soon as it is known. The exit status is 1 if a check or a section fails.
"""

import multiprocessing
import os
import signal
import sys
from argparse import ArgumentTypeError
from contextlib import suppress
from multiprocessing.context import ForkServerContext

from benchmarks.gpu.sections import LONG, SECTIONS, run_section
from benchmarks.gpu.sizes import Sizes, Table
from benchmarks.record import arguments


def names(text: str) -> list[str]:
    """Return the sections of a list with commas, in the order in which they run."""
    chosen = text.split(",")
    if unknown := [name for name in chosen if name not in SECTIONS]:
        raise ArgumentTypeError(f"no section is called {unknown[0]}; choose from {', '.join(SECTIONS)}")
    return [name for name in SECTIONS if name in chosen]


def run(context: ForkServerContext, name: str, sizes: Sizes, *, record: bool) -> bool:
    """Run a section in its own process, within its time limit, and return whether it failed."""
    seconds = SECTIONS[name].seconds
    process = context.Process(target=run_section, args=(name, sizes, record))
    process.start()
    try:
        process.join(seconds)
        if process.is_alive():
            Table(name, record=False).print("FAILED", f"stopped after {seconds} s, its time limit")
        elif process.exitcode not in {0, 1}:
            Table(name, record=False).print("FAILED", f"its process ended with status {process.exitcode}")
    finally:
        if process.is_alive():
            process.kill()
            assert process.pid is not None
            with suppress(ProcessLookupError):  # it may have had no time to start processes
                os.killpg(process.pid, signal.SIGKILL)
            process.join()
    return process.exitcode != 0


def main() -> None:
    """Run the sections one after the other."""
    parser = arguments(__doc__)
    default = ",".join(name for name in SECTIONS if name != "machine" and name not in LONG)
    longer = ",".join(name for name in SECTIONS if name in LONG)
    parser.add_argument(
        "--sections",
        type=names,
        default=default,
        help=f"sections to run (default: {default}; longer ones: {longer})",
    )
    parser.add_argument("--miniature", action="store_true", help="use small sizes, to try the command on a CPU")
    given = parser.parse_args()
    context = multiprocessing.get_context("forkserver")
    # Imported once for all sections. Each has its own process, because an error of CUDA makes it unusable.
    context.set_forkserver_preload([section.module for section in SECTIONS.values()])
    sizes = Sizes.miniature(given.threads) if given.miniature else Sizes(given.threads)
    os.environ["TQDM_DISABLE"] = "1"  # progress bars would cross the table
    print("| section | what | result |\n| --- | --- | --- |", flush=True)
    if run(context, "machine", sizes, record=given.record):
        sys.exit(1)
    failed = [name for name in given.sections if run(context, name, sizes, record=given.record)]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
