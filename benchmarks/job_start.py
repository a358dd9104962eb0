"""Fixed cost of a workflow job: the imports of its script, compared with ``import torch``."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.record import arguments, report

SCRIPTS = Path(__file__).parents[1] / "workflow/scripts"
TRAINING = """
import torch
from tagasc.config import Frontend, Network, Training
from tagasc.frontend.dataset import SceneDataset
from tagasc.frontend.trainer import Trainer
from tagasc.paper.grid import parse
dataset = SceneDataset(
    torch.ones(4, 2, 400, dtype=torch.int16), torch.ones(4), torch.ones(4, 3), torch.tensor([0, 1, 0, 1]), ["a", "b"],
    slice(0, 4), slice(4, 4), 0.97, 1.0,
)
settings = Frontend(network=Network(filters=2, blocks=3), training=Training(batch_size=2))
Trainer(parse("baseline"), 0, settings, 4000, dataset).train_epoch(1)
"""
"""A first training step: some modules are imported only there."""


def seconds_of(code: str, times: int = 3) -> float:
    """Return the duration in s of the fastest of several runs of some code, each in a new interpreter."""
    best = float("inf")
    with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
        file.write(code)
        file.flush()
        for _ in range(times):
            started = time.perf_counter()
            subprocess.run([sys.executable, file.name], check=True, capture_output=True)  # noqa: S603
            best = min(best, time.perf_counter() - started)
    return best


def main() -> None:
    """Time the imports of every script, and for train_cell also the first training step."""
    given = arguments(__doc__).parse_args()
    torch = seconds_of("import torch")
    ratios = {}
    for script in sorted(SCRIPTS.glob("*.py")):
        lines = script.read_text().splitlines()
        imports = "\n".join(line for line in lines if line.startswith(("import ", "from ")))
        if script.stem == "train_cell":
            imports += TRAINING
        ratios[script.stem] = seconds_of(imports) / torch
    each = ", ".join(f"{name} {ratio:.2f}" for name, ratio in sorted(ratios.items(), key=lambda item: -item[1]))
    report("job start", f"import torch {torch:.2f} s; scripts as ratios to it: {each}", record=given.record)


if __name__ == "__main__":
    main()
