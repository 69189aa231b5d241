import re

import pandas as pd
import pytest
from PIL import Image

from tests.reporting.ali2019.gan_runs import measured, write_gan
from xray_keras.errors import UserError
from xray_keras.papers import loader
from xray_keras.reporting import ali2019
from xray_keras.reporting.ali2019 import gans, quality_claims


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    base = tmp_path_factory.mktemp("runs")
    runs = [
        write_gan(base, "infogan_effusion", kid=100.0),
        write_gan(base, "infogan_quarter", kid=300.0, training=90, share=0.25),
        write_gan(base, "infogan_pneumonia", "Pneumonia", kid=900.0, training=40),
    ]
    output = base / "reports" / "quality"
    ali2019.quality(runs, output)
    return output


def sections(output):
    text = output.with_suffix(".md").read_text()
    return {part.split("\n")[0]: part for part in text.split("## ")[1:]}


def test_a_line_a_run_with_intervals_beside_yardsticks(written):
    found = sections(written)
    lines = found["Generated images"].splitlines()
    line = next(line for line in lines if line.startswith("| Effusion |"))
    assert (
        line
        == "| Effusion | 364 | 27 | 60 | 100 [90 to 110] | 400 | 0.250 [0.150–0.350] | 0.500 [0.400–0.600] |"
    )
    assert any(line.startswith("| Effusion, 25 % of the patients | 90 |") for line in lines)
    yardsticks = found["Yardsticks"].splitlines()
    assert "| Pneumonia | noise of their gray levels | 4,000 [3,600 to 4,400] | 4,300 |" in "\n".join(
        yardsticks
    )
    assert "−2.00 [−7.00 to 3.00]" in found["Yardsticks"]


def test_the_page_names_network_and_data_and_warns(written):
    text = written.with_suffix(".md").read_text()
    told = (
        "a network, its last layer",
        "Never compare",
        "as many images on either",
        "phantom",
        "not for diagnosis",
    )
    for words in told:
        assert words in text


def test_the_selection_is_read_by_intervals(written):
    text = sections(written)["Does the discriminator choose the better images?"]
    lines = [line for line in text.splitlines() if line.startswith("| Effusion |")]
    assert [line.rstrip(" |").split("| ")[-1] for line in lines[1:]] == [
        "not told apart", "not told apart", "lower",
    ]  # fmt: skip
    assert lines[-1].startswith("| Effusion | upper 10 % | 200 |")


def test_pictures_stand_on_the_page_with_their_numbers_in_words(written):
    for name in ("epochs", "images"):
        with Image.open(written.with_name(f"quality-{name}.png")) as picture:
            assert picture.size[0] > 900
        assert written.with_name(f"quality-{name}.svg").is_file()
        assert f"](quality-{name}.png)" in written.with_suffix(".md").read_text()
    page = written.with_suffix(".md").read_text()
    images = re.findall(r"^!\[(.+)\]\((quality-\w+\.png)\)$", page, re.MULTILINE)
    assert [file for _, file in images] == ["quality-epochs.png", "quality-images.png"]
    assert "Effusion: 400 [360 to 440] after epoch 1, 100 [90 to 110] after epoch 27." in images[0][0]
    assert "Effusion, 90 images: 300" in images[1][0] and "Effusion, 364 images: 100" in images[1][0]


def test_claims_beside_the_curves(written):
    text = sections(written)["The paper's claims beside these curves"]
    assert "no run has as many of both (at most 364 training images, 27 epochs)" in text
    first, last = "400 [360 to 440] after epoch 1", "100 [90 to 110] after epoch 27"
    assert f"Effusion: KID {first}, {last}, not told apart from the last from epoch 9 on" in text
    assert "Pneumonia, 40 training images, 27 epochs: KID 900 [810 to 990], farther than blurred" in text
    assert "Effusion: nearer than blurred radiographs" in text
    for name in quality_claims.CLAIMS:
        for printed in loader.claims("ali2019")[name].values.values():
            assert printed.text in text


def test_the_csv_has_every_number(written):
    tidy = pd.read_csv(written.with_suffix(".csv"))
    assert len(tidy) == 3 * (4 + 4 * 4 + 4 * 3 + 3 * 4)
    row = tidy[
        (tidy["run"] == "infogan_effusion") & (tidy["share"] == 0.1) & (tidy["measure"] == "KID")
    ].iloc[0]
    assert (row["value"], row["low"], row["high"], row["images"]) == (50, 45, 55, 60)


def test_standing_and_settling():
    found = measured("Effusion", 364, 500.0)
    assert quality_claims.standing(found) == "as far as blurred radiographs"
    assert quality_claims.standing(measured("Effusion", 364, 4000.0)).endswith("no better than noise")
    assert "training images" in quality_claims.standing(measured("Effusion", 364, 1.0))
    first, second, third, last = found["curve"]
    # An early epoch like the last one, with another between them, is no end of the change.
    assert quality_claims.settled({"curve": [{**last, "epoch": 1}, second, third, last]}) == third["epoch"]
    assert quality_claims.settled({"curve": [first, first, first, last]}) is None


def test_distances_are_written_to_three_digits():
    assert gans.distance({"value": 1234.5, "interval": [-1.2, 2000.0]}) == "1,234 [−1 to 2,000]"
    assert gans.distance({"value": 0.01234, "interval": None}) == "0.0123"
    assert gans.distance({"value": None, "interval": None}) == "–"


def test_what_is_missing_is_named(tmp_path):
    run = write_gan(tmp_path, "infogan_effusion")
    (run.folder / "quality.json").unlink()
    with pytest.raises(UserError, match=r"quality\.json is absent"):
        ali2019.quality([run], tmp_path / "quality")
    run.config["trainer"] = "supervised"
    with pytest.raises(UserError, match="needs a run of a GAN"):
        ali2019.quality([run], tmp_path / "quality")
