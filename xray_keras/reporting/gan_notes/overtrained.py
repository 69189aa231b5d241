"""A generator that was trained for too long on too few patients: does it copy them, and do its images add anything?"""

from collections.abc import Mapping

import numpy as np
from matplotlib import pyplot as plt

from xray_keras.evaluation.privacy_spaces import STRUCTURE
from xray_keras.reporting import drawing
from xray_keras.reporting.document import Picture, Section
from xray_keras.reporting.gan_notes.audits import SPACES, Audit, generator
from xray_keras.reporting.gan_notes.figures import Canvas, legend
from xray_keras.reporting.gan_notes.found import ALL, GAN, OVERTRAINED, REAL, SCARCE, Found
from xray_keras.reporting.gan_notes.numbers import Answer, Part, as_cell, chance, line, percent, plain, plus
from xray_keras.reporting.verdicts import above, reading

NAME = "over-trained generator"
PAIRS = ((OVERTRAINED, REAL), (OVERTRAINED, GAN), (GAN, REAL))


def part(found: Found, audits: Mapping[str, Audit], canvas: Canvas) -> Part:
    """Sections "distances" and "what it adds", their lines, and the answer."""
    each = found.classifiers[ALL]
    lines, tidy = [], []
    for arm, reference in PAIRS:
        entry = each.difference(arm, reference)
        gain = as_cell(entry)
        lines.append(
            [f"{arm} − {reference}", plus(gain), chance(entry["p"]), reading(above(gain), "better", "worse")]
        )
        tidy.append(line(NAME, arm, f"mean AUC − {reference}", gain, p=entry["p"], n=each.images))
    for share, audit in audits.items():
        for side in ("training", "held_out"):
            quantiles = audit["spaces"][STRUCTURE]["quantiles"]
            for at, value in zip(quantiles["at"], quantiles[side], strict=True):
                metric = f"nearest {side.replace('_', '-')} distance, quantile {at:g}"
                tidy.append(
                    line(NAME, "generated", metric, plain(value), share=share, n=audit["generated"]["images"])
                )
    adds = Section(
        "Do the over-trained generator's images add anything?",
        f"Classifiers of all {each.real:,} training images, to which half of what is shown comes from the generator of "
        f"a sixteenth of the patients, or from that of all of them ({GAN}); mean AUC, paired, equally many steps.",
        ["Arms", "AUC", "p", "reading"],
        lines,
    )
    gain = as_cell(each.difference(OVERTRAINED, REAL))
    flagged = audits[SCARCE]["screen"]["generated"]["share"]
    answer = Answer(
        "Do images of a generator that was trained for too long on too few add anything?",
        reading(above(gain), "yes", "no, they harm"),
        f"AUC {plus(gain)}; {percent(flagged)} of its images are flagged as near copies",
    )
    return Part([_distances(audits, canvas), adds], tidy, [answer])


def _distances(audits: Mapping[str, Audit], canvas: Canvas) -> Section:
    lines = []
    for share, audit in audits.items():
        space = audit["spaces"][STRUCTURE]
        nearest, middle = (
            [space["quantiles"][side][k] for side in ("training", "held_out")] for k in (0, _median(audit))
        )
        pairs = [f"{own:.3f} / {other:.3f}" for own, other in (nearest, middle)]
        lines.append(
            [generator(share, audit), *pairs, percent(space["nearer"]["share"]), chance(space["nearer"]["p"])]
        )
    return Section(
        "How near do generated images come to training patients?",
        f"Distances in {SPACES[STRUCTURE]} to the nearest training and to the nearest held-out reference, of which "
        "there are equally many, one image a patient. A generator that learned the population and nobody in "
        "particular is as near to either: its images lie nearer to a training patient in half of the cases.",
        ["Generator", "least, training / held-out", "median", "nearer to training", "p"],
        lines,
        picture=_figure(audits, canvas),
    )


def _median(audit: Audit) -> int:
    return int(np.argmin(np.abs(np.array(audit["spaces"][STRUCTURE]["quantiles"]["at"]) - 0.5)))


def _figure(audits: Mapping[str, Audit], canvas: Canvas) -> Picture:
    figure, panels = plt.subplots(1, len(audits), figsize=(drawing.WIDTH, 3), sharey=True, squeeze=False)
    told = []
    for panel, (share, audit) in zip(panels[0], audits.items(), strict=True):
        quantiles = audit["spaces"][STRUCTURE]["quantiles"]
        at = 100 * np.array(quantiles["at"])
        for k, (side, words) in enumerate((("training", "to training"), ("held_out", "to held-out"))):
            panel.plot(
                at,
                quantiles[side],
                label=words,
                **drawing.series(k),
            )
        panel.set(title=generator(share, audit), xlabel="quantile of generated images (%)")
        panel.grid()
        numbers = ", ".join(
            f"{place:g} %: {own:.3f} and {other:.3f}"
            for place, own, other in zip(at, quantiles["training"], quantiles["held_out"], strict=True)
        )
        told.append(f"{generator(share, audit)}, quantiles to training and to held-out: {numbers}.")
    panels[0][0].set_ylabel("nearest reference, 1 − SSIM")
    legend(panels[0][-1])
    alt = "Quantiles of the distance to the nearest reference, a panel a generator. " + " ".join(told)
    return canvas.save(figure, "overtrained", "Nearest training and held-out references", alt)
