import pytest

pytestmark = [pytest.mark.slow, pytest.mark.workflow]


def test_a_run_that_compares_the_cells_ends_with_its_conclusion(tiny):
    folder, again = tiny
    path = folder / "results/experiments/tiny/conclusion.md"
    text = path.read_text()
    assert "the best of 3 cells" in text
    assert "because there is one seed" in text
    path.unlink()
    finished = again()
    assert finished.returncode == 0, finished.stderr
    page = "results/experiments/tiny/overview.html"
    assert finished.stdout.endswith(f"{text}Everything on one page: {page}\n")
    for arguments in ((), ("-n",), ("--force", "table3")):
        assert text not in again(*arguments).stdout
