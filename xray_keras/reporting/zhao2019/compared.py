"""The networks of zhao2019's Table I: which run stands for which printed row, and what was timed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xray_keras import files
from xray_keras.evaluation import speed
from xray_keras.evaluation.speed import MSP_NET, STUDENT, TEACHER
from xray_keras.papers import loader
from xray_keras.reporting.runs import Run

PAPER, TABLE = "zhao2019", "table1"
ROWS = {MSP_NET: MSP_NET, TEACHER: TEACHER, "Our proposed": STUDENT}
"""Row of a run → printed row: the student is that of Table II's last row."""
LABEL = "Text"
KINDS = {"cpu": "CPU", "gpu": "GPU"}
COLUMNS = {"cpu": "Time Cost (CPU)", "gpu": "Time Cost (GPU)"}
FRAMEWORKS = {"keras": "Keras", "onnxruntime": "ONNX Runtime"}


@dataclass(frozen=True)
class Compared:
    """What the page is made of.

    Attributes:
        runs: printed row → its run, the one of the lowest seed.
        speed: MSP-Net's speed.json, see `evaluation.speed.write`; None where it was not measured.
    """

    runs: Mapping[str, Run]
    speed: Mapping[str, Any] | None

    @property
    def printed(self) -> loader.PrintedTable:
        return loader.table(PAPER, TABLE)

    def ratios(self, slow: str, fast: str, device: str, at: str) -> list[Mapping[str, Any]]:
        """Of each framework; none where nothing was measured."""
        wanted = {"slow": slow, "fast": fast, "device": device, "at": at}
        found = self.speed["ratios"] if self.speed else []
        return [each for each in found if all(each[key] == value for key, value in wanted.items())]

    def missing(self, device: str) -> str:
        """Why nothing was measured on a device, for all frameworks that have a reason."""
        if self.speed is None:
            return f"not measured: {self.remedy}"
        reasons = [each["reason"] for each in self.speed["absent"] if each["device"] == device]
        return f"not measured: {', '.join(dict.fromkeys(reasons))}"

    @property
    def remedy(self) -> str:
        """What to do for a measurement, in words."""
        run = self.runs.get(MSP_NET)
        return f"give the run `{run.folder.name}` to `xray-keras speed`" if run else f"there is no {MSP_NET}"


def read(runs: Sequence[Run]) -> Compared:
    """Runs of other rows, for instance of Table II, are passed over."""
    chosen: dict[str, Run] = {}
    for run in sorted(runs, key=lambda each: each.config["seed"]):
        row = ROWS.get(run.card["row"])
        if row:
            chosen.setdefault(row, run)
    timed = chosen.get(MSP_NET)
    path = timed.folder / speed.FILE if timed else None
    return Compared(chosen, files.read_json(path) if path and path.is_file() else None)


def picture(size: Sequence[int]) -> str:
    """ "256×341", height and width."""
    return "×".join(map(str, size))
