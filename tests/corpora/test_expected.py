import pytest

from tagasc.config import Experiment
from tagasc.corpora import expected
from tagasc.corpora.expected import expect

BOTH = ["official", "all_but_train"]


def own(folder, **keys):
    return Experiment.model_validate({"scenes": {"source": "folder", "folder": str(folder)}, **keys})


def drop_unused(folder):
    meta = folder / "meta.csv"
    lines = meta.read_text().splitlines()
    meta.write_text("\n".join(line for line in lines if "bus-oslo-1-1-a" not in line) + "\n")


def test_the_second_test_list_needs_an_unused_clip(scenes_folder):
    assert expect(own(scenes_folder)).test_lists == BOTH
    drop_unused(scenes_folder)
    assert expect(own(scenes_folder)).test_lists == ["official"]


@pytest.mark.parametrize("source", ["download", "copy", "demo"])
def test_other_sources_have_unused_clips_and_their_lists_are_not_read(source, scenes_folder):
    drop_unused(scenes_folder)
    experiment = Experiment.model_validate({"scenes": {"source": source, "folder": str(scenes_folder)}})
    assert expect(experiment).test_lists == BOTH
    assert expect(experiment).shows_paper == (source != "demo")


def test_lists_that_cannot_be_read_stop_nothing_here(scenes_folder, tmp_path):
    drop_unused(scenes_folder)
    (scenes_folder / "evaluation_setup/fold1_train.csv").write_text("filename\n")
    for folder in (scenes_folder, tmp_path / "nowhere"):
        assert expect(own(folder)).test_lists == BOTH
        assert not expect(own(folder)).shows_paper


def test_the_paper_is_expected_where_the_key_or_the_published_counts_allow_it(scenes_folder, monkeypatch):
    assert not expect(own(scenes_folder)).shows_paper
    assert expect(own(scenes_folder, compare_with_paper=True)).shows_paper
    monkeypatch.setattr(expected, "is_published", lambda clips: len(clips) == 7)
    assert expect(own(scenes_folder)).shows_paper
    assert not expect(own(scenes_folder, compare_with_paper=False)).shows_paper
    assert not expect(Experiment(compare_with_paper=False)).shows_paper
