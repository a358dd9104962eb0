from pathlib import Path

from tagasc.backend.score_control import score_control
from tagasc.backend.svm import SvmClassifier
from tagasc.config import Svm
from tagasc.runtime.job import job

with job(snakemake):
    codes = snakemake.input.get("codes")
    score_control(
        snakemake.wildcards.control,
        int(snakemake.wildcards.seed),
        SvmClassifier(Svm(**snakemake.params.svm), snakemake.threads),
        snakemake.params.epoch,
        clips_path=Path(snakemake.input.clips),
        tags_path=Path(snakemake.input.tags),
        codes_path=Path(codes) if codes else None,
        predictions_path=Path(snakemake.output[0]),
    )
