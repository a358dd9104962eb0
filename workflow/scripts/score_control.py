from tagasc.backend.controls import score_control
from tagasc.config import Backend
from tagasc.job import job

with job(snakemake):
    score_control(
        clips_path=snakemake.input.clips,
        tags_path=snakemake.input.tags,
        codes_path=snakemake.input.get("codes"),
        settings=Backend(**snakemake.params.backend),
        epoch=snakemake.params.epoch,
        predictions_path=snakemake.output[0],
        threads=snakemake.threads,
    )
