from pathlib import Path

from tagasc.runtime.job import job
from tagasc.tables.figures.draw_comparisons import draw_comparisons

with job(snakemake):
    draw_comparisons(
        snakemake.params.compare_with_paper,
        comparisons_path=Path(snakemake.input.comparisons),
        classwise_path=Path(snakemake.input.classwise),
        breakdown_path=Path(snakemake.input.breakdown),
        clips_path=Path(snakemake.input.clips),
        folder=Path(snakemake.output.tables[0]).parent,
    )
