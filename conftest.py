"""What tests and doctests share."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def folder_of_doctests(doctest_namespace: dict[str, Any], tmp_path: Path) -> None:
    """Give the examples of docstrings an empty folder, under the name ``folder``."""
    doctest_namespace["folder"] = tmp_path
