"""Real images alone, augmented, with generated ones, or both: over shares of the training patients."""

from matplotlib import pyplot as plt
from matplotlib.ticker import FixedLocator, NullLocator

from xray_keras.evaluation.comparisons import holm
from xray_keras.reporting.document import Picture, Section
from xray_keras.reporting.gan_notes.figures import Canvas, legend, series
from xray_keras.reporting.gan_notes.found import (
    ALL,
    AUGMENTED,
    CLASSICAL,
    GAN,
    REAL,
    SCARCE,
    Classifiers,
    Found,
)
from xray_keras.reporting.gan_notes.numbers import Answer, Part, as_cell, chance, line, plus, spread, text
from xray_keras.reporting.verdicts import above, reading

NAME = "augmentation"
TUNED = "best_f1/f1"


def part(found: Found, canvas: Canvas) -> Part:
    """Sections "values" and "differences", their lines, and what they answer."""
    tidy = []
    for share, each in found.classifiers.items():
        for arm in (REAL, *AUGMENTED):
            for metric, path in (("mean AUC", "auc"), ("mean F1, tuned threshold", TUNED)):
                tidy.append(line(NAME, arm, metric, each.value(arm, path), share=share, n=each.images))
            if arm != REAL:
                entry = each.difference(arm, REAL)
                metric = f"mean AUC − {REAL}"
                tidy.append(line(NAME, arm, metric, as_cell(entry), share=share, p=entry["p"], n=each.images))
    return Part([_values(found, _figure(found, canvas)), _differences(found)], tidy, _answers(found))


def steps(each: Classifiers) -> str:
    """How many steps the networks of a run took, in words."""
    counts = sorted({each.contents[arm]["steps"] for arm in (REAL, *AUGMENTED)})
    return f"{counts[0]:,}" if len(counts) == 1 else f"unequally many ({counts[0]:,} to {counts[-1]:,})"


def _figure(found: Found, canvas: Canvas) -> Picture:
    figure, panel = plt.subplots(figsize=(8, 4))
    at = [each.real for each in found.classifiers.values()]
    cells = {arm: [each.value(arm) for each in found.classifiers.values()] for arm in (REAL, *AUGMENTED)}
    series(panel, at, cells, factor=1.03)
    panel.set(xscale="log", xlabel="real training images (number)", ylabel="AUC, mean over labels")
    panel.xaxis.set_major_locator(FixedLocator(at))
    panel.xaxis.set_major_formatter("{x:,.0f}")
    panel.xaxis.set_minor_locator(NullLocator())
    legend(panel)
    told = [
        f"{each.real:,} real images: " + ", ".join(f"{arm} {text(each.value(arm))}" for arm in cells) + "."
        for each in found.classifiers.values()
    ]
    alt = "Mean AUC against the number of real training images, a line an arm. " + " ".join(told)
    return canvas.save(figure, NAME, "Augmentation by real and generated images", alt)


def _values(found: Found, picture: Picture) -> Section:
    lines = [
        [f"{each.real:,}", arm, text(each.value(arm)), spread(each.value(arm)), text(each.value(arm, TUNED))]
        for each in found.classifiers.values()
        for arm in (REAL, *AUGMENTED)
    ]
    taken = "; ".join(f"{steps(each)} with {each.real:,} images" for each in found.classifiers.values())
    labels = ", ".join(found.classifiers[ALL].run.config["labels"])
    return Section(
        "Augmentation by real and generated images",
        f"Means over the labels {labels} and over seeds, on {found.classifiers[ALL].images:,} test images. Classical: "
        "shift, zoom and rotation. GAN: every other image shown is generated, with the labels of a training image, by "
        "the generator that learned from the same patients. All arms of a share take the same number of steps "
        f"({taken}), so they differ in what is shown, not in how often. Intervals of 95 % are over test patients; what "
        "another seed changes is in the column beside them.",
        ["Real images", "shown", "AUC", "sd over seeds", "F1, tuned threshold"],
        lines,
        picture=picture,
    )


def _differences(found: Found) -> Section:
    keys = [(each, arm) for each in found.classifiers.values() for arm in AUGMENTED]
    entries = [each.difference(arm, REAL) for each, arm in keys]
    corrected = holm([entry["p"] for entry in entries])
    lines = [
        [f"{each.real:,}", arm, plus(as_cell(entry)), chance(entry["p"]), chance(p),
         reading(above(as_cell(entry)), "better", "worse")]
        for (each, arm), entry, p in zip(keys, entries, corrected, strict=True)
    ]  # fmt: skip
    return Section(
        "What does each add to real images alone?",
        "Differences of mean AUCs on the same test images with the same seeds: intervals and two-sided p from 1,000 "
        "resamples of whole patients, Holm's correction over the table. The reading is the interval's.",
        ["Real images", f"shown, less {REAL}", "AUC", "p", "p (Holm)", "reading"],
        lines,
    )


def _answers(found: Found) -> list[Answer]:
    answers = []
    for share, where in ((SCARCE, "real ones are scarce"), (ALL, "all real ones are there")):
        each = found.classifiers[share]
        for reference, words in ((REAL, "real ones alone"), (CLASSICAL, "classical augmentation")):
            gain = as_cell(each.difference(GAN, reference))
            answers.append(
                Answer(
                    f"Do generated images beat {words} where {where} (n = {each.real:,})?",
                    reading(above(gain), "yes", "no, they lose"),
                    f"AUC {plus(gain)}",
                )
            )
    return answers
