from pathlib import Path

from tagasc.config import Experiment
from tagasc.corpora.fetching import fetch
from tagasc.job import job

with job(snakemake):
    experiment = Experiment(**snakemake.config)  # where archives come from, and where they go, is none of the params
    receipt = Path(snakemake.output[0])
    fetch(snakemake.wildcards.archive, experiment.archives_folder, receipt, experiment.download.mirror)
