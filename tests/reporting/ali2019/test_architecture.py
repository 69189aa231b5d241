import pandas as pd
import pytest

from tests.reporting.ali2019.gan_runs import write_gan
from xray_keras.errors import UserError
from xray_keras.papers import loader
from xray_keras.reporting import ali2019


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    base = tmp_path_factory.mktemp("runs")
    cited = {"form": "code", "reading": "printed", "conditions": ["Mass", "Hernia"]}
    runs = [
        write_gan(base, "infogan_effusion"),
        write_gan(base, "cited", None, options=cited),
    ]
    output = base / "reports" / "table1"
    ali2019.table1(runs, output)
    return output


def sections(output):
    text = output.with_suffix(".md").read_text()
    return {part.split("\n")[0]: part for part in text.split("## ")[1:]}


def test_every_printed_cell_stands_once_and_before_its_layer(written):
    found = sections(written)
    pairs = {
        "Discriminator D and recognition network Q": (
            0,
            ["image", "DQ_conv1", "DQ_conv2", "DQ_conv3", "Q_dense"],
        ),
        "Generator G": (1, ["latent", "G_dense", "G_upconv1", "G_upconv2", "G_upconv3"]),
    }
    rows = loader.load("ali2019")["tables"]["table1"]["rows"]
    lines_of_layer = {"Q_dense": "6"}
    for heading, (column, names) in pairs.items():
        lines = found[heading].splitlines()
        for number, name in enumerate(names, 1):
            line = next(line for line in lines if f"`{name}`" in line)
            printed = rows[lines_of_layer.get(name, str(number))][column]
            assert line.startswith(f"| {printed} |")
    lines = found["Discriminator D and recognition network Q"].splitlines()
    assert any(line.startswith("| as above | `categorical`") for line in lines)
    assert "4 × 4 | 2 × 2 | 32 × 32 × 128 | – | relu | 918,144 |" in found["Generator G"]
    assert "\n10,340,289 parameters." in found["Generator G"]


def test_what_does_not_fit_is_said_with_numbers(written):
    text = sections(written)["Where the printed table does not fit together"]
    for words in (
        "4·10 + 4 + 32 = 76", "Built: 76 inputs",
        "8 × 8", "a first map of 16 × 16 × 448, 1/8 of the image's side, then 128 × 128 × 1",
        "all begin with 32x32", "sides are 128, 64, 32, 16",
        f"{32 * 32 * (1 * 64 + 64 * 128 + 128 * 128):,} weights", f"{1088 + 131712 + 262784:,} parameters",
        "Color", "1 channel",
    ):  # fmt: skip
        assert words in text, words


def test_a_line_a_run(written):
    lines = sections(written)["Runs and forms"].splitlines()
    assert any(
        line.startswith("| infogan_effusion | Effusion | table | described | 76 | 8 × 8 × 448 |")
        for line in lines
    )
    cited = next(line for line in lines if line.startswith("| cited"))
    assert "all images, 2 labels as codes | code | printed | 40 | 4 × 4 × 128 | 64 × 64 × 1 |" in cited
    tidy = pd.read_csv(written.with_suffix(".csv"))
    assert set(tidy["run"]) == {"infogan_effusion", "cited"}
    assert tidy.loc[tidy["layer"] == "G_up1", "printed"].isna().all()
    assert (tidy["parameters"].groupby(tidy["run"]).sum() > 0).all()


def test_a_form_without_some_printed_lines_shows_them_empty(tmp_path):
    run = write_gan(tmp_path, "cited", options={"form": "code"})
    ali2019.table1([run], tmp_path / "table1")
    generator = sections(tmp_path / "table1")["Generator G"]
    assert "| 16x16 upconv, 128 RELU, Stride 2, batch-norm | – | – |" in generator
    assert "| – | `G_up1`, UpSampling2D |" in generator


def test_a_run_without_layers_is_named(tmp_path):
    run = write_gan(tmp_path, "infogan_effusion")
    (run.folder / "layers.json").unlink()
    with pytest.raises(UserError, match=r"layers\.json is absent"):
        ali2019.table1([run], tmp_path / "table1")
