from pathlib import Path

from tagasc.backend.score_cell import score_cell
from tagasc.backend.svm import SvmClassifier
from tagasc.config import Backend
from tagasc.runtime.job import job

with job(snakemake):
    codes_by_epoch = snakemake.input.get("codes_by_epoch")
    score_cell(
        snakemake.wildcards.cell,
        int(snakemake.wildcards.seed),
        SvmClassifier.of_cells(Backend(**snakemake.params.backend), snakemake.threads),
        snakemake.params.epochs,
        clips_path=Path(snakemake.input.clips),
        codes_path=Path(snakemake.input.codes),
        codes_by_epoch_path=Path(codes_by_epoch) if codes_by_epoch else None,
        scores_path=Path(snakemake.output.scores),
        predictions_path=Path(snakemake.output.predictions),
    )
