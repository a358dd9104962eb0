from pathlib import Path

from tagasc.artifacts.receipt import write_receipt
from tagasc.config import Audio, DemoScenes, Experiment
from tagasc.corpora.receipts import scenes_statement
from tagasc.corpora.synthetic.scenes import write_demo_scenes
from tagasc.runtime.job import job

with job(snakemake):
    params, experiment = snakemake.params, Experiment(**snakemake.config)
    write_demo_scenes(Audio(**params.audio), DemoScenes(**params.demo), experiment.scenes_folder)
    write_receipt(Path(snakemake.output[0]), scenes_statement(experiment.scenes))
