from pathlib import Path

from tagasc.config import Demo, Events
from tagasc.corpora.demo import write_demo_events
from tagasc.job import job

with job(snakemake):
    write_demo_events(
        Events(**snakemake.params.events), Demo(**snakemake.params.demo), Path(snakemake.output[0]).parents[1]
    )
