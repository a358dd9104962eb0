from pathlib import Path

from tagasc.runtime.job import job
from tagasc.tables.figures.draw_time import draw_time

with job(snakemake):
    folders = [(stage, Path(path)) for stage, path in snakemake.params.folders]
    draw_time(folders, folder=Path(snakemake.output.tables[0]).parent)
