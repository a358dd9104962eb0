"""The sections: what each of them runs, and how long it may take. Each runs in a process of its own."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from benchmarks.gpu.sizes import Sizes, Table


@dataclass(frozen=True)
class Section:
    """A section.

    Parameters
    ----------
    module, function
        Module in this package, and the function in it. Only the section's own process imports them.
    seconds
        Time limit in s.
    """

    module: str
    function: str
    seconds: int

    def load(self) -> Callable[[Sizes, Table], None]:
        """Return the function."""
        function: Callable[[Sizes, Table], None] = getattr(import_module(self.module), self.function)
        return function


SECTIONS = {
    "machine": Section("benchmarks.gpu.scenes", "describe_machine", 15),
    "cpu": Section("benchmarks.gpu.checks", "compare_with_cpu", 80),
    "bfloat16": Section("benchmarks.gpu.checks", "compare_precisions", 30),
    "resume": Section("benchmarks.gpu.checks", "resume", 30),
    "fake": Section("benchmarks.gpu.checks", "compare_with_fake", 30),
    "table1": Section("benchmarks.gpu.scenes", "train_table1", 75),
    "table6": Section("benchmarks.gpu.scenes", "train_table6", 75),
    "codes": Section("benchmarks.gpu.scenes", "compute_codes", 20),
    "profile": Section("benchmarks.gpu.profile", "profile_step", 25),
    "tagger": Section("benchmarks.gpu.tagger", "train_tagger", 45),
    "tagging": Section("benchmarks.gpu.tagger", "tag_scenes", 25),
    "soft_labels": Section("benchmarks.gpu.tagger", "tag_noisy_clips", 15),
    "mel_power": Section("benchmarks.gpu.tagger", "compute_mel_power", 15),
    "compiled_scenes": Section("benchmarks.gpu.compiled", "compile_scenes", 300),
    "compiled_tagger": Section("benchmarks.gpu.compiled", "compile_tagger", 300),
    "demo": Section("benchmarks.gpu.demo", "run_demo", 1800),
}
"""In the order in which they run."""

LONG = {"compiled_scenes", "compiled_tagger", "demo"}
"""Sections that run only if they are named. The others may take eight minutes together."""


def run_section(name: str, sizes: Sizes, record: bool) -> None:
    """Run a section in this process, which ends with status 1 if the section fails."""
    os.setpgid(0, 0)  # so that it can be stopped with all processes that it starts
    table = Table(name, record=record)
    try:
        SECTIONS[name].load()(sizes, table)
    except Exception as error:
        lines = str(error).strip().splitlines()
        table.print("FAILED", f"{type(error).__name__}: {lines[0] if lines else 'no message'}")
        sys.exit(1)
    sys.exit(table.failed)
