import io
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from tagasc.audio.file import read_audio
from tagasc.audio.header import compare, read_header
from tagasc.runtime.errors import InputError


def check_header(path, *expected):
    return compare(read_header(path), path, *expected)


NOISE = np.random.default_rng(0).normal(0, 0.1, (800, 2))


def test_24_bit_audio_is_decoded_exactly(tmp_path):
    integers = np.random.default_rng(0).integers(-(2**23), 2**23, (800, 2))
    soundfile.write(tmp_path / "a.wav", (integers * 2**8).astype(np.int32), 8000, "PCM_24")
    waveform = read_audio(tmp_path / "a.wav", 8000, 2, 800, "error")
    assert waveform.dtype == np.float32
    np.testing.assert_array_equal(waveform, integers.T / 2**23)


@pytest.mark.parametrize("on_mismatch", ["error", "convert"])
@pytest.mark.parametrize("length", [798, 799, 801, 802])
def test_a_length_within_two_samples_is_mended(tmp_path, on_mismatch, length):
    soundfile.write(tmp_path / "a.wav", NOISE[:1].repeat(length, 0), 8000, "FLOAT")
    changes = check_header(tmp_path / "a.wav", 8000, 2, 800, on_mismatch)
    assert changes == (False, False, False, 800 - length)
    assert changes.mended
    waveform = read_audio(tmp_path / "a.wav", 8000, 2, 800, on_mismatch)
    assert waveform.shape == (2, 800)
    assert np.count_nonzero(waveform[0]) == min(length, 800)


@pytest.mark.parametrize(
    ("rate", "channels", "length", "found"),
    [
        (8000, 2, 803, "found 8000 Hz, 2 channels, 803 samples"),
        (8000, 2, 300, "found 8000 Hz, 2 channels, 300 samples"),
        (8000, 1, 800, "found 8000 Hz, 1 channel, 800 samples"),
        (16000, 2, 1600, "found 16000 Hz, 2 channels, 1600 samples"),
    ],
)
def test_another_format_is_an_error_or_converted(tmp_path, rate, channels, length, found):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.full((length, channels), 0.25), rate, "PCM_24")
    expected = (
        f"a.wav: {found}, expected 8000 Hz, 2 channels, 800 samples; set scenes.on_mismatch: convert, or correct "
        "scenes.audio$"
    )
    with pytest.raises(InputError, match=expected):
        check_header(path, 8000, 2, 800, "error")
    with pytest.raises(InputError, match=found):
        read_audio(path, 8000, 2, 800, "error")
    changes = check_header(path, 8000, 2, 800, "convert")
    assert changes == (rate != 8000, False, channels == 1, 800 - length * 8000 // rate)
    assert not changes.mended
    assert read_audio(path, 8000, 2, 800, "convert").shape == (2, 800)


def test_an_event_with_another_rate_names_the_keys_of_the_events(tmp_path):
    soundfile.write(tmp_path / "a.wav", NOISE, 16000, "PCM_16")
    with pytest.raises(
        InputError,
        match=r"expected 8000 Hz, 1 channel; set events.on_mismatch: convert, or correct events.mel.sample_rate$",
    ):
        check_header(tmp_path / "a.wav", 8000, 1, None, "error")


def test_a_header_tells_the_format(tmp_path):
    soundfile.write(tmp_path / "a.flac", NOISE, 16000, "PCM_24")
    assert read_header(tmp_path / "a.flac") == (16000, 2, 800, "FLAC PCM_24")
    assert compare(read_header(tmp_path / "a.flac"), tmp_path, 16000, 1, None, "convert").mixed_down


def test_channels_are_averaged_or_duplicated(tmp_path):
    soundfile.write(tmp_path / "stereo.wav", NOISE, 8000, "FLOAT")
    mono = read_audio(tmp_path / "stereo.wav", 8000, 1, None, "convert")
    np.testing.assert_allclose(mono[0], NOISE.mean(1), atol=1e-7)
    soundfile.write(tmp_path / "mono.wav", NOISE[:, 0], 8000, "FLOAT")
    stereo = read_audio(tmp_path / "mono.wav", 8000, 2, 800, "convert")
    np.testing.assert_allclose(stereo, [NOISE[:, 0]] * 2, atol=1e-7)


@pytest.mark.parametrize(("rate", "length"), [(6000, 601), (11025, 1103), (16000, 1601), (44100, 4411)])
def test_a_resampled_tone_is_the_same_tone(tmp_path, rate, length):
    soundfile.write(tmp_path / "a.wav", np.sin(2 * np.pi * 440 * np.arange(length) / rate), rate, "FLOAT")
    header = read_header(tmp_path / "a.wav")
    assert check_header(tmp_path / "a.wav", 8000, 1, None, "convert") == (True, False, False, 0)
    waveform = read_audio(tmp_path / "a.wav", 8000, 1, None, "convert")
    samples = header.length(8000)
    assert waveform.shape == (1, samples)
    assert samples == int(np.ceil(length * 8000 / rate))
    tone = np.sin(2 * np.pi * 440 * np.arange(samples) / 8000)
    np.testing.assert_allclose(waveform[0, 50:-50], tone[50:-50], atol=5e-3)


def test_a_short_clip_is_padded_at_the_end(tmp_path):
    soundfile.write(tmp_path / "a.wav", NOISE[:300], 8000, "FLOAT")
    waveform = read_audio(tmp_path / "a.wav", 8000, 2, 800, "convert")
    np.testing.assert_allclose(waveform[:, :300], NOISE[:300].T, atol=1e-7)
    assert not waveform[:, 300:].any()


@pytest.mark.parametrize("on_mismatch", ["error", "convert"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "does not exist"),
        (b"", "is empty"),
        (b"no audio at all", "is not audio that libsndfile can read"),
    ],
)
def test_a_file_without_audio_is_refused(tmp_path, on_mismatch, content, message):
    path = tmp_path / "a.wav"
    if content is not None:
        path.write_bytes(content)
    for read in (check_header, read_audio):
        with pytest.raises(InputError, match=f"a.wav: {message}"):
            read(path, 8000, 2, 800, on_mismatch)


@pytest.mark.parametrize("on_mismatch", ["error", "convert"])
@pytest.mark.parametrize(
    ("suffix", "message"),
    [("wav", "cut short, 2422 of 4844 bytes"), ("aiff", "cut short"), ("flac", "cannot be decoded")],
)
def test_a_truncated_file_is_refused(tmp_path, on_mismatch, suffix, message):
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, NOISE, 8000, "PCM_24")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match=message):
        read_audio(path, 8000, 1, None, on_mismatch="convert")
    with pytest.raises(InputError, match=f"a.{suffix}"):
        read_audio(path, 8000, 2, 800, on_mismatch)


@pytest.mark.parametrize("missing", [1, 2, 3, 8, 9])
@pytest.mark.parametrize(
    ("suffix", "subtype"),
    [(suffix, f"PCM_{bits}") for suffix in ("wav", "rf64", "w64", "aiff", "au") for bits in (16, 24, 32)]
    + [("wav", "PCM_U8"), ("aiff", "PCM_S8"), ("wav", "FLOAT"), ("wav", "DOUBLE"), ("wav", "IMA_ADPCM")],
)
def test_a_file_that_lacks_a_few_bytes_is_refused(tmp_path, suffix, subtype, missing):
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, NOISE, 8000, subtype, format=suffix.upper())
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:-missing])
    message = rf"a\.{suffix}: is cut short, {size - missing} of {size} bytes; download or copy it again$"
    with pytest.raises(InputError, match=message):
        read_header(path)


def test_a_file_whose_size_counts_its_own_chunk_header_is_read(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, NOISE, 8000, "PCM_24")
    content = bytearray(path.read_bytes())
    content[4:8] = len(content).to_bytes(4, "little")
    path.write_bytes(content)
    assert read_header(path).frames == 800


def test_a_header_that_promises_more_than_the_file_can_hold_is_refused(tmp_path):
    path = tmp_path / "a.flac"
    soundfile.write(path, NOISE, 8000, "PCM_16")
    content = bytearray(path.read_bytes())
    content[21] |= 0x0F  # the highest bits of the number of samples
    path.write_bytes(content)
    message = r"a\.flac: has a damaged header, which promises 64424510240 samples in \d+ bytes; download or copy"
    with pytest.raises(InputError, match=message):
        read_header(path)


def test_a_rate_that_cannot_be_resampled_is_refused(tmp_path):
    soundfile.write(tmp_path / "a.wav", NOISE, 44101, "PCM_16")
    message = r"a\.wav: has the unusual sample rate 44101 Hz, which cannot be converted to 8000 Hz; convert it with an"
    with pytest.raises(InputError, match=message):
        check_header(tmp_path / "a.wav", 8000, 2, None, "convert")


WHOLE = {}
for kind in (("WAV", "PCM_24"), ("WAV", "FLOAT"), ("WAV", "PCM_U8"), ("FLAC", "PCM_16")):
    memory = io.BytesIO()
    soundfile.write(memory, NOISE[:100], 8000, kind[1], format=kind[0])
    WHOLE[kind] = memory.getvalue()


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(list(WHOLE)),
    st.floats(0, 1),
    st.lists(st.tuples(st.one_of(st.integers(0, 100), st.integers(0, 700)), st.integers(0, 255)), max_size=4),
)
def test_a_damaged_file_is_read_or_refused(kind, kept, flips):
    content = bytearray(WHOLE[kind])
    for place, value in flips:
        content[place % len(content)] = value
    del content[round(kept * len(content)) :]
    with tempfile.NamedTemporaryFile(suffix=f".{kind[0].lower()}") as file:
        file.write(content)
        file.flush()
        try:
            waveform, refusal = read_audio(Path(file.name), 8000, 1, 100, "convert"), None
        except InputError as error:
            waveform, refusal = None, str(error)
        if refusal is None:
            assert waveform.shape == (1, 100)
            assert np.abs(waveform).max() <= 200
        else:
            assert refusal.startswith(f"{file.name}: ")
            assert "\n" not in refusal


def test_a_streamed_file_without_a_size_is_read(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, NOISE, 8000, "PCM_24")
    content = bytearray(path.read_bytes())
    content[4:8] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    assert read_audio(path, 8000, 2, 800, "error").shape == (2, 800)


@pytest.mark.parametrize("on_mismatch", ["error", "convert"])
def test_a_file_without_samples_is_refused(tmp_path, on_mismatch):
    soundfile.write(tmp_path / "a.wav", np.zeros((0, 2)), 8000, "PCM_24")
    with pytest.raises(InputError, match="holds no samples"):
        check_header(tmp_path / "a.wav", 8000, 2, None, on_mismatch)


@pytest.mark.parametrize(
    ("sample", "subtype", "found"),
    [
        (np.nan, "FLOAT", "samples that are not finite numbers"),
        (-np.inf, "FLOAT", "samples that are not finite numbers"),
        (1e300, "DOUBLE", "samples that are not finite numbers"),
        (3e38, "FLOAT", r"a sample of 3e\+38"),
        (-32768, "FLOAT", r"a sample of 3\.28e\+04"),
    ],
)
def test_samples_far_above_full_scale_are_refused(tmp_path, sample, subtype, found):
    soundfile.write(tmp_path / "a.wav", np.array([0.1, sample]), 8000, subtype)
    expected = rf"a\.wav: holds {found}, expected samples within -1 and 1; export it again, or leave it out$"
    with pytest.raises(InputError, match=expected):
        read_audio(tmp_path / "a.wav", 8000, 1, None, "error")


def test_samples_somewhat_above_full_scale_are_read(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.array([-4.0, 90.0]), 8000, "FLOAT")
    assert read_audio(tmp_path / "a.wav", 8000, 1, None, "error").tolist() == [[-4, 90]]


def test_reading_audio_does_not_import_torch():
    code = "import sys, tagasc.audio.file; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
