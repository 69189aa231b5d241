"""The tables of zhao2019, from runs: `(runs, output without suffix) -> None` each."""

from xray_keras.reporting.zhao2019.knowledge import table2

__all__ = ["table2"]
