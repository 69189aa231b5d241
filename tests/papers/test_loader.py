import pytest

from xray_keras.datasets.findings import FINDINGS
from xray_keras.errors import UserError
from xray_keras.papers import loader
from xray_keras.papers.loader import Printed


def test_printed_numbers_keep_their_text():
    assert (Printed("0.09982").value, Printed("0.09982").decimals) == (0.09982, 5)
    assert (Printed("0").value, Printed("0").decimals) == (0.0, 0)


def test_table2_is_whole():
    table = loader.table("ali2019", "table2")
    assert table.columns == FINDINGS
    assert set(table.rows) == {"BaselineModel", "PretrainedInceptionV3", "PretrainedVGG16", "Wang"}
    cells = [cell for metrics in table.rows.values() for row in metrics.values() for cell in row]
    assert len(cells) == (3 * 5 + 1) * 14
    assert all(0 <= cell.value <= 1 for cell in cells)
    assert table.cell("PretrainedVGG16", "Accuracy", "Atelectasis") == Printed("0.679")
    assert table.cell("Wang", "F1", "Hernia") is None


def test_f1_follows_from_printed_precision_and_recall():
    """An independent look at the transcription: a mistyped digit in P, R or F1 breaks the identity."""
    table = loader.table("ali2019", "table2")
    broken = []
    for row, metrics in table.rows.items():
        for k, finding in enumerate(table.columns):
            if "F1" not in metrics:
                continue
            recall, precision, f1 = (metrics[name][k] for name in ("Recall", "Precision", "F1"))
            total = recall.value + precision.value
            expected = 2 * recall.value * precision.value / total if total else 0.0
            if abs(expected - f1.value) > 1.5e-4:  # four printed decimals in each of the three
                broken.append((row, finding))
    assert broken == []


def test_class_counts_sum_to_the_printed_labels():
    counts = loader.load("ali2019")["datasets"]["nih"]["class_counts"]
    assert tuple(counts) == FINDINGS
    assert sum(counts.values()) == 81_176


def test_the_shifted_labels_repeat_rows_above_them():
    table = loader.table("ali2019", "table2")
    assert len(table.notes) == 4
    assert "AUC of PretrainedInceptionV3 (printed with “VGG16”)" in table.notes


def test_unknown_names_are_answered_with_the_known_ones():
    with pytest.raises(UserError, match=r"no paper 'ali2020'.*ali2019"):
        loader.load("ali2020")
    with pytest.raises(UserError, match=r"no 'table9'.*table2"):
        loader.table("ali2019", "table9")
