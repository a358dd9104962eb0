from pathlib import Path

from tagasc.config import Download
from tagasc.corpora.archives import TAU_FOLDER
from tagasc.corpora.unpacking import unpack
from tagasc.job import job

with job(snakemake):
    settings = Download(**snakemake.config["download"])  # none of the params: no key repeats the unpacking
    archives = [Path(receipt).with_suffix("") for receipt in snakemake.input]
    folder = Path(snakemake.output[0]).parent
    unpack(archives, folder, TAU_FOLDER, keep=settings.keep_archives)
