from types import SimpleNamespace

import pytest

from tagasc.runtime import resources

GB = 1 << 30
WAVEFORMS = 14_400 * 480_000 * 2 * 2 / GB  # clips, samples, channels, bytes
MEL_POWER = 103.4 * 3600 * 44_100 / 347 * 128 * 2 / GB  # hours of events as frames, bands, bytes


def test_the_papers_trainings_get_memory_for_their_corpus():
    assert round(resources.training_mb(WAVEFORMS * 1024) / 1024) == 30
    assert round(resources.training_mb(MEL_POWER * 1024) / 1024) == 15


def test_a_job_is_granted_its_operations_at_a_low_speed_after_its_start_and_the_reading_of_its_corpus():
    # 10 minutes, 3 GB at 50 MB/s, and 1.8 PFLOP at 5 TFLOP/s.
    assert resources.gpu_minutes("train_cell", 1.8e15, 3e9) == 10 + 1 + 6
    assert resources.gpu_minutes("train_stage2", 1.8e15, 3e9) == 10 + 1 + 5


def test_packing_is_granted_time_for_every_clip(tmp_path):
    (tmp_path / "meta.csv").write_text("clip\n" * 14_400)
    assert resources.packing_minutes([tmp_path / "meta.csv"], 1) == 70
    assert resources.packing_minutes([tmp_path / "missing.csv"], 1200) == 15


def test_unpacking_is_granted_time_for_the_size_of_the_archives():
    assert resources.unpacking_minutes(35.6) == 75


@pytest.mark.parametrize("attempt", [1, 3])
def test_a_further_attempt_is_granted_more(attempt):
    assert resources.per_attempt(20)(SimpleNamespace(), attempt) == 20 * attempt
