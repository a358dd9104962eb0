from pathlib import Path

from tagasc.config import Scenes
from tagasc.corpora.packing import pack_scenes
from tagasc.job import job

with job(snakemake):
    pack_scenes(
        Scenes(**snakemake.params.scenes),
        Path(snakemake.input.lists[0]).parent,
        Path(snakemake.output.clips),
        Path(snakemake.output.waveforms),
        snakemake.threads,
    )
