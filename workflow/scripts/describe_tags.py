from pathlib import Path

from tagasc.runtime.job import job
from tagasc.tagger.describe_tags import describe_tags

with job(snakemake):
    describe_tags(
        Path(snakemake.input.clips),
        Path(snakemake.input.tags),
        Path(snakemake.output.table),
        Path(snakemake.output.figure),
    )
