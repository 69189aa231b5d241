"""The tables and figures of minaee2020, from runs: `(runs, output without suffix) -> None` each."""

from functools import partial

from xray_keras.reporting.minaee2020.comparison import table6
from xray_keras.reporting.minaee2020.counts import table1
from xray_keras.reporting.minaee2020.histograms import histogram
from xray_keras.reporting.minaee2020.matrices import matrix
from xray_keras.reporting.minaee2020.roc import figure10
from xray_keras.reporting.minaee2020.sample import figure2
from xray_keras.reporting.minaee2020.threshold_tables import by_threshold

__all__ = [
    "figure2",
    "figure6",
    "figure7",
    "figure8",
    "figure9",
    "figure10",
    "figure11",
    "figure12",
    "table1",
    "table2",
    "table3",
    "table4",
    "table5",
    "table6",
]

table2, table3, table4, table5 = (
    partial(by_threshold, name=name) for name in ("table2", "table3", "table4", "table5")
)
figure6, figure7, figure8, figure9 = (
    partial(histogram, name=name) for name in ("figure6", "figure7", "figure8", "figure9")
)
figure11, figure12 = (partial(matrix, name=name) for name in ("figure11", "figure12"))
