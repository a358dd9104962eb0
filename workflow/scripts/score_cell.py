from pathlib import Path

from tagasc.backend.score_cell import score_cell
from tagasc.backend.svm import SvmClassifier
from tagasc.config import Backend
from tagasc.runtime.job import job

with job(snakemake):
    optional = ("codes_by_epoch", "crop_codes", "crop_codes_by_epoch")
    given = {f"{name}_path": Path(path) for name in optional if (path := snakemake.input.get(name))}
    score_cell(
        snakemake.wildcards.cell,
        int(snakemake.wildcards.seed),
        SvmClassifier.of_cells(Backend(**snakemake.params.backend), snakemake.threads),
        snakemake.params.epochs,
        clips_path=Path(snakemake.input.clips),
        codes_path=Path(snakemake.input.codes),
        scores_path=Path(snakemake.output.scores),
        predictions_path=Path(snakemake.output.predictions),
        **given,
    )
