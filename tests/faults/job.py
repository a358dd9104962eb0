"""A job of the workflow, run in this process by the workflow's own script."""

import runpy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).parents[2]


class Files(list):
    """Input or output files of a job, by name and by position, as a script sees them."""

    def __init__(self, named: Mapping[str, str | list[str]] | list[str]) -> None:
        self._named = dict(named) if isinstance(named, Mapping) else {}
        given = self._named.values() if isinstance(named, Mapping) else [named]
        super().__init__(path for paths in given for path in ([paths] if isinstance(paths, str) else paths))

    def __getitem__(self, key):
        return self._named[key] if isinstance(key, str) else super().__getitem__(key)

    def __getattr__(self, name):
        return self.__dict__["_named"][name]

    def items(self):
        return self._named.items()

    def get(self, name):
        return self._named.get(name)


class Params(SimpleNamespace):
    """Parameters or wildcards of a job."""

    def get(self, name):
        return vars(self).get(name)


@dataclass(frozen=True)
class Job:
    """A job of the workflow.

    Parameters
    ----------
    rule
        Its rule, with its wildcards for the names of tests.
    script
        Its script in ``workflow/scripts``.
    input, output
        Its files, relative to the folder of the experiment.
    params, wildcards
        As the rule gives them.
    also_reads
        Files and folders that no rule names as an input.
    config
        The configuration.
    """

    rule: str
    script: str
    input: Mapping[str, str | list[str]] | list[str]
    output: Mapping[str, str | list[str]] | list[str]
    params: Mapping[str, Any] = field(default_factory=dict)
    wildcards: Mapping[str, str] = field(default_factory=dict)
    also_reads: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reads(self) -> list[str]:
        """Every file that it reads."""
        return [*Files(self.input), *self.also_reads]

    @property
    def writes(self) -> list[str]:
        """Its declared outputs."""
        return list(Files(self.output))

    def __str__(self) -> str:
        return self.rule

    def run(self, config: Mapping[str, Any] | None = None) -> None:
        """Run the script in the current folder, as Snakemake would, perhaps with another configuration."""
        for path in self.writes:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        snakemake = SimpleNamespace(
            input=Files(self.input),
            output=Files(self.output),
            params=Params(**self.params),
            wildcards=Params(**self.wildcards),
            config=dict(config or self.config),
            threads=1,
            log=[f"logs/{self.rule}.log"],
            rule=self.rule.partition(" ")[0],
            resources=Params(mem_mb=1000),
            attempt=1,
        )
        runpy.run_path(str(ROOT / "workflow/scripts" / self.script), {"snakemake": snakemake})
