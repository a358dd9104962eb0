"""Gradients without torch's engine, which needs a real GPU as soon as a CUDA tensor takes part."""

from collections import Counter

import torch


def backward(loss):
    """Add the gradients of a loss to the leaves of its graph. Each has to be on the device of its tensor."""
    waiting = count_edges(loss.grad_fn)
    sums = {loss.grad_fn: [torch.ones_like(loss)]}
    ready = [loss.grad_fn]
    with torch.no_grad():
        while ready:
            node = ready.pop()
            given = sums.pop(node, None)
            if hasattr(node, "variable"):
                accumulate(node.variable, *given)
                continue
            results = node(*given) if given else ()
            results = results if isinstance(results, tuple) else (results,)
            for number, (following, place) in enumerate(node.next_functions):
                if following is None:
                    continue
                if number < len(results) and results[number] is not None:
                    add(
                        sums.setdefault(following, [None] * len(following._input_metadata)),
                        place,
                        results[number],
                        following,
                    )
                waiting[following] -= 1
                if not waiting[following]:
                    ready.append(following)


def count_edges(root):
    """Count the edges that lead to each node of a graph."""
    edges, seen, stack = Counter(), {root}, [root]
    while stack:
        for node, _ in stack.pop().next_functions:
            if node is not None:
                edges[node] += 1
                if node not in seen:
                    seen.add(node)
                    stack.append(node)
    return edges


def add(sums, place, gradient, node):
    """Add a gradient of one output of a node, reduced and converted to the shape and type of that output."""
    output = node._input_metadata[place]
    assert gradient.device == output.device, (
        f"{node.name()}: gradient on {gradient.device} of a tensor on {output.device}"
    )
    gradient = gradient.sum_to_size(output.shape).to(output.dtype)
    sums[place] = gradient if sums[place] is None else sums[place] + gradient


def accumulate(leaf, gradient):
    """Add a gradient to that of a leaf, after the hooks of the leaf."""
    for hook in (leaf._backward_hooks or {}).values():
        gradient = hook(gradient)
    leaf.grad = gradient if leaf.grad is None else leaf.grad + gradient
