"""The demo, all five stages of it, on this machine's device."""

from benchmarks.demo import run_demo as run_workflow
from benchmarks.gpu.sizes import Sizes, Table


def run_demo(sizes: Sizes, table: Table) -> None:
    """Run the demo's workflow in a fresh clone of the last commit."""
    table.row("snakemake --profile demo", run_workflow(sizes.threads))
