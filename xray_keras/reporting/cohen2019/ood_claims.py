"""What cohen2019 says about foreign images (§3, §3.2), asked of our runs."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from xray_keras.evaluation import intervals, ood, predictions, tightening
from xray_keras.papers import loader
from xray_keras.reporting.cohen2019.facts import PAPER
from xray_keras.reporting.cohen2019.ood_figures import LABEL, joined
from xray_keras.reporting.cohen2019.ood_runs import Found, Scored, detector, number
from xray_keras.reporting.document import Section
from xray_keras.reporting.foreign import named

SIMILAR = 0.05  # of AUROC: distances closer than this do equally well
HALF = 0.5
HOLDS, FAILS, OPEN = "holds", "does not hold", "undecided"
RULE = (
    "A sentence holds, or does not, where a 95 % interval by patient decides it, and is undecided otherwise. Rules: "
    "a detector beats another where the difference of their AUROCs on the same images is above 0 (paired DeLong); two "
    f"are similar where it lies within ±{SIMILAR}; L1 and L2 fail where SSIM leads both by more, and do not where by "
    f"less; a set looks foreign where its AUROC is above 0.5; a detector misses most images of a set "
    "where its cut-off, chosen on validation chests, lets more than half of them pass."
)


class Answer(NamedTuple):
    """Whether a sentence holds on our runs, and the numbers."""

    verdict: str
    text: str


def section(found: Found) -> Section:
    """One line a sentence that our runs can answer."""
    lines = []
    for claim, ask in CLAIMS.items():
        answer = ask(found)
        if answer is not None:
            lines.append([loader.claims(PAPER)[claim].statement, answer.verdict, answer.text])
    return Section("The paper's sentences", RULE, ["The paper says", "on our runs it", "numbers"], lines)


def _verdict(low: float, high: float, at: float) -> str:
    """Whether what is claimed to exceed `at` does."""
    return HOLDS if low > at else FAILS if high < at else OPEN


def _pair(scored: Scored, name: str | None) -> pd.DataFrame:
    """Chest test images and those of a set; of all sets to reject for None."""
    frame = scored.frame
    foreign = frame[frame["group"] == ood.REJECT] if name is None else frame[frame["set"] == name]
    return pd.concat([ood.chest(frame), foreign])


def _difference(scored: Scored, name: str | None, better: str, worse: str) -> intervals.Difference:
    """AUROC of one distance less that of another, on the same images."""
    both = _pair(scored, name)
    foreign = (both["group"] != ood.CHEST).to_numpy(np.float64)
    first, second = (both[f"s_{one}"].to_numpy(np.float64) for one in (better, worse))
    return intervals.auc_difference(foreign, first, second, predictions.clusters(both))


def _area(scored: Scored, name: str | None, detector: str) -> intervals.Auc:
    both = _pair(scored, name)
    foreign = (both["group"] != ood.CHEST).to_numpy(np.float64)
    return intervals.auc(foreign, both[f"s_{detector}"].to_numpy(np.float64), predictions.clusters(both))


def _passed(scored: Scored, name: str, detector: str) -> pd.Series:
    table = ood.passed(scored.frame, detector, scored.thresholds[detector])
    return table[table["set"] == name].iloc[0]


def _signed(difference: intervals.Difference) -> str:
    low, high = difference.interval
    return f"{difference.value:+.3f} [{low:+.3f} to {high:+.3f}]".replace("-", "−")


def _rejected(scored: Scored) -> list[str]:
    return [name for name, group in ood.sets(scored.frame).items() if group == ood.REJECT]


def _beats_density(found: Found) -> Answer | None:
    if found.ali is None:
        return None
    difference = _difference(found.ali, None, "ssim", "latent")
    text = (
        f"AUROC of {detector('ssim')} less that of the latent distance, which is how far a code is from the Gaussian's "
        f"middle, on all sets to reject: {_signed(difference)}"
    )
    return Answer(_verdict(*difference.interval, 0), text)


def _norms_feeble(found: Found) -> Answer | None:
    name = found.set_of("cifar100")
    if found.ali is None or name is None:
        return None
    pairs = {norm: _difference(found.ali, name, "ssim", norm) for norm in ("l1", "l2")}
    ends = [difference.interval for difference in pairs.values()]
    ahead, behind = all(low > SIMILAR for low, _ in ends), all(high <= SIMILAR for _, high in ends)
    verdict = HOLDS if ahead else FAILS if behind else OPEN
    texts = ", ".join(
        f"{detector(norm)} {_area(found.ali, name, norm).value:.3f} (SSIM's lead {_signed(pairs[norm])})"
        for norm in pairs
    )
    return Answer(verdict, f"AUROC on {named(name)}: {texts}")


def _norms_similar(found: Found) -> Answer | None:
    if found.ali is None:
        return None
    apart = []
    for name in _rejected(found.ali):
        for better, worse in (("ssim", "l1"), ("ssim", "l2"), ("l1", "l2")):
            apart.append((name, better, worse, _difference(found.ali, name, better, worse)))
    if not apart:
        return None
    beyond = [each for each in apart if each[3].interval[0] > SIMILAR or each[3].interval[1] < -SIMILAR]
    inside = all(low >= -SIMILAR and high <= SIMILAR for *_, (_, (low, high), _) in apart)
    name, better, worse, widest = max(apart, key=lambda each: abs(each[3].value))
    text = (
        f"the largest difference of AUROC is {_signed(widest)}, {detector(better)} less {detector(worse)} on "
        f"{named(name)}"
    )
    return Answer(FAILS if beyond else HOLDS if inside else OPEN, text)


def _latent_misses(found: Found) -> Answer | None:
    if found.ali is None:
        return None
    passes = {name: _passed(found.ali, name, "latent") for name in _rejected(found.ali)}
    verdicts = [_verdict(each["low"], each["high"], HALF) for each in passes.values()]
    majority = max((HOLDS, FAILS, OPEN), key=verdicts.count)
    verdict = majority if verdicts.count(majority) * 2 > len(verdicts) else OPEN
    texts = ", ".join(f"{each['value']:.0%} of {named(name)}" for name, each in passes.items())
    return Answer(verdict, f"its cut-off lets pass {texts}")


def _latent_on_cifar(found: Found) -> Answer | None:
    name = found.set_of("cifar100")
    if found.ali is None or name is None:
        return None
    area = _area(found.ali, name, "latent")
    verdict = FAILS if area.interval[0] > HALF else HOLDS
    return Answer(verdict, f"AUROC {number(area.value, *area.interval)} on {named(name)}")


def _cifar_hardest(found: Found) -> Answer | None:
    name = found.set_of("cifar100")
    if name is None:
        return None
    scored, by = (found.ali, "ssim") if found.ali else (found.first, "mahalanobis")
    others = [one for one in _rejected(scored) if one != name]
    if not others:
        return None
    areas = {one: _area(scored, one, by) for one in (name, *others)}
    own = areas[name].interval
    verdicts = [
        _verdict(areas[one].interval[0] - own[1], areas[one].interval[1] - own[0], 0) for one in others
    ]
    verdict = HOLDS if set(verdicts) == {HOLDS} else FAILS if FAILS in verdicts else OPEN
    texts = ", ".join(f"{named(one)} {number(area.value, *area.interval)}" for one, area in areas.items())
    return Answer(verdict, f"AUROC of {detector(by)}: {texts}")


def _children_foreign(found: Found) -> Answer | None:
    name = found.set_of("pneumonia")
    if name is None:
        return None
    scored, by = (found.ali, "ssim") if found.ali else (found.first, "mahalanobis")
    area, gate = _area(scored, name, by), _passed(scored, name, by)
    text = f"AUROC {number(area.value, *area.interval)} by {detector(by)}; its cut-off refuses {1 - gate['value']:.0%}"
    return Answer(_verdict(*area.interval, HALF), text)


def _many_refused(found: Found) -> Answer | None:
    name = found.set_of("pneumonia")
    if name is None:
        return None
    scored, by = (found.ali, "ssim") if found.ali else (found.first, "mahalanobis")
    gate, own = _passed(scored, name, by), _passed(scored, ood.CHEST, by)
    text = (
        f"{detector(by)} refuses {1 - gate['value']:.0%} of {named(name)}, {1 - own['value']:.0%} of "
        "the training distribution's test images"
    )
    return Answer(_verdict(own["low"] - gate["high"], own["high"] - gate["low"], 0), text)


def _predicts_better(found: Found) -> Answer | None:
    name = found.set_of("pneumonia")
    if name is None or found.classifier is None or f"p_{LABEL}" not in found.classifier.frame:
        return None
    children = joined(found)
    by = "ssim" if found.ali else "mahalanobis"
    change = tightening.gain(children, by, f"p_{LABEL}", HALF)
    if change["value"] is None or change["interval"] is None:
        return Answer(OPEN, f"by {detector(by)}: {change['reason']}")
    low, high = change["interval"]
    text = (
        f"AUC on the half of the images least outlying by {detector(by)}, less that on all: "
        f"{_signed(intervals.Difference(change['value'], (low, high), np.nan))}"
    )
    return Answer(_verdict(low, high, 0), text)


def _keeps_fewer(found: Found) -> Answer | None:
    name = found.set_of("pneumonia")
    if name is None:
        return None
    scored, by = (found.ali, "ssim") if found.ali else (found.first, "mahalanobis")
    gate = _passed(scored, name, by)
    return Answer(HOLDS, f"by construction; the gate's cut-off keeps {gate['value']:.0%} of {named(name)}")


def _limbs_unreconstructed(found: Found) -> Answer | None:
    name = found.set_of("mura")
    if found.ali is None or name is None:
        return None
    gate, area = _passed(found.ali, name, "ssim"), _area(found.ali, name, "ssim")
    verdict = _verdict(1 - gate["high"], 1 - gate["low"], HALF)
    text = (
        f"{1 - gate['value']:.0%} of {named(name)} exceed the error that 95 % of validation chests stay below "
        f"({detector('ssim')}; AUROC {number(area.value, *area.interval)})"
    )
    return Answer(verdict, text)


def _declines(found: Found) -> Answer | None:
    scored, by = (found.ali, "ssim") if found.ali else (found.first, "mahalanobis")
    passes = {name: _passed(scored, name, by) for name in _rejected(scored)}
    if not passes:
        return None
    most = 1 - ood.KEPT
    verdicts = {_verdict(1 - each["high"], 1 - each["low"], 1 - most) for each in passes.values()}
    verdict = HOLDS if verdicts == {HOLDS} else FAILS if FAILS in verdicts else OPEN
    texts = ", ".join(f"{each['value']:.1%} of {named(name)}" for name, each in passes.items())
    return Answer(verdict, f"{detector(by)} lets pass {texts}; asked: at most {most:.0%} of each")


CLAIMS: dict[str, Callable[[Found], Answer | None]] = {
    "declines_foreign_images": _declines,
    "many_images_rejected": _many_refused,
    "reconstruction_beats_density": _beats_density,
    "pixel_norms_feeble": _norms_feeble,
    "distances_similar": _norms_similar,
    "latent_distance_fails": _latent_misses,
    "latent_distance_fails_on_cifar": _latent_on_cifar,
    "cifar_hardest": _cifar_hardest,
    "pneumonia_looks_foreign": _children_foreign,
    "stricter_cutoff_predicts_better": _predicts_better,
    "stricter_cutoff_keeps_fewer": _keeps_fewer,
    "other_xrays_not_reconstructed": _limbs_unreconstructed,
}


def verdicts(found: Found, claims: Sequence[str] = tuple(CLAIMS)) -> dict[str, str]:
    """Claim → verdict, of those that these runs can answer."""
    answers = {claim: CLAIMS[claim](found) for claim in claims}
    return {claim: answer.verdict for claim, answer in answers.items() if answer is not None}
