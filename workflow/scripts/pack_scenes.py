from pathlib import Path

from tagasc.config import Scenes
from tagasc.corpora.packing import pack_scenes
from tagasc.corpora.verifying import verify_scenes
from tagasc.job import job

with job(snakemake):
    output, threads = snakemake.output, snakemake.threads
    folder = Path(snakemake.input[0]).parent
    # How it is verified is none of the rule's params: that changes nothing of what is packed.
    verify_scenes(Scenes(**snakemake.config["scenes"]), folder, Path(output.verified), threads)
    pack_scenes(Scenes(**snakemake.params.scenes), folder, Path(output.clips), Path(output.waveforms), threads)
