# Figures, each with the table that it is drawn from, and the page that shows everything.
# Each rule takes seconds, which is not worth a place in a cluster's queue, so all of them are local.


rule draw_comparisons:
    input:
        **SCENE_CLIPS,
        comparisons=f"{SCORED}/comparisons.csv",
        classwise=f"{SCORED}/classwise.csv",
        breakdown=f"{SCORED}/breakdown.csv",
    output:
        pictures=figures_of("draw_comparisons", "svg"),
        tables=figures_of("draw_comparisons", "csv"),
    log:
        f"{SCORED}/logs/draw_comparisons.log",
    benchmark:
        f"{SCORED}/benchmarks/draw_comparisons.tsv"
    localrule: True
    conda:
        "../../envs/tagasc.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(BASE_MB + 500),
        runtime=per_attempt(10),
    params:
        compare_with_paper=EXPERIMENT.compare_with_paper,
    message:
        "Drawing accuracies and differences"
    script:
        "../scripts/draw_comparisons.py"


rule draw_networks:
    input:
        **SCENE_CLIPS,
        **SCENE_TAGS,
        comparisons=f"{SCORED}/comparisons.csv",
        predictions=TREE.cell_files("predictions.csv"),
        models=TREE.cell_files("model.safetensors"),
        codes=TREE.cell_files("codes.npy"),
    output:
        pictures=figures_of("draw_networks", "svg"),
        tables=figures_of("draw_networks", "csv"),
    log:
        f"{SCORED}/logs/draw_networks.log",
    benchmark:
        f"{SCORED}/benchmarks/draw_networks.tsv"
    localrule: True
    conda:
        "../../envs/tagasc.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(BASE_MB + 500),
        runtime=per_attempt(10),
    params:
        frontend=get_frontend_params(EXPERIMENT.frontend),
        figures=get_params(EXPERIMENT.figures),
        compare_with_paper=EXPERIMENT.compare_with_paper,
    message:
        "Drawing attention, codes and clips"
    script:
        "../scripts/draw_networks.py"


rule draw_learning:
    input:
        histories=TREE.cell_files("history.jsonl"),
        scores=TREE.cell_files("scores.csv"),
    output:
        pictures=figures_of("draw_learning", "svg"),
        tables=figures_of("draw_learning", "csv"),
    log:
        f"{SCORED}/logs/draw_learning.log",
    benchmark:
        f"{SCORED}/benchmarks/draw_learning.tsv"
    localrule: True
    conda:
        "../../envs/tagasc.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(BASE_MB + 500),
        runtime=per_attempt(10),
    message:
        "Drawing what the cells learned"
    script:
        "../scripts/draw_learning.py"


# Its inputs are the last files that the rules before it write; it reads the benchmark files of their jobs.
rule draw_time:
    input:
        TREE.cell_files("history.jsonl"),
        TREE.predictions(),
        f"{SCORED}/comparisons.csv",
        f"{TREE.telling_tags}.csv",
        [path for number in range(2, 7) for path in TREE.tables(number)],
    output:
        pictures=figures_of("draw_time", "svg"),
        tables=figures_of("draw_time", "csv"),
    log:
        f"{SCORED}/logs/draw_time.log",
    benchmark:
        f"{SCORED}/benchmarks/draw_time.tsv"
    localrule: True
    conda:
        "../../envs/tagasc.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(BASE_MB + 500),
        runtime=per_attempt(10),
    params:
        folders=get_benchmark_folders(),
    message:
        "Drawing where the time went"
    script:
        "../scripts/draw_time.py"


rule write_overview:
    input:
        **SCENE_CLIPS,
        comparisons=f"{SCORED}/comparisons.csv",
        conclusion=f"{SCORED}/conclusion.md",
        tables=[path for number in range(2, 7) for path in TREE.tables(number) if not path.endswith(".tex")],
        figures=[f"{FIGURES}/{name}.svg" for name in PICTURES],
        gained_clips=f"{FIGURES}/gained_clips.csv",
        telling_tags=f"{TREE.telling_tags}.svg",
        histories=TREE.cell_files("history.jsonl"),
    output:
        report(
            f"{SCORED}/overview.html",
            category="Overview",
            labels={"page": "all results on one page"},
            caption="../report/overview.rst",
        ),
    log:
        f"{SCORED}/logs/write_overview.log",
    benchmark:
        f"{SCORED}/benchmarks/write_overview.tsv"
    localrule: True
    conda:
        "../../envs/tagasc.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(BASE_MB + 500),
        runtime=per_attempt(10),
    params:
        config=get_params(EXPERIMENT),
        repository=str(Path(workflow.basedir)),
    message:
        "Writing the overview page"
    script:
        "../scripts/write_overview.py"
