from pathlib import Path

from tagasc.config import Scenes
from tagasc.corpora.verifying import verify_scenes
from tagasc.job import job

with job(snakemake):
    verify_scenes(
        Scenes(**snakemake.params.scenes),
        Path(snakemake.input[0]).parent,
        Path(snakemake.output[0]),
        snakemake.threads,
    )
