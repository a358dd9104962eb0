import numpy as np
import pytest

from tagasc.artifacts.codes import CODES, CODES_BY_EPOCH, CodesByEpoch, read_codes
from tagasc.runtime.errors import InputError

pytestmark = pytest.mark.usefixtures("without_records")


@pytest.fixture
def path(tmp_path):
    CODES.write(tmp_path / "codes.npy", np.arange(12.0).reshape(1, 3, 4))
    return tmp_path / "codes.npy"


def test_codes_are_read_as_they_were_written(path):
    codes = read_codes(CODES, path, 1, 3)
    assert codes.dtype == np.float16
    assert codes.ravel().tolist() == list(range(12))


def test_damaged_codes_name_the_rule_that_writes_them_again(path, damage):
    damage(path)
    with pytest.raises(InputError, match=rf"^{path}: .*; delete it, and rule train_cell writes it again$"):
        read_codes(CODES, path, 1, 3)


@pytest.mark.parametrize(("epochs", "clips"), [(1, 4), (2, 3), (1, 2)])
def test_codes_of_other_clips_or_epochs_are_an_error(path, epochs, clips):
    problem = rf"has the shape \(1, 3, 4\), expected \({epochs} epochs, {clips} clips, code\)"
    with pytest.raises(InputError, match=rf"codes\.npy: {problem}; delete it, and rule train_cell"):
        read_codes(CODES, path, epochs, clips)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e9])  # the last one exceeds half precision
@pytest.mark.filterwarnings("ignore:overflow")
def test_codes_that_are_not_finite_mean_that_the_training_diverged(value, tmp_path):
    codes = np.zeros((2, 3, 4))
    codes[1, 1:, 0] = value
    CODES_BY_EPOCH.write(tmp_path / "codes.npy", codes)
    with pytest.raises(
        InputError,
        match=r"the codes of 2 of 3 clips are not finite or exceed half precision .*the training diverged; lower",
    ):
        read_codes(CODES_BY_EPOCH, tmp_path / "codes.npy", 2, 3)


def test_codes_of_several_epochs_can_be_continued(tmp_path):
    path = tmp_path / "new" / "codes-every2.npy"
    CodesByEpoch(path, [4, 2]).write(2, np.full((3, 4), 2))
    CodesByEpoch(path, [4, 2]).write(4, np.full((3, 4), 4))
    assert read_codes(CODES_BY_EPOCH, path, 2, 3)[:, 0, 0].tolist() == [2, 4]
