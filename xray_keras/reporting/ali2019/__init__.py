"""The tables and figures of ali2019, from runs: `(runs, output without suffix) -> None` each."""

from functools import partial

from xray_keras.reporting import curves
from xray_keras.reporting.ali2019.architecture import table1
from xray_keras.reporting.ali2019.augmented import table3
from xray_keras.reporting.ali2019.metrics import table2
from xray_keras.reporting.ali2019.quality import quality
from xray_keras.reporting.ali2019.samples import figure4

__all__ = ["figure2", "figure3", "figure4", "quality", "table1", "table2", "table3"]

figure2 = partial(
    curves.draw, name="Figure 2", columns={"training": "loss", "validation": "val_loss"}, y_label="loss"
)
# Which F1 is not printed.
figure3 = partial(
    curves.draw,
    name="Figure 3",
    columns={"validation": "val_f1"},
    y_label="mean F1 over findings, threshold 0.5",
    printed="F1",
)
