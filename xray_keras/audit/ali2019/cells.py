"""The cells of ali2019's Tables II and III against each other: identities, repetitions, labels."""

from xray_keras.audit import arithmetic
from xray_keras.audit.ali2019.comparisons import BASE, INCEPTION, VGG, WANG
from xray_keras.audit.ali2019.facts import METRICS, PAPER, cells
from xray_keras.audit.outcome import Cell, Outcome, of_cells
from xray_keras.papers import loader
from xray_keras.papers.printed import ROUNDED, TRUNCATED


def f1_cells() -> Outcome:
    """Tables II and III: F1 = 2PR/(P+R) within the printed digits."""
    found = []
    for table in ("table2", "table3"):
        for model, metrics in loader.table(PAPER, table).rows.items():
            if "F1" not in metrics:
                continue
            p, r, f = (cells(model, metric, table) for metric in ("Precision", "Recall", "F1"))
            for finding, printed in f.items():
                # Rounded or truncated: between the least and the largest that either allows.
                wide = [
                    arithmetic.f1(p[finding].interval(mode), r[finding].interval(mode))
                    for mode in (ROUNDED, TRUNCATED)
                ]
                agrees = any(
                    interval.meets(printed.interval(mode))
                    for interval, mode in zip(wide, (ROUNDED, TRUNCATED), strict=True)
                )
                found.append(Cell(f"{model}, {finding}", printed.text, str(wide[0]), agrees))
    return of_cells(
        found,
        where="Tables II and III",
        question="Is every F1 the harmonic mean of its precision and recall?",
        arithmetic="F1 = 2PR/(P+R), with P and R anywhere inside their printed digits",
    )


def baseline_auc_duplicate() -> Outcome:
    """Table II: networks trained apart do not share an AUC to the last digit."""
    found = []
    for model in (VGG, INCEPTION, BASE, WANG):
        row_cells = list(cells(model, "AUC").items())
        for k, (finding, cell) in enumerate(row_cells):
            twins = [other for j, (other, twin) in enumerate(row_cells) if j != k and twin.text == cell.text]
            found.append(
                Cell(
                    f"{model}, {finding}",
                    cell.text,
                    f"also {', '.join(twins)}" if twins else "once",
                    not twins,
                )
            )
    return of_cells(
        found,
        where="Table II",
        question="Is no AUC printed twice in a row?",
        arithmetic="two of a row's cells agree in every digit while their other metrics differ: one was copied",
    )


def shifted_auc_labels() -> Outcome:
    """Table II, last four lines: AUCs whose labels name the row below."""
    found = []
    for line in loader.load(PAPER)["tables"]["table2"]["bottom_block"]:
        label = line["printed_label"]
        right = label.split()[0].lower() in line["row"].lower() if label else False
        found.append(
            Cell(f"line of {line['row']}", label or "no label", line["row"], right and label != "Baseline V3")
        )
    return of_cells(
        found,
        where="Table II, last four lines",
        question="Do the labels of the AUC block name the models whose values stand there?",
        arithmetic="the first three lines repeat the AUC rows above, digit for digit, one model lower than labelled",
        reading="the values are assigned to the models whose rows they repeat; the last line is Wang et al.",
    )


def table3_repeats_table2() -> Outcome:
    """Table III without GAN: the baseline's columns of Table II."""
    found = []
    for metric in (*METRICS, "AUC"):
        for finding, cell in cells("w/o GAN", metric, "table3").items():
            above = cells(BASE, metric)[finding]
            found.append(Cell(f"{finding}, {metric}", cell.text, above.text, cell.text == above.text))
    return of_cells(
        found,
        where="Table III",
        question="Are the columns without GAN images those of the baseline in Table II?",
        arithmetic="cell by cell",
    )
