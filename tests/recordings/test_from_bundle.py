import numpy as np
import pytest

import tagasc
from tagasc.artifacts.tags import read_npz
from tagasc.config.loading import load_files
from tagasc.frontend.start import check_start
from tagasc.runtime.errors import InputError
from tests.bundle.conftest import SAMPLES, TAGS, Made

pytestmark = pytest.mark.usefixtures("plain")


@pytest.fixture
def bundle(tmp_path):
    return Made(tmp_path / "bundle").write()


def test_the_bundle_gives_format_network_tags_and_start(bundle, init, write):
    write("park/oslo-0/long.flac", seconds=2.2, rate=44100, channels=2)
    folder, lines = init(bundle=bundle)
    experiment = load_files([folder / "experiment.yaml"], [])
    audio = experiment.scenes.audio
    assert (audio.sample_rate, audio.channels, audio.samples) == (8000, 2, SAMPLES)
    assert experiment.frontend.training.start == str(bundle)
    assert len(check_start(experiment)) == 64
    assert "sample rate: 8000 Hz (12), 44100 Hz (1); clips get the lowest" in "\n".join(lines)
    assert f"Tags: imported from {folder / 'tags.npz'}" in lines
    tags = read_npz(folder / "tags.npz")
    assert tags.labels == TAGS
    listed = (folder / "scenes/meta.csv").read_text().splitlines()[1:]
    assert sorted(tags.filenames) == [line.partition("\t")[0] for line in listed]
    assert len(listed) == 12 + 2
    system = tagasc.load(bundle)
    for name in ("audio/tram/oslo-3/a.wav", "audio/park/oslo-0/long-1.flac"):
        vector = tags.vectors[tags.filenames.index(name)]
        assert (system.predict_file(folder / "scenes" / name).heard.tags[0] == vector).all()
    assert np.isfinite(tags.vectors).all()


def test_the_precision_is_left_to_the_device(init, tmp_path):
    """The bundle names that of the device that trained it, which this one can lack."""
    folder, _ = init(bundle=Made(tmp_path / "half", precision="bfloat16").write())
    network = load_files([folder / "experiment.yaml"], []).frontend.network
    assert (network.precision, network.standardise_tags) == ("auto", True)


def test_options_that_the_bundle_decides_are_refused(bundle, init, tmp_path):
    for option, value in [("clip", 2.0), ("tags", tmp_path / "tags.csv"), ("events", tmp_path)]:
        with pytest.raises(InputError, match=f"--{option}: comes from the bundle, too"):
            init(bundle=bundle, **{option: value})
    with pytest.raises(InputError, match="does not exist; name the folder that 'tagasc bundle' has written"):
        init(bundle=tmp_path / "nowhere")
    with pytest.raises(InputError, match="has no tagger"):
        init(bundle=Made(tmp_path / "imported", tagger=False).write())
    assert not (tmp_path / "new").exists()
