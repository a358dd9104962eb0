from pathlib import Path

from tagasc.config import Frontend
from tagasc.runtime.job import job
from tagasc.tables.write_table import write_cell_table, write_table6

with job(snakemake):
    params = snakemake.params
    paths = {
        "score_paths": [Path(path) for path in snakemake.input.scores],
        "clips_path": Path(snakemake.input.clips),
        "folder": Path(snakemake.output.csv).parent,
    }
    shared = (params.protocols, params.compare_with_paper)
    if params.number == 6:
        paths["tags_path"] = Path(snakemake.input.tags)
        write_table6(*shared, Frontend(**params.frontend), params.channels, **paths)
    else:
        write_cell_table(params.number, *shared, **paths)
