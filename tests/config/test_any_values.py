"""Configurations that hypothesis makes up."""

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tagasc.config import Experiment, Section
from tagasc.config.loading import load
from tagasc.runtime.errors import InputError


def paths(section, above=()):
    """Return the paths of all keys and sections."""
    found = []
    for key in type(section).model_fields:
        found.append((*above, key))
        if isinstance(value := getattr(section, key), Section):
            found += paths(value, (*above, key))
    return found


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.text("~$/.{}aHOME", max_size=8),
    st.integers(1, 40),
    st.floats(0, 10),
    st.dates(),
    st.binary(max_size=4),
    st.sampled_from(["auto", "all", "demo", "file", "last", "best_on_test", "rbf", "baseline", "1e400", "5"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(st.text(max_size=4), st.integers()), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=400)
@given(st.dictionaries(st.sampled_from(paths(Experiment())), VALUES, min_size=1, max_size=3))
def test_any_value_loads_and_round_trips_or_is_one_line(values):
    # A section's value goes before those of its keys.
    given = {}
    for path, value in sorted(values.items()):
        section = given
        for key in path[:-1]:
            section = section.setdefault(key, {})
            if not isinstance(section, dict):
                return
        section[path[-1]] = value
    try:
        experiment = load(given)
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 - some configurations are errors, and others are not
        return
    again = load(yaml.safe_load(yaml.safe_dump(experiment.model_dump(mode="json"), allow_unicode=True)))
    assert again == experiment
