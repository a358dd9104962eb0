# Support vector machines: predictions and scores of each cell and seed, and of controls.


rule score_cell:
    input:
        **SCENE_CLIPS,
        **CROP_CODES,
        **CODES_BY_EPOCH,
        codes=f"{CELL}/codes.npy",
    output:
        scores=f"{SCORED_CELL}/scores.csv",
        predictions=f"{SCORED_CELL}/predictions.csv",
    log:
        f"{SCORED}/logs/score_cell/{{cell}}-seed{{seed}}.log",
    benchmark:
        f"{SCORED}/benchmarks/score_cell/{{cell}}-seed{{seed}}.tsv"
    conda:
        "../../envs/tagasc.yaml"
    threads: 2
    resources:
        mem_mb=per_attempt(BASE_MB + 1000),
        runtime=get_scoring_minutes,
    params:
        backend=get_params(EXPERIMENT.backend.of_cells),
        epochs=get_scored_epochs,
    message:
        "Scoring {wildcards.cell} with seed {wildcards.seed}"
    script:
        "../scripts/score_cell.py"


# It does not depend on section backend, so that another way of scoring repeats no training.
rule find_confused_scenes:
    input:
        **SCENE_CLIPS,
        codes=f"{CELL}/codes.npy",
    output:
        f"{CELL}/confused_scenes.csv",
    log:
        f"{RESULTS}/logs/find_confused_scenes/{{cell}}-seed{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/find_confused_scenes/{{cell}}-seed{{seed}}.tsv"
    conda:
        "../../envs/tagasc.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(BASE_MB + 1000),
        runtime=per_attempt(20),
    params:
        confusion_of=EXPERIMENT.frontend.distillation.confusion_of,
        specialists=EXPERIMENT.frontend.distillation.specialists,
    message:
        "Finding the scenes that {wildcards.cell} with seed {wildcards.seed} confuses"
    script:
        "../scripts/find_confused_scenes.py"


rule score_control:
    input:
        unpack(get_control_features),
        **SCENE_CLIPS,
    output:
        f"{CONTROL}/predictions.csv",
    log:
        f"{SCORED}/logs/score_control/{{control}}-seed{{seed}}.log",
    benchmark:
        f"{SCORED}/benchmarks/score_control/{{control}}-seed{{seed}}.tsv"
    conda:
        "../../envs/tagasc.yaml"
    threads: 2
    resources:
        mem_mb=per_attempt(BASE_MB + 1000),
        runtime=per_attempt(60),
    params:
        backend=get_control_params,
        epoch=EXPERIMENT.frontend.training.epochs,
    message:
        "Scoring {wildcards.control} with seed {wildcards.seed}"
    script:
        "../scripts/score_control.py"
