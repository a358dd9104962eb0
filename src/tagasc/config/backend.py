"""Section ``backend``: support vector machines on codes."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tagasc.config.section import Count, Positive, Section

Kernel = Literal["rbf", "sigmoid"]
Protocol = Literal["last", "best_on_test"]


class Svm(Section):
    """The support vector machine of section 2.1. Keys are named as in scikit-learn."""

    kernels: Annotated[list[Kernel], Field(min_length=1)] = ["rbf", "sigmoid"]
    """Kernels to choose from."""
    C: Positive = 1.0
    """Inverse strength of the regularisation."""
    n_splits: Annotated[int, Field(ge=2)] = 5
    """Folds of the cross-validation on the training clips that chooses the kernel. Folds are grouped by location."""


class Backend(Section):
    """The back-end: support vector machines on codes (section 2.1)."""

    protocols: Annotated[list[Protocol], Field(min_length=1)] = ["last"]
    """How epoch and kernel are chosen. last: codes of the last epoch and the kernel with the best cross-validation; no
    test clip decides anything. best_on_test: the epoch and kernel that are best on the test clips, as in Jung et al.
    (2019) [22] and presumably in the paper. Write [last, best_on_test] for both: a training then computes codes after
    each epoch, which costs half as much arithmetic again."""
    code_every: Count = 1
    """best_on_test chooses among the codes of every n-th epoch and of the last one. 1 repeats [22]; 5 costs a fifth."""
    keep_codes: bool = False
    """Keep the codes of all these epochs to score them another time: 1.8 MB per epoch and cell on TAU 2019. Otherwise
    they are deleted after scoring. Decide before training."""
    svm: Svm = Svm()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if "last" not in self.protocols:
            raise ValueError("protocols: the tables need last; write [last, best_on_test] to have both")
        return self
