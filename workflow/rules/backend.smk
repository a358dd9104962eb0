# Support vector machines: predictions and scores of each cell and seed, and of controls.


rule score_cell:
    input:
        **CODES_BY_EPOCH,
        clips=f"{SCENES}/clips.csv",
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
        runtime=per_attempt(19 + len(EXPERIMENT.code_epochs)),
    params:
        svm=get_params(EXPERIMENT.backend.svm),
        epochs=EXPERIMENT.code_epochs,
    message:
        "Scoring {wildcards.cell} with seed {wildcards.seed}"
    script:
        "../scripts/score_cell.py"


rule score_control:
    input:
        unpack(get_control_codes),
        clips=f"{SCENES}/clips.csv",
        tags=TREE.tag_cache,
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
        runtime=per_attempt(20),
    params:
        svm=get_params(EXPERIMENT.backend.svm),
        epoch=EXPERIMENT.frontend.training.epochs,
    message:
        "Scoring {wildcards.control} with seed {wildcards.seed}"
    script:
        "../scripts/score_control.py"
