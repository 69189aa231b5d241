"""The tables and figures of cohen2019, from runs: `(runs, output without suffix) -> None` each."""

from xray_keras.reporting.cohen2019.classifier import table1
from xray_keras.reporting.cohen2019.curves import figure3
from xray_keras.reporting.cohen2019.explanation_examples import figure8
from xray_keras.reporting.cohen2019.explanations import explanations
from xray_keras.reporting.cohen2019.ood import ood
from xray_keras.reporting.cohen2019.ood_figures import figure5, figure6
from xray_keras.reporting.cohen2019.ood_samples import figure7
from xray_keras.reporting.cohen2019.page import figure1, figure2
from xray_keras.reporting.cohen2019.page_numbers import figure9, runtime
from xray_keras.reporting.cohen2019.reconstructions import figure4

__all__ = [
    "explanations",
    "figure1",
    "figure2",
    "figure3",
    "figure4",
    "figure5",
    "figure6",
    "figure7",
    "figure8",
    "figure9",
    "ood",
    "runtime",
    "table1",
]
