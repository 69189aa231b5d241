"""Adversarial examples: what is left of a classifier's accuracy under attack, and a picture of one."""

import pandas as pd
from matplotlib import pyplot as plt

from xray_keras.datasets.findings import title
from xray_keras.papers import loader
from xray_keras.reporting import drawing
from xray_keras.reporting.document import Picture, Section
from xray_keras.reporting.gan_notes import found as names
from xray_keras.reporting.gan_notes.figures import Canvas, Tile, grid, legend, series
from xray_keras.reporting.gan_notes.found import ALL, PAPER, Found
from xray_keras.reporting.gan_notes.numbers import Answer, Part, line, of_row, percent, text
from xray_keras.reporting.verdicts import HOLDS, below, reading

NAME = "adversarial examples"
CURVES, EXAMPLES = "attacks.parquet", "attacks.npz"
WORDS = {"fgsm": "FGSM", "pgd": "PGD", "noise": "random signs"}
MEASURES = {"accuracy": "accuracy", "auc": "AUC", "flips": "decisions changed"}
STRONGEST = "pgd"


def part(found: Found, canvas: Canvas) -> Part:
    """Sections "curve" and "examples", their lines, and how little overturns the classifier."""
    frame = names.table(found.classifiers[ALL].run, CURVES)
    tidy = [
        line(NAME, WORDS[row["attack"]], metric, of_row(row, key), share=row["epsilon"], n=int(row["images"]))
        for _, row in frame.iterrows()
        for key, metric in MEASURES.items()
    ]
    return Part([_curve(frame, canvas), _examples(found, canvas)], tidy, [_answer(frame)])


def _curve(frame: pd.DataFrame, canvas: Canvas) -> Section:
    lines = [
        [WORDS[row["attack"]], f"{row['epsilon']:g}", *(text(of_row(row, key)) for key in ("accuracy", "auc")),
         percent(of_row(row, "flips"))]
        for _, row in frame.iterrows()
    ]  # fmt: skip
    first = frame.iloc[0]
    return Section(
        "Accuracy under attack",
        f"{first['images']:,} test radiographs of {first['patients']:,} patients, changed by at most ε of 255 gray "
        "levels in each pixel by an attacker who knows network and truth: FGSM takes one step along the sign of the "
        "gradient, PGD several. Random signs change every pixel by ε, too, without knowing anything. The network is "
        "that of real images alone; decisions are made at each label's best threshold on validation images (Youden), "
        "because at one half a rare finding is never called, attacked or not.",
        ["Attack", "ε, gray levels", "accuracy", "AUC", "decisions changed"],
        lines,
        notes=_weaker(frame),
        picture=_figure(frame, canvas),
    )


def _weaker(frame: pd.DataFrame) -> list[str]:
    """Where one step is worse for the classifier than several, if it is anywhere."""
    accuracy = frame.pivot(index="epsilon", columns="attack", values="accuracy")
    at = [f"{epsilon:g}" for epsilon in accuracy.index[accuracy["fgsm"] < accuracy["pgd"]]]
    if not at:
        return []
    return [
        f"At ε = {', '.join(at)} FGSM leaves fewer right decisions than PGD. Both climb the mean loss over the labels, "
        "and PGD climbs higher: by making a wrong decision surer, where another could have been changed. So neither "
        "curve is the least accuracy that an attacker could reach."
    ]


def _figure(frame: pd.DataFrame, canvas: Canvas) -> Picture:
    figure, panels = plt.subplots(1, 2, figsize=(drawing.WIDTH, 3.3), sharey=True)
    told = []
    for panel, key, label in zip(
        panels, ("accuracy", "auc"), ("accuracy of all decisions", "AUC, mean over labels"), strict=True
    ):
        cells = {
            WORDS[str(attack)]: [of_row(row, key) for _, row in rows.iterrows()]
            for attack, rows in frame.groupby("attack", sort=False)
        }
        at = sorted(frame["epsilon"].unique())
        series(panel, at, cells, dodge=0.06)
        panel.set(
            xlabel="ε, most that a pixel changes (gray levels of 255)",
            ylabel=label,
        )
        panel.yaxis.set_tick_params(labelleft=True)
        told += [
            f"{MEASURES[key]}, {name}: "
            + ", ".join(f"ε {e:g} {text(c)}" for e, c in zip(at, points, strict=True))
            + "."
            for name, points in cells.items()
        ]
    legend(panels[-1])
    alt = "Accuracy and AUC against the size of the attack. " + " ".join(told)
    return canvas.save(figure, "attacks", "A classifier under attack", alt)


def _examples(found: Found, canvas: Canvas) -> Section:
    run = found.classifiers[ALL].run
    shown = names.arrays(run, EXAMPLES)
    numbers = [
        f"{title(str(label))} ({'present' if truth else 'absent'}): {before:.3f} → {after:.3f}, called from {cut:.3f}"
        for label, truth, before, after, cut in zip(
            *(shown[name] for name in ("label", "truth", "before", "after", "threshold")), strict=True
        )
    ]
    claim = loader.claims(PAPER)["airliner_probability"]
    said = ", ".join(f"{name} {value}" for name, value in claim.values.items())
    text = (
        f"The notes say: {claim.statement} ({said}; the suite quotes the slide). Here, the right decisions that PGD of "
        f"ε = {float(shown['epsilon']):g} changes most, each of another patient: {'; '.join(numbers)}."
    )
    heading = "An adversarial example"
    if not found.drawn:
        kept = f"`{run.folder.name}/{EXAMPLES}`"
        return Section(
            heading,
            f"{text} Pictures of patients are not copied into this repository; they lie in the run's folder, in "
            f"{kept}.",
        )
    epsilon = float(shown["epsilon"])
    rows = [
        (
            "original",
            [
                Tile(image, words.split(":")[0])
                for image, words in zip(shown["original"], numbers, strict=True)
            ],
        ),
        (f"change,\n±{epsilon:g} levels", [Tile(image, signed=epsilon) for image in shown["perturbation"]]),
        (
            "attacked",
            [
                Tile(image, words.split(": ")[1].split(",")[0])
                for image, words in zip(shown["attacked"], numbers, strict=True)
            ],
        ),
    ]
    alt = f"Radiographs, the change (its range stretched to black and white), and their sums. {'; '.join(numbers)}."
    return Section(heading, text, picture=canvas.save(grid(rows), "adversarial", "Adversarial examples", alt))


def _answer(frame: pd.DataFrame) -> Answer:
    rows = frame[frame["attack"] == STRONGEST].sort_values("epsilon")
    before = of_row(rows.iloc[0], "accuracy")
    overturned = [row for _, row in rows.iterrows() if below(of_row(row, "accuracy"), 0.5) == HOLDS]
    at = f"ε = {overturned[0]['epsilon']:g}" if overturned else "none that was tried"
    last = rows.iloc[-1]
    drop = reading(below(of_row(last, "accuracy"), before["value"]), "yes", "no")
    return Answer(
        "Does a change that is hardly seen overturn the classifier?",
        f"{drop}; {at} brings PGD's accuracy below one half",
        f"accuracy {text(before)} → {text(of_row(last, 'accuracy'))} at ε = {last['epsilon']:g}",
    )
