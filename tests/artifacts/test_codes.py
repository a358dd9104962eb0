import numpy as np
import pytest

from tagasc.artifacts.codes import (
    CODES,
    CODES_BY_EPOCH,
    CROP_CODES,
    CROP_CODES_BY_EPOCH,
    CodesByEpoch,
    read_codes,
    read_crop_codes,
)
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


@pytest.fixture
def crops(tmp_path):
    """Write codes of crops of seven training clips for two epochs, each without another two clips."""
    codes = np.arange(56.0).reshape(2, 7, 4)
    codes[0, [1, 6]] = codes[1, [0, 2]] = np.nan
    CROP_CODES_BY_EPOCH.write(tmp_path / "codes-crops-every1.npy", codes)
    return tmp_path / "codes-crops-every1.npy", codes


def test_clips_of_an_incomplete_batch_have_no_codes_of_crops(crops):
    path, codes = crops
    np.testing.assert_array_equal(read_crop_codes(CROP_CODES_BY_EPOCH, path, (2, 7, 4)), codes)


def test_damaged_codes_of_crops_name_the_rule_that_writes_them_again(crops, damage):
    damage(crops[0])
    with pytest.raises(InputError, match=rf"^{crops[0]}: .*; delete it, and rule train_cell writes it again$"):
        read_crop_codes(CROP_CODES_BY_EPOCH, crops[0], (2, 7, 4))


@pytest.mark.parametrize("shape", [(1, 7, 4), (2, 8, 4), (2, 7, 3)])
def test_codes_of_crops_of_another_shape_are_an_error(crops, shape):
    with pytest.raises(InputError, match=r"has the shape \(2, 7, 4\), expected .*; delete it, and rule train_cell"):
        read_crop_codes(CROP_CODES_BY_EPOCH, crops[0], shape)


@pytest.mark.parametrize(
    ("rows", "value", "problem"),
    [
        (np.s_[:, :], np.nan, "has no codes of 7 of 7 training clips, expected most of them; delete it"),
        (np.s_[1, :5], np.nan, "has no codes of 5 of 7 training clips, expected most of them; delete it"),
        (np.s_[0, 2], np.nan, "has no codes of 2 to 3 clips per epoch, expected the same number; delete it"),
        (np.s_[0, 2, 1], np.nan, "the codes of 1 of 7 clips are not finite or .*diverged; lower frontend"),
        (np.s_[1, 3:5], np.inf, "the codes of 2 of 7 clips are not finite or .*diverged; lower frontend"),
        (np.s_[0, 6, 1], 0.0, "has no codes of 1 to 2 clips per epoch, expected the same number; delete it"),
    ],
)
def test_codes_of_crops_that_are_not_finite_for_another_reason_are_an_error(crops, rows, value, problem):
    path, codes = crops
    codes[rows] = value
    CROP_CODES_BY_EPOCH.write(path, codes)
    with pytest.raises(InputError, match=f"^{path}: {problem}"):
        read_crop_codes(CROP_CODES_BY_EPOCH, path, (2, 7, 4))


def test_codes_of_crops_of_the_last_epoch_may_all_be_known(tmp_path):
    CROP_CODES.write(tmp_path / "codes-crops.npy", np.ones((1, 3, 4)))
    assert read_crop_codes(CROP_CODES, tmp_path / "codes-crops.npy", (1, 3, 4)).sum() == 12
