from pathlib import Path

from tagasc.config import Comparisons
from tagasc.runtime.job import job
from tagasc.tables.compare_cells import compare_cells

with job(snakemake):
    compare_cells(
        Comparisons(**snakemake.params.comparisons),
        prediction_paths=[Path(path) for path in snakemake.input.predictions],
        clips_path=Path(snakemake.input.clips),
        comparisons_path=Path(snakemake.output.comparisons),
        classwise_path=Path(snakemake.output.classwise),
    )
