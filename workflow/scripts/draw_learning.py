from pathlib import Path

from tagasc.runtime.job import job
from tagasc.tables.draw_learning import draw_learning

with job(snakemake):
    draw_learning(
        [Path(path) for path in snakemake.input],
        table_path=Path(snakemake.output.table),
        figure_path=Path(snakemake.output.figure),
    )
