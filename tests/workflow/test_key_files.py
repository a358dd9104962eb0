"""Files of keys that Snakemake alone would misread."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.workflow]


@pytest.fixture
def clone(tmp_path):
    """Return a folder with the Snakefile, the workflow and the default config.yaml."""
    for name in ("Snakefile", "config.yaml"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    (tmp_path / "workflow").symlink_to(ROOT / "workflow")
    return tmp_path


def errors(folder, *arguments):
    """Return the last line of a dry run that is refused."""
    command = [sys.executable, "-m", "snakemake", "-n", *arguments]
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert finished.returncode == 1
    assert "Traceback" not in finished.stderr
    return finished.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"seeds: [0\n", "line 2: while parsing a flow sequence of line 1, expected ',' or ']'"),
        (b"", "expected keys and values"),
        (b"name: \xe9", "line 1: is not UTF-8"),
        (b"seeds: [0]\nseeds: [1]", "line 2: key 'seeds' is repeated (first in line 1)"),
        (b"__use_yte__: true\n?__import__('pathlib').Path('ran').touch(): {}", "__use_yte__ lets a file of keys run"),
    ],
)
def test_the_default_configuration_is_checked_before_snakemake_reads_it(clone, content, message):
    (clone / "config.yaml").write_bytes(content)
    assert errors(clone).startswith(f"tagasc: error: {clone}/config.yaml: {message}")
    assert not (clone / "ran").exists()


def test_repeated_keys_of_further_files_are_refused(clone):
    (clone / "my.yaml").write_text("name: my\nscenes: {name: x}\nscenes: {folder: y}")
    line = errors(clone, "--configfile", "my.yaml")
    assert line == f"tagasc: error: {clone}/my.yaml: line 3: key 'scenes' is repeated (first in line 2); correct it"
