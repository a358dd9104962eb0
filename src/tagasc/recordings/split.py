"""The split into training and evaluation, by location."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import numpy as np

from tagasc.runtime.errors import InputError, nearest

Places = Mapping[str, Mapping[str, int]]
"""Number of clips of each location in each of its scenes."""

_TRIES = 100  # draws, of which the best is taken; a single one suffices if no location has two scenes
_TRAINING_CLIPS = 2  # of each scene
_TRAINING_LOCATIONS = 2  # of all scenes together


def choose_locations(folder: Path, places: Places, fraction: float, seed: int) -> set[str]:
    """Draw the locations for evaluation, scene by scene.

    A location that has several scenes is one place: all its clips go to one side. About ``fraction`` of a scene's
    locations are for evaluation; if it has two or more, at least one. Training keeps a location and two clips of each
    scene, even where evaluation then has none.

    Parameters
    ----------
    folder
        For messages.
    places
        Number of clips of each location in each scene.
    fraction
        Share of each scene's locations, between 0 and 1.
    seed
        The same seed gives the same locations.

    Raises
    ------
    InputError
        If ``fraction`` or ``seed`` is not possible, if a scene has too few clips, or if no location can be set aside.

    Examples
    --------
    >>> places = {"a": {"bus": 2}, "b": {"bus": 2}, "c": {"park": 2}, "d": {"park": 1, "bus": 1}, "e": {"park": 2}}
    >>> sorted(choose_locations(folder, places, fraction=0.3, seed=0))
    ['a', 'c']
    """
    if not 0 < fraction < 1:
        raise InputError(f"--evaluate: {fraction:g} is not a share between 0 and 1; choose 0.3, for instance")
    if seed < 0:
        raise InputError(f"--seed: {seed} is negative; choose 0 or a larger whole number")
    _check_clips(folder, places)
    wanted = _wanted(places, fraction)
    random = np.random.default_rng(seed)
    names = sorted(places)
    best: tuple[tuple[int, int], set[str]] | None = None
    for _ in range(_TRIES):
        chosen = _draw(places, wanted, [names[index] for index in random.permutation(len(names))])
        missed = {scene: abs(number - _count(places, chosen, scene)) for scene, number in wanted.items()}
        untested = sum(number > 0 and not _count(places, chosen, scene) for scene, number in wanted.items())
        score = (untested, sum(missed.values()))
        if best is None or score < best[0]:
            best = (score, chosen)
        if score == (0, 0):
            break
    assert best is not None
    if not best[1]:
        raise InputError(
            f"{folder}: no location can be set aside for evaluation, because training needs two locations, and one "
            f"location and two clips of each scene; add recordings of other locations"
        )
    return best[1]


def given_locations(folder: Path, places: Places, names: Collection[str]) -> set[str]:
    """Return the locations for evaluation that a user has named.

    Raises
    ------
    InputError
        If there is no such location, or if too little is left for training.

    Examples
    --------
    >>> given_locations(folder, {"oslo-3": {"bus": 2}, "oslo-4": {"bus": 2}, "oslo-5": {"park": 2}}, ["olso-3"])
    Traceback (most recent call last):
    tagasc.runtime.errors.InputError: --evaluate-on: there is no location 'olso-3'...; did you mean 'oslo-3'?
    """
    plain = {" ".join(name.split()) for name in names}
    for name in sorted(plain - set(places)):
        suggestion = nearest(name, places) or "; give the name of a location folder, without its scene"
        raise InputError(f"--evaluate-on: there is no location '{name}' in {folder}{suggestion}")
    _check_clips(folder, places)
    for scene in _scenes(places):
        left = sum(scenes.get(scene, 0) for location, scenes in places.items() if location not in plain)
        if left < _TRAINING_CLIPS:
            raise InputError(
                f"--evaluate-on: leaves {left or 'no'} training clip{'s' * (left != 1)} of scene '{scene}', and two "
                f"are needed; name fewer locations"
            )
    return plain


def _check_clips(folder: Path, places: Places) -> None:
    for scene in _scenes(places):
        if sum(scenes.get(scene, 0) for scenes in places.values()) < _TRAINING_CLIPS:
            raise InputError(
                f"{folder / scene}: gives one clip, too few to learn a scene from; add recordings, choose a shorter "
                f"--clip, or move the folder away"
            )


def _wanted(places: Places, fraction: float) -> dict[str, int]:
    """Return the number of evaluation locations of each scene."""
    wanted = {}
    for scene in _scenes(places):
        count = _count(places, places, scene)
        wanted[scene] = min(max(round(fraction * count), 1), count - 1)
    return wanted


def _draw(places: Places, wanted: Mapping[str, int], order: Iterable[str]) -> set[str]:
    """Take locations in an order: each one that more scenes need than not, and that training can spare."""
    missing = dict(wanted)
    locations = {scene: _count(places, places, scene) for scene in wanted}
    clips = {scene: sum(scenes.get(scene, 0) for scenes in places.values()) for scene in wanted}
    chosen: set[str] = set()
    for location in order:
        scenes = places[location]
        gain = sum(1 if missing[scene] > 0 else -1 for scene in scenes)
        spared = len(places) - len(chosen) > _TRAINING_LOCATIONS and all(
            locations[scene] > 1 and clips[scene] - number >= _TRAINING_CLIPS for scene, number in scenes.items()
        )
        if gain > 0 and spared:
            chosen.add(location)
            for scene, number in scenes.items():
                missing[scene] -= 1
                locations[scene] -= 1
                clips[scene] -= number
    return chosen


def _scenes(places: Places) -> list[str]:
    return sorted({scene for scenes in places.values() for scene in scenes})


def _count(places: Places, locations: Iterable[str], scene: str) -> int:
    return sum(scene in places[location] for location in locations)
