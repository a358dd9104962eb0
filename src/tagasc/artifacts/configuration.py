"""The configuration of an experiment, kept with its results."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tagasc.artifacts.artifact import Artifact

CONFIGURATION = Artifact(
    path="experiments/<name>/config.yaml",
    rule="write_config",
    meaning="The full configuration. It is written at the start and read by nothing.",
)


def write_configuration(path: Path, configuration: Mapping[str, Any]) -> None:
    """Write the full configuration.

    >>> write_configuration(folder / "config.yaml", {"name": "paper"})
    """
    CONFIGURATION.write_text(path, yaml.safe_dump(dict(configuration), sort_keys=False, allow_unicode=True))
