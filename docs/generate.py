"""Write the pages and pictures of this folder that follow from the code, and captions of the report: make generated."""

import ast
from pathlib import Path

from choices import faithfulness_page
from costs import cluster_page
from draw_cells import EXAMPLES, draw_cell
from draw_stages import FILES, draw_stages, stage_edges

from tagasc.artifacts.pictures import PICTURES
from tagasc.artifacts.readme import results_readme
from tagasc.config.export import configuration_page

DOCS = Path(__file__).parent
SOURCE = DOCS.parent / "src/tagasc"
PACKAGES = (
    "runtime",
    "paper",
    "config",
    "artifacts",
    "audio",
    "training",
    "corpora",
    "tagger",
    "frontend",
    "backend",
    "tables",
    "costs",
    "bundle",
    "recordings",
)
"""The packages, each above those that it imports from."""


def generated() -> dict[str, str]:
    """Return the text of each generated file, by its path in this folder."""
    return {
        "configuration.md": configuration_page(),
        "faithfulness.md": faithfulness_page(),
        "results.md": results_readme(),
        "api/index.md": api_index(),
        **{f"api/{package}.md": api_page(package) for package in PACKAGES},
        **{f"../workflow/report/figures/{name}.rst": caption(name) for name in PICTURES},
        "pictures/stages.svg": draw_stages(),
        **{f"pictures/{cell.variant}.svg": draw_cell(cell) for cell in EXAMPLES},
    }


def api_index() -> str:
    """Return the first page of the API: a link to each package, with the first sentence of its docstring."""
    links = [f"* [tagasc.{package}]({package}.md): {_sentence(package)}" for package in PACKAGES]
    head = "# Python API\n\nThese pages show the docstrings. Packages import only from packages above their own.\n"
    return "\n".join([head, *links, ""])


def api_page(package: str) -> str:
    """Return the page of a package: the docstrings of its modules, which Sphinx reads."""
    names = [path.relative_to(SOURCE).with_suffix("") for path in sorted((SOURCE / package).rglob("*.py"))]
    modules = [".".join(name.parts) for name in names if name.name != "__init__"]
    sections = [
        f"## {module.partition('.')[2]}\n\n```{{eval-rst}}\n.. automodule:: tagasc.{module}\n   :members:\n```\n"
        for module in modules
    ]
    return "\n".join([f"# tagasc.{package}\n\n{_sentence(package)}\n", *sections])


def caption(name: str) -> str:
    """Return the caption of a figure in Snakemake's report."""
    return f"{PICTURES[name].question} {PICTURES[name].reading}\n"


def _sentence(package: str) -> str:
    """Return the first line of a package's docstring."""
    return (ast.get_docstring(ast.parse((SOURCE / package / "__init__.py").read_text())) or "").partition("\n")[0]


if __name__ == "__main__":
    if wrong := stage_edges() ^ set(FILES):
        raise SystemExit(f"docs/draw_stages.py: FILES and the rule graph differ in {wrong}; adapt FILES")
    for name, text in generated().items():
        (DOCS / name).write_text(text, encoding="utf-8")
    page = DOCS / "cluster.md"
    page.write_text(cluster_page(page.read_text(encoding="utf-8")), encoding="utf-8")
