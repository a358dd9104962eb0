from pathlib import Path

from tagasc.runtime.job import job
from tagasc.tagger.import_tags import import_tags

with job(snakemake):
    import_tags(Path(snakemake.input.tags), Path(snakemake.input.meta), Path(snakemake.output[0]))
