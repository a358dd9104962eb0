from pathlib import Path

from tagasc.config import Events
from tagasc.corpora.verifying import verify_events
from tagasc.job import job

with job(snakemake):
    verify_events(
        Events(**snakemake.params.events),
        Path(snakemake.input[0]).parents[1],
        Path(snakemake.output[0]),
        snakemake.threads,
    )
