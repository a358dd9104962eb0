"""Folders that a run cannot write to, and limits of the shell: told in one line before the first job."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.workflow]

ROOT = Path(__file__).parents[2]


@pytest.fixture
def refused(tmp_path):
    """Return a function that runs a rule of the demo in a shell with a limit, and returns the line that stops it."""

    def run(*arguments, limit="true"):
        command = [sys.executable, "-m", "snakemake", "results/corpora/demo-scenes/unpacked.txt", "-c1", *arguments]
        command += ["-s", ROOT / "Snakefile", "--directory", tmp_path, "--configfile", ROOT / "demo/experiment.yaml"]
        shell = ["bash", "-c", f'{limit} && exec "$@"', "bash", *command]
        done = subprocess.run(shell, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        (line,) = [line for line in done.stderr.splitlines() if line.startswith("tagasc: ")]
        assert not (tmp_path / "data").exists()
        return line.removeprefix("tagasc: error: ")

    return run


@pytest.mark.parametrize("arguments", [[], ["-n"]])
def test_snakemake_has_no_folder_for_its_records(refused, tmp_path, arguments):
    (tmp_path / ".snakemake").symlink_to("nowhere")
    assert refused(*arguments).startswith(f"{tmp_path / '.snakemake'}: a file or a dangling link is")


def test_a_planned_job_has_no_folder_for_its_log(refused, tmp_path):
    logs = tmp_path / "results/corpora/demo-scenes/logs"
    logs.parent.mkdir(parents=True)
    logs.write_text("")
    assert refused().startswith("results/corpora/demo-scenes/logs: a file or a dangling link is")


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("ulimit -n 40", "ulimit -n: this shell allows 40 open files"),
        ("ulimit -f 1000", "ulimit -f: this shell allows 1024000 bytes per file"),
        ("ulimit -v 950000", "ulimit -v: this shell allows 972800000 bytes of memory per process, and rule make_demo"),
    ],
)
def test_limits_of_the_shell(refused, limit, words):
    assert refused(limit=limit).startswith(words)
