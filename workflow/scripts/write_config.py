from pathlib import Path

import yaml

from tagasc.job import job
from tagasc.writing import written_whole

with job(snakemake), written_whole(Path(snakemake.output[0])) as path:
    path.write_text(yaml.safe_dump(snakemake.params.config, sort_keys=False))
