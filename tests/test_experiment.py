from fractions import Fraction
from pathlib import Path

import pytest

from xray_keras import experiment, files
from xray_keras.datasets.findings import FINDINGS
from xray_keras.errors import UserError
from xray_keras.experiment import Experiment
from xray_keras.papers import loader

ROOT = Path(__file__).parents[1]
EXPERIMENTS = {name: experiment.load(name, ROOT) for name in experiment.names(ROOT)}


@pytest.mark.parametrize("name", EXPERIMENTS)
@pytest.mark.parametrize("scale", experiment.SCALES)
@pytest.mark.parametrize("variant", ["sound", "paper"])
def test_every_experiment_resolves(name, scale, variant):
    config = experiment.resolve(EXPERIMENTS[name], scale=scale, variant=variant)
    if config["dataset"] == "nih":
        by_image = name.startswith("ali2019/") and variant == "paper"
        assert config["split"] == ("image-80-20" if by_image else "patient-80-20")
        assert set(config["labels"]) <= set(FINDINGS)
    else:  # the data set comes with its split, patients apart
        assert config["split"] == "official" and config["dataset"] in ("covid_xray_5k", "scene_text")
    assert (config["max_images"] is None) == (scale == "paper")


@pytest.mark.parametrize("name", [name for name in EXPERIMENTS if name.startswith("minaee2020/")])
def test_deep_covid_trains_its_last_layer_as_printed_and_as_published(name):
    printed = loader.load("minaee2020")
    assert EXPERIMENTS[name].row in printed["settings"]["networks"]["order"]
    assert EXPERIMENTS[name].seeds >= 3
    script = printed["cited"]["published_script"]
    code = experiment.resolve(EXPERIMENTS[name], scale="paper", variant="code")
    assert [code["size"], code["size"], 3] == script["input"]
    for setting in ("learning_rate", "batch_size", "epochs"):
        assert code[setting] == script[setting]
    assert script["optimizer"].lower().startswith(code["optimizer"]) and code["schedule"] == "step"
    assert code["model_options"]["moving_statistics"] and not code["cache_features"]
    sound = experiment.resolve(EXPERIMENTS[name], scale="demo", variant="sound")
    assert sound["cache_features"] and "moving_statistics" not in sound["model_options"]


@pytest.mark.parametrize("name", [name for name in EXPERIMENTS if "/baseline_" in name])
def test_binary_cnns_stay_inside_the_printed_ranges(name):
    printed = loader.load("ali2019")["settings"]["binary_cnn"]
    config = experiment.resolve(EXPERIMENTS[name], scale="paper", variant="paper")
    assert [config["size"], config["size"], 3] == printed["input"]
    assert config["loss"] in printed["loss"]
    for setting, value in (
        ("learning_rate", config["learning_rate"]),
        ("batch_size", config["batch_size"]),
        ("dropout_after_pooling", config["model_options"]["dropout"]),
        ("l2", config["model_options"]["l2"]),
    ):
        low, high = printed[setting]
        assert low <= value <= high, setting


def test_binary_cnns_follow_the_printed_rules():
    counts = loader.load("ali2019")["datasets"]["nih"]["class_counts"]
    found = {e.labels[0]: e for e in EXPERIMENTS.values() if e.model == "binary_cnn"}
    assert set(found) == set(FINDINGS)
    rates = [found[finding].learning_rate for finding in sorted(counts, key=counts.get)]
    assert rates == sorted(rates, reverse=True)  # the more images, the lower the rate
    sizes = [found[finding].batch_size for finding in sorted(counts, key=counts.get)]
    assert sizes == sorted(sizes, reverse=True) and sizes[0] == 512
    weighted = {finding for finding in found if found[finding].loss == "weighted_cross_entropy"}
    assert min(counts[f] for f in weighted) > max(counts[f] for f in set(found) - weighted)


def test_vgg16_has_the_printed_learning_rate():
    assert (
        EXPERIMENTS["ali2019/vgg16"].learning_rate
        == loader.load("ali2019")["settings"]["vgg16"]["learning_rate"]
    )


def write(root: Path, text: str) -> str:
    folder = root / "experiments" / f"p{abs(hash(str(root)))}"
    folder.mkdir(parents=True)
    (folder / "row.py").write_text(text)
    return f"{folder.name}/row"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("EXPERIMENT = 3", "must define EXPERIMENT"),
        ("EXPERIMENT = (", "cannot be read as an experiment"),
        ("from xray_keras.experiment import Experiment\nEXPERIMENT = Experiment(rows='x')", "cannot be read"),
    ],
)
def test_broken_files_are_named(text, words, tmp_path):
    with pytest.raises(UserError, match=rf"row\.py.* {words}"):
        experiment.load(write(tmp_path, text), tmp_path)


def test_absent_file_is_named(tmp_path):
    with pytest.raises(UserError, match=r"none\.py is absent"):
        experiment.load("ali2019/none", tmp_path)


def test_unknown_settings_are_refused():
    found = EXPERIMENTS["ali2019/vgg16"]
    with pytest.raises(UserError, match=r"SCALE=huge .*demo, paper"):
        experiment.resolve(found, scale="huge", variant="sound")
    with pytest.raises(UserError, match=r"VARIANT=best .*sound"):
        experiment.resolve(found, scale="demo", variant="best")
    with pytest.raises(UserError, match=r"PRECISION=float8"):
        experiment.resolve(found, scale="demo", variant="sound", precision="float8")
    import dataclasses

    with pytest.raises(UserError, match="overlay"):
        experiment.resolve(dataclasses.replace(found, demo={"sise": 3}), scale="demo", variant="sound")


def test_words_do_not_enter_the_config():
    found = EXPERIMENTS["ali2019/vgg16"]
    assert isinstance(found, Experiment)
    assert not {"assumed", "source", "artefacts"} & set(
        experiment.resolve(found, scale="demo", variant="sound")
    )


def test_a_variant_may_be_shorter_at_demo_scale_alone():
    found = EXPERIMENTS["minaee2020/resnet18"]
    epochs = {
        (scale, variant): experiment.resolve(found, scale=scale, variant=variant)["epochs"]
        for scale in ("demo", "paper")
        for variant in ("sound", "code")
    }
    assert epochs.pop(("demo", "code")) < 100 and set(epochs.values()) == {100}


def test_chexnet_trains_as_printed():
    found = EXPERIMENTS["cohen2019/chexnet"]
    printed = loader.load("cohen2019")["settings"]["classifier"]
    resolved = experiment.resolve(found, scale="paper", variant="sound")
    assert resolved["learning_rate"] == printed["learning_rate"] and resolved["optimizer"] == "adam"
    assert resolved["schedule"] == "plateau" and len(resolved["labels"]) == 14
    test, rest = Fraction(1, 5), Fraction(4, 5)
    validation = rest * Fraction(str(resolved["validation"]))
    shares = [rest - validation, validation, test]
    assert shares == [Fraction(int(text.rstrip("%")), 100) for text in printed["split"]]
    ali = experiment.resolve(EXPERIMENTS["cohen2019/ali"], scale="paper", variant="sound")
    held_out = ("split", "validation", "seed", "dataset", "images")
    assert {key: ali[key] for key in held_out} == {key: resolved[key] for key in held_out}


def test_settings_that_an_older_run_does_not_state_have_their_defaults(tmp_path):
    stated = {"dataset": "nih", "images": "all", "max_images": 80, "share": 0.5, "of_the_future": 1}
    files.write_json(tmp_path / "config.json", stated)
    settings = experiment.read_settings(tmp_path)
    assert settings.items() >= stated.items()
    assert (settings["trainer"], settings["others"], settings["uses"]) == ("supervised", None, {})
    assert "row" not in settings and "artefacts" not in settings


def test_a_planned_run_is_read_as_it_was_written(tmp_path):
    config = experiment.resolve(EXPERIMENTS["ali2019/vgg16"], scale="demo", variant="sound")
    files.write_json(tmp_path / "config.json", config)
    assert experiment.read_settings(tmp_path) == config
