"""Rules for the notes' sentences about augmentation, and training on generated images alone."""

from xray_keras.datasets.findings import title
from xray_keras.reporting.gan_notes import alone
from xray_keras.reporting.gan_notes.evidence import Evidence
from xray_keras.reporting.gan_notes.found import (
    ALL,
    BALANCED,
    BOTH,
    CLASSICAL,
    GAN,
    ONLY,
    OVERTRAINED,
    REAL,
    SCARCE,
)
from xray_keras.reporting.gan_notes.numbers import as_cell, percent, plus, text
from xray_keras.reporting.verdicts import (
    FAILS,
    HOLDS,
    OPEN,
    Verdict,
    above,
    below,
    every,
    majority,
)

MARGIN = 0.02  # of AUC: a gain below it is none
CLOSE = 0.05  # of accuracy or AUC: a loss below it is close


def _gain(evidence: Evidence, share: str, arm: str, reference: str) -> Verdict:
    each = evidence.found.classifiers[share]
    gain = as_cell(each.difference(arm, reference))
    return Verdict(above(gain), f"AUC {plus(gain)} with {each.real:,} real images")


def _scarce(evidence: Evidence) -> Verdict:
    return _gain(evidence, SCARCE, GAN, REAL)


def _generalises(evidence: Evidence) -> Verdict:
    return _gain(evidence, ALL, GAN, REAL)


def _standard(evidence: Evidence) -> Verdict:
    found = [_gain(evidence, share, GAN, CLASSICAL) for share in evidence.found.classifiers]
    return Verdict(majority(each.word for each in found), "; ".join(each.numbers for each in found))


def _mix(evidence: Evidence) -> Verdict:
    found = [_gain(evidence, SCARCE, BOTH, one) for one in (CLASSICAL, GAN)]
    words = ", ".join(f"less {one} {each.numbers}" for one, each in zip((CLASSICAL, GAN), found, strict=True))
    return Verdict(every(each.word for each in found), words)


def _rare(evidence: Evidence) -> Verdict:
    each = evidence.found.classifiers[ALL]
    label = each.rare
    positives = [each.contents[arm]["positives"][label] for arm in (REAL, BALANCED)]
    area = each.value(ONLY, label=label)
    many = HOLDS if positives[1] > 2 * positives[0] else FAILS
    return Verdict(
        every([many, above(area, 0.5)]),
        f"{title(label)}: {positives[0]:,} real positives, {positives[1]:,} with generated ones; AUC {text(area)} for "
        "a classifier of generated images alone",
    )


def _overfit(evidence: Evidence) -> Verdict:
    each, audit = evidence.found.classifiers[ALL], evidence.audits[SCARCE]
    gain = as_cell(each.difference(OVERTRAINED, REAL))
    flagged = audit["screen"]["generated"]["share"]
    copies = above(flagged, audit["screen"]["error_rate"])
    numbers = f"{percent(flagged)} flagged; AUC {plus(gain)}"
    if copies != HOLDS:
        return Verdict(OPEN, f"{numbers}; that this generator copies is not shown")
    word = HOLDS if below(gain, MARGIN) == HOLDS else FAILS if above(gain) == HOLDS else OPEN
    return Verdict(word, numbers)


def _alone(evidence: Evidence) -> tuple[list[list[str]], str]:
    """Of each classifier, whether its accuracy and its AUC come close; and their differences."""
    each = evidence.found.classifiers[ALL]
    words, told = [], []
    for real, only in each.pairs():
        losses = {
            metric: as_cell(each.difference(only, real, path)) for metric, path in alone.METRICS.items()
        }
        words.append([above(loss, -CLOSE) for loss in losses.values()])
        told.append(
            f"{alone.kind(real)} " + ", ".join(f"{metric} {plus(loss)}" for metric, loss in losses.items())
        )
    return words, "; ".join(told)


def _approaches(evidence: Evidence) -> Verdict:
    words, told = _alone(evidence)
    return Verdict(majority(every(pair) for pair in words), told)


def _stays_below(evidence: Evidence) -> Verdict:
    each = evidence.found.classifiers[ALL]
    words = majority(below(as_cell(each.difference(only, real))) for real, only in each.pairs())
    return Verdict(words, _alone(evidence)[1])


RULES = {
    "gans_suit_augmentation": ("mean AUC of GAN less real, a sixteenth of the patients, is above 0", _scarce),
    "methods_mix": (
        "mean AUC of both together is above that of either, a sixteenth of the patients; below one of them: it does "
        "not",
        _mix,
    ),
    "better_than_handcrafted": (
        "mean AUC of GAN less classical is above 0 at most shares, below at none (the notes call classical "
        "augmentation handcrafted)",
        _standard,
    ),
    "more_labelled_examples": (
        "generated positives more than double the rarest label's, and a classifier of generated images alone has an "
        "AUC above 0.5 for it",
        _rare,
    ),
    "improves_generalisation": (
        "mean AUC of GAN less real on unseen patients, all training patients, is above 0",
        _generalises,
    ),
    "gan_beats_standard": ("as handcrafted examples above", _standard),
    "overfit_no_help": (
        f"the over-trained generator copies (the screen flags more than its error rate), and a gain of {MARGIN} AUC "
        "over real images, equally many steps, is excluded; a gain above 0: it does not",
        _overfit,
    ),
    "fake_only_approaches_real": (
        f"for most classifiers, accuracy and AUC lie less than {CLOSE} below those of real images",
        _approaches,
    ),
    "fake_only_below_real": ("for most classifiers, AUC lies below that of real images", _stays_below),
}
