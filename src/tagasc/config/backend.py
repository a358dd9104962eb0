"""Section ``backend``: support vector machines on codes."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tagasc.config.section import NUMBER, Count, Distinct, Name, Section, Splits

Kernel = Literal["linear", "rbf", "sigmoid"]
Protocol = Literal["last", "best_on_test"]
TrainCodes = Literal["whole", "crops"]
Regularisation = Annotated[float, Field(ge=1e-6, le=1e6), NUMBER]
Regularisations = Annotated[list[Regularisation], Field(max_length=100), Distinct]


class Svm(Section):
    """The support vector machine of section 2.1. Keys are named as in scikit-learn."""

    kernels: Annotated[list[Kernel], Field(min_length=1), Distinct] = ["rbf", "sigmoid"]
    """Kernels to choose from. The paper's are rbf and sigmoid; linear is possible, too."""
    C: Regularisation = 1.0
    """Inverse strength of the regularisation."""
    n_splits: Splits = 5
    """Folds of the cross-validation on the training clips that chooses the kernel, and C in tuned controls. Folds are
    grouped by location."""


class Controls(Section):
    """Values of C that tuned controls try with each kernel. Cross-validation on the training clips chooses one of them.

    Controls are support vector machines on tags, on the baseline's codes, or on both. They show what tags give without
    a network that takes them. A weak control proves nothing, so the tuned ones standardise all values and choose kernel
    and C together.
    """

    linear: Regularisations = [0.01, 0.1, 1.0]
    """Values of C, from strong to weak regularisation; [] leaves the kernel out. Column kernel of the controls'
    predictions.csv names the choice. If it is at an end of the list, add values there. Larger ones are slow with this
    kernel: on the paper's number of clips, fitting with 10 takes ten times as long as with 1."""
    rbf: Regularisations = [0.1, 1.0, 10.0]
    """The same for this kernel."""
    sigmoid: Regularisations = [0.1, 1.0, 10.0]
    """The same for this kernel."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not (self.linear or self.rbf or self.sigmoid):
            raise ValueError("linear: tuned controls need at least one value of C; name one for some kernel")
        return self


class Backend(Section):
    """The back-end: support vector machines on codes (section 2.1)."""

    name: Name | None = None
    """Name of this way of scoring. null writes scores, predictions, controls, tables and comparisons into the
    experiment's folder. A name writes them to backends/<name>/ in it. Choose a name for each further choice of
    train_codes, svm, standardise or controls that you want to compare with the first one: no training is repeated."""
    protocols: Annotated[list[Protocol], Field(min_length=1), Distinct] = ["last"]
    """How epoch and kernel are chosen. last: codes of the last epoch and the kernel with the best cross-validation; no
    test clip decides anything. best_on_test: the epoch and kernel that are best on the test clips, as in Jung et al.
    (2019) [22] and presumably in the paper. Write [last, best_on_test] for both: a training then computes codes after
    each epoch, which costs half as much arithmetic again."""
    code_every: Count = 1
    """best_on_test chooses among the codes of every n-th epoch and of the last one. 1 repeats [22]; 5 costs a fifth."""
    keep_codes: bool = False
    """Keep the codes of all these epochs to score them another time, also under another backend.name: 1.8 MB per epoch
    and cell on TAU 2019. Otherwise they are deleted after scoring. Decide before training."""
    train_codes: TrainCodes = "whole"
    """What support vector machines are fitted on. whole: codes of whole training clips. crops: codes of random crops of
    them, frontend.training.crop long, as in [22]: one crop of each clip, in shuffled batches without an incomplete one.
    Whole test clips are predicted in both cases. The paper does not say which; whole is our choice, because machines
    then predict what they were fitted on. Decide before training: choosing crops later trains finished cells again,
    choosing whole later does not. On TAU 2019, crops adds up to a third of an epoch's arithmetic and 1.2 MB per cell
    (9,185 clips, two bytes for each value of a code); with best_on_test, that much for each of its epochs."""
    standardise: bool = False
    """Standardise each value of a code with its mean and standard deviation over the training clips before the support
    vector machine. The paper does not mention it, and [22] does not do it. Tuned controls always do."""
    svm: Svm = Svm()
    controls: Controls = Controls()

    @property
    def of_cells(self) -> Self:
        """The section with only those keys that the scores of cells and plain controls depend on.

        >>> backend = Backend(name="wide", train_codes="crops", standardise=True)
        >>> backend.of_cells == Backend(train_codes="crops", standardise=True)
        True
        """
        return type(self)(train_codes=self.train_codes, svm=self.svm, standardise=self.standardise)

    @property
    def without_codes(self) -> Self:
        """The section for controls on tags alone, which do not depend on codes.

        >>> Backend(train_codes="crops", standardise=True).without_codes == Backend(standardise=True)
        True
        """
        return self.model_copy(update={"train_codes": "whole"})

    @property
    def of_tuned_controls(self) -> Self:
        """The section with only those keys that tuned controls depend on.

        >>> backend = Backend(train_codes="crops", standardise=True, svm=Svm(C=3, n_splits=4))
        >>> backend.of_tuned_controls == Backend(train_codes="crops", svm=Svm(n_splits=4))
        True
        """
        svm = Svm(n_splits=self.svm.n_splits)
        return type(self)(train_codes=self.train_codes, svm=svm, controls=self.controls)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if "last" not in self.protocols:
            raise ValueError("protocols: the tables need last; write [last, best_on_test] to have both")
        return self
