from pathlib import Path

from tagasc.config import DemoEvents
from tagasc.corpora.synthetic.events import write_demo_events
from tagasc.runtime.job import job

with job(snakemake):
    params = snakemake.params
    write_demo_events(params.sample_rate, DemoEvents(**params.demo), Path(params.folder))
