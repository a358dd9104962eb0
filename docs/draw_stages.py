"""The picture of the five stages and the files between them, from the workflow's rule graph."""

import re
import subprocess
import sys
from pathlib import Path

import svg

ROOT = Path(__file__).parents[1]

STAGES = {
    "corpora": ["1 corpora", "recordings"],
    "tagger": ["2 tagger", "audio tagging"],
    "frontend": ["3 front-end", "scene networks"],
    "backend": ["4 back-end", "SVMs"],
    "tables": ["5 tables", "Tables 2–6"],
}
"""The rule files in the order of the stages, with what their boxes say."""

FILES = {
    ("corpora", "tagger"): ["waveforms,", "mel power"],
    ("corpora", "frontend"): ["waveforms"],
    ("corpora", "backend"): ["clip table"],
    ("corpora", "tables"): ["clip table"],
    ("tagger", "frontend"): ["tag vectors"],
    ("tagger", "backend"): ["tag vectors"],
    ("tagger", "tables"): ["tag vectors"],
    ("frontend", "backend"): ["codes"],
    ("frontend", "tables"): ["weights, codes,", "histories"],
    ("backend", "tables"): ["scores,", "predictions"],
}
"""What the second stage reads of the first."""


def stage_edges() -> set[tuple[str, str]]:
    """Return the pairs of stages that share a file, as Snakemake's rule graph of the paper's experiment has them."""
    stage_of_rule = {
        rule: stage
        for stage, file in [*((stage, stage) for stage in STAGES), ("tables", "figures")]
        for rule in re.findall(r"^ *rule (\w+):", (ROOT / f"workflow/rules/{file}.smk").read_text(), re.MULTILINE)
    }
    command = [sys.executable, "-m", "snakemake", "-s", "Snakefile", "--rulegraph", "mermaid-js"]
    graph = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603
    rule_of_node = dict(re.findall(r"(id\d+)\[(\w+)\]", graph))
    edges = {
        (stage_of_rule.get(rule_of_node[first]), stage_of_rule.get(rule_of_node[second]))
        for first, second in re.findall(r"(id\d+) --> (id\d+)", graph)
    }
    return {(first, second) for first, second in edges if first and second and first != second}


def draw_stages() -> str:
    """Return the picture: stages on the diagonal; above a stage stands what it reads, in the row of who wrote it."""
    xs = {stage: 75 + 137 * index for index, stage in enumerate(STAGES)}
    ys = {stage: 32 + 66 * index for index, stage in enumerate(STAGES)}
    shapes = []
    for index, (stage, x) in enumerate(xs.items()):
        readers = [second for first, second in FILES if first == stage]
        writers = [first for first, second in FILES if second == stage]
        if readers:
            shapes.append(svg.path((x, ys[stage]), (xs[readers[-1]], ys[stage]), arrow=False))
        if writers:
            shapes.append(svg.path((x, ys[writers[0]]), (x, 32 + 66 * index - 25)))
    shapes += [svg.box(xs[second], ys[first], 96, 40, lines, "#eaeef2") for (first, second), lines in FILES.items()]
    shapes += [
        svg.box(xs[stage], ys[stage], 116, 48, lines[1:], "#a5d6ff", title=lines[0]) for stage, lines in STAGES.items()
    ]
    return svg.drawing(700, 328, "The five stages and the files that they read from each other", shapes)
