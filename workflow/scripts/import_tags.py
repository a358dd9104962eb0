from pathlib import Path

from tagasc.job import job
from tagasc.tagger.imported import import_tags

with job(snakemake):
    import_tags(Path(snakemake.input.tags), Path(snakemake.input.meta), Path(snakemake.output[0]))
