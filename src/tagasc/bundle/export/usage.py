"""The README of an export, with a program that needs no tagasc."""

from string import Template

from tagasc import __version__
from tagasc.bundle.export.graph import ExportedSystem
from tagasc.bundle.export.model import MODEL
from tagasc.bundle.system import System

PROGRAM = """\
import json
import numpy as np, onnxruntime, soundfile

session = onnxruntime.InferenceSession("model.onnx")
facts = session.get_modelmeta().custom_metadata_map
rate, channels, samples = (int(facts[key]) for key in ("sample_rate", "channels", "samples"))
audio, found = soundfile.read("recording.wav", dtype="float32", always_2d=True)
assert (found, audio.shape[1]) == (rate, channels), f"convert the file to {rate} Hz and {channels} channel(s)"
audio = np.pad(audio, ((0, max(0, samples - len(audio))), (0, 0)))  # a short recording ends in silence
for start in sorted({*range(0, len(audio) - samples + 1, samples), len(audio) - samples}):
    window = np.ascontiguousarray(audio[None, start : start + samples].swapaxes(1, 2))
    scene, margins = session.run(["scene", "margins"], {"waveform": window})
    print(f"{start / rate:8.1f} s  {json.loads(facts['scenes'])[scene[0]]}  margin {margins[0, scene[0]]:.2f}")
"""
"""Classifies the windows of a recording. The last one ends where the recording ends, as with ``tagasc predict``."""

_README = Template("""\
# $cell as one ONNX file

`$model` classifies acoustic scenes. ONNX Runtime runs it; neither tagasc nor PyTorch is needed. It was exported by
tagasc $version from experiment $experiment, cell $cell, seed $seed. Licence: $licence.

| input | type | shape | |
| :-- | :-- | :-- | :-- |
| `waveform` | float32 | (batch, $channels, $samples) | windows of $seconds s at $sample_rate Hz, values in [-1, 1] |
$tags_input
| output | type | shape | |
| :-- | :-- | :-- | :-- |
$tags_output| `code` | float32 | (batch, $code) | code of the scene network |
| `margins` | float32 | (batch, $scenes) | each scene's smallest decision value against any other scene |
| `scene` | int64 | (batch) | index of the scene that the support vector machine predicts |
| `output_layer` | float32 | (batch, $scenes) | probabilities of the network's own output layer |

The batch may have any size. Memory grows with it, so a batch of a few windows is best. The names of scenes and tags are
in the metadata of the file, as JSON, and so are sample rate, channels and samples.

Scenes: $scene_names.

This program needs onnxruntime, numpy and soundfile:

```python
$program```
$note""")

_TAGS_NOTE = """
The tagger is not in the file. Add its tag vectors to the inputs: `{"waveform": window, "tags": tags}`.
"""


def readme(system: System, graph: ExportedSystem) -> str:
    """Return the README of an export, in Markdown."""
    manifest, tags = system.manifest, len(system.manifest.tags)
    audio, takes_tags = manifest.audio, "tags" in graph.input_names
    return _README.substitute(
        manifest.model_dump(include={"cell", "experiment", "seed", "licence"}),
        version=__version__,
        model=MODEL,
        channels=audio.channels,
        samples=audio.samples,
        sample_rate=audio.sample_rate,
        seconds=f"{audio.samples / audio.sample_rate:g}",
        tags_input=f"| `tags` | float32 | (batch, {tags}) | tag vectors, in [0, 1] |\n" if takes_tags else "",
        tags_output=f"| `tags` | float32 | (batch, {tags}) | posterior of each tag |\n" if graph.has_tagger else "",
        code=system.network.code_size,
        scenes=len(system.machine.scenes),
        scene_names=", ".join(system.machine.scenes),
        program=PROGRAM,
        note=_TAGS_NOTE if takes_tags else "",
    )
