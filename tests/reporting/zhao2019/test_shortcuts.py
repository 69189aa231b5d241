import copy

import pandas as pd
import pytest

from tests.evaluation import shortcut_world
from tests.reporting.zhao2019.region_runs import write_run
from tests.training.scene_world import Stripes
from xray_keras import files
from xray_keras.datasets import manifest
from xray_keras.errors import UserError
from xray_keras.evaluation import shortcuts as control
from xray_keras.evaluation import unread
from xray_keras.reporting import zhao2019
from xray_keras.reporting.metric_table import ours_text
from xray_keras.reporting.zhao2019 import shortcut_words


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A run of computed pictures that was asked, and what it answered."""
    base = tmp_path_factory.mktemp("asked")
    folder, population = shortcut_world.write(base, Stripes())
    control.write(folder, population)
    about = {"own": False, "found": 192, "images": 192, "left_out": {}}
    summary = {"origin": "phantom", "complete": False, "dataset": "scene_text", "images": 192, "text": 96,
               "sets": {"rendered": about}}  # fmt: skip
    files.write_json(population / "summary.json", summary)
    run = write_run(base, manifest.read(population / "manifest.csv"), "Our proposed")
    found = files.read_json(folder / "shortcuts.json")
    files.write_json(run.folder / "shortcuts.json", found)
    zhao2019.shortcuts([run], base / "shortcuts")
    return base, run, found


def line(page, start):
    (found,) = [each for each in page.splitlines() if each.startswith(start)]
    return [cell.strip() for cell in found.strip("|").split(" | ")]


def test_the_page_shows_what_was_found(asked):
    base, _, found = asked
    page = (base / "shortcuts.md").read_text()
    assert page.splitlines()[2].startswith("Data: **computed, n = 48 pictures")
    assert page.splitlines()[4] == f"**{shortcut_words.verdict(found)}**"
    assert line(page, "| The network |")[3] == ours_text(found["network"], None)
    for name, (words, _) in shortcut_words.SEEN.items():
        cells = line(page, f"| {words[0].upper()}{words[1:]} |")
        each = found["sets"][name]
        assert cells[1:4] == [str(each["columns"]), each["classifier"], ours_text(each["auc"], None)], name
        assert cells[4].startswith(f"{each['difference']['value']:+.3f}".replace("-", "−"))
        assert cells[6].startswith(f"{each['correlation']['without']['value']:+.2f}".replace("-", "−"))
    pairs = found["groups"][control.LIKE_ORIGIN]
    assert line(page, "| Like surroundings |")[1:3] == [
        f"{pairs['positives']} + {pairs['negatives']}",
        ours_text(pairs["network"], None),
    ]
    assert line(page, "| Upright |")[1:] == ["24", "24"] and "All pictures are of one source." in page
    assert "their shape alone tells" not in page
    tidy = pd.read_csv(base / "shortcuts.csv").set_index(["about", "name", "measure"])
    assert (
        tidy.loc[("classifier", unread.ORIGIN, "AUC"), "value"]
        == found["sets"][unread.ORIGIN]["auc"]["value"]
    )
    assert tidy.loc[("group", control.WHOLE, "AUC of the network"), "with"] == 24


def test_every_set_and_group_has_its_sentence(asked):
    page = (asked[0] / "shortcuts.md").read_text()
    assert set(shortcut_words.SEEN) == set(unread.SETS)
    for words, meaning in (*shortcut_words.SEEN.values(), *shortcut_words.GROUPS.values()):
        assert f"- {words[0].upper()}{words[1:]} ({meaning}): " in page
    assert (
        "- The fineness (gradients, and what blocks of 8 × 8 pixels hold from coarse to fine): tells text"
        in page
    )
    assert "too): is not shown to tell text from none (AUC 0." in page


def test_sources_and_shapes_that_tell_are_named(asked):
    found = copy.deepcopy(asked[2])
    assert list(shortcut_words.hints(found)) == []
    found["sources"] = {"msra-td500": {"with": 96, "without": 0}, "photographs": {"with": 0, "without": 96}}
    found["shapes"]["upright"] = {"with": 0, "without": 1135}
    found["shapes"]["square"] = {"with": 0, "without": 0}
    found["outlined"] = 90
    assert list(shortcut_words.hints(found)) == [
        "No source has pictures of both kinds: who knows the source knows the answer.",
        "All 1,135 upright pictures are without text: their shape alone tells.",
    ]
    found["shapes"]["landscape"]["with"] = 93
    assert list(shortcut_words.hints(found))[2].startswith("Of 3 pictures with text it is not known where")


def cell(value, low, high):
    return {"value": value, "interval": [low, high], "method": "delong", "reason": None}


@pytest.mark.parametrize(
    ("origin", "difference", "pairs", "words"),
    [
        (cell(0.55, 0.45, 0.65), (0.2, 0.4), cell(0.9, 0.8, 0.95),
         ("is not shown to give a picture away", "0.550 [0.450–0.650]", "still tells text from none: 0.900")),
        (cell(0.7, 0.6, 0.8), (0.1, 0.3), cell(0.9, 0.8, 0.95), ("gives a part of the pictures away", "less than the")),
        (cell(0.95, 0.9, 0.98), (-0.1, 0.05), cell(0.6, 0.4, 0.8),
         ("gives the pictures away", "is not shown to be better", "the network is not shown to tell text from none")),
        (cell(0.95, 0.9, 0.98), (-0.1, 0.05), {"value": None, "interval": None, "reason": "no positive in test"},
         ("no pairs are alike enough",)),
    ],
)  # fmt: skip
def test_the_verdict_is_what_the_intervals_allow(asked, origin, difference, pairs, words):
    found = copy.deepcopy(asked[2])
    found["sets"][unread.ORIGIN].update(auc=origin, difference={"value": 0, "interval": difference, "p": 0.1})
    found["groups"][control.LIKE_ORIGIN]["network"] = pairs
    for part in words:
        assert part in shortcut_words.verdict(found), part
    assert shortcut_words.verdict(found).startswith("What surrounds the text alone")
    found["sources"]["photographs"] = {"with": 0, "without": 5}
    assert shortcut_words.verdict(found).startswith("The origin alone")


def test_without_an_answer_there_is_no_verdict(asked):
    found = copy.deepcopy(asked[2])
    found["sets"][unread.ORIGIN]["auc"] = {"value": None, "interval": None, "reason": "no positive in test"}
    assert shortcut_words.verdict(found) == "Not measured: no positive in test."


def test_a_score_below_chance_is_said():
    assert "without text **higher** (AUC 0.300)" in shortcut_words.tells(cell(0.3, 0.2, 0.4))


def test_a_run_that_was_not_asked_is_refused(asked, tmp_path):
    run = asked[1]
    (run.folder / "shortcuts.json").rename(tmp_path / "shortcuts.json")
    try:
        with pytest.raises(UserError, match="run the stage that writes it first"):
            zhao2019.shortcuts([run], tmp_path / "page")
    finally:
        (tmp_path / "shortcuts.json").rename(run.folder / "shortcuts.json")
