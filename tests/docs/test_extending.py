"""The new kind of cell of docs/extending.md: exactly the page's lines, applied to a copy of the project."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/extending.md").read_text()

TRAINING = """
import torch
from tagasc.config import Network
from tagasc.frontend.network import SceneNetwork
from tagasc.paper.grid import parse

torch.manual_seed(0)
network = SceneNetwork(parse("scaling"), Network(filters=16, blocks=3, code_size=8), channels=2, tags=5, classes=3)
waveform, tag, scene = torch.randn(6, 2, 2000), torch.rand(6, 5), torch.arange(6) % 3
optimizer = torch.optim.Adam(network.parameters(), 1e-2)
losses = []
for _ in range(20):
    loss = torch.nn.functional.cross_entropy(network(waveform, tag)[1], scene)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
assert network.scaling.weight.grad.abs().sum() > 0
assert losses[-1] < 0.5 * losses[0], losses
network.eval()
code = network(waveform, tag)[0]
assert code.shape == (6, 8)
assert not torch.allclose(code, network(waveform, tag.flip(0))[0])
assert SceneNetwork(parse("baseline"), Network(), 2, 80, 10).scaling is None
"""
SMALL = """
scenes: {demo: {train: 8, evaluate: 4}}
events: {demo: {curated: 8, noisy: 8, test: 4}}
tagger: {stage1_cycles: 1, training: {cycle_epochs: 1}}
frontend: {training: {epochs: 2}}
"""


@pytest.fixture
def extended(tmp_path):
    """Return a copy of the project to which the page's differences are applied."""
    for name in ("src", "workflow", "demo", "envs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("Snakefile", "config.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    for difference in re.findall(r"```diff\n(.+?)```", PAGE, re.DOTALL):
        command = ["git", "apply", "--whitespace=error", "-"]
        subprocess.run(command, cwd=tmp_path, input=difference, text=True, check=True)
    return tmp_path


def run(folder, *command):
    environment = os.environ | {"PYTHONPATH": str(folder / "src")}
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_new_cell_learns_and_its_code_depends_on_the_tags(extended):
    run(extended, "-c", TRAINING)


@pytest.mark.slow
@pytest.mark.workflow
def test_the_new_cell_is_compared_with_the_baseline(extended):
    (keys,) = re.findall(r"```yaml\n(.+?)```", PAGE, re.DOTALL)
    (command,) = re.findall(r"^snakemake (--profile demo .+)$", PAGE, re.MULTILINE)
    (extended / "scaling.yaml").write_text(keys + SMALL)
    run(extended, "-m", "snakemake", *shlex.split(command), "--cores", "2")
    compared = pd.read_csv(extended / "results/experiments/scaling/comparisons.csv").set_index("cell")
    assert compared.loc[["scaling", "scaling-shuffled"], "difference"].notna().all()
