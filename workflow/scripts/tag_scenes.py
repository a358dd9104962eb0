from pathlib import Path

from tagasc.artifacts.digest import TAGS_DIGEST, write_digest
from tagasc.artifacts.settings import write_settings
from tagasc.config import Experiment, Features, Mel, TaggerNetwork, Tagging
from tagasc.runtime.job import job
from tagasc.tagger.tag_scenes import tag_scenes

with job(snakemake):
    write_settings(Experiment(**snakemake.config), "tagger.name", Path("results"))
    tags = Path(snakemake.output.tags)
    tag_scenes(
        TaggerNetwork(**snakemake.params.network),
        Features(**snakemake.params.features),
        Tagging(**snakemake.params.tagging),
        Mel(**snakemake.params.mel),
        snakemake.params.sample_rate,
        clips=Path(snakemake.input.clips),
        waveforms=Path(snakemake.input.waveforms),
        labels=Path(snakemake.input.labels),
        snapshots=[Path(path) for path in snakemake.input.snapshots],
        output=tags,
        threads=snakemake.threads,
    )
    write_digest(TAGS_DIGEST, Path(snakemake.output.digest), [tags.read_bytes()])
