"""The command line of Snakemake, read from its internals when the whole Snakefile is read."""

import os
import re
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tagasc.runtime.snakemake_internals import guarded
from tagasc.runtime.system_errors import one_line_exit


class Command:
    """What a command line of Snakemake names, as soon as the whole Snakefile is read.

    Attributes
    ----------
    targets, selected
        Names of rules and files: those to make, and those after options such as ``--until``.
    names
        All rules, and the outputs that have no wildcards.
    numbers
        Values of the options that limit how many jobs run at the same time; None if not given.
    executor
        Name of the executor.
    runs
        Whether files will change, so that it is not a dry run, a report or the like.
    locks
        Whether Snakemake will lock the folder.
    reports
        Whether a report is made from existing results.
    """

    def __init__(self, workflow: Any, action: str) -> None:
        self._workflow = workflow
        settings, limits = workflow.dag_settings, workflow.resource_settings
        self.targets: list[str] = sorted(settings.targets)
        self.selected: list[str] = sorted({*settings.forcerun, *settings.until, *settings.omit_from})
        self.names: list[str] = [rule.name for rule in workflow.rules]
        self.names += [str(file) for rule in workflow.rules if not rule.has_wildcards() for file in rule.output]
        self.numbers = {"cores (or --jobs)": limits.cores, "jobs": limits.nodes, "local-cores": limits.local_cores}
        executes = workflow.execution_settings is not None
        self.executor: str = workflow.executor_plugin.name if executes else ""
        self.runs: bool = executes and not workflow.dryrun
        self.locks: bool = executes and workflow.execution_settings.lock
        self.reports: bool = action == "create_report"
        settings.force_incomplete = True  # what a killed run has left is written again, without an option

    def is_known(self, target: str) -> bool:
        """Return whether a target is a rule, or a file that a rule writes."""
        path = os.path.relpath(target)
        return self._workflow.is_rule(target) or any(rule.is_producer(path) for rule in self._workflow.rules)

    def pattern(self, target: str) -> str | None:
        """Return a file with wildcards that a rule writes, or None if the target is no rule with wildcards."""
        rules = [rule for rule in self._workflow.rules if rule.name == target and rule.has_wildcards()]
        return re.sub(r",[^{}]*}", "}", str(rules[0].output[0])) if rules else None

    def unlock(self) -> None:
        """Remove Snakemake's locks of the folder."""
        self._workflow.persistence.cleanup_locks()
        if folder := getattr(self._workflow.persistence, "_lockdir", None):
            Path(folder).mkdir(exist_ok=True)  # it goes with the locks, but the run needs it

    def ignore_locks(self) -> None:
        """Let a dry run not report locks."""
        self._workflow.persistence.lock = self._workflow.persistence.noop

    def is_locked(self) -> bool:
        """Return whether Snakemake's locks forbid this run. The graph has to be complete."""
        return bool(self._workflow.persistence.locked)

    def unfinished(self) -> list[str]:
        """Return the files of the report that do not exist or that a killed run has left incomplete."""
        dag = self._workflow.dag
        files = {file for job in dag.jobs for file in job.output if "report" in getattr(file, "flags", {})}
        return sorted(str(file) for file in files if not Path(file).exists() or file in dag.forcefiles)


def check_commands(workflow: Any, check: Callable[[Command], AbstractContextManager[None]]) -> None:
    """Let ``check`` surround the building of the graph, which follows the reading of the Snakefile.

    It is not called for actions without a graph, such as ``--unlock``. An `InputError` ends the process with one line.
    """
    lost = "what is given on the command line is not checked, and after a killed run you may need --unlock"
    build = guarded(lambda: workflow._build_dag, None, lost)
    if build is None or "_build_dag" in vars(workflow):  # a workflow that imports this one twice
        return

    def check_and_build() -> None:
        action = sys._getframe(1).f_code.co_name
        command = guarded(lambda: Command(workflow, action), None, lost)
        with one_line_exit():
            if command is None:
                build()
                return
            with check(command):
                build()

    workflow._build_dag = check_and_build


def end_with_the_pipe(workflow: Any) -> None:
    """Let a dry run end quietly when its output is piped into a program that ends, such as head."""
    if guarded(lambda: bool(workflow.output_settings.dryrun), False, "a closed pipe is not ignored"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
