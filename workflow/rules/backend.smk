# Support vector machines: predictions and scores of each cell and seed on codes, and of controls on tags.


rule score_cell:
    input:
        **CODES_BY_EPOCH,
        clips=f"{SCENES}/clips.csv",
        codes=f"{CELL}/codes.npy",
    output:
        scores=f"{CELL}/scores.csv",
        predictions=f"{CELL}/predictions.csv",
    log:
        f"{RESULTS}/logs/score_cell/{{cell}}-seed{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/score_cell/{{cell}}-seed{{seed}}.tsv"
    conda:
        "../../envs/tagasc.yaml"
    threads: 2
    resources:
        mem_mb=get_mem(1000),
        runtime=get_minutes(19 + len(EXPERIMENT.code_epochs)),
    params:
        backend=keys_but(EXPERIMENT.backend, "keep_codes", "code_every"),
        epochs=EXPERIMENT.code_epochs,
    message:
        "Scoring {wildcards.cell} with seed {wildcards.seed}"
    script:
        "../scripts/score_cell.py"


rule score_control:
    input:
        unpack(get_control_codes),
        clips=f"{SCENES}/clips.csv",
        tags=TAG_CACHE,
    output:
        f"{RESULTS}/controls/{{control}}/seed{{seed}}/predictions.csv",
    log:
        f"{RESULTS}/logs/score_control/{{control}}-seed{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/score_control/{{control}}-seed{{seed}}.tsv"
    conda:
        "../../envs/tagasc.yaml"
    threads: 2
    resources:
        mem_mb=get_mem(1000),
        runtime=get_minutes(20),
    params:
        backend=keys(EXPERIMENT.backend, "kernels", "regularisation", "folds"),
        epoch=EXPERIMENT.frontend.training.epochs,
    message:
        "Scoring {wildcards.control} with seed {wildcards.seed}"
    script:
        "../scripts/score_control.py"
