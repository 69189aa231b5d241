"""Sizes of the networks that zhao2019 describes."""

import math
from collections.abc import Mapping
from typing import Any

from xray_keras.audit import layers, outcome
from xray_keras.audit.outcome import Cell, Outcome
from xray_keras.audit.zhao2019.facts import MSPNET, PAPER, SIZE, STUDENT, TEACHER, claimed
from xray_keras.papers import loader
from xray_keras.papers.printed import Printed


def mspnet_params() -> Outcome:
    """Table I: is MSP-Net VGG16 with its two large layers?"""
    vgg = loader.load(PAPER)["cited"]["vgg16"]
    printed = _size(MSPNET)
    cells, sizes = [], {}
    for outputs in vgg["outputs"]:
        dense = [{"op": "dense", "units": units} for units in (*vgg["dense"], outputs)]
        sizes[outputs] = _parameters(vgg["input"], [*layers.vgg16_features(), *dense])
        agrees = sizes[outputs] in printed.interval()
        cells.append(Cell(f"outputs: {outputs}", str(printed), _millions(sizes[outputs], printed), agrees))
    first, second = vgg["outputs"][:2]
    each = (sizes[second] - sizes[first]) // (second - first)
    interval, without = printed.interval(), sizes[first] - first * each
    fitting = math.ceil((interval.low - without) / each), math.floor((interval.high - without) / each)
    return Outcome(
        outcome.verdict(any(cell.agrees for cell in cells)),
        "Table I",
        "Is the printed size that of VGG16's features with its two large layers and few or many outputs?",
        printed=str(printed),
        recomputed=", ".join(f"{cell.recomputed} ({cell.place})" for cell in cells),
        arithmetic=f"layer by layer from an input of {vgg['input'][0]} pixels; only {fitting[0]} to "
        f"{fitting[1]} outputs would print so; the text describes no layer of MSP-Net",
        reading="the suite shows the printed size beside the size of what it builds",
        cells=tuple(cells),
    )


def teacher_params() -> Outcome:
    """III.A, Table I: the teacher, VGG16's features and a head."""
    name, candidate = _suite()
    printed, features, size = _size(TEACHER), _features(), _teacher(candidate)
    interval = printed.interval()
    return Outcome(
        outcome.verdict(size in interval),
        "III.A, Table I",
        "Does the described teacher have the printed size?",
        printed=str(printed),
        recomputed=f"{size:,} = {_millions(size, printed)}",
        arithmetic=f"VGG16's features have {features:,}, so the head has "
        f"{math.ceil(interval.low) - features:,} to {math.floor(interval.high) - features:,}; with "
        f"{candidate['teacher_head']}: {size - features:,}",
        reading=f"the suite takes {name}",
    )


def student_params() -> Outcome:
    """III.B, Table I: the student, six convolutions and two dense layers."""
    name, candidate = _suite()
    printed, size = _size(STUDENT), _student(candidate)
    normalised = size + sum(2 * channels for channels in candidate["student_channels"][-2:])
    return Outcome(
        outcome.verdict(size in printed.interval()),
        "III.B, Table I",
        "Does the described student have the printed size?",
        printed=str(printed),
        recomputed=f"{size:,} = {_millions(size, printed)}",
        arithmetic=f"channels {candidate['student_channels']}, dense {candidate['student_dense']}, all "
        f"with bias; batch normalisation of the last two would make it {normalised:,} = "
        f"{_millions(normalised, printed)}",
        reading=f"the suite takes {name}",
    )


def student_layers() -> Outcome:
    """III.B: the numbers of layers, in what the suite builds."""
    name, candidate = _suite()
    built = len(candidate["student_channels"]), len(candidate["student_dense"])
    printed = [claimed("student_layers", kind) for kind in ("convolutions", "dense")]
    fits = all(count == number.exact for count, number in zip(built, printed, strict=True))
    return Outcome(
        outcome.verdict(fits and _student(candidate) in _size(STUDENT).interval()),
        "III.B, Table I",
        "Can the printed numbers of layers have the printed size?",
        printed=f"{printed[0]} convolutions, {printed[1]} dense layers, {_size(STUDENT)}",
        recomputed=f"{built[0]} convolutions, {built[1]} dense layers, {_student(candidate):,}",
        arithmetic="built layer by layer",
        reading=f"the suite takes {name}",
    )


def head_is_identified() -> Outcome:
    """III.A, III.B, Table I: do description and sizes leave one pair of networks only?"""
    cells = []
    for name, candidate in _candidates().items():
        teacher, student = _teacher(candidate), _student(candidate)
        fits = teacher in _size(TEACHER).interval() and student in _size(STUDENT).interval()
        cells.append(Cell(name, f"{_size(TEACHER)}, {_size(STUDENT)}", f"{teacher:,}, {student:,}", fits))
    fitting = [cell for cell in cells if cell.agrees]
    return Outcome(
        outcome.verdict(len(fitting) == 1),
        "III.A, III.B, Table I",
        "Do the description and both sizes identify the networks?",
        printed=f"{_size(TEACHER)}, {_size(STUDENT)}; channels and dimension are not printed",
        recomputed=f"{len(fitting)} different pairs fit: "
        + "; ".join(f"{cell.place} {cell.recomputed}" for cell in fitting),
        arithmetic="candidate descriptions built layer by layer",
        reading=f"the suite takes {_suite()[0]}",
        cells=tuple(cells),
    )


def student_convolutions(candidate: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The six convolutions of a candidate, without any pooling, for `layers.build`."""
    kernel = loader.load(PAPER)["cited"]["candidate_heads"]["kernel"]
    return [{"op": "conv", "filters": filters, "kernel": kernel} for filters in candidate["student_channels"]]


def suite_candidate() -> Mapping[str, Any]:
    """The pair of networks that the suite builds."""
    return _suite()[1]


def _suite() -> tuple[str, Mapping[str, Any]]:
    name = loader.load(PAPER)["cited"]["candidate_heads"]["suite"]
    return name, _candidates()[name]


def _candidates() -> dict[str, Mapping[str, Any]]:
    entries = loader.load(PAPER)["cited"]["candidate_heads"]
    return {name: entry for name, entry in entries.items() if isinstance(entry, dict)}


def _features() -> int:
    return _parameters(loader.load(PAPER)["cited"]["vgg16"]["input"], layers.vgg16_features())


def _teacher(candidate: Mapping[str, Any]) -> int:
    return _features() + _dense(candidate["teacher_dense"])


def _student(candidate: Mapping[str, Any]) -> int:
    shape = loader.load(PAPER)["cited"]["vgg16"]["input"]  # parameters do not depend on the size
    return _parameters(shape, student_convolutions(candidate)) + _dense(candidate["student_dense"])


def _dense(maps: list[list[int]]) -> int:
    return sum(_parameters([inputs], [{"op": "dense", "units": units}]) for inputs, units in maps)


def _parameters(shape: list[int], description: list[dict[str, Any]]) -> int:
    return layers.parameters(layers.build(tuple(shape), description))


def _size(row: str) -> Printed:
    return loader.table(PAPER, "table1").number(row, SIZE)


def _millions(parameters: int, like: Printed) -> str:
    return f"{parameters / 1e6:.{like.decimals}f}M"
