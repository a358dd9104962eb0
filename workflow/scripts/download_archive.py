from pathlib import Path

from tagasc.config import Download
from tagasc.corpora.fetching import fetch
from tagasc.job import job

with job(snakemake):
    receipt = Path(snakemake.output[0])
    settings = Download(**snakemake.config["download"])  # none of the params: no key repeats a download
    fetch(snakemake.wildcards.archive, receipt.parent, receipt, settings.mirror)
