from pathlib import Path

from tagasc.runtime.job import job
from tagasc.tables.figures.draw_learning import draw_learning

with job(snakemake):
    draw_learning(
        [Path(path) for path in snakemake.input.histories],
        [Path(path) for path in snakemake.input.scores],
        folder=Path(snakemake.output.tables[0]).parent,
    )
