from pathlib import Path

from tagasc.config import Experiment
from tagasc.corpora import tau2019
from tagasc.corpora.download.unpack import unpack
from tagasc.runtime.job import job

with job(snakemake):
    # Where archives are and whether they are kept are not params: changing them re-runs nothing.
    experiment = Experiment(**snakemake.config)
    archives = [experiment.archives_folder / name for name in snakemake.params.archives]
    unpack(archives, Path(snakemake.params.folder), tau2019.FOLDER, keep=experiment.download.keep_archives)
