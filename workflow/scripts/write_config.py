from pathlib import Path

from tagasc.artifacts.configuration import write_configuration
from tagasc.runtime.job import job

with job(snakemake):
    write_configuration(Path(snakemake.output[0]), snakemake.params.config)
