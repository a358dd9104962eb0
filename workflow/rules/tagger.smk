# The audio tagger of section 2.2: two training stages over folds, soft labels between them, and the tag cache.


localrules:
    describe_tags,


rule train_stage1:
    input:
        clips=f"{EVENTS}/clips.csv",
        labels=f"{EVENTS}/labels.csv",
        mel=f"{EVENTS}/mel_power.npy",
    output:
        snapshots=get_snapshots("stage1", "{fold}"),
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
        runtime=get_stage_minutes("stage1"),
    params:
        tagger=keys_but(
            EXPERIMENT.tagger,
            "name",
            "kind",
            "path",
            "stage2_cycles",
            "soft_label_power",
            "soft_label_weight",
            "soft_curated_share",
            "crop_probability",
            "crop_shortest",
            "tag_with",
        ),
    message:
        "Tagger, stage 1: training the network of fold {wildcards.fold}"
    script:
        "../scripts/train_tagger_fold.py"


rule make_soft_labels:
    input:
        clips=f"{EVENTS}/clips.csv",
        labels=f"{EVENTS}/labels.csv",
        mel=f"{EVENTS}/mel_power.npy",
        snapshots=get_all_stage1_snapshots,
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
        runtime=get_tagging_minutes,
    params:
        tagger=keys(
            EXPERIMENT.tagger,
            "layers",
            "head_width",
            "batch",
            "slice_frames",
            "top_db",
            "lowest_power",
            "tag_padding",
            "soft_label_power",
        ),
    message:
        "Tagger: making soft labels of the noisy clips"
    script:
        "../scripts/make_soft_labels.py"


rule train_stage2:
    input:
        clips=f"{EVENTS}/clips.csv",
        labels=f"{EVENTS}/labels.csv",
        mel=f"{EVENTS}/mel_power.npy",
        start=get_snapshots("stage1", "{fold}")[-1],
        soft_labels=f"{TAGGER}/soft_labels.npy",
    output:
        snapshots=get_snapshots("stage2", "{fold}"),
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
        runtime=get_stage_minutes("stage2"),
    params:
        tagger=keys_but(EXPERIMENT.tagger, "name", "kind", "path", "stage1_cycles", "soft_label_power", "tag_with"),
    message:
        "Tagger, stage 2: training the network of fold {wildcards.fold} with soft labels"
    script:
        "../scripts/train_tagger_fold.py"


rule score_tagger:
    input:
        clips=f"{EVENTS}/clips.csv",
        labels=f"{EVENTS}/labels.csv",
        mel=f"{EVENTS}/mel_power.npy",
        snapshots=get_tagging_snapshots,
    output:
        by_fold=report(f"{TAGGER}/lwlrap.csv", category="Tagger", caption="../report/lwlrap.rst"),
        by_class=report(f"{TAGGER}/lwlrap_by_class.csv", category="Tagger", caption="../report/lwlrap_by_class.rst"),
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
        runtime=get_tagging_minutes,
    params:
        tagger=keys(
            EXPERIMENT.tagger,
            "layers",
            "head_width",
            "folds",
            "fold_seed",
            "batch",
            "slice_frames",
            "top_db",
            "lowest_power",
            "tag_padding",
        ),
    message:
        "Tagger: scoring it on held-out and test clips"
    script:
        "../scripts/score_tagger.py"


if EXPERIMENT.tagger.kind == "multitask":

    rule tag_scenes:
        input:
            clips=f"{SCENES}/clips.csv",
            waveforms=f"{SCENES}/waveforms.npy",
            labels=f"{EVENTS}/labels.csv",
            snapshots=get_tagging_snapshots,
        output:
            TAG_CACHE,
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
            runtime=get_tagging_minutes,
        params:
            tagger=keys(
                EXPERIMENT.tagger,
                "layers",
                "head_width",
                "batch",
                "slice_frames",
                "top_db",
                "lowest_power",
                "tag_padding",
            ),
            events=keys(EXPERIMENT.events, "sample_rate", "mel"),
            sample_rate=EXPERIMENT.scenes.sample_rate,
        message:
            "Tagging the scene clips"
        script:
            "../scripts/tag_scenes.py"

else:

    localrules:
        import_tags,

    # It goes even before packing, so that a bad file is found in seconds.
    rule import_tags:
        input:
            meta=SCENE_LISTS[0],
            tags=EXPERIMENT.tagger.path,
        output:
            TAG_CACHE,
        log:
            f"{TAGS}/logs/import_tags-{EXPERIMENT.scenes.name}.log",
        benchmark:
            f"{TAGS}/benchmarks/import_tags-{EXPERIMENT.scenes.name}.tsv"
        priority: 20
        conda:
            "../../envs/tagasc.yaml"
        threads: 1
        resources:
            mem_mb=get_mem(1000),
            runtime=get_minutes(10),
        message:
            "Importing the tag vectors of the scene clips"
        script:
            "../scripts/import_tags.py"


rule describe_tags:
    input:
        clips=f"{SCENES}/clips.csv",
        tags=TAG_CACHE,
    output:
        table=report(
            f"{TELLING_TAGS}.csv",
            category="Tagger",
            caption="../report/telling_tags.rst",
        ),
        figure=report(
            f"{TELLING_TAGS}.svg",
            category="Tagger",
            caption="../report/telling_tags.rst",
        ),
    log:
        f"{TAGS}/logs/describe_tags-{EXPERIMENT.scenes.name}.log",
    benchmark:
        f"{TAGS}/benchmarks/describe_tags-{EXPERIMENT.scenes.name}.tsv"
    conda:
        "../../envs/tagasc.yaml"
    threads: 1
    resources:
        mem_mb=get_mem(500),
        runtime=get_minutes(10),
    message:
        "Describing the scenes by their tags"
    script:
        "../scripts/describe_tags.py"
