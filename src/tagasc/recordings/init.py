"""The command ``tagasc init``: a data set and a file of keys from a plain folder of recordings."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from tagasc.config import Experiment
from tagasc.config.loading import load
from tagasc.corpora.check import check_events, check_scenes
from tagasc.corpora.fsdkaggle2019 import ARCHIVES_GB
from tagasc.recordings.cut import cut_bytes
from tagasc.recordings.describe import describe_recordings, describe_split
from tagasc.recordings.duplicates import check_identical
from tagasc.recordings.experiment_file import experiment_keys, write_experiment
from tagasc.recordings.find import find_files
from tagasc.recordings.headers import ClipFormat, check_convertible, choose_format, read_headers
from tagasc.recordings.layout import CITY, PlannedRecording, place_identifiers, plan_clips, write_audio, write_lists
from tagasc.recordings.sizes import CELLS, TAGS_FILE, Material, Size, make_sections
from tagasc.recordings.split import Places, choose_locations, given_locations
from tagasc.runtime.errors import InputError
from tagasc.runtime.files import require_space
from tagasc.runtime.findings import Findings
from tagasc.runtime.new_folder import check_new, new_folder
from tagasc.tagger.import_tags import check_tags

if TYPE_CHECKING:
    from tagasc.recordings.from_bundle import FromBundle

_DURATION = re.compile(r"set scenes\.audio\.duration to a shorter length(, or to auto)?")


@dataclass(frozen=True)
class Options:
    """The choices of a user; the defaults are those of the command.

    Parameters
    ----------
    name
        Name of the experiment. None takes that of the folder that is written.
    size
        Networks and trainings of the demo's size, or of the paper's.
    clip
        Length of clips in s; see `choose_format`.
    evaluate, seed
        Share of the locations for evaluation, and the seed of their choice.
    evaluate_on
        Locations for evaluation; then none are drawn.
    cells
        Names of cells; all stands for the paper's.
    events, tags
        Folder of events or file of tag vectors; see `make_sections`.
    bundle
        Trained system that gives the tags, the network and the start of the trainings, instead of ``size``, ``clip``,
        ``events`` and ``tags``.
    """

    name: str | None = None
    size: Size = "small"
    clip: float | None = None
    evaluate: float = 0.3
    seed: int = 0
    evaluate_on: Sequence[str] = ()
    cells: Sequence[str] = tuple(CELLS)
    events: Path | None = None
    tags: Path | None = None
    bundle: Path | None = None


def init_recordings(folder: Path, output: Path, options: Options, say: Callable[[str], None] = print) -> None:
    """Write a data set and a file of keys from a folder with the layout ``scene/location/file``.

    Nothing is left behind if the call is refused, and nothing that exists is changed.

    Parameters
    ----------
    folder
        The recordings.
    output
        Folder to write: scenes/ and experiment.yaml. It must be empty or not exist.
    options
        Choices of the user.
    say
        Takes the lines of the report.

    Raises
    ------
    InputError
        If the folder, the split, an option or the result is not sound, or if the disk is full.
    """
    folder, output = folder.expanduser().absolute(), _absolute("--output", output).resolve()
    _check_output(folder, output)
    found = find_files(folder)
    headers = read_headers(found.files)
    start = _load_bundle(options, output)
    clips = choose_format(list(headers.values()), options.clip) if start is None else start.clips
    check_convertible(headers, clips)
    planned = plan_clips(found.files, headers, clips)
    for line in (*found.lines(), *describe_recordings(planned, clips)):
        say(line)
    evaluation = _choose_evaluation(folder, _places(planned), options)
    warnings = check_identical(found.files, evaluation)
    identifiers, made_up = place_identifiers(each.file.location for each in planned)
    say("")
    for line in describe_split(planned, evaluation):
        say(line)
    if made_up:
        say(f"identifiers: not all locations are named city-location, so that all get the city '{CITY}'")

    training = sum(len(each.clips) for each in planned if each.file.location not in evaluation)
    keys = _make_keys(output, clips, training, options, start)
    load(keys)  # wrong keys are refused before long work
    with new_folder(output) as partial:
        needed = sum(cut_bytes(each.header, each.cuts) for each in planned)
        require_space(
            partial.parent,
            needed,
            "for the clips of long recordings",
            f"choose a folder on another disk than {output}",
        )
        write_audio(partial / "scenes", planned)
        write_lists(partial / "scenes", planned, identifiers, evaluation)
        write_experiment(partial / "experiment.yaml", keys, _head(folder, output))
        if start is not None:
            names = [name for each in planned for name in each.clips]
            start.write_tags(partial / "scenes", names, partial / TAGS_FILE)
        experiment, checked = _check_result(keys, partial, output)
        for stop in checked.stops:
            raise InputError(stop)
    for warning in (*warnings, *checked.weakens):
        # Longer recordings are cut by now, so that a shorter duration would crop their clips.
        say(f"Weakens the results: {_DURATION.sub('choose a shorter --clip', warning)}")
    _say_what_next(output, experiment, planned, clips, training, say)


def _check_output(folder: Path, output: Path) -> None:
    """Check that nothing is overwritten, and that the recordings would not contain what is written."""
    if output == folder.resolve() or folder.resolve() in output.parents:
        raise InputError(
            f"{output}: is in {folder}, whose folders are the scenes; choose a new folder next to it, for instance "
            f"{folder.resolve()}-tagasc"
        )
    check_new(output)


def _places(planned: Sequence[PlannedRecording]) -> Places:
    """Return the number of clips of each location in each scene."""
    places: dict[str, dict[str, int]] = {}
    for each in planned:
        scenes = places.setdefault(each.file.location, {})
        scenes[each.file.scene] = scenes.get(each.file.scene, 0) + len(each.clips)
    return places


def _choose_evaluation(folder: Path, places: Places, options: Options) -> set[str]:
    if options.evaluate_on:
        return given_locations(folder, places, options.evaluate_on)
    return choose_locations(folder, places, options.evaluate, options.seed)


def _load_bundle(options: Options, output: Path) -> "FromBundle | None":
    """Return the trained system from which the experiment starts, if there is one."""
    if options.bundle is None:
        return None
    for option, value in (("--clip", options.clip), ("--events", options.events), ("--tags", options.tags)):
        if value is not None:
            raise InputError(f"{option}: comes from the bundle, too; leave out {option} or --bundle")
    from tagasc.recordings.from_bundle import FromBundle  # noqa: PLC0415 - imports torch: refusals are quick

    return FromBundle(_absolute("--bundle", options.bundle), output)


def _make_keys(
    output: Path, clips: ClipFormat, training: int, options: Options, start: "FromBundle | None"
) -> dict[str, Any]:
    """Return the keys of the experiment."""
    name = _valid_name(output.name) if options.name is None else options.name
    material = Material(clips, training)
    if start is not None:
        sections = start.sections(name, material)
    else:
        events = options.events and _absolute("--events", options.events)
        tags = options.tags and _absolute("--tags", options.tags)
        sections = make_sections(name, options.size, material, events, tags)
    return experiment_keys(name, output, clips, options.cells, sections)


def _absolute(option: str, path: Path) -> Path:
    """Return an absolute path that the file of keys can hold."""
    path = path.expanduser().absolute()
    if "$" in str(path):
        raise InputError(f"{option}: {path} holds a $, which would start a variable in the file of keys; rename it")
    return path


def _valid_name(text: str) -> str:
    """Return a name that paths can hold.

    >>> _valid_name("Mes été (2024)"), _valid_name("録音")
    ('Mes-ete-2024', 'recordings')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "-", plain)[:80].strip("-._") or "recordings"


def _head(folder: Path, output: Path) -> list[str]:
    """Return the comment at the top of the file of keys."""
    file = quote(str(output / "experiment.yaml"))
    return [
        f"The scenes of {folder}, written by 'tagasc init'. All other keys have their defaults: see 'tagasc config'.",
        "",
        f"  tagasc check --configfile {file}",
        f"  snakemake -c 2 --configfile {file}",
    ]


def _check_result(keys: Mapping[str, Any], partial: Path, output: Path) -> tuple[Experiment, Findings]:
    """Return the experiment, and what `tagasc check` finds in it, with the paths that it will have."""
    experiment = load({**keys, "data": str(partial)})
    found, _ = check_scenes(experiment)
    if experiment.tagger.kind != "file" and experiment.events.source == "folder":
        found += check_events(experiment)
    stops, weakens = (
        [line.replace(str(partial), str(output)) for line in part] for part in (found.stops, found.weakens)
    )
    return load(keys), Findings(found.facts, stops, weakens)


def _say_what_next(
    output: Path,
    experiment: Experiment,
    planned: Sequence[PlannedRecording],
    clips: ClipFormat,
    training: int,
    say: Callable[[str], None],
) -> None:
    """Report the tagger, the time that a run takes, and the next commands."""
    from tagasc.recordings.run_time import measure_step, usable_cores  # noqa: PLC0415 - imports torch: refusals are quick

    say("")
    say(_tagger_line(output, experiment, [name for each in planned for name in each.clips]))
    timing = measure_step(experiment.frontend, clips, len({each.file.scene for each in planned}))
    say(timing.line(experiment, training))
    say("")
    say(f"Wrote {output}. Next:")
    file = quote(str(output / "experiment.yaml"))
    say(f"  tagasc check --configfile {file}")
    say(f"  snakemake -c {usable_cores()} --configfile {file}")


def _tagger_line(output: Path, experiment: Experiment, filenames: Sequence[str]) -> str:
    """Return what a run needs for tags."""
    tagger, events = experiment.tagger, experiment.events
    if tagger.kind == "file":
        assert tagger.path is not None
        path = Path(tagger.path)
        if not path.exists():
            return (
                f"Tags: write {path} before the run, with one row for each of the {len(filenames)} clips in "
                f"{output}/scenes/meta.csv"
            )
        stops = check_tags(path, filenames).stops
        return f"Tags: correct this before the run: {stops[0]}" if stops else f"Tags: imported from {path}"
    if events.source == "folder":
        return f"Tagger: a run trains it on {experiment.events_folder}"
    return (
        f"Tagger: a run trains it on FSDKaggle2019. It downloads {ARCHIVES_GB:.1f} GB and unpacks them in "
        f"{experiment.events_folder}, which needs about twice that space. For less, give --events, a folder of your "
        f"own events, or --tags, the tags of any other tagger."
    )
