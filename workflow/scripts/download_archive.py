from pathlib import Path

from tagasc.config import Experiment
from tagasc.corpora.download.fetch import fetch
from tagasc.runtime.job import job

with job(snakemake):
    # Where archives come from and where they go are not params: changing them re-runs nothing.
    experiment = Experiment(**snakemake.config)
    receipt = Path(snakemake.output[0])
    fetch(snakemake.wildcards.archive, experiment.archives_folder, receipt, experiment.download.mirror)
