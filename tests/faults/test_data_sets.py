"""Lists that contradict each other, too few recordings, and folders that are none: refused before any training."""

from functools import partial

import pytest

from tagasc.config.loading import load
from tagasc.corpora.preflight import check_events, check_scenes
from tests.faults.experiment import TINY
from tests.faults.fault import Fault, params
from tests.faults.recordings import (
    CURATED,
    EVALUATE,
    EVENTS,
    META,
    NAME,
    SCENES,
    TRAIN,
    first_row,
    plan_and_pack,
    put_dangling,
    put_file,
    rewrite,
    rows,
)

GROUP = "recordings and lists"


def replaced(old: str, new: str):
    """Return a change of the first row."""
    return first_row(lambda line: line.replace(old, new))


def only(scene: str):
    """Return a change that keeps the rows of a scene."""
    return rows(lambda lines: [line for line in lines if f"\t{scene}" in line])


def without(scene: str):
    """Return a change that drops the rows of a scene."""
    return rows(lambda lines: [line for line in lines if f"\t{scene}" not in line])


OTHER_NAME = replaced("audio/airport", "audio/nowhere")
CONTRADICTIONS = {
    "a clip in both splits": ({EVALUATE: lambda text: text + f"{NAME}\tairport\n"}, NAME),
    "a clip that meta.csv lacks": ({TRAIN: OTHER_NAME}, TRAIN.name),
    "a recording that does not exist": ({META: OTHER_NAME, TRAIN: OTHER_NAME}, "nowhere"),
    "another label than in meta.csv": ({TRAIN: replaced("\tairport", "\tpark")}, NAME),
    "a label in two spellings": ({path: replaced("\tairport", "\tAirport") for path in (META, TRAIN)}, "Airport"),
    "one scene only": ({path: only("park") for path in (META, TRAIN, EVALUATE)}, "scene"),
    "a scene without training clips": ({TRAIN: without("park")}, "park"),
    "no clip to evaluate": ({EVALUATE: rows(lambda _: [])}, EVALUATE.name),
    "a location in both splits": ({META: lambda text: text.replace("milan-3\t", "barcelona-0\t")}, "barcelona-0"),
}
"""Changes of the lists of scenes, and what the line must say."""
NETWORK = TINY["frontend"]["network"]
SMALL_BATCH = {"network": NETWORK, "training": {"batch_size": 2}}
LARGE_BATCH = {"frontend": {"network": NETWORK, "training": {"batch_size": 500}}}
MANY_FOLDS = {"tagger": TINY["tagger"] | {"folds": {"n_splits": 50}}}


def rewrite_all(changes) -> None:
    for path, change in changes.items():
        rewrite(path, change)()


def faults():
    scenes, events = partial(plan_and_pack, "scenes"), partial(plan_and_pack, "events")
    for name, (changes, *words) in CONTRADICTIONS.items():
        act = partial(scenes, frontend=SMALL_BATCH)
        yield Fault(name, GROUP, partial(rewrite_all, changes), act, words=tuple(words))
    one_label = rows(lambda lines: [f"{line.split(',')[0]},Bark,0,CC0\n" for line in lines])
    yield Fault("one event label", GROUP, partial(rewrite_all, {CURATED: one_label}), events, words=("label",))
    for check, words, keys in (
        (check_scenes, ("batch_size", "500"), LARGE_BATCH),
        (check_events, ("n_splits", "50"), MANY_FOLDS),
    ):
        act = partial(plan_and_pack, check.__name__.removeprefix("check_"), **keys)
        yield Fault(f"{words[0]}: {words[1]}", GROUP, lambda: None, act, words=words)
        act = lambda check=check, keys=keys: check(load(TINY | keys))  # noqa: E731
        yield Fault(f"{words[0]}: {words[1]}, of the demo", GROUP, lambda: None, act, words=words)
    for folder in (SCENES / "audio", SCENES / "evaluation_setup", SCENES, EVENTS):
        act = events if folder == EVENTS else scenes
        for what, inject in (("a file", put_file), ("a dangling link", put_dangling)):
            yield Fault(f"{folder} is {what}", GROUP, partial(inject, folder), act, words=(folder.name,))


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("fault", params(faults()))
def test_a_bad_data_set_is_refused_before_any_training(expect, fault):
    expect(fault)


@pytest.mark.slow
@pytest.mark.usefixtures("sandbox")
def test_an_unreadable_data_set_is_refused(expect):
    try:
        expect(Fault("the folder is unreadable", GROUP, partial(SCENES.chmod, 0), partial(plan_and_pack, "scenes"),
                     words=(SCENES.name,)))  # fmt: skip
    finally:
        SCENES.chmod(0o700)
