from pathlib import Path

from tagasc.artifacts.settings import write_settings
from tagasc.config import Experiment, Features, SoftLabels, TaggerNetwork, TaggerTraining
from tagasc.runtime.job import job
from tagasc.tagger.make_soft_labels import make_soft_labels

with job(snakemake):
    write_settings(Experiment(**snakemake.config), "tagger.name", Path("results"))
    make_soft_labels(
        TaggerNetwork(**snakemake.params.network),
        Features(**snakemake.params.features),
        TaggerTraining(**snakemake.params.training),
        SoftLabels(**snakemake.params.soft_labels),
        clips=Path(snakemake.input.clips),
        labels=Path(snakemake.input.labels),
        mel_power=Path(snakemake.input.mel_power),
        snapshots=[Path(path) for path in snakemake.input.snapshots],
        output=Path(snakemake.output[0]),
        threads=snakemake.threads,
    )
