from pathlib import Path

import pandas as pd

from tagasc.config import Network
from tagasc.job import job
from tagasc.tables.write import write_table
from tagasc.tagger.cache import read_npz

with job(snakemake):
    counted = {}
    if snakemake.params.number == 6:
        counted = {
            "network": Network(**snakemake.params.network),
            "tags": len(read_npz(Path(snakemake.input.tags)).labels),
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
