"""The split by location."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagasc.recordings.split import choose_locations, given_locations
from tagasc.runtime.errors import InputError

PLACES = st.dictionaries(
    st.sampled_from([f"place{number}" for number in range(12)]),
    st.dictionaries(st.sampled_from(["bus", "park", "tram"]), st.integers(1, 4), min_size=1, max_size=3),
    min_size=1,
)


@given(PLACES, st.floats(0.05, 0.95), st.integers(0, 5))
def test_training_keeps_what_it_needs(places, fraction, seed):
    try:
        chosen = choose_locations(Path("mine"), places, fraction, seed)
    except InputError:
        return
    assert chosen == choose_locations(Path("mine"), places, fraction, seed)
    left = [scenes for location, scenes in places.items() if location not in chosen]
    assert 0 < len(chosen) < len(places)
    assert len(left) >= 2
    for scene in {scene for scenes in places.values() for scene in scenes}:
        assert sum(scenes.get(scene, 0) for scenes in left) >= 2


@pytest.mark.parametrize(("count", "expected"), [(2, 1), (3, 1), (10, 3), (20, 6)])
def test_about_a_third_of_each_scenes_locations_is_for_evaluation(tmp_path, count, expected):
    places = {f"{scene}{number}": {scene: 5} for scene in ("bus", "park") for number in range(count)}
    chosen = choose_locations(tmp_path, places, 0.3, 0)
    assert [sum(name.startswith(scene) for name in chosen) for scene in ("bus", "park")] == [expected] * 2


def test_the_best_of_many_draws_is_taken(tmp_path):
    places = {"a": {"bus": 5, "park": 5}, "b": {"bus": 5, "tram": 5}, "c": {"park": 5}, "d": {"tram": 5}}
    for seed in range(20):
        chosen = choose_locations(tmp_path, places, 0.5, seed)
        assert chosen in ({"a", "d"}, {"b", "c"})


def test_double_spaces_of_named_locations_do_not_count(tmp_path):
    places = {"new york-1": {"bus": 2}, "oslo-1": {"bus": 2}}
    assert given_locations(tmp_path, places, ["new  york-1"]) == {"new york-1"}
