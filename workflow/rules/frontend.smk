# The scene networks of sections 2.1 and 3: one training per cell and seed.


rule train_cell:
    input:
        unpack(get_training_inputs),
    output:
        **CROP_CODES,
        **NEW_CODES_BY_EPOCH,
        model=f"{CELL}/model.safetensors",
        history=f"{CELL}/history.jsonl",
        codes=f"{CELL}/codes.npy",
    log:
        f"{RESULTS}/logs/train_cell/{{cell}}-seed{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_cell/{{cell}}-seed{{seed}}.tsv"
    conda:
        "../../envs/tagasc.yaml"
    threads: 4
    resources:
        gpu=1,
        mem_mb=get_training_mem,
        runtime=minutes_of("train_cell"),
    params:
        **START_DIGEST,
        frontend=get_frontend,
        sample_rate=EXPERIMENT.scenes.audio.sample_rate,
        code_epochs=get_code_epochs,
    message:
        "Training {wildcards.cell} with seed {wildcards.seed}"
    script:
        "../scripts/train_cell.py"
