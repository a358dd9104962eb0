import numpy as np
import pytest

from tagasc.tables.locations import Locations

CLIPS = np.array([4, 2, 5, 3, 60, 1, 9])
SCENES = ["bus", "bus", "bus", "park", "park", "park", "park"]
NAMES = [f"paris-{i}" for i in range(7)]


def model_variance(locations, clips, names, weights):
    """Return variance and its expectation if every location has an effect of variance 1 per clip and no mean."""
    effects = [np.where(np.array(names) == name, clips, 0) for name in sorted(set(names))]
    true = sum((weights * effect).sum() ** 2 for effect in effects)
    return true, sum(float(locations.variance(effect)) for effect in effects)


def test_equal_clips_give_the_textbook_variance():
    correct = np.array([[7, 9, 4], [10, 6, 3]])
    locations = Locations(np.repeat(["bus", "park"], 3), [f"paris-{i}" for i in range(6)], np.full(6, 10))
    expected = sum(3 / 2 * ((of_scene - of_scene.mean()) ** 2).sum() for of_scene in correct) / 60**2
    assert locations.share(correct.ravel()) == pytest.approx(39 / 60)
    assert locations.variance(correct.ravel()) == pytest.approx(expected)
    assert locations.df == pytest.approx(4)


@pytest.mark.parametrize("macro", [False, True])
def test_unequal_clips_leave_the_variance_unbiased(macro):
    locations = Locations(SCENES, NAMES, CLIPS, macro=macro)
    in_scene = np.array([11] * 3 + [73] * 4)
    true, expected = model_variance(locations, CLIPS, NAMES, 1 / (2 * in_scene) if macro else 1 / 84)
    assert expected == pytest.approx(true)
    assert 1 < locations.df < 4  # one location has most clips of its scene


def test_a_location_of_two_scenes_is_one_unit():
    # Its gain in one scene is its loss in the other: the location as a whole does not differ from the others.
    names = ["a", "b", "c", "a", "d", "e"]
    locations = Locations(np.repeat(["bus", "park"], 3), names, np.full(6, 10))
    assert locations.n_locations == 5
    together = locations.variance(np.array([6, 5, 5, 4, 5, 5]))
    apart = Locations(np.repeat(["bus", "park"], 3), list("abcdef"), np.full(6, 10)).variance([6, 5, 5, 4, 5, 5])
    assert together < apart / 2


def test_macro_weighs_scenes_alike():
    correct = np.array([4, 2, 4, 0, 30, 1, 5])
    macro = Locations(SCENES, NAMES, CLIPS, macro=True)
    assert macro.share(correct) == pytest.approx((10 / 11 + 36 / 73) / 2)
    within = [Locations(SCENES[part], NAMES[part], CLIPS[part]) for part in (slice(0, 3), slice(3, 7))]
    parts = [scene.variance(correct[part]) for scene, part in zip(within, (slice(0, 3), slice(3, 7)), strict=True)]
    assert macro.variance(correct) == pytest.approx(sum(parts) / 4)


def test_scenes_with_one_location_form_one_stratum():
    correct = np.array([7, 3, 5, 9, 4, 6])
    scenes = ["bus", "metro", "park", "tram", "tram", "tram"]
    locations = Locations(scenes, list("abcdef"), np.full(6, 10))
    expected = 3 / 2 * (2**2 + 2**2 + 0) + 3 / 2 * ((9 - 19 / 3) ** 2 + (4 - 19 / 3) ** 2 + (6 - 19 / 3) ** 2)
    assert locations.variance(correct) == pytest.approx(expected / 60**2)


def test_a_single_scene_with_one_location_joins_the_one_with_the_fewest():
    correct = np.array([7, 3, 5, 9, 4, 6])
    scenes = ["bus", "metro", "metro", "tram", "tram", "tram"]
    locations = Locations(scenes, list("abcdef"), np.full(6, 10))
    as_one = Locations(["metro"] * 3 + ["tram"] * 3, list("abcdef"), np.full(6, 10))
    assert locations.variance(correct) == pytest.approx(float(as_one.variance(correct)))
    assert locations.df == pytest.approx(4)


def test_scenes_recorded_at_the_same_single_location_join_another():
    locations = Locations(["bus", "park", "tram", "tram"], ["a", "a", "b", "c"], [5, 5, 5, 5])
    assert locations.n_locations == 3
    assert locations.variance(np.array([5, 4, 1, 2])) > 0


def test_one_location_has_no_variance():
    locations = Locations(["bus", "park"], ["a", "a"], [5, 3])
    assert locations.share(np.array([4, 2])) == pytest.approx(6 / 8)
    assert np.isnan([locations.df, locations.variance(np.array([4, 2]))]).all()
