from pathlib import Path

from tagasc.config import Experiment
from tagasc.corpora.archives import TAU_FOLDER
from tagasc.corpora.unpacking import unpack
from tagasc.job import job

with job(snakemake):
    experiment = Experiment(**snakemake.config)  # where archives are, and whether they stay, is none of the params
    archives = [experiment.archives_folder / Path(receipt).stem for receipt in snakemake.input]
    unpack(archives, Path(snakemake.output[0]).parent, TAU_FOLDER, keep=experiment.download.keep_archives)
