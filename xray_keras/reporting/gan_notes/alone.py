"""Train on generated images, test on real ones: several classifiers, as the notes' bars."""

import numpy as np
from matplotlib import pyplot as plt

from xray_keras.papers import loader
from xray_keras.reporting import drawing
from xray_keras.reporting.document import Picture, Section
from xray_keras.reporting.gan_notes.figures import Canvas, bars, legend
from xray_keras.reporting.gan_notes.found import ALL, PAPER, REAL, Classifiers, Found
from xray_keras.reporting.gan_notes.numbers import Answer, Part, as_cell, chance, line, plus, text

NAME = "trained on generated images"
METRICS = {"accuracy": "default/accuracy", "AUC": "auc"}
NETWORK = "CNN"


def part(found: Found, canvas: Canvas) -> Part:
    """The section, its lines, and how near generated images come."""
    each = found.classifiers[ALL]
    tidy = [
        line(NAME, "always the more frequent answer", "accuracy", {"value": constant(each), "interval": None})
    ]
    lines = []
    for real, only in each.pairs():
        for metric, path in METRICS.items():
            entry = each.difference(only, real, path)
            cells = [text(each.value(arm, path)) for arm in (real, only)]
            lines.append([kind(real), metric, *cells, plus(as_cell(entry)), chance(entry["p"])])
            tidy += [line(NAME, arm, metric, each.value(arm, path), n=each.images) for arm in (real, only)]
            tidy.append(line(NAME, only, f"{metric} − {real}", as_cell(entry), p=entry["p"], n=each.images))
        section = Section(
            "Trained on generated images alone, tested on real ones",
            "The notes show bars of models trained on generated and on real images; neither their numbers nor the "
            f"models' names are in the text ({loader.load(PAPER)['figures']['trained_on_fakes']['axes']['y']} against "
            "model). Means over labels (and over the networks' seeds), decisions at p > 0.5. Where findings are rare, "
            f"accuracy says little: to answer each time what is more frequent has {constant(each):.3f}.",
            ["Classifier", "metric", "from real images", "from generated ones", "difference", "p"],
            lines,
            picture=_figure(each, canvas),
        )
    return Part([section], tidy, [_answer(each)])


def kind(real: str) -> str:
    """ "logistic regression" of the arm "real, logistic regression"; the network's own of "real"."""
    return real.removeprefix(f"{REAL}, ") if real != REAL else NETWORK


def constant(each: Classifiers) -> float:
    """Accuracy of whoever answers what is more frequent among the test images, mean over labels."""
    shares = np.array(list(each.evaluated["positives"].values())) / each.images
    return float(np.maximum(shares, 1 - shares).mean())


def _figure(each: Classifiers, canvas: Canvas) -> Picture:
    groups = [kind(real) for real, _ in each.pairs()]
    figure, panels = plt.subplots(1, 2, figsize=(drawing.WIDTH, 3.3))
    told = []
    for panel, (metric, path) in zip(panels, METRICS.items(), strict=True):
        cells = {
            f"trained on {words} images": [each.value(pair[k], path) for pair in each.pairs()]
            for k, words in enumerate(("real", "generated"))
        }
        bars(panel, [name.replace(" ", "\n") for name in groups], cells)
        floor = constant(each) if metric == "accuracy" else 0.5
        panel.axhline(floor, color="black", linestyle=":", label="without looking")
        panel.set(ylabel=f"{metric}, mean over labels", ylim=(0, 1))
        told += [
            f"{name}, {metric}: {text(each.value(real, path))} from real images, "
            f"{text(each.value(only, path))} from generated ones."
            for name, (real, only) in zip(groups, each.pairs(), strict=True)
        ]
    legend(panels[-1])
    alt = (
        "Bars of accuracy and AUC on real test images, by what was learned from. Dotted: without looking, accuracy "
        f"{constant(each):.3f} and AUC 0.5. " + " ".join(told)
    )
    return canvas.save(figure, "generated-only", "Trained on generated images, tested on real ones", alt)


def _answer(each: Classifiers) -> Answer:
    gains = [as_cell(each.difference(only, real)) for real, only in each.pairs()]
    worst = min(gains, key=lambda cell: cell["value"] or 0.0)
    return Answer(
        "How near does training on generated images alone come to real ones?",
        f"the {NETWORK}'s AUC is {text(each.value(each.pairs()[0][1]))}, from real images "
        f"{text(each.value(REAL))}",
        f"AUC {plus(gains[0])}; farthest of {len(gains)} classifiers {plus(worst)}",
    )
