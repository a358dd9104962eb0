from tagasc.artifacts.markdown import markdown_table


def test_a_table_has_a_header_a_rule_and_rows():
    assert markdown_table(["a", "b", "c"], [["1", "2", "3"], ["4", "5", "6"]], "lcr").splitlines() == [
        "| a | b | c |",
        "| :-- | :-: | --: |",
        "| 1 | 2 | 3 |",
        "| 4 | 5 | 6 |",
    ]


def test_a_bar_does_not_end_a_cell():
    assert markdown_table(["a"], [["x|y"]], "l").splitlines()[-1] == r"| x\|y |"
