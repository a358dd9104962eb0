from tagasc.backend.scoring import score_cell
from tagasc.config import Backend
from tagasc.job import job

with job(snakemake):
    score_cell(
        snakemake.wildcards.cell,
        int(snakemake.wildcards.seed),
        clips_path=snakemake.input.clips,
        codes_path=snakemake.input.codes,
        codes_by_epoch_path=snakemake.input.get("codes_by_epoch"),
        settings=Backend(**snakemake.params.backend),
        epochs=snakemake.params.epochs,
        scores_path=snakemake.output.scores,
        predictions_path=snakemake.output.predictions,
        threads=snakemake.threads,
    )
