from pathlib import Path

from tagasc.corpora.archives import TAU_FOLDER
from tagasc.corpora.download import unpack
from tagasc.job import job

with job(snakemake):
    unpack([Path(path) for path in snakemake.input], Path(snakemake.output[0]).parent, TAU_FOLDER)
