"""The page "ood" of cohen2019: how well each score tells foreign images from chests, and what the paper says of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from xray_keras.evaluation import ood as measures
from xray_keras.reporting import provenance
from xray_keras.reporting.cohen2019 import ood_claims
from xray_keras.reporting.cohen2019.facts import PAPER
from xray_keras.reporting.cohen2019.ood_runs import Found, detector, find, number, statement
from xray_keras.reporting.document import Document, Section
from xray_keras.reporting.foreign import PAPERS, named
from xray_keras.reporting.runs import Run

COLUMNS = ("Run", "px", "parameters", "epochs", "learning rate", "initial weights", "precision", "training")
TEXTS = {
    measures.AUROC: (
        "Probability that a foreign image scores higher than a held-out chest. On sets to reject 1 is best; on those "
        "to accept, which are chests too, 0.5 is. DeLong's interval by patient; Newcombe's where the sets separate "
        "perfectly."
    ),
    measures.AUPR: (
        "Average precision with foreign images as positive (Hendrycks & Gimpel 2017). It depends on how many images "
        "either side has: compare down a column, not across. Bootstrap interval by patient."
    ),
    measures.FPR95: (
        "Share of foreign images that pass where 95 % of the held-out test chests do (chests are the positives, as in "
        "ODIN, Liang et al. 2018). 0 is best on sets to reject, 0.95 on those to accept. Bootstrap interval by "
        "patient, cut-off included; Wilson's at 0 and 1."
    ),
    measures.PASSED: (
        "The same with the cut-off that a user would have: the score that 95 % of the held-out *validation* chests do "
        "not exceed. The first column, test chests, should be near 0.95. Wilson's interval, widened by patient."
    ),
}
HEADINGS = {measures.PASSED: "Share that passes the gate"}


def ood(runs: Sequence[Run], output: Path) -> None:
    """AUROC, AUPR, FPR at 95 % TPR and the gate's decisions: every detector of both runs on every foreign set.

    Args:
        runs: an ALI run, a classifier, or both, scored by the stage ood.
        output: path without suffix.

    Raises:
        UserError: see `ood_runs.find`.
    """
    found = find(runs)
    tidy = table(found)
    lead = [
        *statement(found),
        "Every detector is fitted on chests alone. The four distances are the paper's; Mahalanobis (Lee et al. 2018) "
        "and k-NN (Sun et al. 2022), on the penultimate features of the classifier, are ours. The paper prints no "
        "value of any of them.",
    ]
    sections = [
        *(_section(tidy, metric) for metric in TEXTS),
        ood_claims.section(found),
        _sets(found),
        provenance.assumptions([each.run for each in found.all]),
        provenance.settings([each.run for each in found.all], COLUMNS),
    ]
    heading = f"{PAPER}: out-of-distribution detection (sections 3 and 3.2)"
    paths = Document(heading, lead, sections, tidy).write(output)
    print(f"{heading} ({found.first.run.kind}): {', '.join(map(str, paths))}")


def table(found: Found) -> pd.DataFrame:
    """Every number of the page: the columns of `evaluation.ood.summarise`; the gate's decisions as metric "passed"."""
    parts = []
    for scored in found.all:
        parts.append(measures.summarise(scored.frame))
        parts += [
            measures.passed(scored.frame, name, scored.thresholds[name])
            for name in measures.detectors(scored.frame)
        ]
    return pd.concat(parts, ignore_index=True).astype({"inside": "Int64", "outside": "Int64"})


def _section(tidy: pd.DataFrame, metric: str) -> Section:
    rows = tidy[tidy["metric"] == metric]
    groups = rows.drop_duplicates("set").set_index("set")["group"].to_dict()
    heads = [
        f"{named(str(one))} ({group})" if group == measures.ACCEPT else named(str(one))
        for one, group in groups.items()
    ]
    lines = []
    for name in rows["detector"].unique():
        cells = rows[rows["detector"] == name].set_index("set")
        texts = [
            number(*cells.loc[one, ["value", "low", "high"]]) if one in cells.index else "–" for one in groups
        ]
        lines.append([detector(name), *texts])
    return Section(HEADINGS.get(metric, metric), TEXTS[metric], ["Score", *heads], lines)


def _sets(found: Found) -> Section:
    """Where the foreign images are from, and what was left out."""
    columns = ["Set", "stands for", "images", "patients", "with pneumonia", "left out", "licence"]
    return Section("The foreign images", "\n\n".join(_origins(found)), columns, list(_lines(found)))


def _lines(found: Found) -> Iterator[list[str]]:
    for name, each in found.first.foreign["sets"].items():
        left = ", ".join(f"{count:,} {reason}" for reason, count in each["left_out"].items())
        yield [
            named(name),
            "itself" if each["own"] else PAPERS[each["of"]],
            f"{each['images']:,} of {each['found']:,}",
            f"{each['patients']:,}",
            "–" if each["pneumonia"] is None else f"{each['pneumonia']:,}",
            left or "–",
            each["licence"],
        ]


def _origins(found: Found) -> Iterator[str]:
    for name, each in found.first.foreign["sets"].items():
        yield f"{named(name)}: {each['citation']}"
    yield (
        "Small pictures are enlarged to the run's size, so that their blur alone may give them away; the larger that "
        "size, the more."
    )
    yield (
        "Where nobody's name is known, each image counts as a patient of its own; overlapping crops and digits of one "
        "hand do so too, so that their intervals speak of these images and not of photographs or digits at large."
    )
