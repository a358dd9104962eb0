from tagasc.job import job
from tagasc.tables.learning import write_learning

with job(snakemake):
    write_learning(snakemake.input, snakemake.output.table, snakemake.output.figure)
