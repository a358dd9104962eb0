from pathlib import Path

from tagasc.config import Audio, DemoScenes
from tagasc.corpora.synthetic.scenes import write_demo_scenes
from tagasc.runtime.job import job

with job(snakemake):
    params = snakemake.params
    write_demo_scenes(Audio(**params.audio), DemoScenes(**params.demo), Path(params.folder))
