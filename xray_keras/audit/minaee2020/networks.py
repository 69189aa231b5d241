"""The networks of minaee2020: their names and sizes (Section III)."""

from fractions import Fraction

from xray_keras.audit.minaee2020.facts import PAPER, claimed, depth, leading, networks
from xray_keras.audit.outcome import Cell, Outcome, of_cells, verdict
from xray_keras.papers import loader
from xray_keras.papers.printed import Printed


def network_names() -> Outcome:
    """The fourth network's depth, wherever the text names it."""
    claim = claimed("one_fourth_network", "depth")
    spellings = {
        place: name for place, name in loader.load(PAPER)["settings"]["spellings"].items() if place != "where"
    }
    return of_cells(
        [Cell(place, name, str(claim), depth(name) == claim.exact) for place, name in spellings.items()],
        where="throughout",
        question="Is the fourth network the same one everywhere?",
        arithmetic=f"{len(set(spellings.values()))} spellings, "
        f"{len({depth(name) for name in spellings.values()})} depths",
        reading=f"the suite trains DenseNet-{claim}",
    )


def resnet50_deeper() -> Outcome:
    """ResNet50 has more layers than ResNet18 (III.B)."""
    shallow, deep = (name for name in networks() if name.startswith("ResNet"))
    return Outcome(
        verdict(depth(deep) > depth(shallow)),
        "III.B",
        "Does the deeper of the two ResNets have more layers?",
        printed=f"{deep}, {shallow}",
        recomputed=f"{depth(deep)}, {depth(shallow)}",
        arithmetic="the names count the layers",
    )


def squeezenet_parameters() -> Outcome:
    """A fiftieth of AlexNet's parameters (III.C), from the layers that the two publications describe."""
    printed, small, large = claimed("squeezenet_parameters", "factor"), _squeezenet(), _alexnet()
    cited = loader.load(PAPER)["cited"]
    printed_small, printed_large = (Printed(cited[name]["parameters"]) for name in ("squeezenet", "alexnet"))
    as_cited = printed_small.exact == small and large in leading(printed_large)
    return Outcome(
        verdict(as_cited and Fraction(large, small) in leading(printed)),
        "III.C",
        "Does SqueezeNet have so many times fewer parameters than AlexNet?",
        printed=str(printed),
        recomputed=f"{large / small:.2f}x",
        arithmetic=f"{large:,} / {small:,} (their authors print {printed_large} and {printed_small}); "
        f"{printed} is read as rounded to ten; to one it is {round(large / small)}x",
    )


def _convolution(kernel: int, channels: int, filters: int) -> int:
    return (kernel * kernel * channels + 1) * filters


def _alexnet() -> int:
    layers = loader.load(PAPER)["cited"]["alexnet"]["layers"]
    return sum(_convolution(kernel, channels, filters) for kernel, channels, filters in layers)


def _squeezenet() -> int:
    """A fire module squeezes with 1×1 filters, then expands with 1×1 and 3×3 filters side by side."""
    described = loader.load(PAPER)["cited"]["squeezenet"]
    first, last = described["convolution_first"], described["convolution_last"]
    total, channels = (
        _convolution(first["kernel"], described["input_channels"], first["filters"]),
        first["filters"],
    )
    for squeeze, expand1, expand3 in described["fire"]:
        total += _convolution(1, channels, squeeze)
        total += _convolution(1, squeeze, expand1) + _convolution(3, squeeze, expand3)
        channels = expand1 + expand3
    return total + _convolution(last["kernel"], channels, last["filters"])
