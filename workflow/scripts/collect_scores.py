from pathlib import Path

from tagasc.runtime.job import job
from tagasc.tables.collect_scores import collect_scores

with job(snakemake):
    collect_scores([Path(path) for path in snakemake.input], Path(snakemake.output[0]))
