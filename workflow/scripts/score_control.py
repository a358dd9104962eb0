from pathlib import Path

from tagasc.artifacts.controls import CONTROLS
from tagasc.backend.score_control import score_control
from tagasc.backend.svm import SvmClassifier
from tagasc.config import Backend
from tagasc.runtime.job import job

with job(snakemake):
    control = CONTROLS[snakemake.wildcards.control]
    crop_codes = snakemake.input.get("crop_codes")
    make_classifier = SvmClassifier.of_tuned_controls if control.tuned else SvmClassifier.of_cells
    score_control(
        snakemake.wildcards.control,
        int(snakemake.wildcards.seed),
        make_classifier(Backend(**snakemake.params.backend), snakemake.threads),
        snakemake.params.epoch,
        clips_path=Path(snakemake.input.clips),
        feature_paths={feature: Path(snakemake.input[feature]) for feature in control.features},
        predictions_path=Path(snakemake.output[0]),
        crop_codes_path=Path(crop_codes) if crop_codes else None,
    )
