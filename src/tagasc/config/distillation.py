"""Sections ``frontend.jung2019`` and ``frontend.distillation``: the whole recipe of Jung et al. (2019) [22].

Table 6 compares the paper's system with it. Defaults are those of its released code.
"""

from typing import Annotated, Literal

from pydantic import Field

from tagasc.config.network import Architecture
from tagasc.config.section import NUMBER, Crop, Epochs, Fraction, LearningRate, Milestones, NotNegative, Section


class Jung2019(Section):
    """The cell `jung2019`: the baseline of [22]. All other keys are those of `network` and `training`."""

    architecture: Architecture = "table6"
    """Its network; table6 is the released one."""
    crop: Crop = 5.0
    """Its `training.crop`: 5 s in the released code. Choose a shorter one for clips that are not longer."""
    centre_loss_weight: NotNegative = 5e-5
    """Its `training.centre_loss_weight`."""


class Specialist(Section):
    """How a specialist continues the training of a cell. Half of each batch comes from its two scenes.

    There is no mix-up. Its windows are as long as those of the cell. All other keys are those of `training`.
    """

    epochs: Epochs = 60
    """Epochs of a specialist; one of them passes the clips of its two scenes once."""
    learning_rate: LearningRate = 4e-6
    """Learning rate at the start, a 25th of the cell's own."""
    milestones: Milestones = [20, 50]
    """Epochs after which the learning rate is multiplied by `decay`; [] keeps it constant."""
    decay: Fraction = 0.2
    """Factor on the learning rate at each milestone."""
    centre_loss_weight: NotNegative = 5e-5
    """Weight of the centre loss."""


class Student(Section):
    """How a student is trained. It starts from the weights of its cell.

    The frozen cell and its specialists are its teachers. They hear each clip joined with another one of its scene.
    There is no mix-up and no hard label. All other keys are those of `training`.
    """

    epochs: Epochs = 60
    """Epochs of a student."""
    learning_rate: LearningRate = 1e-4
    """Learning rate at the start."""
    milestones: Milestones = [15, 30, 45]
    """Epochs after which the learning rate is multiplied by `decay`; [] keeps it constant."""
    decay: Fraction = 0.2
    """Factor on the learning rate at each milestone."""
    crop: Crop = 5.0
    """Length in s of the random window that the student sees; as `training.crop`. Choose a shorter one for clips that
    are not longer than 5 s."""
    temperature: Annotated[float, Field(ge=0.01, le=1000), NUMBER] = 2.0
    """Divides the class scores of student and teachers before the softmax. A higher one passes on more of how teachers
    rank the wrong scenes."""
    centre_loss_weight: NotNegative = 5e-5
    """Weight of the centre loss, whose centres are learned here."""


class Distillation(Section):
    """Specialists and students of [22], for cells whose name ends in `-kd`, such as `jung2019-kd`.

    The student of a cell needs the cell and its specialists, which are trained before it.
    """

    confusion_of: Literal["train", "test"] = "train"
    """Clips whose confusion chooses the two scenes of each specialist. train: cross-validation on the training clips.
    test: all other clips, as in [22]; it needs protocol best_on_test, because test clips then decide something."""
    specialists: Annotated[int, Field(ge=1, le=99), NUMBER] = 2
    """Number of specialists. The first one gets the most confused pair of scenes, the second one the next."""
    specialist: Specialist = Specialist()
    student: Student = Student()
