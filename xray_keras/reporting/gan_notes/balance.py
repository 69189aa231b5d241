"""A rare finding: are generated positives worth more than real ones shown again?"""

from xray_keras.datasets.findings import title
from xray_keras.reporting.document import Section
from xray_keras.reporting.gan_notes.found import ALL, BALANCED, REAL, REPEATED, Found
from xray_keras.reporting.gan_notes.numbers import Answer, Part, as_cell, chance, line, plus, spread, text
from xray_keras.reporting.verdicts import above, reading

NAME = "class balance"
METRICS = {"recall": "default/recall", "F1, tuned threshold": "best_f1/f1", "AUC": "auc"}
ARMS = (REAL, REPEATED, BALANCED)


def part(found: Found) -> Part:
    """Sections "arms" and "differences" of the rarest label, their lines, and the answer."""
    each = found.classifiers[ALL]
    label = each.rare
    lines, tidy = [], []
    for arm in ARMS:
        contents = each.contents[arm]
        cells = {metric: each.value(arm, path, label) for metric, path in METRICS.items()}
        shown = contents["real"] + contents["generated"]
        values = [word for cell in cells.values() for word in (text(cell), spread(cell))]
        lines.append([arm, f"{contents['positives'][label]:,} / {shown:,}", *values])
        tidy += [line(NAME, arm, f"{metric}, {label}", cell, n=each.images) for metric, cell in cells.items()]
    differences = []
    for reference in (REPEATED, REAL):
        for metric, path in METRICS.items():
            entry = each.difference(BALANCED, reference, path, label)
            differences.append(
                [f"{BALANCED} − {reference}", metric, plus(as_cell(entry)), chance(entry["p"])]
            )
            metric = f"{metric}, {label} − {reference}"
            tidy.append(line(NAME, BALANCED, metric, as_cell(entry), p=entry["p"], n=each.images))
    positives = each.evaluated["positives"][label]
    sections = [
        Section(
            f"Class balance: {title(label)}, the rarest label",
            f"Every label gets as many positives as the most frequent one: real ones shown again, or generated ones "
            f"asked for with that label alone. {positives:,} of {each.images:,} test images are positive. Recall at "
            "p > 0.5, F1 at the threshold that is best on validation images; means over seeds.",
            [
                "Training set",
                "positives / all",
                *(name for metric in METRICS for name in (metric, "sd over seeds")),
            ],
            lines,
        ),
        Section(
            f"Generated against repeated positives of {title(label)}",
            "Paired differences on the same test images with the same seeds, from 1,000 resamples of whole patients.",
            ["Training sets", "metric", "difference", "p"],
            differences,
        ),
    ]
    gain = as_cell(each.difference(BALANCED, REPEATED, "auc", label))
    recall = as_cell(each.difference(BALANCED, REPEATED, "default/recall", label))
    answer = Answer(
        f"For a rare finding ({title(label)}), are generated positives worth more than repeated real ones?",
        reading(above(gain), "yes", "no, less"),
        f"AUC {plus(gain)}, recall {plus(recall)}",
    )
    return Part(sections, tidy, [answer])
