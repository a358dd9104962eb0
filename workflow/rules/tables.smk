# Tables 2-6 as the paper lays them out, all scores in one tidy table, and paired tests against the baseline.


# Seconds of work each: not worth a place in a cluster's queue.
localrules:
    write_config,
    collect_scores,
    compare_cells,
    draw_learning,
    table2,
    table3,
    table4,
    table5,
    table6,


rule write_config:
    output:
        f"{RESULTS}/config.yaml",
    log:
        f"{RESULTS}/logs/write_config.log",
    benchmark:
        f"{RESULTS}/benchmarks/write_config.tsv"
    conda:
        "../../envs/tagasc.yaml"
    threads: 1
    resources:
        mem_mb=get_mem(0),
        runtime=get_minutes(5),
    params:
        config=EXPERIMENT.model_dump(mode="json"),
    message:
        "Writing the configuration in full"
    script:
        "../scripts/write_config.py"


rule collect_scores:
    input:
        get_cell_files("scores.csv"),
    output:
        f"{RESULTS}/scores.csv",
    log:
        f"{RESULTS}/logs/collect_scores.log",
    benchmark:
        f"{RESULTS}/benchmarks/collect_scores.tsv"
    conda:
        "../../envs/tagasc.yaml"
    threads: 1
    resources:
        mem_mb=get_mem(0),
        runtime=get_minutes(10),
    message:
        "Collecting the scores of all cells"
    script:
        "../scripts/collect_scores.py"


rule compare_cells:
    input:
        predictions=get_all_predictions(),
        clips=f"{SCENES}/clips.csv",
    output:
        comparisons=f"{RESULTS}/comparisons.csv",
        classwise=f"{RESULTS}/classwise.csv",
    log:
        f"{RESULTS}/logs/compare_cells.log",
    benchmark:
        f"{RESULTS}/benchmarks/compare_cells.tsv"
    conda:
        "../../envs/tagasc.yaml"
    threads: 1
    resources:
        mem_mb=get_mem(500),
        runtime=get_minutes(10),
    params:
        comparisons=EXPERIMENT.comparisons.model_dump(mode="json"),
    message:
        "Comparing all cells with the baseline"
    script:
        "../scripts/compare_cells.py"


rule draw_learning:
    input:
        get_cell_files("history.jsonl"),
    output:
        table=f"{RESULTS}/learning.csv",
        figure=report(f"{RESULTS}/figures/learning.svg", category="Figures", caption="../report/learning.rst"),
    log:
        f"{RESULTS}/logs/draw_learning.log",
    benchmark:
        f"{RESULTS}/benchmarks/draw_learning.tsv"
    conda:
        "../../envs/tagasc.yaml"
    threads: 1
    resources:
        mem_mb=get_mem(500),
        runtime=get_minutes(10),
    message:
        "Drawing what the cells learned"
    script:
        "../scripts/draw_learning.py"


for number in (2, 3, 4, 5):

    rule:
        name:
            f"table{number}"
        input:
            scores=get_table_scores(number),
        output:
            csv=report(
                f"{RESULTS}/tables/table{number}.csv",
                category="Tables",
                caption=f"../report/table{number}.rst",
            ),
            markdown=f"{RESULTS}/tables/table{number}.md",
            latex=f"{RESULTS}/tables/table{number}.tex",
            beside=get_tables_beside(number),
        log:
            f"{RESULTS}/logs/table{number}.log",
        benchmark:
            f"{RESULTS}/benchmarks/table{number}.tsv"
        conda:
            "../../envs/tagasc.yaml"
        threads: 1
        resources:
            mem_mb=get_mem(0),
            runtime=get_minutes(10),
        params:
            number=number,
            protocols=EXPERIMENT.backend.protocols,
        message:
            f"Writing Table {number}"
        script:
            "../scripts/write_table.py"


rule table6:
    input:
        scores=get_table_scores(6),
        tags=TAG_CACHE,
        clips=f"{SCENES}/clips.csv",
    output:
        csv=report(
            f"{RESULTS}/tables/table6.csv",
            category="Tables",
            caption="../report/table6.rst",
        ),
        markdown=f"{RESULTS}/tables/table6.md",
        latex=f"{RESULTS}/tables/table6.tex",
        beside=get_tables_beside(6),
    log:
        f"{RESULTS}/logs/table6.log",
    benchmark:
        f"{RESULTS}/benchmarks/table6.tsv"
    conda:
        "../../envs/tagasc.yaml"
    threads: 1
    resources:
        mem_mb=get_mem(1000),
        runtime=get_minutes(10),
    params:
        number=6,
        protocols=EXPERIMENT.backend.protocols,
        network=EXPERIMENT.frontend.network.model_dump(mode="json"),
        channels=EXPERIMENT.scenes.channels,
        samples=EXPERIMENT.scenes.samples,
    message:
        "Writing Table 6"
    script:
        "../scripts/write_table.py"
