"""The drawing of a student, its teacher and the discriminator between them, with the losses that join them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from matplotlib.figure import Figure

from xray_keras.reporting.networks import pen
from xray_keras.reporting.networks.single import legend, shape_text, title

_HEIGHT = 8.0
_TEACHER, _MIDDLE, _STUDENT = 1.45, pen.WIDE / 2, pen.WIDE - 1.45  # where the columns are
_COLUMN, _BETWEEN, _HALF = 2.5, 1.95, 1.62  # how wide their boxes are
_IMAGE, _TRUNK, _FEATURES, _HEAD, _REGIONS = 0.8, 1.4, 2.8, 5.75, 6.65  # tops of the rows
_JUDGE, _JUDGED = 3.5, 4.82  # tops of the discriminator and of its losses
_LINE, _PAD = 0.155, 0.11
_INTO = 0.85  # from a column's middle to the arrow that leaves it for the discriminator
_LOSS = {"facecolor": "#FFF7CF", "edgecolor": "0.25", "linewidth": 1.0, "linestyle": (0, (1, 1.5))}
_AIMS = {
    "activation_boundary": "activation boundaries",
    "soft_regions": "the teacher's answers",
    "reconstruction": r"$|D(S)-S|$",
    "discriminator": r"$|D(T)-T|-k\,|D(S)-S|$",
}
"""Function of a loss → what it asks for; T and S are features of teacher and student."""


class _Place(NamedTuple):
    """A box: its middle, its top, its width, and how many lines of text it has."""

    x: float
    top: float
    width: float
    lines: int

    @property
    def height(self) -> float:
        return _LINE * self.lines + _PAD

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def middle(self) -> float:
        return self.top + self.height / 2

    def side(self, right: bool) -> float:
        return self.x + (self.width if right else -self.width) / 2


def draw(shown: Mapping[str, Any], heading: str) -> Figure:
    """Draw networks that learn from each other.

    Args:
        shown: see `training.architectures.described`; with "teacher", "student" and "discriminator".
        heading: what it is.
    """
    networks = shown["networks"]
    page = pen.Page(pen.WIDE, _HEIGHT)
    title(
        page,
        heading,
        "Drawn from the built networks at the paper's size, and from the losses that their training sums",
    )
    image = _Place(_MIDDLE, _IMAGE, _BETWEEN, 1)
    _put(
        page, image, [f"picture, {shape_text(networks['student']['stages'][0]['shape'])}"], pen.STYLES["none"]
    )
    tensors = {}
    for role, x in (("teacher", _TEACHER), ("student", _STUDENT)):
        for name, place in _column(page, role, networks[role], x, image).items():
            tensors[role, name] = place
    judge = _judge(page, networks["discriminator"], tensors)
    for loss in shown["losses"]:
        _loss(page, loss, shown["options"], tensors, judge)
    balance = shown["options"]["balance"]
    if balance:
        words = rf"Student: $L_{{Stu}} = L_K + {balance:g}\,L_G$, Equation 2"
        page.words(_MIDDLE, _HEIGHT - 0.68, words, pen.SIZE, across="center")
    legend(page, 0.2, _HEIGHT - 0.26, list(networks.values()))
    return page.figure


def _column(
    page: pen.Page, role: str, network: Mapping[str, Any], x: float, image: _Place
) -> dict[str, _Place]:
    """A network from the picture to its features and from these to its regions; where either tensor is drawn."""
    before, behind = halves(network, "features")
    trunk = _Place(x, _TRUNK, _COLUMN, 1 + len(before["text"]))
    head = _Place(x, _HEAD, _COLUMN, 1 + len(behind["text"]))
    shapes = {each["name"]: each["shape"] for stage in network["stages"] for each in stage["operations"]}
    tensors = {}
    for place, part, words in ((trunk, before, role), (head, behind, "classifier")):
        told = f"{words[0].upper()}{words[1:]}, {part['parameters']:,} parameters"
        style = "trained" if network["trained"] else "frozen"
        _put(page, place, [told, *part["text"]], pen.STYLES[style], bold=True)
    letter = role[0].upper()
    for name, top, words in (
        ("features", _FEATURES, f"features {letter} of regions"),
        ("regions", _REGIONS, "regions"),
    ):
        place = _Place(x, top, _COLUMN, 1)
        shape = shapes[network["outputs"][name]]
        _put(page, place, [f"{words}, {shape_text(shape)}"], pen.STYLES["none"])
        tensors[name] = place
    right = x > _MIDDLE
    page.arrow([(image.side(right), image.middle), (x, image.middle), (x, trunk.top)])
    for start, end in ((trunk, tensors["features"]), (tensors["features"], head), (head, tensors["regions"])):
        page.arrow([(x, start.bottom), (x, end.top)])
    return tensors


def halves(network: Mapping[str, Any], output: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What comes before an output, itself included, and what behind it: "parameters", and "text" in lines."""
    operations = {each["name"]: each for stage in network["stages"] for each in stage["operations"]}
    needed, waiting = set(), [network["outputs"][output]]
    while waiting:
        name = waiting.pop()
        needed.add(name)
        waiting += operations[name]["inputs"]
    before = [each for name, each in operations.items() if name in needed]
    behind = [each for name, each in operations.items() if name not in needed]
    return _half(before), _half(behind)


def _half(operations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    convolutions = sum(each["kind"] == "Conv2D" for each in operations)
    text = [f"{convolutions} convolutions"] if convolutions else []
    rest = [each["text"] for each in operations if each["kind"] in ("AdaptiveAveragePooling", "Dense")]
    text += [
        f"{each}, {rest.count(each)} times" if rest.count(each) > 1 else each for each in dict.fromkeys(rest)
    ]
    return {"parameters": sum(each["parameters"] for each in operations), "text": text}


def _judge(page: pen.Page, network: Mapping[str, Any], tensors: Mapping[tuple[str, str], _Place]) -> _Place:
    """The discriminator, and arrows from both networks' features to it."""
    layers = [each["text"] for stage in network["stages"][1:] for each in stage["operations"]]
    place = _Place(_MIDDLE, _JUDGE, _BETWEEN, 2 + len(layers))
    told = ["Discriminator D", f"{network['parameters']:,} parameters", *layers]
    _put(page, place, told, pen.STYLES["trained"], bold=True)
    for right, role in enumerate(("teacher", "student")):
        start = tensors[role, "features"]
        x = start.x + (-_INTO if right else _INTO)
        page.arrow([(x, start.bottom), (x, place.middle), (place.side(bool(right)), place.middle)])
    return place


def _loss(
    page: pen.Page,
    loss: Mapping[str, Any],
    options: Mapping[str, Any],
    tensors: Mapping[tuple[str, str], _Place],
    judge: _Place,
) -> None:
    """A loss, and arrows to it from what it takes."""
    first = loss["name"] == "L_A"
    epochs = options["pretraining"] if first else options["epochs"]
    symbol = f"${loss['name'][0]}_{{{loss['name'][2:]}}}$"
    told = [
        f"{symbol}, Equation {loss['equation']}",
        _AIMS[loss["function"]],
        f"trains the {loss['trains']}",
        f"{'first' if first else 'then'}, for {epochs} epochs",
    ]
    takes = [tuple(each) for each in loss["takes"]]
    beside = [tensors[each] for each in takes if each in tensors]
    if len(beside) == 2:  # between the two networks
        place = _Place(_MIDDLE, beside[0].middle - (_LINE * len(told) + _PAD) / 2, _BETWEEN, len(told))
        for right, start in enumerate(beside):
            page.arrow([(start.side(not right), start.middle), (place.side(bool(right)), place.middle)])
    else:
        right = loss["trains"] == "student"
        place = _Place(_MIDDLE + (0.86 if right else -0.86), _JUDGED, _HALF, len(told))
        page.arrow([(place.x, judge.bottom), (place.x, place.top)])
        for start in beside:
            x = start.x + (-_INTO if right else _INTO)
            page.arrow([(x, judge.middle), (x, place.middle), (place.side(right), place.middle)])
    _put(page, place, told, _LOSS)


def _put(
    page: pen.Page, place: _Place, lines: Sequence[str], style: Mapping[str, Any], *, bold: bool = False
) -> None:
    page.box(place.x, place.top, place.width, place.height, lines, style, size=8, pitch=_LINE, bold=bold)
