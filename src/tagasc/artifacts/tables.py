"""Tables 2-6, as the paper lays them out."""

from tagasc.artifacts.artifact import Artifact

TABLE = Artifact(
    path="experiments/<name>/tables/table<n>.csv .md .tex",
    rule="table<n>",
    meaning="Tables 2-6 for programs, to read, and for LaTeX: protocol last on the official test list. "
    "table<n>-<protocol>-<test list> is another combination. Accuracies are in %; macro means class-averaged. The "
    "paper's numbers are there if compare_with_paper allows it.",
)
