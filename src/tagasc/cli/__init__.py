"""The command ``tagasc``: what can be asked without running the workflow, and trained systems in use."""

from tagasc.cli import experiments, recordings, systems  # noqa: F401 - they add their commands to the application
from tagasc.cli.app import app, main

__all__ = ["app", "main"]
