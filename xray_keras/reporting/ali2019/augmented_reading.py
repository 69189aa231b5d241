"""How Table III's gains arise at a fixed threshold, and the paper's sentences about them, recomputed."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from xray_keras.datasets.findings import title
from xray_keras.papers import loader
from xray_keras.reporting.ali2019.augmented_runs import PRINTED, WITH, WITHOUT, Trained
from xray_keras.reporting.document import Section

_LATE = "Nodule"  # the finding that is said not to gain

Value = Callable[[str, str, str], float | None]
"""(arm, metric, finding) → its value."""


def sections(printed: loader.PrintedTable, trained: Sequence[Trained], *, comparable: bool) -> list[Section]:
    """The two sections.

    Args:
        printed: Table III.
        trained: findings in the order of the page.
        comparable: the paper's data at the paper's scale.
    """
    by_finding = {each.finding: each for each in trained}

    def stated(arm: str, metric: str, finding: str) -> float | None:
        cell = printed.cell(PRINTED[arm], metric, finding)
        return cell.value if cell else None

    def ours(arm: str, metric: str, finding: str) -> float | None:
        return by_finding[finding].value(arm, metric)["value"] if finding in by_finding else None

    return [
        _threshold(printed.columns, by_finding, stated, ours),
        _claims(printed.columns, by_finding, stated, ours, comparable),
    ]


def called(recall: float | None, precision: float | None) -> float | None:
    """Images called positive, over images that are: recall / precision; None where that is undefined."""
    return recall / precision if recall is not None and precision else None


def _threshold(columns: Sequence[str], trained: Mapping[str, Trained], stated: Value, ours: Value) -> Section:
    lines: list[list[str]] = []
    notes: list[str] = []
    whose = {"printed": stated, "ours": ours}
    findings = [*columns, *(name for name in trained if name not in columns)]
    for finding in findings:
        for who, values in whose.items():
            if values(WITH, "F1", finding) is None:
                continue
            ratios = _calls(values, finding)
            texts = ["–" if ratio is None else f"{ratio:.2f}" for ratio in ratios]
            gains = [_gain(values, metric, finding) for metric in ("F1", "Accuracy", "AUC")]
            lines.append([title(finding), who, " → ".join(texts), *gains])
    for who, values in whose.items():
        notes += _calls_and_gains(who, values, findings)
    return Section(
        "How the printed gains arise at a fixed threshold",
        "Images of a one-finding GAN are positives, so training with them shows more positives, which raises "
        "probabilities. At a fixed threshold more images are then called positive: recall rises, F1 with it "
        "where it was low for want of calls, and accuracy is lost to false alarms. Images called positive for "
        "each that is positive are recall / precision, so the printed cells tell it too. The AUC, which no threshold "
        "moves, says whether images are told apart better.",
        ["Finding", "whose", "called positive for each positive, without → with", "F1", "accuracy", "AUC"],
        lines,
        notes,
    )


def _calls(values: Value, finding: str) -> list[float | None]:
    return [
        called(values(arm, "Recall", finding), values(arm, "Precision", finding)) for arm in (WITHOUT, WITH)
    ]


def _calls_and_gains(who: str, values: Value, findings: Sequence[str]) -> Iterator[str]:
    """Whether F1, accuracy and AUC rise, apart for findings of which more and of which fewer images are called."""
    groups: dict[str, list[str]] = {"more": [], "fewer": []}
    for finding in findings:
        before, after = _calls(values, finding)
        if before is not None and after is not None:
            groups["more" if after > before else "fewer"].append(finding)
    for which, group in groups.items():
        if group:
            rises = ", ".join(
                f"{metric} in {sum(_rises(values, metric, finding) for finding in group)}"
                for metric in ("F1", "Accuracy", "AUC")
            )
            names = ", ".join(map(title, group))
            yield f"{who}: {which} images are called positive for {names}. Of these {len(group)} rises {rises}."


def _rises(values: Value, metric: str, finding: str) -> bool:
    one, other = (values(arm, metric, finding) for arm in (WITH, WITHOUT))
    return one is not None and other is not None and one > other


def _gain(values: Value, metric: str, finding: str) -> str:
    one, other = (values(arm, metric, finding) for arm in (WITH, WITHOUT))
    return "–" if one is None or other is None else f"{one - other:+.3f}".replace("-", "−")


def _claims(
    columns: Sequence[str], trained: Mapping[str, Trained], stated: Value, ours: Value, comparable: bool
) -> Section:
    claims = loader.claims("ali2019")
    table = loader.table("ali2019", "table3")
    notes = [
        f"**{claims[name].where}: {claims[name].statement}.** Printed: {_directions(columns, metrics, stated)}. Ours: "
        f"{_directions(columns, metrics, ours)}{_sure(trained, metrics)}."
        for name, metrics in (
            ("gan_raises_f1_and_recall", ("F1", "Recall")),
            ("gan_boosts_performance", table.metrics),
        )
    ]
    where = "the paper's data" if comparable else "other data than the paper's"
    return Section(
        "The paper's sentences, recomputed",
        f"Each gain counted where the value with GAN images is larger; ours on {where}. {title(_LATE)} is the finding "
        "that the paper excepts.",
        notes=[*notes, _sizes(columns, trained)],
    )


def _directions(columns: Sequence[str], metrics: Sequence[str], values: Value) -> str:
    """ "F1 rises in 3 of 3 (Infiltration, Atelectasis, Effusion), Nodule falls"."""
    texts = []
    for metric in metrics:
        rises = {}
        for finding in columns:
            one, other = (values(arm, metric, finding) for arm in (WITH, WITHOUT))
            if one is not None and other is not None:
                rises[finding] = one > other
        known = [finding for finding in rises if finding != _LATE]
        risen = [finding for finding in known if rises[finding]]
        if not rises:
            continue
        names = f" ({', '.join(map(title, risen))})" if 0 < len(risen) < len(known) else ""
        late = f", {_LATE} {'rises' if rises[_LATE] else 'does not'}" if _LATE in rises else ""
        texts.append(f"{metric} rises in {len(risen)} of {len(known)}{names}{late}")
    return "; ".join(texts) or "–"


def _sure(trained: Mapping[str, Trained], metrics: Sequence[str]) -> str:
    """How many of our changes an interval shows."""
    entries = [
        entry
        for each in trained.values()
        for metric in metrics
        if (entry := each.difference(WITHOUT, metric))
    ]
    intervals = [entry["interval"] for entry in entries if entry["interval"]]
    up, down = sum(low > 0 for low, _ in intervals), sum(high < 0 for _, high in intervals)
    return f". Intervals exclude 0 for {up} rises and {down} falls among {len(entries)} changes"


def _sizes(columns: Sequence[str], trained: Mapping[str, Trained]) -> str:
    claim = loader.claims("ali2019")["gan_class_sizes"]
    counts = loader.load("ali2019")["datasets"]["nih"]["class_counts"]
    theirs = ", ".join(f"{title(finding)} {counts[finding]:,}" for finding in columns)
    ours = ", ".join(
        f"{title(finding)} {each.contents[WITHOUT]['positives'][finding]:,}"
        for finding, each in trained.items()
    )
    return (
        f"**{claim.where}: {claim.statement} ({claim.values['images']} images).** Printed: {theirs}. Ours, real "
        f"positives in training: {ours}."
    )
