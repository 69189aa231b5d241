"""What zhao2019 says about speed and its price (Abstract, IV, V), asked of our runs and times."""

from collections.abc import Callable

import pandas as pd

from xray_keras.evaluation import arms, predictions
from xray_keras.evaluation.speed import MSP_NET, STUDENT, TEACHER
from xray_keras.papers import loader
from xray_keras.reporting.document import Section
from xray_keras.reporting.metric_table import signed
from xray_keras.reporting.verdicts import FAILS, HOLDS, OPEN, Verdict, above, every
from xray_keras.reporting.zhao2019.compared import FRAMEWORKS, KINDS, LABEL, PAPER, Compared, picture
from xray_keras.reporting.zhao2019.times import CLAIMED

UNKNOWN = "not measured"


def section(found: Compared) -> Section:
    """A line a claim: the paper's sentence, the verdict by a stated rule, and the numbers."""
    said = loader.claims(PAPER)
    lines = []
    for name, (rule, ask) in CLAIMS.items():
        verdict = ask(found)
        lines.append([said[name].statement, said[name].where, f"**{verdict.word}**", rule, verdict.numbers])
    return Section(
        "What the paper says",
        f"“{HOLDS}” and “{FAILS}” where every round in every framework, or a 95 % interval, decides it by the rule, "
        f"“{OPEN}” otherwise. Other hardware, frameworks and layers than the paper's: a ratio here neither proves nor "
        "disproves the printed times.",
        ["The paper says", "where", "verdict", "rule", "numbers"],
        lines,
    )


def _ratio(found: Compared, device: str) -> Verdict:
    claimed = loader.claims(PAPER)[CLAIMED[device]].values["ratio"].value
    own, same = (found.ratios(MSP_NET, STUDENT, device, at) for at in ("own", "same"))
    if not own:
        return Verdict(UNKNOWN, found.missing(device))
    texts = [
        f"{FRAMEWORKS[one['framework']]} {one['median']:.3g}×, at the same size {other['median']:.3g}×"
        for one, other in zip(own, same, strict=True)
    ]
    return Verdict(_beyond(found, [(MSP_NET, STUDENT)], [device], claimed), "; ".join(texts))


def _beyond(found: Compared, pairs: list[tuple[str, str]], devices: list[str], least: float) -> str:
    """Whether the ratios at own sizes exceed `least` in every round, of all pairs, devices and frameworks."""
    words = []
    for slow, fast in pairs:
        for device in devices:
            for each in found.ratios(slow, fast, device, "own"):
                words.append(HOLDS if each["low"] >= least else FAILS if each["high"] < least else OPEN)
    return every(words)


def _fastest(found: Compared) -> Verdict:
    if found.speed is None:
        return Verdict(UNKNOWN, found.missing("cpu"))
    devices = _devices(found)
    texts = [
        f"{rival} takes {each['median']:.3g} times as long on the {KINDS[device]} in {FRAMEWORKS[each['framework']]}"
        for rival in (MSP_NET, TEACHER)
        for device in devices
        for each in found.ratios(rival, STUDENT, device, "own")
    ]
    word = _beyond(found, [(MSP_NET, STUDENT), (TEACHER, STUDENT)], devices, 1.0)
    return Verdict(word, f"{'; '.join(texts)}; CNN Coding and CMDRNN are not run")


def _teacher(found: Compared) -> Verdict:
    if not {TEACHER, MSP_NET} <= set(found.runs):
        return Verdict(UNKNOWN, "the teacher or MSP-Net is not run")
    difference = _compared(found)
    words = [above(difference)]
    low, high = difference["interval"] or (None, None)
    texts = [
        f"F of the teacher less MSP-Net's {signed(difference['difference'])} [{signed(low)} to {signed(high)}]"
    ]
    if found.speed is None:
        return Verdict(every([*words, OPEN]), f"{texts[0]}; times {found.missing('cpu')}")
    for device in _devices(found):
        words.append(_beyond(found, [(MSP_NET, TEACHER)], [device], 1.0))
        for at in ("own", "same"):
            texts += [
                f"MSP-Net takes {each['median']:.3g} times as long on the {KINDS[device]} in "
                f"{FRAMEWORKS[each['framework']]}{' at the same size' if at == 'same' else ''}"
                for each in found.ratios(MSP_NET, TEACHER, device, at)
            ]
    return Verdict(every(words), "; ".join(texts))


def _compared(found: Compared) -> dict:
    """F of the teacher less that of MSP-Net, on the same test pictures."""
    columns = ["image", "patient", "split", f"y_{LABEL}", f"p_{LABEL}"]
    parts = [
        predictions.read(found.runs[row].predictions)[columns].assign(arm=row, seed=0)
        for row in (TEACHER, MSP_NET)
    ]
    compared = arms.difference(pd.concat(parts, ignore_index=True), TEACHER, MSP_NET)
    entry = compared["labels"][LABEL]["default/f1"]
    return {**entry, "value": entry["difference"]}


def _heights(found: Compared) -> Verdict:
    printed = loader.claims(PAPER)["input_heights"].values
    texts, words = [], []
    for row, run in found.runs.items():
        wanted = printed["mspnet_height" if row == MSP_NET else "short_edge"].value
        words.append(HOLDS if run.config["size"] == wanted else FAILS)
        texts.append(f"{row} is trained at {run.config['size']}")
    if found.speed:
        timed = {name: picture(each["own"]) for name, each in found.speed["networks"].items()}
        texts += [f"{name} is timed at {size}" for name, size in timed.items()]
    return Verdict(every(words), "; ".join(texts))


def _devices(found: Compared) -> list[str]:
    return [device for device in KINDS if found.ratios(MSP_NET, STUDENT, device, "own")]


_EACH = "each at its own size, MSP-Net's time is at least the printed multiple of the student's"
CLAIMS: dict[str, tuple[str, Callable[[Compared], Verdict]]] = {
    "speed_cpu": (_EACH, lambda found: _ratio(found, "cpu")),
    "speed_gpu": (_EACH, lambda found: _ratio(found, "gpu")),
    "teacher_beats_mspnet": (
        "F of the teacher less that of MSP-Net is above 0, and MSP-Net takes longer, each at its own size",
        _teacher,
    ),
    "fastest_of_all": ("MSP-Net and the teacher take longer than the student", _fastest),
    "input_heights": ("the runs have the printed short edges", _heights),
}
