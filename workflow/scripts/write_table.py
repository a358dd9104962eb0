import pandas as pd

from tagasc.config import Network
from tagasc.job import job
from tagasc.tables.write import write_table

with job(snakemake):
    counted = {}
    if snakemake.params.number == 6:
        counted = {
            "network": Network(**snakemake.params.network),
            "tags": len(pd.read_csv(snakemake.input.labels)),
            "classes": pd.read_csv(snakemake.input.clips)["scene"].nunique(),
            "channels": snakemake.params.channels,
            "samples": snakemake.params.samples,
        }
    write_table(
        snakemake.params.number,
        snakemake.input.scores,
        snakemake.output.csv,
        snakemake.output.markdown,
        snakemake.output.latex,
        **counted,
    )
