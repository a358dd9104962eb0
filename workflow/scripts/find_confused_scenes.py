from pathlib import Path

from tagasc.backend.find_confused_scenes import find_confused_scenes
from tagasc.runtime.job import job

with job(snakemake):
    find_confused_scenes(
        snakemake.params.confusion_of,
        snakemake.params.specialists,
        clips_path=Path(snakemake.input.clips),
        codes_path=Path(snakemake.input.codes),
        output=Path(snakemake.output[0]),
    )
