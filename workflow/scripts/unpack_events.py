from pathlib import Path

from tagasc.artifacts.receipt import write_receipt
from tagasc.config import Experiment
from tagasc.corpora.download.unpack import unpack
from tagasc.corpora.receipts import claim, events_statement
from tagasc.runtime.job import job

with job(snakemake):
    # Where archives and recordings are and whether they are kept are not params: changing them re-runs nothing.
    experiment = Experiment(**snakemake.config)
    archives = [experiment.archives_folder / name for name in snakemake.params.archives]
    folder, statement = experiment.events_folder, events_statement(experiment.events)
    claim(folder, statement)
    unpack(archives, folder, keep=experiment.download.keep_archives)
    write_receipt(Path(snakemake.output[0]), statement)
