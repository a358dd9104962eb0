from pathlib import Path

import pandas as pd

from tagasc.config import Network
from tagasc.job import job
from tagasc.tables.rivals import Sizes
from tagasc.tables.write import write_tables
from tagasc.tagger.cache import read_npz

with job(snakemake):
    counted = {}
    if snakemake.params.number == 6:
        counted["network"] = Network(**snakemake.params.network)
        counted["sizes"] = Sizes(
            tags=len(read_npz(Path(snakemake.input.tags)).labels),
            classes=pd.read_csv(snakemake.input.clips)["scene"].nunique(),
            channels=snakemake.params.channels,
            samples=snakemake.params.samples,
        )
    write_tables(
        snakemake.params.number,
        snakemake.input.scores,
        Path(snakemake.output.csv).parent,
        snakemake.params.protocols,
        **counted,
    )
