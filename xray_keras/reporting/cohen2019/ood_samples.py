"""Figure 7 of cohen2019: reconstruction errors over the data sets, and samples with the error in red."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import ndimage

from xray_keras import npz
from xray_keras.errors import UserError
from xray_keras.evaluation import ood
from xray_keras.reporting import drawing
from xray_keras.reporting.cohen2019.facts import heading
from xray_keras.reporting.cohen2019.ood_figures import colours
from xray_keras.reporting.cohen2019.ood_runs import Scored, detector, find, statement
from xray_keras.reporting.foreign import named
from xray_keras.reporting.runs import Run

ERRORS = ("l1", "l2", "ssim")
HALF = 0.5
QUANTILES = (0.05, 0.25, HALF, 0.75, 0.95)
_DIM, _DENSEST = 0.7, 0.8  # of the picture below, and of the red: so that both are seen
_SIGMA, _REACH = 1.5, 3.5  # of SSIM's Gaussian window, 11×11 pixels
_K1, _K2 = 0.01, 0.03


def figure7(runs: Sequence[Run], output: Path) -> None:
    """Figure 7: (a) reconstruction errors, a box a data set; (b) samples, with 1 − SSIM painted red.

    Samples are drawn where everything was computed or is bundled with scikit-learn; of real radiographs and other
    people's pictures they are not, because those are not copied into a repository: `samples` draws them elsewhere.

    Args:
        runs: among them an ALI run scored by the stage ood.
        output: path without suffix.

    Raises:
        UserError: no ALI run, or it left no examples; else see `ood_runs.find`.
    """
    found = find(runs)
    if found.ali is None:
        raise UserError(f"{output.name} needs a run of ALI; train and score cohen2019/ali first")
    scored = found.ali
    tidy = quantiles(scored)
    drawn = scored.run.kind == "phantom" and scored.foreign["origin"] == "phantom"
    examples = read_examples(scored.run) if drawn else {}
    figure = plt.figure(figsize=(drawing.WIDTH, 3.2 + (0.8 * len(set(examples["set"])) if drawn else 0)))
    upper, *lower = figure.subfigures(
        2 if drawn else 1, 1, squeeze=False, height_ratios=[3, len(set(examples["set"]))] if drawn else None
    ).flat
    axes = upper.subplots(1, len(ERRORS))
    for panel, name in zip(axes, ERRORS, strict=True):
        _boxes(panel, tidy[tidy["detector"] == name], scored, name)
    axes[-1].legend(loc="lower right", bbox_to_anchor=(1, 1))
    axes[0].set_yticks(range(tidy["set"].nunique()), [named(one) for one in tidy["set"].unique()])
    upper.suptitle(
        f"{heading('figure7').split(':')[0]} — {scored.run.kind}, {scored.run.config['scale']} scale"
    )
    upper.subplots_adjust(left=0.2, right=0.98, top=0.8, bottom=0.18, wspace=0.12)
    if drawn:
        samples(lower[0], examples)
    medians = tidy[(tidy["detector"] == "ssim") & (tidy["quantile"] == HALF)].set_index("set")["value"]
    text = ", ".join(f"{named(str(one))} {value:.3f}" for one, value in medians.items())
    photographs = [each["citation"] + " " + each["licence"] for each in scored.foreign["sets"].values()]
    drawing.write(
        figure,
        output,
        title=heading("figure7"),
        alt=f"Boxes of three reconstruction errors by data set. Median 1 − SSIM: {text}.",
        paragraphs=[
            "\n\n".join(statement(found)),
            "(a) Boxes span the middle half of a set, whiskers 90 % of it; the red line is the cut-off that 95 % of "
            f"the held-out validation chests do not exceed. Median {detector('ssim')}: {text}.",
            (
                "(b) Test images above, and below them the same with 1 − SSIM of their reconstruction in red, pixel by "
                "pixel. Sources: " + " ".join(dict.fromkeys(photographs))
                if drawn
                else "(b) is not drawn: radiographs of patients and other people's pictures are not copied into this "
                "repository. `ood_examples.npz` in the run's folder holds a few with their reconstructions."
            ),
        ],
        tidy=tidy,
    )


def quantiles(scored: Scored) -> pd.DataFrame:
    """Quantiles of the reconstruction errors: detector, set, quantile, value."""
    parts = {ood.CHEST: ood.chest(scored.frame)} | {
        one: scored.frame[scored.frame["set"] == one] for one in ood.sets(scored.frame)
    }
    return pd.DataFrame(
        [
            {"detector": name, "set": one, "quantile": q, "value": float(part[f"s_{name}"].quantile(q))}
            for name in ERRORS
            for one, part in parts.items()
            for q in QUANTILES
        ]
    )


def _boxes(panel: Axes, rows: pd.DataFrame, scored: Scored, name: str) -> None:
    names = list(rows["set"].unique())
    shades = colours(names)
    for place, one in enumerate(names):
        low, first, middle, third, high = rows[rows["set"] == one]["value"]
        panel.plot([low, high], [place, place], color=shades[one], linewidth=1)
        panel.barh(place, third - first, left=first, height=0.5, color=shades[one], alpha=0.35)
        panel.plot([middle, middle], [place - 0.25, place + 0.25], color=shades[one], linewidth=2)
    panel.axvline(scored.thresholds[name], color=drawing.RED, linewidth=1.2, label="cut-off")
    panel.set(yticks=[], xlabel=detector(name))
    panel.invert_yaxis()
    panel.grid(axis="x")


def read_examples(run: Run) -> dict[str, np.ndarray]:
    """What the stage ood kept: image, set (N,), input and reconstruction (N, S, S) uint8.

    Raises:
        UserError: the file is absent.
    """
    return npz.read(run.folder / "ood_examples.npz", "run the stage ood again")


def samples(figure: Figure, examples: Mapping[str, np.ndarray]) -> None:
    """Draw the examples, a row a set: each image, and beside it the same with the error of its reconstruction in red.

    Args:
        figure: a figure, or a part of one.
        examples: see `read_examples`.
    """
    names = list(dict.fromkeys(examples["set"].tolist()))
    most = max(int((examples["set"] == name).sum()) for name in names)
    axes = figure.subplots(len(names), 2 * most, squeeze=False)
    for panel in axes.flat:
        drawing.pictures_only(panel)
    for row, name in enumerate(names):
        for k, place in enumerate(np.flatnonzero(examples["set"] == name)):
            image = examples["input"][place]
            axes[row, 2 * k].imshow(image, cmap="gray", vmin=0, vmax=255)
            axes[row, 2 * k + 1].imshow(error_in_red(image, examples["reconstruction"][place]))
        axes[row, 0].set_ylabel(named(name).replace(", ", ",\n"), rotation=0, ha="right", va="center")
    figure.subplots_adjust(left=0.2, right=0.98, top=0.99, bottom=0.02, wspace=0.06, hspace=0.06)


def ssim_map(image: np.ndarray, other: np.ndarray) -> np.ndarray:
    """SSIM at each pixel (Wang et al. 2004): Gaussian window, σ 1.5, 11×11; uint8 (S, S) twice → float64 (S, S).

    Its mean without a border of five pixels is the SSIM of `losses.distances`; edges are mirrored here.
    """
    x, y = image.astype(np.float64), other.astype(np.float64)

    def local(values: np.ndarray) -> np.ndarray:
        return ndimage.gaussian_filter(values, _SIGMA, truncate=_REACH)

    mean_x, mean_y = local(x), local(y)
    spread_x, spread_y = local(x * x) - mean_x**2, local(y * y) - mean_y**2
    shared = local(x * y) - mean_x * mean_y
    c1, c2 = (_K1 * 255) ** 2, (_K2 * 255) ** 2
    likeness = (2 * mean_x * mean_y + c1) * (2 * shared + c2)
    return likeness / ((mean_x**2 + mean_y**2 + c1) * (spread_x + spread_y + c2))


def error_in_red(image: np.ndarray, reconstruction: np.ndarray) -> np.ndarray:
    """The dimmed image with 1 − SSIM in red, densest where nothing is alike: uint8 (S, S) twice → uint8 (S, S, 3)."""
    gray = _DIM * image.astype(np.float64)
    share = _DENSEST * np.clip(1 - ssim_map(image, reconstruction), 0, 1)
    red = gray + share * (255 - gray)
    return np.rint(np.stack([red, gray * (1 - share), gray * (1 - share)], axis=-1)).astype(np.uint8)
