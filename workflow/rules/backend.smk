# Support vector machines on codes: predictions and scores of each cell and seed.


rule score_cell:
    input:
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
    threads: 1
    resources:
        mem_mb=get_mem(1000),
        runtime=get_minutes(20),
    params:
        backend=EXPERIMENT.backend.model_dump(mode="json"),
        epoch=EXPERIMENT.frontend.training.epochs,
    message:
        "Scoring {wildcards.cell} with seed {wildcards.seed}"
    script:
        "../scripts/score_cell.py"
