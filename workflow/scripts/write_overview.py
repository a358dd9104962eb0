from pathlib import Path

from tagasc.runtime.job import job
from tagasc.tables.overview.write_overview import write_overview

with job(snakemake):
    output = Path(snakemake.output[0])
    write_overview(
        snakemake.params.config,
        Path(snakemake.params.repository),
        folder=output.parent,
        telling_tags_path=Path(snakemake.input.telling_tags),
        clips_path=Path(snakemake.input.clips),
        history_paths=[Path(path) for path in snakemake.input.histories],
        output_path=output,
    )
