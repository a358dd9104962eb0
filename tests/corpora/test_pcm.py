import numpy as np
import pytest
import soundfile

from tagasc.corpora.pcm import read_24_bits


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("samples", [1, 7, 50_001])
def test_the_same_numbers_as_libsndfiles(tmp_path, channels, samples):
    path = tmp_path / "clip.wav"
    waveform = np.random.default_rng(0).uniform(-1, 1, (samples, channels))
    waveform.flat[:2] = -1, 1 - 2**-23
    soundfile.write(path, waveform[:samples], 8000, subtype="PCM_24")
    decoded = read_24_bits(path)
    assert decoded.dtype == np.float32
    np.testing.assert_array_equal(decoded, soundfile.read(path, dtype="float32", always_2d=True)[0])


def test_what_is_left_to_libsndfile(tmp_path):
    for name, keys in {
        "16.wav": {"subtype": "PCM_16"},
        "float.wav": {"subtype": "FLOAT"},
        "24.wav": {"subtype": "PCM_24", "format": "WAVEX"},
        "24.flac": {"subtype": "PCM_24"},
        "cut.wav": {"subtype": "PCM_24"},
        "start.wav": {"subtype": "PCM_24"},
    }.items():
        soundfile.write(tmp_path / name, np.zeros((100, 2)), 8000, **keys)
    for name, kept in {"cut.wav": 500, "start.wav": 30}.items():
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:kept])
    for path in sorted(tmp_path.iterdir()):
        assert path.name == "24.wav" or read_24_bits(path) is None, path.name
