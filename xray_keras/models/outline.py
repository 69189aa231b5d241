"""A built network as stages of operations, ready to be drawn: plain data that adds up to the network.

An operation is what papers draw as one box: a layer with weights, a pooling, a sum, with what normalises and activates
it. A stage is a block of operations, told by their names, or a single one.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any

import keras

from xray_keras.models import graph, layer_words, operations

Described = dict[str, Any]

_BLOCK = re.compile(r"(conv\d+_block\d+|fire\d+|block\d+|conv\d+|pool\d+)(?:_|$)")
_UNIT = re.compile(r"(.+_block)\d+")
_OFTEN = 3  # units that are alike so often are one stage
_KINDS = {
    "InputLayer": "input",
    "Conv2D": "convolution",
    "Dense": "fully connected",
    "Dropout": "dropout",
    "Flatten": "flattening",
    "Concatenate": "joint",
}


def outline(model: keras.Model, shape: graph.Shape | None = None) -> Described:
    """Stages of a network in the order of computation.

    Args:
        model: see `graph.nodes`.
        shape: of the input, where the model leaves sides open.

    Returns:
        "name"; "parameters", "trained" (those that gradients change); "outputs", name ("" of a single one) → operation;
        "stages", each a dictionary: "name", and "last" where it stands for several alike, up to that one; "times", how
        many; "kind", in words; "shape", of the output without the batch; "parameters" and "trained", of all of them;
        "operations", of the first, each with "name", "text" (what it does, read off its layers), "inputs" (operations,
        also of other stages), "shape", "parameters" and "trained". Ready for JSON.

    Raises:
        ValueError: parameters of the stages do not add up to those of the model; see `graph.nodes`.
    """
    nodes, outputs = graph.nodes(model, shape)
    made = operations.operations(nodes, outputs.values())
    names = _names([nodes[each.head] for each in made])
    maker = {position: name for name, each in zip(names, made, strict=True) for position in each.nodes}
    described = []
    for name, each in zip(names, made, strict=True):
        parameters, trained = operations.parameters(nodes, each)
        described.append(
            {
                "name": name,
                "kind": nodes[each.head].kind,
                "text": operations.text(nodes, each),
                "inputs": [maker[source] for source in operations.sources(nodes, each)],
                "shape": list(nodes[each.nodes[-1]].shape),
                "parameters": parameters,
                "trained": trained,
            }
        )
    stages, stands_for = _merged(list(_stages(described)))
    total = sum(stage["parameters"] for stage in stages)
    if total != model.count_params():
        raise ValueError(
            f"{model.name}: its stages have {total:,} of {model.count_params():,} parameters; layers that "
            "share weights cannot be drawn"
        )
    return {
        "name": model.name,
        "parameters": total,
        "trained": sum(stage["trained"] for stage in stages),
        "outputs": {key: stands_for.get(maker[at], maker[at]) for key, at in outputs.items()},
        "stages": stages,
    }


def _names(heads: Sequence[graph.Node]) -> list[str]:
    """Of operations, which must differ; what Keras numbers through a session is told without the number."""
    plain = [layer_words.plain_name(head) for head in heads]
    return [name if plain.count(name) == 1 else head.name for name, head in zip(plain, heads, strict=True)]


def _stages(described: Sequence[Described]) -> Iterator[Described]:
    """Neighbours of one block together, all others alone."""

    def block(operation: Described) -> str:
        found = _BLOCK.match(operation["name"])
        return found[1] if found else operation["name"]

    for name, group in itertools.groupby(described, block):
        parts = list(group)
        yield {
            "name": name,
            "last": None,
            "times": 1,
            "kind": _kind(name, parts),
            "shape": parts[-1]["shape"],
            "parameters": sum(part["parameters"] for part in parts),
            "trained": sum(part["trained"] for part in parts),
            "operations": parts,
        }


def _kind(name: str, parts: Sequence[Described]) -> str:
    """What a stage is, by its operations: "residual block", "pooling"."""
    kinds = [part["kind"] for part in parts]
    inside = {part["name"] for part in parts}
    joints = [part for part in parts if part["kind"] == "Concatenate"]
    if "Add" in kinds:
        return "residual block"
    if len(parts) > 1 and joints:
        return "dense block" if set(joints[0]["inputs"]) - inside else "fire module"
    if len(parts) > 1 and "Conv2D" in kinds:
        return "transition" if name.startswith("pool") else "convolutions"
    if "Pooling" in kinds[0]:
        return "pooling"
    return _KINDS.get(kinds[0], kinds[0])


def _merged(stages: Sequence[Described]) -> tuple[list[Described], dict[str, str]]:
    """Units that repeat `_OFTEN` times or more as one stage; operation left out → the one that stands for it."""
    merged: list[Described] = []
    stands_for: dict[str, str] = {}
    for _, group in itertools.groupby(stages, _pattern):
        units = list(group)
        if len(units) < _OFTEN:
            merged += units
            continue
        first, last = units[0], units[-1]
        for unit in units[1:]:
            pairs = zip(unit["operations"], first["operations"], strict=True)
            stands_for |= {left_out["name"]: kept["name"] for left_out, kept in pairs}
        sums = {key: sum(unit[key] for unit in units) for key in ("parameters", "trained")}
        merged.append({**first, "last": last["name"], "times": len(units), "shape": last["shape"], **sums})
    for stage in merged:
        stage["operations"] = [
            {**each, "inputs": [stands_for.get(name, name) for name in each["inputs"]]}
            for each in stage["operations"]
        ]
    return merged, stands_for


def _pattern(stage: Described) -> tuple[str, ...]:
    """The same for units that do the same one after another; a stage that is no unit has its own name in it."""
    unit = _UNIT.fullmatch(stage["name"])
    return (unit[1] if unit else stage["name"], *(part["text"] for part in stage["operations"]))
