"""Bad values and bad files of keys: each is refused in one line that names the key, or the file and the line."""

from functools import partial
from pathlib import Path

import pytest
import yaml

from tagasc.config.loading import load_files
from tests.faults.fault import Fault, params

GROUP = "configuration"
FILE = Path("my.yaml")
LONG = "x" * 300

FILES = {
    "a repeated key": (b"seeds: [0]\nname: a\nseeds: [1]\n", "my.yaml", "line 3", "seeds"),
    "a repeated section": (b"scenes: {name: a}\nscenes: {folder: b}\n", "my.yaml", "line 2", "scenes"),
    "a repeated key of a section": (b"scenes:\n  name: a\n  name: b\n", "my.yaml", "line 3", "name"),
    "an empty file": (b"", "my.yaml"),
    "comments only": (b"# nothing\n", "my.yaml"),
    "a list": (b"- seeds\n", "my.yaml"),
    "one word": (b"seeds\n", "my.yaml"),
    "an open bracket": (b"name: a\nseeds: [0\n", "my.yaml", "line"),
    "a tab": (b"scenes:\n\tname: a\n", "my.yaml", "line 2"),
    "two documents": (b"name: a\n---\nname: b\n", "my.yaml", "line"),
    "Latin-1": ("name: Düne\n".encode("latin-1"), "my.yaml", "line 1", "UTF-8"),
    "UTF-16": ("name: a\n".encode("utf-16"), "my.yaml"),
    "a zero byte": (b"name: a\0b\n", "my.yaml"),
    "random bytes": (bytes(range(128, 256)), "my.yaml"),
    "Python code for Snakemake's template engine": (b"__use_yte__: true\nname: ?1+1\n", "my.yaml", "__use_yte__"),
    "a Python object": (b"name: !!python/object/apply:os.system [ls]\n", "my.yaml"),
    "an alias to nothing": (b"name: *a\n", "my.yaml", "line 1"),
    "a list that holds itself": (b"seeds: &a [*a]\n", "my.yaml"),
    "a wrong number": (b"seeds: [!!int x]\n", "my.yaml"),
    "ten thousand brackets": (b"seeds: " + b"[" * 10_000, "my.yaml"),
}
"""What a file of keys holds, and what the line must say."""

PATHS = ("", " ", "a{b}", "{cell}", "a\nb", "~nobody-of-this-name/x", "$NO_SUCH_VARIABLE/x")
PATH_KEYS = ("data", "scenes.folder", "events.folder", "download.archives")
NAMES = ("", " ", ".", "..", "a/b", "../a", LONG, "a b", "{a}", "a\nb", "-a", "~", "a*")
NAME_KEYS = ("name", "scenes.name", "events.name", "tagger.name", "backend.name")
NUMBERS = {
    "frontend.training.learning_rate": (0, -1, float("inf"), float("-inf"), float("nan"), "fast", None, [1]),
    "frontend.training.weight_decay": (-1, float("inf"), float("nan")),
    "frontend.training.mixup_alpha": (0, float("inf"), float("nan")),
    "frontend.training.preemphasis": (-0.1, 1.1, float("nan")),
    "frontend.training.gain": (0, float("inf")),
    "frontend.training.crop": (0, -1, float("inf"), float("nan")),
    "frontend.training.epochs": (0, -1, 1.5, 10**12, float("inf"), float("nan"), "ten"),
    "frontend.training.batch_size": (1, 0, -24, 10**12),
    "frontend.network.filters": (1, 0, -1, 10**9, 10**30),
    "frontend.network.blocks": (2, -1, 10**6),
    "frontend.network.code_size": (0, -1, 10**12),
    "frontend.network.negative_slope": (-1, float("inf"), float("nan")),
    "scenes.audio.sample_rate": (0, -1, 10**12, float("inf")),
    "scenes.audio.duration": (0, -1, float("inf"), float("nan"), 1e12, "long"),
    "scenes.audio.channels": (0, 3, -1),
    "scenes.demo.train": (0, -1, 10**12),
    "scenes.demo.evaluate": (0, -1, 10**12),
    "scenes.demo.seed": (-1, 2**64),
    "events.mel.n_fft": (0, -2, 513, 10**12),
    "events.mel.hop_length": (0, -1, 10**12),
    "events.mel.n_mels": (0, -1, 10**12),
    "events.mel.f_min": (-1, 30000, float("nan"), float("inf")),
    "events.mel.f_max": (0, 10**6, float("nan"), float("inf")),
    "events.demo.curated": (0, 10**12),
    "tagger.folds.n_splits": (1, 0, -1, 10**12),
    "tagger.folds.random_state": (-1, 2**32, 2**64),
    "tagger.training.seed": (-1, 2**64),
    "tagger.training.batch_size": (0, 10**12),
    "tagger.training.cycle_epochs": (0, 10**12),
    "tagger.training.slice_frames": (0, 10**12),
    "tagger.stage1_cycles": (0, 10**9),
    "tagger.network.head_width": (0, 10**12),
    "tagger.network.layers": ([1, 1, 1], [1, 1, 1, 10**9], [1, 1, 1, 0], "all"),
    "tagger.features.top_db": (0, float("inf")),
    "tagger.features.amin": (0, float("nan")),
    "tagger.soft_labels.power": (0, float("inf")),
    "tagger.soft_labels.padding": (-1, 10**12),
    "tagger.tagging.padding": (-1, 10**12),
    "tagger.tagging.batch_frames": (0, 10**15),
    "backend.svm.C": (0, -1, float("inf"), float("nan")),
    "backend.svm.n_splits": (1, 10**12),
    "backend.svm.kernels": ([], ["poly"], "rbf"),
    "backend.controls.rbf": ([0], [float("inf")], [float("nan")]),
    "backend.code_every": (0, 10**12),
    "backend.protocols": ([], ["best_on_test"], ["first"]),
    "seeds": ([], [-1], [2**64], [10**30], [1.5], [float("nan")], ["a"], [True], 0, None),
    "download.parallel_downloads": (0, 10**9),
}
"""Values that no key may have."""

CELLS = (
    *("", "basline", "baseline ", "codecat-codecat", "attention-heads0-layers1", "attention-heads99999999999-layers1"),
    *(
        "attention-heads2-layers99999999",
        "attention-heads2-layers-1",
        "separate-heads4-concat4",
        "shared-heads²-layers1",
    ),
    *(LONG, "a/b", "{cell}", "baseline\n", 5, None, ["baseline"]),
)
"""Names of cells that do not exist."""

TOGETHER = {
    "the name of both corpora": ({"scenes.name": "a", "events.name": "a"}, "scenes.name", "events.name"),
    "tags from a file without a path": ({"tagger.kind": "file"}, "tagger.path"),
    "tags from a folder": ({"tagger.kind": "file", "tagger.path": "a"}, "tagger.path"),
    "tags from a dangling link": ({"tagger.kind": "file", "tagger.path": "dangling"}, "tagger.path"),
    "an unknown key": ({"sedes": [0]}, "sedes", "seeds"),
    "an unknown key of a section": ({"scenes.audio.sample_rte": 1}, "sample_rte", "sample_rate"),
    "a section that is a number": ({"scenes": 5}, "scenes"),
    "a section that is empty": ({"frontend.training": None}, "frontend.training"),
    "more heads than filters": ({"cells": ["attention-heads256-layers1"], "frontend.network.filters": 128}, "filters"),
    "blocks that leave no frame": ({"frontend.network.blocks": 12}, "frontend.network.blocks"),
    "a crop that leaves no frame": ({"frontend.training.crop": 0.001}, "crop"),
    "a source that does not exist": ({"scenes.source": "tape"}, "scenes.source"),
}
"""Values that do not go together, and what the line must say."""


def write(keys) -> None:
    """Write a file of keys, given as dotted names, and a few obstacles for paths."""
    given: dict = {}
    for key, value in keys.items():
        *sections, last = key.split(".")
        section = given
        for name in sections:
            section = section.setdefault(name, {})
        section[last] = value
    FILE.write_text(yaml.safe_dump(given, allow_unicode=True))
    Path("a").mkdir()
    Path("a/file").touch()
    Path("dangling").symlink_to("nowhere")


def load() -> None:
    load_files([FILE], [])


def faults():
    for name, (text, *words) in FILES.items():
        yield Fault(f"a file of keys: {name}", GROUP, partial(FILE.write_bytes, text), load, words=tuple(words))
    yield Fault("a file of keys: missing", GROUP, lambda: None, load, words=("my.yaml",))
    yield Fault("a file of keys: a folder", GROUP, FILE.mkdir, load, words=("my.yaml",))
    yield Fault("a file of keys: a dangling link", GROUP, lambda: FILE.symlink_to("nowhere"), load, words=("my.yaml",))
    yield Fault("a file of keys: unreadable", GROUP, lambda: FILE.touch(0), load, words=("my.yaml",))
    values = [(key, value) for key in PATH_KEYS for value in PATHS]
    values += [(key, f"../{file}") for key in PATH_KEYS[1:] for file in ("a/file", "a/file/x")]
    values += [("data", "a/file"), ("data", "a/file/x"), *(("staging", value) for value in ("", " ", "a\nb"))]
    values += [(key, value) for key in NAME_KEYS for value in NAMES]
    values += [(key, value) for key, values in NUMBERS.items() for value in values]
    for key, value in values:
        yield Fault(f"{key}: {str(value)[:40]!r}", GROUP, partial(write, {key: value}), load, words=(key,))
    for cell in CELLS:
        yield Fault(f"cells: {str(cell)[:40]!r}", GROUP, partial(write, {"cells": [cell]}), load, words=("cells",))
    for name, (keys, *words) in TOGETHER.items():
        yield Fault(name, GROUP, partial(write, keys), load, words=tuple(words))


@pytest.mark.parametrize("fault", params(faults(), lambda _: True))
@pytest.mark.usefixtures("empty")
def test_a_bad_configuration_names_the_key(expect, fault):
    expect(fault)
