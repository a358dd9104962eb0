"""The configuration of an experiment, kept with its results."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tagasc.artifacts.artifact import Artifact

CONFIGURATION = Artifact(
    path="experiments/<name>/config.yaml",
    rule="write_config",
    meaning="The full configuration. It is written at the start. No job reads it.",
)


def write_configuration(path: Path, configuration: Mapping[str, Any]) -> None:
    """Write the full configuration.

    >>> write_configuration(folder / "config.yaml", {"name": "paper"})
    """
    CONFIGURATION.write_text(path, yaml.safe_dump(dict(configuration), sort_keys=False, allow_unicode=True))


def read_configuration(path: Path) -> dict[str, Any]:
    """Return the configuration of an experiment of any version of tagasc; its keys are not checked.

    Raises
    ------
    InputError
        If the file is missing, damaged, or no configuration.

    Examples
    --------
    >>> write_configuration(folder / "config.yaml", {"name": "paper"})
    >>> read_configuration(folder / "config.yaml")
    {'name': 'paper'}
    """
    try:
        configuration = yaml.safe_load(CONFIGURATION.read_bytes(path).decode())
    except (ValueError, yaml.YAMLError):
        configuration = None
    if not isinstance(configuration, dict):
        raise CONFIGURATION.error(path, "is no configuration")
    return configuration
