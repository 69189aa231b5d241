"""The tables and figures of cohen2019, from runs: `(runs, output without suffix) -> None` each."""

from xray_keras.reporting.cohen2019.classifier import table1
from xray_keras.reporting.cohen2019.curves import figure3
from xray_keras.reporting.cohen2019.explanation_examples import figure8
from xray_keras.reporting.cohen2019.explanations import explanations
from xray_keras.reporting.cohen2019.ood import ood
from xray_keras.reporting.cohen2019.ood_figures import figure5, figure6
from xray_keras.reporting.cohen2019.ood_samples import figure7
from xray_keras.reporting.cohen2019.reconstructions import figure4

__all__ = [
    "explanations",
    "figure3",
    "figure4",
    "figure5",
    "figure6",
    "figure7",
    "figure8",
    "ood",
    "table1",
]
