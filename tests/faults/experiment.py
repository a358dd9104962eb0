"""A tiny experiment: its configuration and all its jobs, as the rules of the workflow define them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tagasc.artifacts.controls import CONTROLS
from tagasc.artifacts.pictures import PICTURES
from tagasc.artifacts.tree import ResultsTree
from tagasc.config.loading import load
from tagasc.paper.grid import parse
from tests.faults.job import Job

TINY = {
    "name": "tiny",
    "seeds": [0, 1],
    "cells": ["baseline", "codecat"],
    "figures": {"codes_cell": "baseline"},  # the first file of codes that a job is given
    "scenes": {
        "name": "demo-scenes",
        "source": "demo",
        "folder": "demo-scenes",
        "audio": {"sample_rate": 8000, "duration": 0.25},
        "demo": {"train": 4, "evaluate": 2},
    },
    "events": {
        "name": "demo-events",
        "source": "demo",
        "folder": "demo-events",
        "mel": {"sample_rate": 8000, "n_fft": 256, "hop_length": 250, "n_mels": 16, "f_min": 20, "f_max": 4000},
        "demo": {"curated": 2, "noisy": 1, "test": 1},
    },
    "tagger": {
        "name": "demo-tagger",
        "stage1_cycles": 1,
        "stage2_cycles": 1,
        "network": {"layers": [1, 1, 1, 1], "head_width": 8},
        "folds": {"n_splits": 2},
        "training": {"batch_size": 8, "slice_frames": 32, "cycle_epochs": 2, "mask_half_width": [2, 4]},
        "tagging": {"padding": 4, "batch_frames": 2048},
    },
    "frontend": {
        "network": {"filters": 8, "blocks": 3, "code_size": 4},
        "training": {"epochs": 2, "batch_size": 8, "learning_rate": 1e-3, "mixup_from_epoch": 2},
        "distillation": {
            "specialists": 1,
            "specialist": {"epochs": 1, "milestones": []},
            "student": {"epochs": 1, "milestones": [], "crop": 0.2},
        },
    },
    "backend": {
        "protocols": ["last", "best_on_test"],
        "keep_codes": True,
        "train_codes": "crops",
        "svm": {"n_splits": 3},
        "controls": {"linear": [], "sigmoid": []},
    },
}
IMPORTED = TINY | {"name": "imported", "tagger": {"name": "imported", "kind": "file", "path": "mine.csv"}}
"""The same experiment with tags from a file."""

EXPERIMENT = load(TINY)
TREE = ResultsTree(EXPERIMENT)
CORPORA = {"demo-scenes": "data/demo-scenes", "demo-events": "data/demo-events"}


def _dump(section: Any) -> Any:
    return section.model_dump(mode="json")


_TAGGER, _SCENES, _EVENTS = EXPERIMENT.tagger, EXPERIMENT.scenes, EXPERIMENT.events
_NETWORK = {"network": _dump(_TAGGER.network), "features": _dump(_TAGGER.features)}
_TRAINING, _TAGGING = {"training": _dump(_TAGGER.training)}, {"tagging": _dump(_TAGGER.tagging)}
_FOLDS = {"folds": _dump(_TAGGER.folds)}
_CLIPS = {"clips": f"{TREE.scenes}/clips.csv"}
_PACKED_SCENES = _CLIPS | {"waveforms": f"{TREE.scenes}/waveforms.npy"}
_PACKED_EVENTS = {
    name.partition(".")[0]: f"{TREE.events}/{name}" for name in ("labels.csv", "clips.csv", "mel_power.npy")
}
_TAGS = {"tags": TREE.tag_cache}
_COMPARE = {"compare_with_paper": EXPERIMENT.compare_with_paper}
_PROTOCOLS = _COMPARE | {"protocols": EXPERIMENT.backend.protocols}


def _demo(what: str, params: Mapping[str, Any]) -> Job:
    return Job(f"make_demo_{what}", f"make_demo_{what}.py", [], [f"results/corpora/demo-{what}/unpacked.txt"], params)


def _pack(what: str, array: str, outputs: list[str], params: Mapping[str, Any]) -> Job:
    folder = f"results/corpora/demo-{what}"
    names = [*outputs, array, "verified.csv", "sources.csv", "digest.txt"]
    output = {name.partition(".")[0]: f"{folder}/{name}" for name in names}
    params = dict(params) | {"revision": 1}
    return Job(f"pack_{what}", f"pack_{what}.py", [], output, params, also_reads=(CORPORA[f"demo-{what}"],))


def _train_fold(stage: str, fold: int) -> Job:
    folder = f"{TREE.tagger}/{stage}/fold{fold}"
    given: dict[str, Any] = dict(_PACKED_EVENTS)
    params = _NETWORK | _FOLDS | _TRAINING
    if stage == "stage2":
        given |= {"start": TREE.snapshots("stage1", fold)[-1], "soft_labels": f"{TREE.tagger}/soft_labels.npy"}
        params |= {"stage2": _dump(_TAGGER.stage2)}
    output = {"snapshots": TREE.snapshots(stage, fold), "history": f"{folder}/history.jsonl"}
    return Job(f"train_{stage} {fold}", "train_tagger_fold.py", given, output, params, {"fold": str(fold)})


def _optional_codes(place: Mapping[str, str]) -> dict[str, str]:
    """Return the files of codes other than codes.npy."""
    names = ("crop_codes", "codes_by_epoch", "crop_codes_by_epoch")
    return {name: getattr(TREE, name).format(**place) for name in names}


def _train_cell(cell: str, seed: int) -> Job:
    place = {"cell": cell, "seed": str(seed)}
    folder = TREE.cell.format(**place)
    output = {"model": "model.safetensors", "history": "history.jsonl", "codes": "codes.npy"}
    output = {name: f"{folder}/{file}" for name, file in output.items()}
    output |= _optional_codes(place)
    params = {
        "frontend": _dump(EXPERIMENT.frontend.used_by(parse(cell))),
        "sample_rate": _SCENES.audio.sample_rate,
        "code_epochs": EXPERIMENT.code_epochs(parse(cell)),
    }
    given: dict[str, Any] = _PACKED_SCENES | (_TAGS if parse(cell).uses_tags else {})
    folders = [TREE.cell.format(cell=each.name, seed=seed) for each in EXPERIMENT.teachers(parse(cell))]
    if folders:
        given["teachers"] = [f"{folder}/model.safetensors" for folder in folders]
    if parse(cell).specialist is not None:
        given["confused_scenes"] = f"{folders[0]}/confused_scenes.csv"
    return Job(f"train_cell {cell} {seed}", "train_cell.py", given, output, params, place)


def _distil(cell: str, seed: int) -> list[Job]:
    """Return the jobs of a student of a trained cell."""
    place = {"cell": cell, "seed": str(seed)}
    folder = TREE.cell.format(**place)
    distillation = EXPERIMENT.frontend.distillation
    params = {"confusion_of": distillation.confusion_of, "specialists": distillation.specialists}
    given, output = _CLIPS | {"codes": f"{folder}/codes.npy"}, [f"{folder}/confused_scenes.csv"]
    find = Job(f"find_confused_scenes {cell} {seed}", "find_confused_scenes.py", given, output, params, place)
    return [find, _train_cell(f"{cell}-specialist1", seed), _train_cell(f"{cell}-kd", seed)]


def _score_cell(cell: str, seed: int) -> Job:
    place = {"cell": cell, "seed": str(seed)}
    folder = TREE.cell.format(**place)
    given = _CLIPS | {"codes": f"{folder}/codes.npy"} | _optional_codes(place)
    output = {name: f"{folder}/{name}.csv" for name in ("scores", "predictions")}
    params = {"backend": _dump(EXPERIMENT.backend.of_cells), "epochs": EXPERIMENT.code_epochs(parse(cell))}
    return Job(f"score_cell {cell} {seed}", "score_cell.py", given, output, params, place)


def _score_control(control: str, seed: int) -> Job:
    place = {"control": control, "seed": str(seed)}
    codes = {"codes": f"{TREE.cell}/codes.npy", "crop_codes": TREE.crop_codes}
    codes = {name: path.format(cell="baseline", seed=seed) for name, path in codes.items()}
    features = CONTROLS[control].features
    given = _CLIPS | (_TAGS if "tags" in features else {}) | (codes if "codes" in features else {})
    backend = EXPERIMENT.backend if "codes" in features else EXPERIMENT.backend.without_codes
    params = {
        "backend": _dump(backend.of_tuned_controls if CONTROLS[control].tuned else backend.of_cells),
        "epoch": EXPERIMENT.frontend.training.epochs,
    }
    output = [TREE.control.format(**place) + "/predictions.csv"]
    return Job(f"score_control {control} {seed}", "score_control.py", given, output, params, place)


def _table(number: int) -> Job:
    stem = f"{TREE.scored}/tables/table{number}"
    output = {"csv": f"{stem}.csv", "markdown": f"{stem}.md", "latex": f"{stem}.tex"}
    output |= {"further": TREE.further_tables(number)}
    given = _CLIPS | {"scores": TREE.table_scores(number)}
    params = _PROTOCOLS | {"number": number}
    if number == 6:
        given |= _TAGS | {"scores": TREE.table_scores(6) + TREE.cell_files("scores.csv", ["baseline"])}
        params |= {"frontend": _dump(EXPERIMENT.frontend.for_table6), "channels": _SCENES.audio.channels}
    return Job(f"table{number}", "write_table.py", given, output, params)


def _figures() -> list[Job]:
    """Return the jobs that draw. draw_time reads benchmark files, which these jobs do not write."""
    compared = {name: f"{TREE.scored}/{name}.csv" for name in ("comparisons", "classwise", "breakdown")}
    networks = {"comparisons": compared["comparisons"]} | {
        name: TREE.cell_files(file)
        for name, file in (("predictions", "predictions.csv"), ("models", "model.safetensors"), ("codes", "codes.npy"))
    }
    trained = {"histories": TREE.cell_files("history.jsonl"), "scores": TREE.cell_files("scores.csv")}
    settings = {"frontend": _dump(EXPERIMENT.frontend), "figures": _dump(EXPERIMENT.figures)}
    return [
        _figure("draw_comparisons", _CLIPS | compared, _COMPARE),
        _figure("draw_networks", _CLIPS | _TAGS | networks, _COMPARE | settings),
        _figure("draw_learning", trained, {}),
        _figure("draw_time", {}, {"folders": []}),
    ]


def _figure(rule: str, given: Mapping[str, Any], params: Mapping[str, Any]) -> Job:
    names = [picture.name for picture in PICTURES.values() if picture.rule == rule]
    stem = f"{TREE.scored}/figures"
    output = {"pictures": [f"{stem}/{name}.svg" for name in names], "tables": [f"{stem}/{name}.csv" for name in names]}
    return Job(rule, f"{rule}.py", given, output, params)


def _overview() -> Job:
    given = _CLIPS | {
        "comparisons": f"{TREE.scored}/comparisons.csv",
        "conclusion": f"{TREE.scored}/conclusion.md",
        "tables": [path for number in range(2, 7) for path in TREE.tables(number) if not path.endswith(".tex")],
        "figures": [f"{TREE.scored}/figures/{name}.svg" for name in PICTURES],
        "gained_clips": f"{TREE.scored}/figures/gained_clips.csv",
        "telling_tags": f"{TREE.telling_tags}.svg",
        "histories": TREE.cell_files("history.jsonl"),
    }
    params = {"config": _dump(EXPERIMENT), "repository": "."}
    return Job("write_overview", "write_overview.py", given, [f"{TREE.scored}/overview.html"], params)


def _jobs() -> list[Job]:
    """Return all jobs, in an order in which they can run."""
    trainings = [(cell, seed) for cell in TREE.cells for seed in TREE.seeds]
    snapshots = {"snapshots": TREE.tagging_snapshots()}
    tags = _TAGS | {"digest": TREE.tags_digest}
    imported = "results/tags/imported/demo-scenes"
    mel = {"mel": _dump(_EVENTS.mel)}
    return [
        _demo("scenes", {"audio": _dump(_SCENES.audio), "demo": _dump(_SCENES.demo)}),
        _demo("events", {"sample_rate": _EVENTS.mel.sample_rate, "demo": _dump(_EVENTS.demo)}),
        _pack("scenes", "waveforms.npy", ["clips.csv"], {"audio": _dump(_SCENES.audio), "on_mismatch": "error"}),
        _pack("events", "mel_power.npy", ["clips.csv", "labels.csv"], mel | {"on_mismatch": "error", "drop": []}),
        *(_train_fold("stage1", fold) for fold in (0, 1)),
        Job(
            "make_soft_labels",
            "make_soft_labels.py",
            _PACKED_EVENTS | {"snapshots": TREE.soft_label_snapshots()},
            [f"{TREE.tagger}/soft_labels.npy"],
            _NETWORK | _TRAINING | {"soft_labels": _dump(_TAGGER.soft_labels)},
        ),
        *(_train_fold("stage2", fold) for fold in (0, 1)),
        Job(
            "score_tagger",
            "score_tagger.py",
            _PACKED_EVENTS | snapshots,
            {
                "by_fold": f"{TREE.tagger}/lwlrap.csv",
                "by_class": f"{TREE.tagger}/lwlrap_by_class.csv",
                "markdown": f"{TREE.tagger}/lwlrap.md",
            },
            _NETWORK | _FOLDS | _TAGGING,
        ),
        Job(
            "tag_scenes",
            "tag_scenes.py",
            _PACKED_SCENES | {"labels": f"{TREE.events}/labels.csv"} | snapshots,
            tags,
            _NETWORK | _TAGGING | mel | {"sample_rate": _SCENES.audio.sample_rate},
        ),
        Job(
            "import_tags",
            "import_tags.py",
            [],
            {"tags": f"{imported}.npz", "digest": f"{imported}.sha256"},
            {"digest": "0"},
            also_reads=("mine.csv", "data/demo-scenes/meta.csv"),
            config=IMPORTED,
        ),
        Job(
            "describe_tags",
            "describe_tags.py",
            _CLIPS | _TAGS,
            {"table": f"{TREE.telling_tags}.csv", "figure": f"{TREE.telling_tags}.svg"},
        ),
        *(_train_cell(*training) for training in trainings),
        *_distil(*trainings[0]),
        *(_score_cell(*training) for training in trainings),
        *(_score_control(control, seed) for control in CONTROLS for seed in TREE.seeds),
        Job("collect_scores", "collect_scores.py", TREE.cell_files("scores.csv"), [f"{TREE.scored}/scores.csv"]),
        Job(
            "compare_cells",
            "compare_cells.py",
            _CLIPS | {"predictions": TREE.predictions(), "scores": TREE.cell_files("scores.csv")},
            {name: f"{TREE.scored}/{name}.csv" for name in ("comparisons", "classwise", "breakdown")}
            | {"conclusion": f"{TREE.scored}/conclusion.md"},
            _COMPARE,
        ),
        *(_table(number) for number in range(2, 7)),
        *_figures(),
        _overview(),
        Job("write_config", "write_config.py", [], [f"{TREE.scored}/config.yaml"], {"config": _dump(EXPERIMENT)}),
    ]


JOBS = {job.rule: replace(job, config=job.config or TINY) for job in _jobs()}


def run_everything(watch: Callable[[Job], None]) -> None:
    """Run all jobs in the current folder; ``watch`` is called before each."""
    for job in JOBS.values():
        if job.rule == "import_tags":
            names = [line.split("\t")[0] for line in Path("data/demo-scenes/meta.csv").read_text().splitlines()[1:]]
            rows = [f"{name},{number / 100},0.5" for number, name in enumerate(names)]
            Path("mine.csv").write_text("\n".join(["filename,Bell,Water", *rows, ""]))
        watch(job)
        job.run()
