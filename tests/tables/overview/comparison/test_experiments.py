import numpy as np
import pytest

from tagasc.runtime.errors import InputError
from tagasc.tables.overview.experiments import read_experiments

N = 21  # test clips of the corpus


def test_the_protocol_is_last_where_all_have_it(results):
    for name, protocols in (("a", ["last", "best_on_test"]), ("b", ["last", "best_on_test"]), ("c", ["best_on_test"])):
        results.configure(name, ["baseline"], [0])
        results.write(name, "baseline", 0, np.arange(N) < 9, protocols=protocols)
    results.configure("d", ["baseline"], [0])
    results.write("d", "baseline", 0, np.arange(N) < 9)
    assert {it.evaluation.protocol for it in read_experiments(["a", "b"], results.folder)} == {"last"}
    assert {it.evaluation.protocol for it in read_experiments(["a", "c"], results.folder)} == {"best_on_test"}
    assert "epoch and kernel were chosen on the test clips" in results.sentences("a", "c")
    with pytest.raises(InputError, match=r"none in common \(c has best_on_test, d has last\)"):
        read_experiments(["c", "d"], results.folder)


def test_predictions_of_an_earlier_configuration_do_not_count(drawn):
    drawn.configure("b", ["codecat"], [5])
    (b,) = (it for it in read_experiments(["a", "b"], drawn.folder) if it.name == "b")
    assert b.evaluation.cells == ["codecat"]
    assert list(b.evaluation.runs_of("codecat")) == [5]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a", "bb"], r"^bb: there is no such experiment in .*experiments; did you mean 'b'\?$"),
        (["a", "quite-another"], r"; there are a, b, c, empty$"),
        (["a", "../experiments/b"], "there is no such experiment"),
        (["a", "a"], "^a: is named twice"),
        (["a"], "name at least two"),
        (["a", "empty"], "experiments/empty: has no predictions yet; run the experiment"),
        (["a", "c"], "^c: has no cell or control of a"),
    ],
)
def test_wrong_names_are_one_line(drawn, names, message):
    drawn.configure("empty", ["baseline"], [0])
    drawn.fill("c", ["shared-heads4-layers3"], [0])
    with pytest.raises(InputError, match=message) as error:
        drawn.compare(*names)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["{", "- 1\n", "name: b\n", "cells: all\nseeds: 3\nscenes: {name: town}\n"])
@pytest.mark.usefixtures("without_records")
def test_a_damaged_configuration_is_one_line(drawn, text):
    (drawn.path("b") / "config.yaml").write_text(text)
    (drawn.path("b") / ".config.yaml.digest").unlink(missing_ok=True)
    with pytest.raises(InputError, match=r"b/config\.yaml: is no configuration"):
        drawn.compare("a", "b")


def test_a_changed_configuration_is_one_line(drawn):
    (drawn.path("b") / "config.yaml").write_text("cells: all\n")
    with pytest.raises(InputError, match=r"b/config\.yaml: has changed since it was written"):
        drawn.compare("a", "b")
