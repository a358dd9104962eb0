import numpy as np
import pytest
import torch


def test_tags_are_the_mean_of_the_networks(ensemble, snapshots):
    power = torch.rand(2, 40, 16)
    single = [ensemble([path]).tag_power(power) for path in snapshots]
    np.testing.assert_allclose(ensemble(snapshots).tag_power(power), np.mean(single, axis=0), atol=1e-6)
    assert np.abs(single[0] - single[1]).max() > 0.05


def test_clips_of_any_length_are_tagged_in_the_order_of_the_rows(ensemble, snapshots, events):
    rows = [17, 3, 12, 4, 0]
    together = ensemble(snapshots).tag_events(events, rows)
    alone = [ensemble(snapshots).tag_events(events, [row])[0] for row in rows]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert np.ptp(together, axis=0).max() > 0.01


@pytest.mark.parametrize(("frames", "clips"), [(1, 100), (33, 3), (34, 2), (100, 1), (5000, 1)])
def test_clips_at_a_time_are_bounded_by_their_frames(ensemble, snapshots, frames, clips):
    assert ensemble(snapshots, batch_frames=100).clips_at_a_time(frames) == clips


def test_batches_of_events_are_bounded_by_their_frames(ensemble, snapshots, events, monkeypatch):
    bounded, shapes = ensemble(snapshots, batch_frames=60), []
    tag_power = bounded.tag_power
    monkeypatch.setattr(bounded, "tag_power", lambda power: shapes.append(power.shape) or tag_power(power))
    bounded.tag_events(events, range(20))
    assert sum(clips for clips, _, _ in shapes) == 20
    assert all(clips * frames <= 60 for clips, frames, _ in shapes)
