"""Files of tag vectors in every bad state: refused when imported, or imported with the same result."""

import io
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.faults.damage import DAMAGES
from tests.faults.experiment import IMPORTED, JOBS
from tests.faults.fault import Fault, params
from tests.faults.recordings import rewrite, rows
from tests.faults.tree import same_results

GROUP = "recordings and lists"
MINE = Path("mine.csv")
JOB = JOBS["import_tags"]
SECOND = "audio/airport-barcelona-0-1-a.wav"


def second_cell(text: str):
    """Return a change of the second row's last value."""
    return rows(lambda lines: [lines[0], f"{lines[1].rpartition(',')[0]},{text}\n", *lines[2:]])


REFUSED = {
    "a doubled label": (lambda text: text.replace("Bell,Water", "Bell,Bell"), "Bell"),
    "an empty label": (lambda text: text.replace("Bell,Water", "Bell,"), "mine.csv"),
    "text for a number": (second_cell("wet"), SECOND, "Water", "wet"),
    "an empty cell": (second_cell(""), SECOND, "Water"),
    "NaN": (second_cell("nan"), SECOND, "Water"),
    "infinity": (second_cell("inf"), SECOND, "Water"),
    "a value above one": (second_cell("1.5"), SECOND, "Water", "1.5"),
    "a value below zero": (second_cell("-0.1"), SECOND, "Water", "-0.1"),
    "a cell too many": (second_cell("0.5,0.5"), "mine.csv"),
    "a clip that is missing": (rows(lambda lines: lines[2:]), "audio/airport-barcelona-0-0-a.wav"),
    "a clip twice": (rows(lambda lines: [*lines, lines[1]]), SECOND),
    "no column filename": (lambda text: text.replace("filename", "file"), "filename"),
    "no tags": (lambda text: "".join(f"{line.split(',')[0]}\n" for line in text.splitlines()), "mine.csv"),
    "a header only": (rows(lambda _: []), "mine.csv"),
    "another delimiter": (lambda text: text.replace(",", ";"), "mine.csv"),
    "a zero byte": (second_cell("0\0"), "mine.csv"),
    "a quote that nobody closes": (second_cell('"0.5'), "mine.csv"),
}
SURVIVED = {
    "a byte order mark": lambda text: "\ufeff" + text,
    "Windows line ends": lambda text: text.replace("\n", "\r\n"),
    "rows in another order": rows(lambda lines: lines[::-1]),
    "a clip too many": rows(lambda lines: [*lines, "audio/more.wav,0.1,0.2\n"]),
    "no last line end": lambda text: text.rstrip("\n"),
}


def as_npz(**changes):
    """Return the tag vectors as npz, with other arrays."""
    table = pd.read_csv(MINE)
    arrays = {
        "tags": table[["Bell", "Water"]].to_numpy(np.float32),
        "labels": np.array(["Bell", "Water"]),
        "filenames": table["filename"].to_numpy("U"),
    }
    file = io.BytesIO()
    np.savez(file, **{name: value for name, value in (arrays | changes).items() if value is not None})
    return file.getvalue()


def as_parquet():
    file = io.BytesIO()
    pd.read_csv(MINE).to_parquet(file)
    return file.getvalue()


def run_with(path: str) -> None:
    JOB.run(IMPORTED | {"tagger": IMPORTED["tagger"] | {"path": path}})


def other_format(name, make, damage):
    """Write the tag vectors to another file and damage it."""
    Path(name).write_bytes(make())
    damage(Path(name))


ARRAYS = {
    "no array of labels": {"labels": None},
    "pickled labels": {"labels": np.array(["Bell", None], object)},
    "tags of three axes": {"tags": np.zeros((36, 2, 1), np.float32)},
    "tags of another length": {"tags": np.zeros((3, 2), np.float32)},
    "complex tags": {"tags": np.zeros((36, 2), complex)},
    "tags that are text": {"tags": np.full((36, 2), "x")},
}


UNREAD = {("npz", "last byte flipped"), ("parquet", "first byte flipped")}
"""Damages of bytes that no reader of the format looks at."""


def faults():
    for name, (change, *words) in REFUSED.items():
        yield Fault(f"a tag file: {name}", GROUP, rewrite(MINE, change), JOB.run, words=("tagger.path", *words))
    for name, change in SURVIVED.items():
        yield Fault(f"a tag file: {name}", GROUP, rewrite(MINE, change), JOB.run, "same", (), same_results)
    for name, damage in DAMAGES.items():
        if "flipped" not in name and name not in ("with one byte more", "without the last byte"):
            yield Fault(f"a tag file: {name}", GROUP, partial(damage, MINE), JOB.run, words=("tagger.path", "mine.csv"))
    for suffix, make in (("npz", as_npz), ("parquet", as_parquet)):
        file = f"tags.{suffix}"
        for name, damage in DAMAGES.items():
            if name not in (
                "with one byte more",
                "middle byte flipped",
                "a byte of the first quarter flipped",
                "missing",
            ):
                inject, act = partial(other_format, file, make, damage), partial(run_with, file)
                if (suffix, name) in UNREAD:
                    yield Fault(f"{file}: {name}", GROUP, inject, act, "same", (), same_results)
                else:
                    yield Fault(f"{file}: {name}", GROUP, inject, act, words=("tagger.path", file))
    for name, changes in ARRAYS.items():
        inject = partial(other_format, "tags.npz", partial(as_npz, **changes), lambda _: None)
        yield Fault(
            f"tags.npz: {name}", GROUP, inject, partial(run_with, "tags.npz"), words=("tagger.path", "tags.npz")
        )
    inject = partial(other_format, "tags.xlsx", as_parquet, lambda _: None)
    yield Fault("a tag file of another kind", GROUP, inject, partial(run_with, "tags.xlsx"), words=("tags.xlsx", "csv"))


@pytest.mark.parametrize("fault", params(faults()))
@pytest.mark.usefixtures("sandbox")
def test_a_bad_tag_file_is_refused_with_row_and_tag(expect, fault):
    for path in JOB.writes:
        Path(path).unlink()
    expect(fault)
