"""Each message on the page about troubleshooting is printed by the command above it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/troubleshooting.md").read_text()
SHOWN = re.findall(r"^```console\n\$ (.+)\n(.+)\n```$", PAGE, re.MULTILINE)


def test_messages_are_found():
    assert len(SHOWN) == PAGE.count("```console") > 10


@pytest.mark.slow
@pytest.mark.workflow
@pytest.mark.parametrize(("command", "message"), SHOWN, ids=[command for command, _ in SHOWN])
def test_a_message_is_what_the_command_prints(command, message, tmp_path):
    elsewhere = command.startswith("cd elsewhere; ")
    if not elsewhere:
        shutil.copytree(ROOT / "demo", tmp_path / "demo")
        (tmp_path / "my.yaml").write_text("seeds: [0, 1]\n")
    program, *words = command.removeprefix("cd elsewhere; ").split()
    assert program == "snakemake"
    given = [] if elsewhere else ["-s", ROOT / "Snakefile"]
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", *given, *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert message in done.stdout + done.stderr  # dry runs print on stdout
    assert done.returncode
