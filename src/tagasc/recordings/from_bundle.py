"""An experiment that continues what was trained before: its tags and its trunk come from a bundle."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from tagasc.artifacts.tags import Tags, write_npz
from tagasc.audio.windows import read_windows
from tagasc.bundle.system import System
from tagasc.config import Network
from tagasc.recordings.headers import ClipFormat
from tagasc.recordings.sizes import TAGS_FILE, Material, Sections, small_training
from tagasc.runtime.errors import InputError

_LEARNING_RATE = 1e-3


class FromBundle:
    """What an experiment takes from a bundle.

    Parameters
    ----------
    folder
        The bundle.
    output
        Folder of the experiment.

    Raises
    ------
    InputError
        If there is no such bundle, if it is damaged, or if it has no tagger.
    """

    def __init__(self, folder: Path, output: Path) -> None:
        self.folder, self.output = folder, output
        self._system = System.load(folder, torch.device("cpu"))
        if self._system.tagger is None:
            raise InputError(
                f"--bundle: {folder} has no tagger, because its tag vectors were imported from a file; name another "
                f"bundle"
            )

    @property
    def clips(self) -> ClipFormat:
        """The format of its windows, which is that of the clips."""
        audio = self._system.manifest.audio
        return ClipFormat(audio.sample_rate, audio.channels, audio.samples)

    def sections(self, name: str, material: Material) -> Sections:
        """Return the sections of an experiment: the bundle's network, its tags, and a short training."""
        network, default = self._system.manifest.network.model_dump(), Network().model_dump()
        changed: dict[str, Any] = {key: value for key, value in network.items() if value != default[key]}
        changed.pop("precision", None)  # of the device that trained the bundle; auto suits any
        training = small_training(material) | {"learning_rate": _LEARNING_RATE, "start": str(self.folder)}
        tagger = {"name": f"{name}-tags", "kind": "file", "path": str(self.output / TAGS_FILE)}
        return Sections(tagger, {"network": changed, "training": training}, {"svm": {"n_splits": 3}}, {})

    def write_tags(self, folder: Path, names: Sequence[str], path: Path) -> None:
        """Write the tag vectors of clips.

        Parameters
        ----------
        folder, names
            Folder of the data set, and the names of its clips.
        path
            The npz file to write.

        Raises
        ------
        InputError
            If a clip cannot be decoded.
        """
        wanted = self._system.window_format()
        vectors = [
            self._system.tag_windows(read_windows(folder / name, wanted))[0]
            for name in tqdm(names, "tagging", unit="clip", mininterval=1)
        ]
        write_npz(path, Tags(np.stack(vectors), self._system.manifest.tags, list(names)))
