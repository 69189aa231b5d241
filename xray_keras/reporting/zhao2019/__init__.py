"""The tables, figures and pages of zhao2019, from runs: `(runs, output without suffix) -> None` each."""

from xray_keras.reporting.zhao2019.examples import figure5
from xray_keras.reporting.zhao2019.knowledge import table2
from xray_keras.reporting.zhao2019.shortcuts import shortcuts
from xray_keras.reporting.zhao2019.speed_and_accuracy import table1

__all__ = ["figure5", "shortcuts", "table1", "table2"]
