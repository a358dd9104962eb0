from pathlib import Path

from tagasc.config import Audio, Network
from tagasc.runtime.job import job
from tagasc.tables.write_table import write_cell_table, write_table6

with job(snakemake):
    params = snakemake.params
    paths = {
        "score_paths": [Path(path) for path in snakemake.input.scores],
        "folder": Path(snakemake.output.csv).parent,
    }
    if params.number == 6:
        paths |= {"tags_path": Path(snakemake.input.tags), "clips_path": Path(snakemake.input.clips)}
        write_table6(params.protocols, Network(**params.network), Audio(**params.audio), **paths)
    else:
        write_cell_table(params.number, params.protocols, **paths)
