from pathlib import Path

from tagasc.artifacts.settings import write_settings
from tagasc.config import Experiment, Features, Folds, Stage2, TaggerNetwork, TaggerTraining
from tagasc.runtime.job import job
from tagasc.tagger.train_fold import SecondStage, train_fold

with job(snakemake):
    params, given = snakemake.params, snakemake.input
    second_stage = None
    if (stage2 := params.get("stage2")) is not None:
        second_stage = SecondStage(Stage2(**stage2), Path(given.start), Path(given.soft_labels))
    if snakemake.wildcards.fold == "0":  # one of the folds' jobs, which run at the same time
        write_settings(Experiment(**snakemake.config), "tagger.name", Path("results"))
    train_fold(
        int(snakemake.wildcards.fold),
        TaggerNetwork(**params.network),
        Features(**params.features),
        Folds(**params.folds),
        TaggerTraining(**params.training),
        clips=Path(given.clips),
        labels=Path(given.labels),
        mel_power=Path(given.mel_power),
        snapshots=[Path(path) for path in snakemake.output.snapshots],
        history=Path(snakemake.output.history),
        threads=snakemake.threads,
        second_stage=second_stage,
    )
