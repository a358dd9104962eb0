import re
from pathlib import Path

import pytest
import yaml

from tagasc.config.loading import load
from tagasc.runtime.errors import InputError

KEYS = ["data", "scenes.folder", "events.folder", "download.archives", "tagger.path", "container"]


def nested(path, value):
    for key in reversed(path.split(".")):
        value = {key: value}
    return value


def value_of(experiment, path):
    for key in path.split("."):
        experiment = getattr(experiment, key)
    return experiment


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("SCRATCH", "/scratch")
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.delenv("NOPE", raising=False)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("~/x/", "/home/me/x"),
        ("$SCRATCH/x", "/scratch/x"),
        ("${SCRATCH}/a/../x/.", "/scratch/x"),
        ("//x//y", "/x/y"),
        ("a b/ü/", "a b/ü"),
        (".", "."),
    ],
)
def test_a_path_is_expanded_and_normalised_once(key, given, path):
    experiment = load(nested(key, given))
    assert value_of(experiment, key) == path
    assert load(yaml.safe_load(yaml.safe_dump(experiment.model_dump(mode="json")))) == experiment


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "a path, and not blank"),
        ("  ", "a path, and not blank"),
        ("x ", "a path without spaces at its ends"),
        ("x/ /", "a path without spaces at its ends"),
        ("$NOPE/x", "a path with variables that are set; $NOPE is not"),
        ("$EMPTY/x", "a path with variables that are set; $EMPTY is not"),
        ("a$/x", "a path in which each $ starts the name of a variable"),
        ("~nobody-of-that-name/x", "a path in a home folder that exists, and ~ starts none here"),
        ("./~", "a path in a home folder that exists, and ~ starts none here"),
        ("x{y}", "a path without braces, which Snakemake takes for wildcards"),
        ("a\nb", "a path without line breaks and other control characters"),
        ("a\0b", "a path without line breaks and other control characters"),
    ],
)
def test_a_path_that_cannot_be_one_is_one_line(key, given, message):
    with pytest.raises(InputError) as error:
        load(nested(key, given))
    assert str(error.value) == f"configuration: {key}: input should be {message}, got {given!r}"


def test_the_variables_of_staging_are_those_of_the_node():
    assert load({"staging": "$NOPE/${USER}"}).staging == "$NOPE/${USER}"
    with pytest.raises(InputError, match="staging: input should be a path, and not blank"):
        load({"staging": ""})


def test_an_image_can_be_an_address():
    assert load({"container": "docker://ghcr.io/x/y:1"}).container == "docker://ghcr.io/x/y:1"


def test_folders_are_below_data_unless_absolute():
    experiment = load({"data": "d", "scenes": {"folder": "../s"}, "events": {"folder": "/e"}})
    assert (experiment.scenes_folder, experiment.events_folder) == (Path("s"), Path("/e"))
    assert experiment.archives_folder == Path("d/archives")


@pytest.mark.parametrize(
    ("key", "given", "message"),
    [
        ("data", "file", "file is a file; name a folder"),
        ("data", "file/below", "file is a file; name a folder"),
        ("data", "dangling", "dangling is a link to nowhere, which does not exist; name a folder"),
        ("data", "dangling/below", "dangling is a link to nowhere, which does not exist; name a folder"),
        ("data", "loop", "loop cannot be followed (Too many levels of symbolic links); name a folder"),
        ("data", "x" * 300, "cannot be followed (File name too long); name a folder"),
        ("scenes.folder", "../file", "file is a file; name a folder"),
        ("events.folder", "../file", "file is a file; name a folder"),
        ("download.archives", "../file", "file is a file; name a folder"),
        ("tagger", {"kind": "file", "path": "folder"}, ".path: folder is a folder; name a csv, parquet or npz file"),
        ("tagger", {"kind": "file", "path": "dangling"}, ".path: dangling is a link to nowhere, which does not exist"),
    ],
)
def test_something_else_at_a_path_is_one_line(key, given, message):
    Path("file").touch()
    Path("folder").mkdir()
    Path("dangling").symlink_to("nowhere")
    Path("loop").symlink_to("loop")
    with pytest.raises(InputError, match=f"^configuration: {re.escape(key)}.*{re.escape(message)}"):
        load(nested(key, given))


def test_places_that_are_not_used_or_do_not_exist_yet_are_not_errors():
    Path("file").touch()
    Path("data").mkdir()
    Path("link").symlink_to("data")
    load({"data": "link", "scenes": {"folder": "to/be/written"}})
    load({"events": {"folder": "../file"}, "tagger": {"kind": "file", "path": "tags.csv"}})
    load({"scenes": {"source": "demo"}, "events": {"source": "demo"}, "download": {"archives": "../file"}})
