from tagasc.artifacts.conclusion import new_conclusion, write_conclusion


def test_only_a_conclusion_of_this_run_is_printed(tmp_path):
    path = tmp_path / "conclusion.md"
    assert new_conclusion(path, since=0) == ""
    write_conclusion(path, ["There is a gain.", "The baseline reaches 31 %."])
    written = path.stat().st_mtime
    assert new_conclusion(path, since=written - 1) == "There is a gain.\n\nThe baseline reaches 31 %.\n"
    assert new_conclusion(path, since=written + 1) == ""
