"""How many of the images shown in training should be generated?"""

from matplotlib import pyplot as plt

from xray_keras.reporting.document import Section
from xray_keras.reporting.gan_notes.figures import Canvas, legend, series
from xray_keras.reporting.gan_notes.found import ALL, REAL, Found
from xray_keras.reporting.gan_notes.numbers import Answer, Part, as_cell, chance, line, plus, spread, text
from xray_keras.reporting.verdicts import above, reading

NAME = "share of generated images"


def part(found: Found, canvas: Canvas) -> Part:
    """The section, its lines, and which share is best."""
    each = found.classifiers[ALL]
    arms = each.by_share()
    labels = each.run.config["labels"]
    cells = {
        "mean": [each.value(arm) for arm in arms.values()],
        **{label: [each.value(arm, label=label) for arm in arms.values()] for label in labels},
    }
    figure, panel = plt.subplots(figsize=(8, 4))
    series(panel, [100 * share for share in arms], cells, dodge=0.8)
    panel.set(
        xlabel="generated among the images shown (%)", ylabel="AUC", xticks=[100 * share for share in arms]
    )
    legend(panel)
    told = ", ".join(
        f"{share:.0%} {text(cell)}".replace("%", " %")
        for share, cell in zip(arms, cells["mean"], strict=True)
    )
    alt = f"AUC against the share of generated images: the mean over labels and each label. Mean: {told}."
    picture = canvas.save(figure, "mixture", "Share of generated images", alt)
    lines, tidy = [], []
    for k, (share, arm) in enumerate(arms.items()):
        mean = cells["mean"][k]
        entry = None if arm == REAL else each.difference(arm, REAL)
        gain = ["–", "–"] if entry is None else [plus(as_cell(entry)), chance(entry["p"])]
        by_label = [text(cells[label][k]) for label in labels]
        lines.append([f"{100 * share:.0f} %", text(mean), spread(mean), *gain, *by_label])
        tidy += [
            line(NAME, arm, f"AUC, {label}", points[k], share=share, n=each.images)
            for label, points in cells.items()
        ]
        if entry is not None:
            metric = f"mean AUC − {REAL}"
            tidy.append(line(NAME, arm, metric, as_cell(entry), share=share, p=entry["p"], n=each.images))
    section = Section(
        "The share of generated images",
        "All training patients, equally many steps; the share is that of the images shown. At 100 % no real image is "
        "shown.",
        ["Generated", "mean AUC", "sd over seeds", f"less {REAL}", "p", *labels],
        lines,
        picture=picture,
    )
    best = max(arms.items(), key=lambda item: each.value(item[1])["value"] or 0.0)
    return Part([section], tidy, [_answer(found, *best)])


def _answer(found: Found, share: float, arm: str) -> Answer:
    each = found.classifiers[ALL]
    question = "Which share of generated images is best?"
    number = f"AUC {text(each.value(arm))}"
    if arm == REAL:
        return Answer(question, "none", number)
    gain = as_cell(each.difference(arm, REAL))
    word = reading(above(gain), "better than none", "worse than none")
    return Answer(question, f"{100 * share:.0f} %, {word}", f"{number}, {plus(gain)} against none")
