"""Nodes of a network put together to operations: what papers draw as one box."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from xray_keras.models import layer_words
from xray_keras.models.graph import Node


@dataclass
class Operation:
    """Positions of its nodes, in the order of computation around the one that names it."""

    head: int
    before: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)

    @property
    def nodes(self) -> list[int]:
        return [*self.before, self.head, *self.after]


def operations(found: Sequence[Node], outputs: Iterable[int]) -> list[Operation]:
    """Every node in one operation: behind a head where only that is taken by it, else before the next one.

    Args:
        found: the nodes.
        outputs: positions of those that the network gives: each ends its operation.

    Returns:
        In the order of computation.
    """
    takers: list[list[int]] = [[] for _ in found]
    for position, node in enumerate(found):
        for source in node.sources:
            takers[source].append(position)
    ends = set(outputs)

    def behind(position: int) -> int | None:
        """The only node that takes this one, where it takes nothing else."""
        if position in ends or len(takers[position]) != 1 or len(found[takers[position][0]].sources) != 1:
            return None
        return takers[position][0]

    heads = [position for position, node in enumerate(found) if not layer_words.leads(node)]
    made = {position: Operation(position) for position in heads}
    used = set(heads)
    for operation in made.values():
        at = behind(operation.head)
        while at is not None and _finishes(found[at], found[operation.head]):
            operation.after.append(at)
            used.add(at)
            at = behind(at)
    waiting: list[int] = []
    for position in (each for each in range(len(found)) if each not in used):
        waiting.append(position)
        at = behind(position)
        if at in made:
            made[at].before, waiting = waiting, []
        elif at is None:
            made[position], waiting = Operation(position, waiting[:-1]), []
    return sorted(made.values(), key=lambda each: each.nodes[-1])


def _finishes(node: Node, head: Node) -> bool:
    """Maps that are joined are normalised by the one who takes them (DenseNet's pre-activation), not by the joint."""
    return layer_words.follows(node) and not (layer_words.normalises(node) and head.kind == "Concatenate")


def parameters(found: Sequence[Node], operation: Operation) -> tuple[int, int]:
    """All of an operation, and those that training changes by gradients."""
    layers = [layer for position in operation.nodes if (layer := found[position].layer) is not None]
    trained = sum(math.prod(weight.shape) for layer in layers for weight in layer.trainable_weights)
    return sum(layer.count_params() for layer in layers), trained


def text(found: Sequence[Node], operation: Operation) -> str:
    """What it does, in the order of computation: "BN, ReLU, 1×1 conv, 128"."""
    said = (
        layer_words.text(found[position], [found[source].shape for source in found[position].sources])
        for position in operation.nodes
    )
    return ", ".join(each for each in said if each)


def sources(found: Sequence[Node], operation: Operation) -> list[int]:
    """Positions of the nodes that it takes from others."""
    taken = (source for position in operation.nodes for source in found[position].sources)
    return [source for source in taken if source not in operation.nodes]
