from pathlib import Path

from tagasc.config import Download
from tagasc.corpora.unpacking import unpack
from tagasc.job import job

with job(snakemake):
    settings = Download(**snakemake.config["download"])  # none of the params: no key repeats the unpacking
    archives = [Path(receipt).with_suffix("") for receipt in snakemake.input]
    folder = Path(snakemake.output[0]).parents[1]
    unpack(archives, folder, keep=settings.keep_archives)
