"""Rules for the notes' sentences about what generated images look like: their diversity, tilt and realism."""

from xray_keras.reporting.ali2019.gans import distance
from xray_keras.reporting.gan_notes import tilt
from xray_keras.reporting.gan_notes.evidence import Evidence
from xray_keras.reporting.gan_notes.found import ALL, GAN
from xray_keras.reporting.gan_notes.numbers import percent, text
from xray_keras.reporting.verdicts import FAILS, HOLDS, OPEN, Verdict, apart, below, majority

FEW = 0.05  # of the images


def _increases(evidence: Evidence) -> Verdict:
    quality = evidence.measured[ALL].quality
    pair = [each["recall"] for each in (quality["generated"], quality["yardsticks"]["training"])]
    word = HOLDS if apart(*pair) == HOLDS else OPEN
    shown = evidence.found.classifiers[ALL].contents[GAN]["generated"]
    return Verdict(
        word, f"{shown:,} more images; recall {text(pair[0])}, as many real training images {text(pair[1])}"
    )


def _limited(evidence: Evidence) -> Verdict:
    pairs = [
        (each.quality["generated"]["recall"], each.quality["yardsticks"]["training"]["recall"])
        for each in evidence.measured.values()
    ]
    told = "; ".join(f"{text(own)} of {text(real)}" for own, real in pairs)
    return Verdict(
        majority(apart(real, own) for own, real in pairs), f"recall of generated, of training images: {told}"
    )


def _more_diverse(evidence: Evidence) -> Verdict:
    varied = evidence.measured[ALL].variety
    numbers = f"{text(varied.generated)} between generated, {text(varied.transformed)} to a transform"
    return Verdict(apart(varied.generated, varied.transformed), numbers)


def _rotated(evidence: Evidence) -> Verdict:
    turned = evidence.measured[ALL].turned
    numbers = f"{percent(turned.generated)} of generated images, {percent(turned.real)} of test images"
    return Verdict(below(turned.generated, FEW), numbers)


def _realistic(evidence: Evidence) -> Verdict:
    quality = evidence.measured[ALL].quality
    own, real, blurred = (
        each["kernel"]
        for each in (
            quality["generated"],
            quality["yardsticks"]["training"],
            quality["yardsticks"]["blurred"],
        )
    )
    word = FAILS if apart(own, blurred) != FAILS else OPEN if apart(own, real) == HOLDS else HOLDS
    return Verdict(
        word, f"KID {distance(own)}, training images {distance(real)}, blurred ones {distance(blurred)}"
    )


RULES = {
    "augmentation_size_diversity": (
        "holds where generated images cover more of the test images than as many real training images do; that they "
        "cover less refutes nothing",
        _increases,
    ),
    "gan_more_diverse_than_transforms": (
        "two generated images differ more in pixels than a radiograph and its own mirror image or crop do",
        _more_diverse,
    ),
    "transforms_more_rotated": (
        f"less than {100 * FEW:.0f} % of generated images are turned by {tilt.TURNED:g} degrees, as far as classical "
        "augmentation turns; more: it does not",
        _rotated,
    ),
    "diversity_limited": (
        "recall of generated images lies below that of as many training images, for most generators",
        _limited,
    ),
    "mri_realistic": (
        "KID not above that of training images; no lower than that of blurred ones: it does not (of radiographs, in a "
        "network's eyes)",
        _realistic,
    ),
}
