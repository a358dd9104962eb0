from pathlib import Path

from tagasc.artifacts.receipt import write_receipt
from tagasc.config import Experiment
from tagasc.corpora import tau2019
from tagasc.corpora.download.unpack import unpack
from tagasc.corpora.receipts import claim, scenes_statement
from tagasc.runtime.job import job

with job(snakemake):
    # Where archives and recordings are and whether they are kept are not params: changing them re-runs nothing.
    experiment = Experiment(**snakemake.config)
    archives = [experiment.archives_folder / name for name in snakemake.params.archives]
    folder, statement = experiment.scenes_folder, scenes_statement(experiment.scenes)
    claim(folder, statement)
    unpack(archives, folder, tau2019.FOLDER, keep=experiment.download.keep_archives)
    write_receipt(Path(snakemake.output[0]), statement)
