from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def generate(monkeypatch):
    """Return the module that writes the generated pages and pictures."""
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    import generate  # noqa: PLC0415 - the scripts of docs/ are no package

    return generate
