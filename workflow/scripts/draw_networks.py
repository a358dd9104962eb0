from pathlib import Path

from tagasc.config import Figures, Frontend
from tagasc.runtime.job import job
from tagasc.tables.figures.draw_networks import draw_networks

with job(snakemake):
    draw_networks(
        Frontend(**snakemake.params.frontend),
        Figures(**snakemake.params.figures),
        snakemake.params.compare_with_paper,
        comparisons_path=Path(snakemake.input.comparisons),
        clips_path=Path(snakemake.input.clips),
        tags_path=Path(snakemake.input.tags),
        prediction_paths=[Path(path) for path in snakemake.input.predictions],
        model_paths=[Path(path) for path in snakemake.input.models],
        codes_paths=[Path(path) for path in snakemake.input.codes],
        folder=Path(snakemake.output.tables[0]).parent,
    )
