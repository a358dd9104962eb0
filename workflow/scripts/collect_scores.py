from tagasc.job import job
from tagasc.tables.collect import collect_scores

with job(snakemake):
    collect_scores(snakemake.input, snakemake.output[0])
