import importlib
import pkgutil

import pytest

from tagasc import artifacts
from tagasc.artifacts.artifact import Artifact
from tagasc.artifacts.picture import Picture
from tagasc.artifacts.readme import all_artifacts, results_readme
from tagasc.artifacts.table import TableFile

LISTED = all_artifacts()


def test_every_artifact_has_a_path_of_its_own_and_is_listed():
    modules = [
        importlib.import_module(f"tagasc.artifacts.{info.name}") for info in pkgutil.iter_modules(artifacts.__path__)
    ]
    named = {id(value): value for module in modules for name, value in vars(module).items() if not name.startswith("_")}
    defined = [value.path for value in named.values() if isinstance(value, Artifact)]
    for picture in named.values():
        if isinstance(picture, Picture):
            defined += [picture.table.path, picture.image.path]
    assert sorted(defined) == sorted(artifact.path for artifact in LISTED)
    assert len(set(defined)) == len(defined)


@pytest.mark.parametrize("artifact", LISTED, ids=lambda artifact: artifact.path)
def test_an_artifact_is_described(artifact):
    text = results_readme()
    assert f"### `{artifact.path}`\n\n{artifact.meaning} Written by rule {artifact.rule}." in text
    if isinstance(artifact, TableFile):
        for column in artifact.columns:
            assert f"| `{column.name}` | {column.meaning} |" in text
