"""The price of anonymity: how often a changed radiograph is still assigned to its patient, and what it is worth."""

from collections.abc import Iterator

import pandas as pd
from matplotlib import pyplot as plt

from xray_keras.reporting import drawing
from xray_keras.reporting.document import Picture, Section
from xray_keras.reporting.gan_notes import found as names
from xray_keras.reporting.gan_notes.figures import Canvas, Tile, errors, grid, legend
from xray_keras.reporting.gan_notes.found import ALL, Found
from xray_keras.reporting.gan_notes.numbers import Answer, Part, line, of_row, percent, plain, text

NAME = "anonymity"
CURVES, EXAMPLES = "deidentified.parquet", "deidentified.npz"
MEASURES = {"reid": "re-identified", "verification": "verification AUC", "auc": "classifier's AUC"}


def part(found: Found, canvas: Canvas) -> Part:
    """Sections "curve" and "examples", their lines, and the price of each method."""
    run = found.generators[ALL]
    frame = names.table(run, CURVES)
    tidy = [
        line(NAME, row["method"], metric, of_row(row, key), share=row["strength"], n=int(row["images"]))
        for _, row in frame.iterrows()
        for key, metric in MEASURES.items()
    ]
    tidy += [
        line(NAME, row["method"], "mean absolute change, gray levels", plain(float(row["difference"])),
             share=row["strength"], n=int(row["images"]))
        for _, row in frame.iterrows()
    ]  # fmt: skip
    return Part([_curve(frame, canvas), _examples(found, frame, canvas)], tidy, [_answer(frame)])


def prices(frame: pd.DataFrame) -> Iterator[tuple[str, pd.Series | None]]:
    """Each method, and the weakest change at which the interval of re-identification reaches down to a blind guess."""
    for method, rows in frame.groupby("method", sort=False):
        hidden = rows[rows["reid_low"] <= rows["chance"]].sort_values("strength")
        yield str(method), None if hidden.empty else hidden.iloc[0]


def untouched(frame: pd.DataFrame) -> pd.Series:
    """The point at which nothing is changed."""
    return frame.iloc[int(frame["difference"].to_numpy().argmin())]


def _curve(frame: pd.DataFrame, canvas: Canvas) -> Section:
    first = frame.iloc[0]
    lines = []
    for _, row in frame.iterrows():
        cells = [percent(of_row(row, "reid")), *(text(of_row(row, key)) for key in ("verification", "auc"))]
        lines.append([row["method"], f"{row['strength']:.3g}", *cells, f"{row['difference']:.1f}"])
    return Section(
        "The price of anonymity",
        f"{first['images']:,} test radiographs of {first['patients']:,} patients are changed; an attacker looks up "
        "their patients, by the embedding of identity, in a gallery of other, untouched radiographs. A blind guess "
        f"names the patient in {100 * first['chance']:.1f} % of the cases. Projection: mixed with the nearest image "
        "that the generator makes; labels kept: with the nearest one asked for with the image's own labels; latent "
        "edit: the projection with a share of its noise drawn anew; blur and pixelation: width over the side. An "
        "attacker whose embedding has learned from changed images would know more, so the rates are the least to fear.",
        [
            "Method",
            "strength",
            "re-identified",
            "verification AUC",
            "classifier's AUC",
            "change, gray levels",
        ],
        lines,
        picture=_figure(frame, canvas),
    )


def _figure(frame: pd.DataFrame, canvas: Canvas) -> Picture:
    figure, panel = plt.subplots(figsize=(8, 4.6))
    told = []
    for k, (method, rows) in enumerate(frame.groupby("method", sort=False)):
        areas, rates = ([of_row(row, key) for _, row in rows.iterrows()] for key in ("auc", "reid"))
        (x, across), (y, up) = errors(areas), errors(rates)
        panel.errorbar(
            x,
            100 * y,
            100 * up,
            across,
            elinewidth=0.5,
            capsize=0,
            label=str(method),
            **drawing.series(k),
        )
        points = ", ".join(
            f"{row['strength']:.3g}: {percent(rate)} at AUC {text(area)}"
            for (_, row), rate, area in zip(rows.iterrows(), rates, areas, strict=True)
        )
        told.append(f"{method}, by strength: {points}.")
    guess = 100 * float(frame["chance"].iloc[0])
    panel.axhline(guess, color="gray", linestyle=":", label="blind guess")
    panel.set(xlabel="classifier's AUC, mean over labels", ylabel="radiographs assigned to their patient (%)")
    panel.grid()
    legend(panel)
    alt = "Re-identification rate against the classifier's AUC, a line a method. " + " ".join(told)
    return canvas.save(figure, NAME, "The price of anonymity", alt)


def _examples(found: Found, frame: pd.DataFrame, canvas: Canvas) -> Section:
    run = found.generators[ALL]
    heading = "De-identified radiographs"
    if not found.drawn:
        return Section(
            heading,
            f"Pictures of patients are not copied into this repository; they lie in the run's folder, in "
            f"`{run.folder.name}/{EXAMPLES}`.",
        )
    pictures = names.arrays(run, EXAMPLES)
    rows = [("original", [Tile(image) for image in pictures["original"]])]
    told = []
    for method, group in frame.groupby("method", sort=False):
        strength = group["strength"].iloc[len(group) // 2]
        chosen = (pictures["method"] == method) & (pictures["strength"] == strength)
        changed = pictures["changed"][chosen.argmax()]
        words = str(method).replace(", ", ",\n")
        rows.append((f"{words}\n{strength:.3g}", [Tile(image) for image in changed]))
        rate = of_row(group.iloc[len(group) // 2], "reid")
        told.append(f"{method} of strength {strength:.3g}, {percent(rate)} re-identified")
    alt = f"A row of test radiographs, and below it the same ones changed: {'; '.join(told)}."
    picture = canvas.save(grid(rows), "deidentified", "De-identified radiographs", alt)
    return Section(
        heading, "Every method at its middle strength; none of the pictures is chosen.", picture=picture
    )


def _answer(frame: pd.DataFrame) -> Answer:
    start = untouched(frame)
    texts = [
        f"{method} {'never so' if point is None else text(of_row(point, 'auc'))}"
        for method, point in prices(frame)
    ]
    return Answer(
        "Which AUC is left once a patient is known no better than by a blind guess?",
        f"untouched, {percent(of_row(start, 'reid'))} are known, at an AUC of {text(of_row(start, 'auc'))}",
        "; ".join(texts),
    )
