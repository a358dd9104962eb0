from pathlib import Path

from tagasc.artifacts.receipt import write_receipt
from tagasc.config import DemoEvents, Experiment
from tagasc.corpora.receipts import events_statement
from tagasc.corpora.synthetic.events import write_demo_events
from tagasc.runtime.job import job

with job(snakemake):
    params, experiment = snakemake.params, Experiment(**snakemake.config)
    write_demo_events(params.sample_rate, DemoEvents(**params.demo), experiment.events_folder)
    write_receipt(Path(snakemake.output[0]), events_statement(experiment.events))
