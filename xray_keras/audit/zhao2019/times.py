"""Whether the printed hardware can compute as fast as zhao2019 prints."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from xray_keras.audit import layers, outcome
from xray_keras.audit.outcome import Cell, Outcome
from xray_keras.audit.zhao2019.facts import CPU, GPU, MSPNET, PAPER, STUDENT, TEACHER, claimed
from xray_keras.audit.zhao2019.networks import student_convolutions, suite_candidate
from xray_keras.papers import loader

MEGA, GIGA = 10**6, 10**9
PER_MULTIPLICATION = 2  # operations of one multiply-accumulate, as peak rates count them
COLOURS = 3


def gpu_times_physical() -> Outcome:
    """IV.A, IV.C, Table I: the least time of the convolutions at the peak rate of the printed hardware."""
    table = loader.table(PAPER, "table1")
    work = _multiplications()
    peaks = {GPU: _peak_of_card(_card()), CPU: _peak_of_processor()}
    gain = loader.load(PAPER)["cited"]["winograd"]["fewer_multiplications"]
    cells, details = [], []
    for row, multiplications in work.items():
        for column, peak in peaks.items():
            time = table.number(row, column)
            least = PER_MULTIPLICATION * multiplications / peak
            possible = least <= time.interval().high
            bound = "at most" if row == STUDENT else "at least"  # its pooling could only make it faster
            cells.append(Cell(f"{row}, {column}", str(time), f"{bound} {_ms(least)} at the peak", possible))
            if not possible:
                excess = f"{row} {time}: {float(least / time.exact):.1f} times the peak"
                details.append(f"{excess}; by Winograd's most thrifty algorithm at least {_ms(least / gain)}")
    giga = ", ".join(f"{row} {multiplications / GIGA:.4g}" for row, multiplications in work.items())
    widest = table.number(MSPNET, GPU).interval().high * peaks[GPU] / PER_MULTIPLICATION / work[MSPNET]
    return outcome.of_cells(
        cells,
        where="IV.A, IV.C, Table I",
        question="Can the printed hardware do the convolutions, multiplied out, in the printed times?",
        arithmetic=f"10⁹ multiply-accumulates, convolutions only: {giga} (the teacher at the smallest "
        "input that the rule allows; MSP-Net as VGG16 on a square of its height, possible only up to about "
        f"{int(widest * _height())} pixels of width; the student's channels are not printed, so its bound "
        f"is that of the suite's student without any pooling); twice that over {_tera(peaks[GPU])} TFLOPS "
        f"with boost on the card, {_tera(peaks[CPU])} on the processor. {'; '.join(details)}. CNN Coding "
        "and CMDRNN: not described, other machines",
        reading="the printed GPU times, and the ratio of them, are no target for a run",
    )


def gpu_memory() -> Outcome:
    """IV.C: has the printed card the printed memory?"""
    printed = claimed("timing_hardware", "memory_gb")
    cards = _cards()
    name = _name()
    like = {other: card for other, card in cards.items() if card["memory_gb"] == printed.exact}
    work = _multiplications()[TEACHER]
    least = {other: PER_MULTIPLICATION * work / _peak_of_card(card) for other, card in like.items()}
    time = loader.table(PAPER, "table1").number(TEACHER, GPU)
    able = [other for other, bound in least.items() if bound <= time.interval().high]
    return Outcome(
        outcome.verdict(cards[name]["memory_gb"] == printed.exact),
        "IV.C",
        "Has a card of the printed name the printed memory?",
        printed=f"{name} with {printed} GB",
        recomputed=f"{name} has {cards[name]['memory_gb']} GB; {printed} GB have {', '.join(like)}",
        arithmetic="at its peak the teacher's convolutions take "
        + ", ".join(f"{_ms(bound)} on a {other}" for other, bound in least.items())
        + f"; so {time} is possible on {' or '.join(able) or 'none of them'} without a saving algorithm",
    )


def _multiplications() -> dict[str, int]:
    """Multiply-accumulates of the convolutions at the least input: convolutions only."""
    short = int(claimed("input_heights", "short_edge").exact)
    small, large = (short, short, COLOURS), (_height(), _height(), COLOURS)
    return {
        TEACHER: layers.multiplications(layers.build(small, layers.vgg16_features())),
        MSPNET: layers.multiplications(layers.build(large, layers.vgg16_features())),
        STUDENT: layers.multiplications(layers.build(small, student_convolutions(suite_candidate()))),
    }


def _height() -> int:
    return int(claimed("input_heights", "mspnet_height").exact)


def _name() -> str:
    return str(loader.load(PAPER)["settings"]["timing"]["card"]).removeprefix("Nvidia ")


def _cards() -> dict[str, Mapping[str, Any]]:
    return {
        name: card for name, card in loader.load(PAPER)["cited"]["cards"].items() if isinstance(card, dict)
    }


def _card() -> Mapping[str, Any]:
    return _cards()[_name()]


def _peak_of_card(card: Mapping[str, Any]) -> Fraction:
    """Operations a second with boost: one multiply-accumulate a core and cycle."""
    return Fraction(PER_MULTIPLICATION * card["cores"] * card["boost_mhz"] * MEGA)


def _peak_of_processor() -> Fraction:
    facts = loader.load(PAPER)["cited"]["processor"]
    return Fraction(facts["cores"] * facts["boost_mhz"] * MEGA * facts["operations_per_cycle"])


def _ms(seconds: Fraction) -> str:
    return f"{float(seconds * 1000):.3g}ms"


def _tera(rate: Fraction) -> str:
    return f"{float(rate / (GIGA * 1000)):.2f}"
