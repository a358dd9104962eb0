# Tables 2-6 as the paper lays them out, all scores in one tidy table, and comparisons with the baseline.
# Each rule takes seconds, which is not worth a place in a cluster's queue, so all of them are local.


rule write_config:
    output:
        f"{SCORED}/config.yaml",
    log:
        f"{SCORED}/logs/write_config.log",
    benchmark:
        f"{SCORED}/benchmarks/write_config.tsv"
    localrule: True
    conda:
        "../../envs/tagasc.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(BASE_MB),
        runtime=per_attempt(5),
    params:
        config=get_params(EXPERIMENT),
    message:
        "Writing the configuration in full"
    script:
        "../scripts/write_config.py"


rule collect_scores:
    input:
        TREE.cell_files("scores.csv"),
    output:
        f"{SCORED}/scores.csv",
    log:
        f"{SCORED}/logs/collect_scores.log",
    benchmark:
        f"{SCORED}/benchmarks/collect_scores.tsv"
    localrule: True
    conda:
        "../../envs/tagasc.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(BASE_MB),
        runtime=per_attempt(10),
    message:
        "Collecting the scores of all cells"
    script:
        "../scripts/collect_scores.py"


rule compare_cells:
    input:
        **SCENE_CLIPS,
        predictions=TREE.predictions(),
        scores=TREE.cell_files("scores.csv"),
    output:
        comparisons=f"{SCORED}/comparisons.csv",
        classwise=f"{SCORED}/classwise.csv",
        breakdown=f"{SCORED}/breakdown.csv",
        conclusion=report(
            f"{SCORED}/conclusion.md",
            category="Comparisons",
            labels={"file": "conclusion.md"},
            caption="../report/conclusion.rst",
        ),
    log:
        f"{SCORED}/logs/compare_cells.log",
    benchmark:
        f"{SCORED}/benchmarks/compare_cells.tsv"
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
        "Comparing all cells with the baseline and with controls"
    script:
        "../scripts/compare_cells.py"


for number in (2, 3, 4, 5):

    rule:
        name:
            f"table{number}"
        input:
            **SCENE_CLIPS,
            scores=TREE.table_scores(number),
        output:
            csv=report(
                f"{SCORED}/tables/table{number}.csv",
                category="Tables",
                labels={"table": f"Table {number}"},
                caption=f"../report/table{number}.rst",
            ),
            markdown=f"{SCORED}/tables/table{number}.md",
            latex=f"{SCORED}/tables/table{number}.tex",
            further=TREE.further_tables(number),
        log:
            f"{SCORED}/logs/table{number}.log",
        benchmark:
            f"{SCORED}/benchmarks/table{number}.tsv"
        localrule: True
        conda:
            "../../envs/tagasc.yaml"
        threads: 1
        resources:
            mem_mb=per_attempt(BASE_MB),
            runtime=per_attempt(10),
        params:
            number=number,
            protocols=EXPERIMENT.backend.protocols,
            compare_with_paper=EXPERIMENT.compare_with_paper,
        message:
            f"Writing Table {number}"
        script:
            "../scripts/write_table.py"


rule table6:
    input:
        **SCENE_CLIPS,
        **SCENE_TAGS,
        scores=TREE.table_scores(6) + TABLE6_BASELINE,
    output:
        csv=report(
            f"{SCORED}/tables/table6.csv",
            category="Tables",
            labels={"table": "Table 6"},
            caption="../report/table6.rst",
        ),
        markdown=f"{SCORED}/tables/table6.md",
        latex=f"{SCORED}/tables/table6.tex",
        further=TREE.further_tables(6),
    log:
        f"{SCORED}/logs/table6.log",
    benchmark:
        f"{SCORED}/benchmarks/table6.tsv"
    localrule: True
    conda:
        "../../envs/tagasc.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(BASE_MB + 1000),
        runtime=per_attempt(10),
    params:
        number=6,
        protocols=EXPERIMENT.backend.protocols,
        compare_with_paper=EXPERIMENT.compare_with_paper,
        frontend=get_table6_frontend,
        channels=EXPERIMENT.scenes.audio.channels,
    message:
        "Writing Table 6"
    script:
        "../scripts/write_table.py"
