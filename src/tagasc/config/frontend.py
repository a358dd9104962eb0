"""Section ``frontend``: the scene network and its training."""

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Self, TypeVar

from tagasc.config.distillation import Distillation, Jung2019, Specialist, Student
from tagasc.config.network import Network
from tagasc.config.section import Section
from tagasc.config.training import Training
from tagasc.paper.grid import Cell
from tagasc.runtime.errors import InputError

S = TypeVar("S", bound=Section)


def _changed(section: S, changes: Section) -> S:
    """Return a section with the keys of another one that it has, too."""
    return section.model_copy(update={key: value for key, value in changes if key in type(section).model_fields})


def _reset(section: S, keys: Sequence[str]) -> S:
    """Return a section with those of the keys that it has at their defaults."""
    fields = type(section).model_fields
    return section.model_copy(update={key: fields[key].default for key in keys if key in fields})


class Frontend(Section):
    """The front-end: a network that turns a waveform and a tag vector into a code."""

    network: Network = Network()
    training: Training = Training()
    jung2019: Jung2019 = Jung2019()
    distillation: Distillation = Distillation()

    def used_by(self, cell: Cell) -> Self:
        """Return the section with every key that a cell does not use at its default.

        A rule's parameters are these keys, so that a changed key repeats the trainings of the cells that use it.

        >>> Frontend(network=Network(attention_rescale=True)).used_by(Cell("codecat")) == Frontend()
        True
        """
        unused = [key for section in self._changes(cell) for key in type(section).model_fields]
        if cell.role:
            unused += ["mixup_alpha", "mixup_from_epoch", "mixup_tags", "start"]
        if not cell.uses_tags:
            unused += ["standardise_tags", "mixup_tags"]
        if cell.heads is None:
            unused += ["attention_site", "attention_rescale"]
        if (cell.variant, cell.concat_layers) != ("before_code", 0):
            unused.append("concat_after_code")
        specialist = Specialist() if cell.specialist is None else self.distillation.specialist
        student = self.distillation.student if cell.is_student else Student()
        return self.model_copy(
            update={
                "network": _reset(self.network, unused),
                "training": _reset(self.training, unused),
                "jung2019": self.jung2019 if cell.variant == "jung2019" else Jung2019(),
                "distillation": Distillation(specialist=specialist, student=student),
            }
        )

    def recipe(self, cell: Cell) -> Self:
        """Return the section with ``network`` and ``training`` as a cell is trained.

        The keys of ``jung2019``, of specialists and of students are merged into them.

        >>> Frontend().recipe(Cell("jung2019")).training.crop
        5.0
        """
        network, training = self.network, self.training
        for section in self._changes(cell):
            network, training = _changed(network, section), _changed(training, section)
        if cell.role:
            training = training.model_copy(update={"mixup_from_epoch": training.epochs + 1})
        if cell.heads is None:
            network = _reset(network, ["attention_site"])  # another architecture may not have it
        return self.model_copy(update={"network": network, "training": training})

    def _changes(self, cell: Cell) -> Iterator[Section]:
        """Yield the sections whose keys take the place of keys of ``network`` and ``training``."""
        for path in _changing(cell):
            yield attrgetter(path)(self)

    @property
    def for_table6(self) -> Self:
        """The section with only those keys that Table 6 depends on."""
        distillation = Distillation(confusion_of=self.distillation.confusion_of)
        jung2019 = Jung2019(architecture=self.jung2019.architecture)
        return type(self)(network=self.network, jung2019=jung2019, distillation=distillation)

    def require_frames(self, samples: int, sample_rate: int, crop_key: str = "frontend.training.crop") -> None:
        """Check that the blocks leave a frame of what the network is trained on: whole clips or random windows.

        Parameters
        ----------
        samples
            Length of a clip in samples.
        sample_rate
            In Hz.
        crop_key
            The key that a user changes to change the windows; see `training_key`.

        Raises
        ------
        InputError
            If they leave none, or if the windows are longer than a clip.

        Examples
        --------
        >>> Frontend().require_frames(480_000, 48_000)
        """
        blocks = self.network.blocks
        crop = self.training.crop_samples(samples, sample_rate, crop_key)
        if (samples - 1 if crop is None else crop) // 12 // 3**blocks < 1:
            key = "scenes.audio.duration" if self.training.crop in ("auto", None) else crop_key
            raise InputError(
                f"frontend.network.blocks: {blocks} blocks leave no frame of {(crop or samples) / sample_rate:g} s at "
                f"{sample_rate} Hz; choose fewer blocks, or a longer {key}"
            )


def training_key(cell: Cell, key: str) -> str:
    """Return the full name of the key that sets a key of a cell's training.

    >>> training_key(Cell("jung2019"), "crop"), training_key(Cell("jung2019"), "epochs")
    ('frontend.jung2019.crop', 'frontend.training.epochs')
    """
    paths = [path for path in _changing(cell) if key in type(attrgetter(path)(Frontend())).model_fields]
    return f"frontend.{(['training', *paths])[-1]}.{key}"


def _changing(cell: Cell) -> Iterator[str]:
    """Yield the paths of the sections that change the training of a cell; of equal keys the last one counts."""
    if cell.variant == "jung2019":
        yield "jung2019"
    if cell.specialist is not None:
        yield "distillation.specialist"
    if cell.is_student:
        yield "distillation.student"
