import numpy as np
import pytest
import soundfile

from tagasc.audio import windows
from tagasc.audio.file import read_audio
from tagasc.audio.windows import WindowFormat, inspect_recording, read_windows
from tagasc.runtime.errors import InputError


def write(path, seconds, rate, channels=2, **options):
    random = np.random.default_rng(0)
    soundfile.write(path, 0.1 * random.standard_normal((round(seconds * rate), channels)), rate, **options)
    return path


@pytest.mark.parametrize(("rate", "channels"), [(8000, 2), (8000, 1), (11025, 2), (48000, 1), (4000, 2)])
def test_windows_are_parts_of_the_recording_as_it_is_packed(tmp_path, rate, channels):
    path = write(tmp_path / "a.wav", 7.3, rate, channels)
    wanted = WindowFormat(8000, 2, samples=16000, hop=16000)
    whole = read_audio(path, 8000, 2, None, "convert")
    found = list(read_windows(path, wanted))
    assert [window.start for window in found] == pytest.approx([0, 2, 4, whole.shape[1] / 8000 - 2])
    for window in found:
        start = round(window.start * 8000)
        assert (window.waveform == whole[:, start : start + 16000]).all()


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100])
@pytest.mark.parametrize("hop", [3000, 8000, 20000])
def test_blocks_of_a_long_recording_fit_together(tmp_path, monkeypatch, rate, hop):
    path = write(tmp_path / "a.wav", 12.345, rate)
    whole = read_audio(path, 8000, 2, None, "convert")
    monkeypatch.setattr(windows, "_BLOCK", 20_000)
    found = list(read_windows(path, WindowFormat(8000, 2, samples=8000, hop=hop)))
    starts = [round(window.start * 8000) for window in found]
    assert starts[:3] == [0, hop, 2 * hop]
    assert starts[-1] == whole.shape[1] - 8000
    for start, window in zip(starts, found, strict=True):
        assert window.waveform == pytest.approx(whole[:, start : start + 8000], abs=1e-6)


def test_a_short_recording_is_padded_and_a_rounded_length_is_not_a_second_window(tmp_path):
    wanted = WindowFormat(8000, 2, samples=16000, hop=16000)
    (window,) = read_windows(write(tmp_path / "a.wav", 0.5, 8000), wanted)
    assert window.end == 0.5
    assert (window.waveform[:, 4000:] == 0).all()
    assert len(list(read_windows(write(tmp_path / "b.wav", 16002 / 8000, 8000), wanted))) == 1
    assert len(list(read_windows(write(tmp_path / "c.wav", 16003 / 8000, 8000), wanted))) == 2
    assert inspect_recording(tmp_path / "a.wav", wanted)[1].padding == 12000


def test_what_is_wrong_at_the_end_of_a_long_recording_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(windows, "_BLOCK", 4000)
    path = tmp_path / "a.wav"
    samples = np.zeros((16001, 1))
    samples[-1] = np.nan
    soundfile.write(path, samples, 8000, subtype="FLOAT")
    with pytest.raises(InputError, match="not finite"):
        list(read_windows(path, WindowFormat(8000, 1, samples=8000, hop=8000)))


def test_a_rate_of_1_hz_is_refused(tmp_path):
    with pytest.raises(InputError, match="a sample rate of 1 Hz, expected at least 1000 Hz"):
        inspect_recording(write(tmp_path / "a.wav", 100, 1), WindowFormat(8000, 2, 8000, 8000))
