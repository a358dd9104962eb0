from pathlib import Path

from tagasc.runtime.job import job
from tagasc.tables.compare_cells import compare_cells

with job(snakemake):
    compare_cells(
        snakemake.params.compare_with_paper,
        prediction_paths=[Path(path) for path in snakemake.input.predictions],
        score_paths=[Path(path) for path in snakemake.input.scores],
        clips_path=Path(snakemake.input.clips),
        comparisons_path=Path(snakemake.output.comparisons),
        classwise_path=Path(snakemake.output.classwise),
        breakdown_path=Path(snakemake.output.breakdown),
        conclusion_path=Path(snakemake.output.conclusion),
    )
