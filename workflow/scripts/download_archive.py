from pathlib import Path

from tagasc.corpora.download import fetch
from tagasc.job import job

with job(snakemake):
    fetch(snakemake.wildcards.archive, Path(snakemake.output[0]))
