"""Links and pictures of the documentation lead somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def anchors(page):
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_inside_the_repository_leads_to_a_file_and_a_heading(page):
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text()):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve()
        assert file.is_file(), target
        assert file.is_relative_to(ROOT), target
        assert not anchor or anchor in anchors(file), target


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150


def test_the_first_page_links_to_every_other_page():
    linked = set(re.findall(r"\]\((\w+)\.md\)", (ROOT / "docs/index.md").read_text()))
    assert linked == {page.stem for page in (ROOT / "docs").glob("*.md")} - {"index"}


def test_paths_in_the_table_of_promises_exist():
    section = (ROOT / "docs/development.md").read_text().partition("## Which test")[2]
    paths = re.findall(r"`(tests/[\w/.]+)`", section)
    assert len(paths) > 10
    assert not [path for path in paths if not (ROOT / path).exists()]


def test_the_files_named_in_contributing_exist():
    named = re.findall(r"`((?:src|docs|tests|workflow)/[\w/.]+)`", (ROOT / "CONTRIBUTING.md").read_text())
    assert len(named) > 5
    assert not [path for path in named if not (ROOT / path).exists()]
