from pathlib import Path

from tagasc.config import Audio, Experiment
from tagasc.corpora.pack_scenes import pack_scenes
from tagasc.corpora.verify import verify_scenes
from tagasc.runtime.job import job

with job(snakemake):
    output, params, threads = snakemake.output, snakemake.params, snakemake.threads
    folder = Path(params.folder)
    # How the folder is verified is not a param: changing it does not change what is packed.
    verify_scenes(Experiment(**snakemake.config).scenes, folder, Path(output.verified), threads)
    pack_scenes(Audio(**params.audio), params.on_mismatch, folder, Path(output.clips), Path(output.waveforms), threads)
