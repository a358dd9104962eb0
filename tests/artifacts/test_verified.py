import pytest

from tagasc.artifacts.verified import VERIFIED, Count, write_verified


def test_counts_are_written_with_what_was_published(tmp_path):
    write_verified(tmp_path / "verified.csv", [Count("clips", 3, 4), Count("cities", 1, None)])
    assert (tmp_path / "verified.csv").read_text() == "what,found,published\nclips,3,4\ncities,1,\n"
    assert VERIFIED.read(tmp_path / "verified.csv")["published"].tolist() == pytest.approx(
        [4, float("nan")], nan_ok=True
    )


@pytest.mark.parametrize(("published", "difference"), [(3, None), (None, None), (4, "clips: found 3, expected 4")])
def test_a_difference_is_put_in_words(published, difference):
    assert Count("clips", 3, published).difference == difference
