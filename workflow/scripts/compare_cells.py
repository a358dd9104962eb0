from tagasc.config import Comparisons
from tagasc.job import job
from tagasc.tables.comparisons import compare_cells

with job(snakemake):
    compare_cells(
        snakemake.input.predictions,
        snakemake.input.clips,
        snakemake.output.comparisons,
        snakemake.output.classwise,
        Comparisons(**snakemake.params.comparisons),
    )
