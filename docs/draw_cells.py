"""One picture for each way in which tag vectors enter the scene network, from the grammar of cells (Figure 2)."""

from itertools import pairwise

import svg

from tagasc.paper.grid import Cell

NETWORK, TAGS, RESULT = "#a5d6ff", "#ffd8a8", "#eaeef2"

EXAMPLES = (
    Cell("baseline"),
    Cell("codecat"),
    Cell("before_code", (3,)),
    Cell("attention", (2, 1)),
    Cell("separate", (4, 4, 3)),
    Cell("shared", (4, 3)),
)
"""One cell of the paper for each variant."""

_NETWORK_Y, _HEADS_Y, _LAYERS_Y, _TAGS_Y = 34, 82, 122, 182
_ATTENTION_X, _CONCAT_X, _CODE_CONCAT_X = 245, 425, 560


def draw_cell(cell: Cell) -> str:
    """Return the picture of a cell: the network above, the way of the tag vector below."""
    steps = [(55, 90, ["waveform"], RESULT), (155, 76, ["trunk"], NETWORK)]
    if cell.heads is not None:
        steps.append((_ATTENTION_X, 70, ["multiply"], TAGS))
    steps.append((335, 76, ["pooling"], NETWORK))
    if cell.concat_layers is not None:
        steps.append((_CONCAT_X, 70, ["append"], TAGS))
    steps.append((495, 52, ["FC"], NETWORK))
    if cell.variant == "codecat":
        steps.append((_CODE_CONCAT_X, 58, ["append"], TAGS))
    steps.append((640, 76, ["code"], RESULT))
    shapes = [
        svg.path((x + width / 2, _NETWORK_Y), (next_x - next_width / 2 - 1, _NETWORK_Y))
        for (x, width, *_), (next_x, next_width, *_) in pairwise(steps)
    ]
    shapes += [svg.box(x, _NETWORK_Y, width, 36, lines, fill) for x, width, lines, fill in steps]
    if not cell.uses_tags:
        return svg.drawing(700, 68, cell.name, shapes)
    return svg.drawing(700, 212, cell.name, [*shapes, *_tag_paths(cell)])


def _tag_paths(cell: Cell) -> list[str]:
    """Return the tag vector, its layers, and the arrows to where it enters."""
    concat, attention = (_CONCAT_X, cell.concat_layers), (_ATTENTION_X, cell.attention_layers)
    if cell.variant == "codecat":
        x = _CODE_CONCAT_X
        shapes = [svg.path((x, _TAGS_Y), (x, _NETWORK_Y + 19)), _tag_vector(x)]
    elif cell.variant == "shared":
        shapes = _stack((_ATTENTION_X + _CONCAT_X) / 2, cell.concat_layers, [_ATTENTION_X, _CONCAT_X])
    else:
        shapes = [shape for x, layers in (concat, attention) if layers is not None for shape in _stack(x, layers, [x])]
    if cell.heads is not None:
        shapes.append(svg.box(_ATTENTION_X, _HEADS_Y, 176, 28, [f"FC, softmax in {cell.heads} heads"], TAGS))
    return shapes


def _stack(x: float, layers: int | None, targets: list[float]) -> list[str]:
    """Return a tag vector, its transform layers above, and an arrow to each target."""
    label = {0: "no layer", 1: "1 layer"}.get(layers or 0, f"{layers} layers")
    arrows = [svg.path((x, _LAYERS_Y), (target, _LAYERS_Y), (target, _NETWORK_Y + 19)) for target in targets]
    up = svg.path((x, _TAGS_Y), (x, _LAYERS_Y + 16))
    return [*arrows, up, svg.box(x, _LAYERS_Y, 110, 30, [label], TAGS), _tag_vector(x)]


def _tag_vector(x: float) -> str:
    return svg.box(x, _TAGS_Y, 90, 36, ["tag vector"], RESULT)
