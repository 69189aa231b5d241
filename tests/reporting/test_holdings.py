import json

import pytest

from xray_keras.datasets.overview import look
from xray_keras.datasets.overview.known import SETS
from xray_keras.reporting import holdings


@pytest.fixture(autouse=True)
def no_keras_folder(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path_factory.mktemp("keras")))


@pytest.fixture
def data(tmp_path):
    """TextDis with one picture too few everywhere but in one part, and a folder that nobody knows."""
    folder = tmp_path / "my data"
    for part, kind in (("train", "text"), ("test", "non-text")):
        (folder / "textdis" / part / kind).mkdir(parents=True)
    for number in range(2000):
        (folder / "textdis/test/non-text" / f"{number}.jpg").touch()
    (folder / "textdis/train/text/a.jpg").touch()
    (folder / "holidays").mkdir()
    return folder


def test_words_say_where_how_many_and_what_differs(data):
    text = holdings.describe(look.look(data))
    assert text.startswith(f"{data}: 1 of the {len(SETS)} data sets")
    assert "TextDis in textdis\n  images     2,001 on disk\n" in text
    assert "as printed 1 of 4 printed counts (zhao2019 IV.A)" in text
    assert "DIFFERS    train val, text: 1 here, 5,302 printed (zhao2019 IV.A)" in text
    assert text.count("DIFFERS") == 3
    assert "does not read: holidays" in " ".join(text.split())
    assert f"make zhao2019 DATA='{data}'" in text
    assert "ali2019    needs NIH ChestX-ray14" in text
    there = text[: text.index("\n\nNot there")]
    assert "licence    Not stated in the papers" in there and "cite       C. Zhang, C. Yao" in there


def test_what_is_absent_comes_with_address_terms_and_folder(data):
    text = holdings.describe(look.look(data))
    start = text.index("CheXpert, small\n")
    told = text[start : text.index("\n\n", start)]
    assert "https://stanfordmlgroup.github.io/competitions/chexpert/" in told
    assert "register   yes" in told and "licence    Stanford" in told and "cite       J. Irvin" in told
    assert str(data / "CheXpert-v1.0-small") in told
    assert "register   no" in text[text.index("Kermany's children\n") :]


def test_a_broken_set_is_marked_with_its_reason_and_runs_nothing(data):
    (data / "nih-chestxray14").mkdir()
    text = holdings.describe(look.look(data))
    assert "NIH ChestX-ray14 in nih-chestxray14  CANNOT BE USED\n" in text
    words = " ".join(text.split())  # lines break where paths are long
    assert f"problem {data / 'nih-chestxray14'} holds neither Data_Entry_2017_v2020.csv" in words
    assert "ali2019    needs NIH ChestX-ray14" in text


def test_without_a_folder_all_that_can_be_used_is_told():
    text = holdings.describe_available()
    assert "phantom" in text and all(f"\n{known.title}\n" in text for known in SETS)
    assert text.count("unpack to") == len(SETS) and "DATA/nih-chestxray14" in text


def test_json_holds_the_same(data):
    found = json.loads(json.dumps(holdings.as_json(look.look(data))))
    sets = {each["name"]: each for each in found["sets"]}
    assert found["folder"] == str(data) and found["unknown"] == ["holidays"]
    assert sets["textdis"]["state"] == "found" and sets["textdis"]["on_disk"] == 2001
    assert [each["differs"] for each in sets["textdis"]["printed"]] == [True, True, True, False]
    assert sets["mura"]["state"] == "absent" and sets["mura"]["registration"].startswith("yes")
    assert sets["nih"]["registration"] is None and "place" not in sets["nih"]
    assert found["lacking"]["zhao2019"] == [] and found["lacking"]["ali2019"] == [["NIH ChestX-ray14"]]
    without = holdings.as_json(None)
    assert without["folder"] is None and {each["state"] for each in without["sets"]} == {None}


def test_no_line_is_wider_than_a_page_unless_an_address_is(data):
    for line in holdings.describe(look.look(data)).splitlines():
        assert len(line) <= holdings.WIDTH or " " not in line[13:].strip() or str(data) in line, line
