from pathlib import Path

from tagasc.config import Events
from tagasc.corpora.packing import pack_events
from tagasc.corpora.verifying import verify_events
from tagasc.job import job

with job(snakemake):
    output, threads = snakemake.output, snakemake.threads
    folder = Path(snakemake.input[0]).parents[1]
    # How it is verified is none of the rule's params: that changes nothing of what is packed.
    verify_events(Events(**snakemake.config["events"]), folder, Path(output.verified), threads)
    pack_events(
        Events(**snakemake.params.events),
        folder,
        Path(output.clips),
        Path(output.labels),
        Path(output.mel),
        threads,
    )
