# The audio tagger of section 2.2: two training stages over folds, soft labels between them, and the tag cache.


rule train_stage1:
    input:
        **PACKED_EVENTS,
    output:
        snapshots=TREE.snapshots("stage1", "{fold}"),
        history=f"{TAGGER}/stage1/fold{{fold}}/history.jsonl",
    log:
        f"{TAGGER}/logs/train_stage1-fold{{fold}}.log",
    benchmark:
        f"{TAGGER}/benchmarks/train_stage1-fold{{fold}}.tsv"
    conda:
        "../../envs/tagasc.yaml"
    threads: 4
    resources:
        gpu=1,
        mem_mb=get_training_mem,
        runtime=minutes_of("train_stage1"),
    params:
        network=get_params(EXPERIMENT.tagger.network),
        features=get_params(EXPERIMENT.tagger.features),
        folds=get_params(EXPERIMENT.tagger.folds),
        training=get_params(EXPERIMENT.tagger.training),
    message:
        "Tagger, stage 1: training the network of fold {wildcards.fold}"
    script:
        "../scripts/train_tagger_fold.py"


rule make_soft_labels:
    input:
        **PACKED_EVENTS,
        snapshots=get_soft_label_snapshots,
    output:
        f"{TAGGER}/soft_labels.npy",
    log:
        f"{TAGGER}/logs/make_soft_labels.log",
    benchmark:
        f"{TAGGER}/benchmarks/make_soft_labels.tsv"
    conda:
        "../../envs/tagasc.yaml"
    threads: 4
    resources:
        gpu=1,
        mem_mb=get_training_mem,
        runtime=minutes_of("make_soft_labels"),
    params:
        network=get_params(EXPERIMENT.tagger.network),
        features=get_params(EXPERIMENT.tagger.features),
        training=get_params(EXPERIMENT.tagger.training),
        soft_labels=get_params(EXPERIMENT.tagger.soft_labels),
    message:
        "Tagger: making soft labels of the noisy clips"
    script:
        "../scripts/make_soft_labels.py"


rule train_stage2:
    input:
        **PACKED_EVENTS,
        start=TREE.snapshots("stage1", "{fold}")[-1],
        soft_labels=f"{TAGGER}/soft_labels.npy",
    output:
        snapshots=TREE.snapshots("stage2", "{fold}"),
        history=f"{TAGGER}/stage2/fold{{fold}}/history.jsonl",
    log:
        f"{TAGGER}/logs/train_stage2-fold{{fold}}.log",
    benchmark:
        f"{TAGGER}/benchmarks/train_stage2-fold{{fold}}.tsv"
    conda:
        "../../envs/tagasc.yaml"
    threads: 4
    resources:
        gpu=1,
        mem_mb=get_training_mem,
        runtime=minutes_of("train_stage2"),
    params:
        network=get_params(EXPERIMENT.tagger.network),
        features=get_params(EXPERIMENT.tagger.features),
        folds=get_params(EXPERIMENT.tagger.folds),
        training=get_params(EXPERIMENT.tagger.training),
        stage2=get_params(EXPERIMENT.tagger.stage2),
    message:
        "Tagger, stage 2: training the network of fold {wildcards.fold} with soft labels"
    script:
        "../scripts/train_tagger_fold.py"


rule score_tagger:
    input:
        **PACKED_EVENTS,
        snapshots=get_tagging_snapshots,
    output:
        by_fold=report(
            f"{TAGGER}/lwlrap.csv", category="Tagger", labels={"file": "lwlrap.csv"}, caption="../report/lwlrap.rst"
        ),
        by_class=report(
            f"{TAGGER}/lwlrap_by_class.csv",
            category="Tagger",
            labels={"file": "lwlrap_by_class.csv"},
            caption="../report/lwlrap_by_class.rst",
        ),
        markdown=f"{TAGGER}/lwlrap.md",
    log:
        f"{TAGGER}/logs/score_tagger.log",
    benchmark:
        f"{TAGGER}/benchmarks/score_tagger.tsv"
    conda:
        "../../envs/tagasc.yaml"
    threads: 4
    resources:
        gpu=1,
        mem_mb=get_training_mem,
        runtime=minutes_of("score_tagger"),
    params:
        network=get_params(EXPERIMENT.tagger.network),
        features=get_params(EXPERIMENT.tagger.features),
        folds=get_params(EXPERIMENT.tagger.folds),
        tagging=get_params(EXPERIMENT.tagger.tagging),
    message:
        "Tagger: scoring it on held-out and test clips"
    script:
        "../scripts/score_tagger.py"


if EXPERIMENT.tagger.kind == "multitask":

    rule tag_scenes:
        input:
            **PACKED_SCENES,
            **EVENT_LABELS,
            snapshots=get_tagging_snapshots,
        output:
            tags=update(TREE.tag_cache),
            digest=TREE.tags_digest,
        log:
            f"{TAGS}/logs/tag_scenes-{EXPERIMENT.scenes.name}.log",
        benchmark:
            f"{TAGS}/benchmarks/tag_scenes-{EXPERIMENT.scenes.name}.tsv"
        conda:
            "../../envs/tagasc.yaml"
        threads: 4
        resources:
            gpu=1,
            mem_mb=get_training_mem,
            runtime=minutes_of("tag_scenes"),
        params:
            network=get_params(EXPERIMENT.tagger.network),
            features=get_params(EXPERIMENT.tagger.features),
            tagging=get_params(EXPERIMENT.tagger.tagging),
            mel=get_params(EXPERIMENT.events.mel),
            sample_rate=EXPERIMENT.scenes.audio.sample_rate,
        message:
            "Tagging the scene clips"
        script:
            "../scripts/tag_scenes.py"

else:

    # It has priority even over packing, so that a bad file is found within seconds.
    rule import_tags:
        input:
            get_import_receipt,
        output:
            tags=update(TREE.tag_cache),
            digest=TREE.tags_digest,
        log:
            f"{TAGS}/logs/import_tags-{EXPERIMENT.scenes.name}.log",
        benchmark:
            f"{TAGS}/benchmarks/import_tags-{EXPERIMENT.scenes.name}.tsv"
        priority: 20
        localrule: True
        conda:
            "../../envs/tagasc.yaml"
        threads: 1
        resources:
            mem_mb=per_attempt(BASE_MB + 1000),
            runtime=per_attempt(10),
        params:
            digest=get_tags_digest,
            revision=get_scenes_revision,
        message:
            "Importing the tag vectors of the scene clips"
        script:
            "../scripts/import_tags.py"


rule describe_tags:
    input:
        **SCENE_CLIPS,
        **SCENE_TAGS,
    output:
        table=report(
            f"{TREE.telling_tags}.csv",
            category="Tagger",
            labels={"file": "telling_tags.csv"},
            caption="../report/telling_tags.rst",
        ),
        figure=report(
            f"{TREE.telling_tags}.svg",
            category="Tagger",
            labels={"file": "telling_tags.svg"},
            caption="../report/telling_tags.rst",
        ),
    log:
        f"{TAGS}/logs/describe_tags-{EXPERIMENT.scenes.name}.log",
    benchmark:
        f"{TAGS}/benchmarks/describe_tags-{EXPERIMENT.scenes.name}.tsv"
    localrule: True
    conda:
        "../../envs/tagasc.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(BASE_MB + 500),
        runtime=per_attempt(10),
    message:
        "Describing the scenes by their tags"
    script:
        "../scripts/describe_tags.py"
