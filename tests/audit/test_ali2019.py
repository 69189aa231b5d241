"""The checks of ali2019: recovered matrices, known inconsistencies, and prints changed so that verdicts turn."""

import copy
import csv
from pathlib import Path

import pytest

from xray_keras.audit import ali2019, arithmetic
from xray_keras.audit.ali2019 import facts, recovered
from xray_keras.papers import loader

RECOVERED = Path(__file__).parents[3] / "shared" / "papers" / "derived_ali_confusion.csv"
FAILING = {
    "gan_boosts_performance", "latent_40", "generator_reaches_128", "gan_channels", "combination_never_run",
    "vgg7_inception4", "confusion_matrices", "one_test_set", "auc_ge_balanced_accuracy", "baseline_auc_duplicate",
    "shifted_auc_labels",
}  # fmt: skip
CACHED = (loader.table, loader.claims, facts.cells, recovered.test_size, recovered.matrices)


@pytest.fixture
def printed(monkeypatch):
    """A copy of the printed facts to change; the checks read it instead."""
    changed = copy.deepcopy(loader.load("ali2019"))
    monkeypatch.setattr(loader, "load", lambda paper: changed)
    for function in CACHED:
        function.cache_clear()
    yield changed
    for function in CACHED:
        function.cache_clear()


def outcome(name):
    return next(check for check in ali2019.CHECKS if check.__name__ == name)()


def test_what_fails_and_what_holds():
    assert {check.__name__ for check in ali2019.CHECKS if not check().holds} == FAILING


def test_the_test_sets_are_recovered():
    """10,352 = ⌈51,759 / 5⌉, and 10,240 = 20 · 512."""
    assert recovered.labelled() == 51_759
    assert recovered.test_size("PretrainedVGG16") == (10_352, "rounded", 14)
    assert recovered.test_size("PretrainedInceptionV3") == (10_352, "truncated", 13)
    assert recovered.test_size("BaselineModel") == (10_240, "rounded", 13)


def test_recovered_matrices_are_those_of_an_independent_search():
    if not RECOVERED.is_file():
        pytest.skip("the independently recovered matrices are not in this checkout")
    checked = 0
    for line in csv.DictReader(RECOVERED.read_text().splitlines()):
        found = list(recovered.matrices(line["model"])[line["disease"].replace(" ", "_")])
        wanted = tuple(int(line[name]) for name in ("TP", "FP", "FN", "TN"))
        if line["n_solutions"] == "0":
            assert found == []
        elif line["TP"] == "0":  # nothing called positive: the positives may be split in any way
            assert wanted in found
        else:
            assert found == [wanted]
            checked += 1
    assert checked == 37


def test_atelectasis_of_vgg_by_hand():
    """1466 of 2353 positives found, 2436 false alarms among 7999."""
    (matrix,) = recovered.matrices("PretrainedVGG16")["Atelectasis"]
    assert matrix == (1466, 2436, 887, 5563)
    assert round(1466 / 2353, 5) == 0.62303 and round(1466 / (1466 + 2436), 4) == 0.3757
    assert round((1466 + 5563) / 10_352, 3) == 0.679


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("latent_40", ("40", "76")),
        ("vgg7_inception4", ("VGG16 7, InceptionV3 4", "by F1 VGG16 4, InceptionV3 7; by AUC VGG16 7, InceptionV3 4")),
        ("generator_reaches_128", ("128 × 128", "8 × 8")),
        ("baseline_auc_duplicate", ("Consolidation 0.5346", "also Emphysema")),
        ("better_than_wang", ("8 of 14", "PretrainedInceptionV3 alone 6 of 14; PretrainedVGG16 alone 7 of 14")),
        ("transfer_beats_baseline", ("11 of 14", "11 of 14")),
        ("few_images", ("fewer than 5k", "8 of 14")),
        ("labelled_images", ("51k", "51,759")),
    ],
)  # fmt: skip
def test_printed_and_recomputed(name, words):
    found = outcome(name)
    assert words[0] in found.printed and words[1] in found.recomputed


def test_auc_below_balanced_accuracy():
    """Consolidation of the baseline: (414/921 + 6481/9319)/2 = 0.5725, printed AUC 0.5346."""
    cells = {cell.place: cell for cell in outcome("auc_ge_balanced_accuracy").cells}
    assert (
        cells["BaselineModel, Consolidation"].recomputed
        == f"balanced accuracy {(414 / 921 + 6481 / 9319) / 2:.4f}"
    )
    assert [place for place, cell in cells.items() if not cell.agrees] == [
        f"BaselineModel, {finding}" for finding in ("Consolidation", "Fibrosis", "Pleural_Thickening")
    ]


@pytest.mark.parametrize(
    ("check", "metric", "column", "text", "place"),
    [
        ("f1_cells", "F1", 0, "0.46975", "PretrainedVGG16, Atelectasis"),
        ("confusion_matrices", "Recall", 4, "0.75178", "PretrainedVGG16, Effusion"),  # between counts of 2683
    ],
)
def test_one_changed_digit_is_found(printed, check, metric, column, text, place):
    assert place not in {cell.place for cell in outcome(check).cells if not cell.agrees}
    printed["tables"]["table2"]["rows"]["PretrainedVGG16"][metric][column] = text
    for function in CACHED:
        function.cache_clear()
    assert place in {cell.place for cell in outcome(check).cells if not cell.agrees}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("latent_40", lambda f: _claim(f, "latent_size").update(total="76")),
        ("vgg7_inception4", lambda f: _claim(f, "vgg_against_inception").update(vgg16="4", inception_v3="7")),
        ("better_than_wang", lambda f: _claim(f, "better_than_wang").update(wins="9")),
        ("transfer_beats_baseline", lambda f: _claim(f, "transfer_beats_baseline").update(wins="12")),
        ("class_counts", lambda f: f["datasets"]["nih"]["class_counts"].update(Hernia=228)),
        ("dataset_size", lambda f: _claim(f, "dataset_size").update(images="130K")),
        ("labelled_images", lambda f: _claim(f, "labelled_images").update(images="53k")),
        ("network_depths", lambda f: _claim(f, "network_depths").update(vgg16="19")),
        ("few_images", lambda f: _claim(f, "few_images").update(images="2k")),
        ("never_positive_accuracy", lambda f: _claim(f, "accuracy_of_never_positive").update(accuracy="98%")),
        ("cited_f1", lambda f: _claim(f, "radiologists_against_chexnet").update(chexnet="0.434")),
        ("gan_class_sizes", lambda f: _claim(f, "gan_class_sizes").update(images="12k")),
        ("baseline_wins_on_the_rarest", lambda f: f["datasets"]["nih"]["class_counts"].update(Fibrosis=3000)),
        ("largest_classes_best", lambda f: f["datasets"]["nih"]["class_counts"].update(Atelectasis=15000)),
        ("combination_never_run", lambda f: _claim(f, "gan_channels").update(gan="3")),
        ("baseline_auc_duplicate", lambda f: _auc(f, 5, "0.5347")),
        ("table3_repeats_table2", lambda f: f["tables"]["table3"]["rows"]["w/o GAN"]["AUC"].__setitem__(0, "0.5840")),
        ("gan_raises_f1_and_recall", lambda f: f["tables"]["table3"]["rows"]["w/ GAN"]["F1"].__setitem__(0, "0.3")),
        ("auc_inside_bounds", lambda f: _auc(f, 0, "0.95")),
    ],
)  # fmt: skip
def test_a_changed_print_turns_the_verdict(printed, name, change):
    before = outcome(name).holds
    change(printed)
    for function in CACHED:
        function.cache_clear()
    assert outcome(name).holds is not before


def _claim(changed, identifier):
    return next(claim for claim in changed["claims"] if claim["id"] == identifier)["values"]


def _auc(changed, column, text):
    changed["tables"]["table2"]["rows"]["BaselineModel"]["AUC"][column] = text
    changed["tables"]["table2"]["bottom_block"][0]["cells"][column] = text


def test_bounds_of_an_auc():
    assert arithmetic.auc_bounds(0.8, 0.9) == pytest.approx((0.72, 0.98))
    assert arithmetic.auc_bounds_of_points([(0.8, 0.9)]) == pytest.approx((0.72, 0.98))
    # Two points: (0.1, 0.8) and (0.3, 0.9): 0.8·0.2 + 0.9·0.7, and 0.8·0.1 + 0.9·0.2 + 1·0.7.
    assert arithmetic.auc_bounds_of_points([(0.9, 0.7), (0.8, 0.9)]) == pytest.approx((0.79, 0.96))
