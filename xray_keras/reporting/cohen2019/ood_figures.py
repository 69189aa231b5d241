"""Figures 5 and 6 of cohen2019: distances of foreign images, and what a tightening cut-off does to a classifier."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import gaussian_kde

from xray_keras.errors import UserError
from xray_keras.evaluation import ood, tightening
from xray_keras.reporting import drawing
from xray_keras.reporting.cohen2019.facts import heading
from xray_keras.reporting.cohen2019.ood_runs import Found, Scored, detector, find, number, statement
from xray_keras.reporting.foreign import named
from xray_keras.reporting.runs import Run

POINTS = 200  # of a curve
MIDDLE = (0.005, 0.995)  # quantiles of all scores between which curves are drawn
WIDE = 20  # scores spread over more than this factor are drawn on a logarithmic axis
SHARES = np.round(np.arange(1.0, 0.09, -0.05), 2)  # of images to retain in Figure 6
LABEL = "Pneumonia"


def colours(names: Sequence[str]) -> dict[str, str]:
    """The training distribution black, foreign sets in `drawing.COLOURS`."""
    foreign = [name for name in names if name != ood.CHEST]
    return {ood.CHEST: "black"} | {
        name: drawing.COLOURS[k % len(drawing.COLOURS)] for k, name in enumerate(foreign)
    }


def figure5(runs: Sequence[Run], output: Path) -> None:
    """Figure 5: the distribution of every distance, one panel a metric, one curve a data set.

    Args:
        runs: an ALI run, a classifier, or both, scored by the stage ood.
        output: path without suffix.

    Raises:
        UserError: see `ood_runs.find`.
    """
    found = find(runs)
    names = found.detectors()
    columns = min(len(names), 3)
    rows = -(-len(names) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(drawing.WIDTH / 3 * columns, 2.6 * rows + 0.5), squeeze=False
    )
    tidy = []
    for panel, name in zip(axes.flat, names, strict=False):
        scored = found.with_detector(name)
        assert scored is not None
        tidy.append(_densities(panel, scored, name))
    for panel in axes.flat[len(names) :]:
        panel.set_visible(False)
    for panel in axes[:, 0]:
        panel.set_ylabel("density")
    drawing.title(figure, heading("figure5").split(":")[0], found.first.run)
    _legend(figure, axes.flat[0], 0.08)
    lines = [_medians(found, name) for name in names]
    drawing.write(
        figure,
        output,
        title=heading("figure5"),
        alt=f"Densities of {len(names)} scores, a curve a data set. {' '.join(lines)}",
        paragraphs=[
            "\n\n".join(statement(found)),
            "Larger is more outlying. The red line is the cut-off that 95 % of the held-out validation chests do not "
            "exceed. Curves are kernel estimates (Scott's bandwidth) between the 0.5 % and 99.5 % quantiles of all "
            "scores of a panel, per decade where the axis is logarithmic. Mahalanobis and k-NN are not in the paper: "
            "they compare the classifier's own penultimate features with those of its training images.",
            "\n".join(f"- {line}" for line in lines),
        ],
        tidy=pd.concat(tidy, ignore_index=True),
    )


def _densities(panel: Axes, scored: Scored, name: str) -> pd.DataFrame:
    """Draw the curves of one detector; return them: detector, set, score, density."""
    column = f"s_{name}"
    parts = {ood.CHEST: ood.chest(scored.frame)} | {
        one: scored.frame[scored.frame["set"] == one] for one in ood.sets(scored.frame)
    }
    every = pd.concat(list(parts.values()))[column]
    low, high = np.quantile(every, MIDDLE)
    wide = _is_wide(low, high)
    scores = np.geomspace(low, high, POINTS) if wide else np.linspace(low, high, POINTS)
    grid = np.log10(scores) if wide else scores
    tidy = []
    dashes = dict(zip((one for one in parts if one != ood.CHEST), drawing.DASHES, strict=False))
    for one, colour in colours(list(parts)).items():
        values = parts[one][column].to_numpy(np.float64)
        values = np.log10(np.maximum(values, low)) if wide else values
        if len(values) < 2 or np.ptp(values) == 0:
            continue  # a single value has no density
        density = gaussian_kde(values)(grid)
        panel.plot(scores, density, dashes.get(one, "-"), color=colour, label=named(one))
        tidy.append(
            pd.DataFrame(
                {"detector": name, "set": one, "score": scores, "density": density, "of": _unit(wide)}
            )
        )
    panel.axvline(scored.thresholds[name], color=drawing.RED, linewidth=1.2, label="cut-off")
    panel.set(title=detector(name), xlabel="score", xscale="log" if wide else "linear", yticks=[])
    return pd.concat(tidy) if tidy else pd.DataFrame()


def _is_wide(low: float, high: float) -> bool:
    """Whether scores need a logarithmic axis."""
    return bool(low > 0 and high > WIDE * low)


def _unit(wide: bool) -> str:
    """What a density is per."""
    return "decade" if wide else "score"


def _medians(found: Found, name: str) -> str:
    scored = found.with_detector(name)
    assert scored is not None
    column = f"s_{name}"
    chests = ood.chest(scored.frame)[column].median()
    others = scored.frame[scored.frame["group"] != ood.CHEST].groupby("set", sort=False)[column].median()
    texts = ", ".join(f"{named(str(one))} {others[one]:.3g}" for one in ood.sets(scored.frame))
    return f"{detector(name)}: median of held-out chests {chests:.3g}; {texts}."


def _legend(figure: Figure, panel: Axes, room: float) -> None:
    """What the lines of a panel are, below all panels, in a share of the figure's height: it covers no curve."""
    figure.legend(*panel.get_legend_handles_labels(), ncols=3, loc="lower center")
    figure.tight_layout(rect=(0, room, 1, 1))


def figure6(runs: Sequence[Run], output: Path) -> None:
    """Figure 6: the classifier's AUC for pneumonia on children's chests, and the share of them kept, by cut-off.

    Args:
        runs: a classifier with "Pneumonia" among its labels, and an ALI run if there is one; without it the panels
            are those of the classifier's own detectors.
        output: path without suffix.

    Raises:
        UserError: no classifier, or no images of children; else see `ood_runs.find`.
    """
    found = find(runs)
    children = joined(found)
    names = [name for name in ("ssim", "mahalanobis", "knn") if name in found.detectors()]
    figure, axes = plt.subplots(
        1, len(names), figsize=(drawing.WIDTH / 3 * max(2, len(names)), 3.6), squeeze=False, sharey=True
    )
    tidy, lines = [], []
    for panel, name in zip(axes[0], names, strict=True):
        curve = tightening.tightened(children, name, f"p_{LABEL}", SHARES)
        scored = found.with_detector(name)
        assert scored is not None
        _curve(panel, curve, scored.thresholds[name], detector(name))
        tidy.append(curve.assign(detector=name))
        lines.append(_reading(children, name, curve, scored.thresholds[name]))
    axes[0][0].set_ylabel("AUC for pneumonia; share of images retained")
    drawing.title(figure, heading("figure6").split(":")[0], found.first.run)
    _legend(figure, axes[0][0], 0.09)
    drawing.write(
        figure,
        output,
        title=heading("figure6"),
        alt=f"AUC and share retained against the cut-off, which tightens to the right. {' '.join(lines)}",
        paragraphs=[
            "\n\n".join(statement(found)),
            "Images whose score exceeds the cut-off are refused; the cut-off tightens to the right. The red line is "
            "the cut-off that 95 % of the held-out validation chests do not exceed. The band is DeLong's 95 % interval "
            "by patient on the images retained. The paper prints no values of this figure.",
            "\n".join(f"- {line}" for line in lines),
        ],
        tidy=pd.concat(tidy, ignore_index=True),
    )


def joined(found: Found) -> pd.DataFrame:
    """Images of children with the scores of both runs and the classifier's probability of pneumonia.

    Raises:
        UserError: no classifier with that label, or no such images.
    """
    if found.classifier is None or f"p_{LABEL}" not in found.classifier.frame:
        raise UserError(
            f"a classifier that predicts {LABEL} is needed beside the ALI run; train and score chexnet"
        )
    children = found.classifier.frame[found.classifier.frame["group"] == ood.ACCEPT]
    if children.empty:
        raise UserError(
            "no images of children were scored; unpack kermany-chest-xray into the data folder, or leave DATA out"
        )
    if found.ali is not None:
        scores = [f"s_{name}" for name in ood.detectors(found.ali.frame)]
        children = children.merge(found.ali.frame[["image", *scores]], on="image", validate="one_to_one")
    return children


def _curve(panel: Axes, curve: pd.DataFrame, threshold: float, title: str) -> None:
    panel.plot(curve["cut_off"], curve["auc"], color=drawing.COLOURS[0], label="AUC for pneumonia")
    panel.fill_between(
        curve["cut_off"], curve["low"], curve["high"], color=drawing.COLOURS[0], alpha=0.2, linewidth=0
    )
    panel.plot(curve["cut_off"], curve["retained"], "--", color=drawing.COLOURS[1], label="share retained")
    panel.axvline(threshold, color=drawing.RED, linewidth=1.2, label="cut-off of the gate")
    panel.axhline(0.5, color="gray", linewidth=0.6)
    wide = _is_wide(curve["cut_off"].min(), curve["cut_off"].max())
    panel.set(title=title, xlabel="cut-off on the score", ylim=(0, 1.02), xscale="log" if wide else "linear")
    panel.invert_xaxis()
    panel.grid()


def _reading(children: pd.DataFrame, name: str, curve: pd.DataFrame, threshold: float) -> str:
    first, half = curve.iloc[0], curve.iloc[int(np.argmin(np.abs(curve["retained"] - 0.5)))]
    kept = (children[f"s_{name}"] <= threshold).mean()
    return (
        f"{detector(name)}: AUC {number(first['auc'], first['low'], first['high'])} on all {int(first['images']):,} "
        f"images, {number(half['auc'], half['low'], half['high'])} on the {half['retained']:.0%} least outlying; the "
        f"gate's cut-off retains {kept:.0%}."
    )
