from pathlib import Path

from tagasc.config import Demo, Scenes
from tagasc.corpora.demo import write_demo_scenes
from tagasc.job import job

with job(snakemake):
    write_demo_scenes(
        Scenes(**snakemake.params.scenes), Demo(**snakemake.params.demo), Path(snakemake.output[0]).parent
    )
