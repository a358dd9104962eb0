from types import SimpleNamespace

import pytest

from tagasc.config import Experiment
from tagasc.runtime import resources

GB = 1 << 30
WAVEFORMS = 14_400 * 480_000 * 2 * 2 / GB  # clips, samples, channels, bytes
MEL_POWER = 103.4 * 3600 * 44_100 / 347 * 128 * 2 / GB  # hours of events as frames, bands, bytes


def test_the_papers_trainings_get_what_the_documentation_says():
    tagger, training = Experiment().tagger, Experiment().frontend.training
    cycle = tagger.training.cycle_epochs
    assert round(resources.training_mb(WAVEFORMS * 1024) / 1024) == 30
    assert resources.cell_minutes(WAVEFORMS, training.epochs) == 114
    assert round(resources.training_mb(MEL_POWER * 1024) / 1024) == 15
    assert resources.tagger_minutes(MEL_POWER, cycle * tagger.stage1_cycles) == 530
    assert resources.tagger_minutes(MEL_POWER, cycle * tagger.stage2_cycles) == 465


def test_packing_is_granted_time_for_every_clip(tmp_path):
    (tmp_path / "meta.csv").write_text("clip\n" * 14_400)
    assert resources.packing_minutes([tmp_path / "meta.csv"], 1) == 70
    assert resources.packing_minutes([tmp_path / "missing.csv"], 1200) == 15


def test_unpacking_is_granted_time_for_the_size_of_the_archives():
    assert resources.unpacking_minutes(35.6) == 75


@pytest.mark.parametrize("attempt", [1, 3])
def test_a_further_attempt_is_granted_more(attempt):
    assert resources.per_attempt(20)(SimpleNamespace(), attempt) == 20 * attempt
