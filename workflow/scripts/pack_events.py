from pathlib import Path

from tagasc.config import Events
from tagasc.corpora.packing import pack_events
from tagasc.job import job

with job(snakemake):
    pack_events(
        Events(**snakemake.params.events),
        Path(snakemake.input.lists[0]).parents[1],
        Path(snakemake.output.clips),
        Path(snakemake.output.labels),
        Path(snakemake.output.mel),
        snakemake.threads,
    )
