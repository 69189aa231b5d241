"""The times and sizes of zhao2019's Table I: each as printed, then as measured on this machine."""

from collections.abc import Iterator, Mapping
from typing import Any

from xray_keras.evaluation.speed import MSP_NET, PAIRS, STUDENT
from xray_keras.papers import loader
from xray_keras.reporting.document import Section
from xray_keras.reporting.zhao2019.compared import COLUMNS, FRAMEWORKS, KINDS, PAPER, Compared, picture

CLAIMED = {"cpu": "speed_cpu", "gpu": "speed_gpu"}


def sizes(found: Compared) -> Section:
    """Parameters: printed, of the network as wide as the paper has it, of the run's."""
    lines = []
    for row in found.printed.rows:
        cell = found.printed.cell(row, "", "Params")
        ours, alike = "–", "–"
        if found.speed and row in found.speed["networks"]:
            counted = found.speed["networks"][row]["parameters"]
            ours = f"{counted:,}"
            alike = "yes" if cell and counted in cell.interval() else "no"
        run = found.runs.get(row)
        lines.append(
            [
                row,
                cell.text if cell else "–",
                ours,
                alike,
                f"{run.environment['parameters']:,}" if run else "not run",
            ]
        )
    return Section(
        "Parameters",
        "Layers of MSP-Net are not printed and widths of the other two neither: they were chosen to come near the "
        "printed number. Those of the run include statistics that are not trained, and are fewer where the run's "
        "network is narrower.",
        ["Method", "printed", "as wide as the paper", "prints alike", "of the run here"],
        lines,
    )


def times(found: Compared) -> Section:
    """A line for each network, device, framework and size of the picture."""
    lines: list[list[str]] = []
    for row in found.printed.rows:
        for device, column in COLUMNS.items():
            cell = found.printed.cell(row, "", column)
            lines += _lines(found, row, device, cell.text if cell else "–")
    return Section(
        "Time of one picture",
        _machine(found),
        [
            "Method",
            "device",
            "framework",
            "picture",
            "printed",
            "ours, ms [quartiles]",
            "processor, ms",
            "calls",
        ],
        lines,
        notes=[
            "The networks timed are as wide as the paper has them, with random weights, whatever stands above was "
            "trained; MSP-Net is one of its printed size, for its layers are not printed.",
            "Rows with * are printed from other publications; they are not run here.",
        ],
    )


def _lines(found: Compared, row: str, device: str, printed: str) -> Iterator[list[str]]:
    known = found.speed["networks"] if found.speed else {}
    if "*" in row:
        yield [row, KINDS[device], "–", "–", printed, "not run", "–", "–"]
        return
    each = [
        time
        for time in (found.speed["times"] if found.speed else [])
        if (time["network"], time["device"]) == (row, device)
    ]
    if not each:
        yield [row, KINDS[device], "–", "–", printed, found.missing(device), "–", "–"]
    for time in each:
        at_own = time["size"] == known[row]["own"]
        yield [
            row,
            KINDS[device],
            FRAMEWORKS[time["framework"]],
            picture(time["size"]),
            printed if at_own else "–",
            f"{_ms(time['wall_ms']['median'])} [{_ms(time['wall_ms']['q1'])}–{_ms(time['wall_ms']['q3'])}]",
            _ms(time["cpu_ms"]["median"]),
            f"{time['n']:,}",
        ]


def _machine(found: Compared) -> str:
    if found.speed is None:
        return f"Not measured: {found.remedy}."
    machine = found.speed["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    load = machine["load_before"]
    busy = "" if load is None else f" Load of the machine before: {load:g} on {machine['cores']} cores."
    return (
        f"{machine['processor']}, {machine['threads']} thread; {machine['gpu'] or 'no GPU'}; {versions}. "
        f"{found.speed['method'][0].upper()}{found.speed['method'][1:]}: {found.speed['rounds']} rounds in "
        f"{found.speed['seconds']:.0f} s. Processor time is that of all threads of the process: where it exceeds the "
        f"other, more than one was busy, where it falls short, the process waited.{busy} Both frameworks' "
        f"probabilities agree to {found.speed['disagreement']:.1g}."
    )


def ratios(found: Compared) -> Section:
    """How many times as long the slower network takes, each at its own size and both at the same."""
    heights = loader.claims(PAPER)["input_heights"].values
    lines = []
    for slow, fast in PAIRS:
        for device in KINDS:
            for at in _sizes(found, slow, fast):
                printed = _printed(found, slow, fast, device) if at == "own" else "–"
                for each in found.ratios(slow, fast, device, at):
                    lines.append(
                        [f"{slow} / {fast}", KINDS[device], FRAMEWORKS[each["framework"]], _at(found, each),
                         printed, f"{each['median']:.3g} [{each['low']:.3g}–{each['high']:.3g}]"]
                    )  # fmt: skip
            if not found.ratios(slow, fast, device, "own"):
                printed = _printed(found, slow, fast, device)
                lines.append([f"{slow} / {fast}", KINDS[device], "–", "–", printed, found.missing(device)])
    return Section(
        "How many times as fast",
        "Quotients within a round, their median and range. The printed "
        f"{_claimed('cpu')}× and {_claimed('gpu')}× divide the time of a picture {heights['mspnet_height']} pixels "
        f"high by that of one of {heights['short_edge']}: they mix the network with the picture{_share(found)}. At the "
        "same size the network alone decides.",
        ["Times", "device", "framework", "pictures", "printed", "ours [range over rounds]"],
        lines,
    )


def _claimed(device: str) -> str:
    return loader.claims(PAPER)[CLAIMED[device]].values["ratio"].text


def _printed(found: Compared, slow: str, fast: str, device: str) -> str:
    """The ratio that the abstract prints, or the quotient of two printed times."""
    if (slow, fast) == (MSP_NET, STUDENT):
        return f"{_claimed(device)}×"
    one, other = (found.printed.number(row, COLUMNS[device]) for row in (slow, fast))
    return f"{one} / {other} = {one.value / other.value:.3g}"


def _sizes(found: Compared, slow: str, fast: str) -> tuple[str, ...]:
    """At which sizes two networks are compared: once where their own ones are the same."""
    if found.speed and all(
        found.speed["networks"][name]["own"] == found.speed["same"] for name in (slow, fast)
    ):
        return ("own",)
    return ("own", "same")


def _at(found: Compared, each: Mapping[str, Any]) -> str:
    assert found.speed
    if each["at"] == "same" or len(_sizes(found, each["slow"], each["fast"])) == 1:
        return f"both {picture(found.speed['same'])}"
    return " / ".join(picture(found.speed["networks"][name]["own"]) for name in (each["slow"], each["fast"]))


def _share(found: Compared) -> str:
    if found.speed is None:
        return ""
    (high, wide), (low, narrow) = (found.speed["networks"][name]["own"] for name in (MSP_NET, STUDENT))
    return f", which has {high * wide / (low * narrow):.2g} times the pixels"


def _ms(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
