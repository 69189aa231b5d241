import pytest

from xray_keras import files
from xray_keras.cluster import stages
from xray_keras.cluster.stages import Resources
from xray_keras.errors import UserError


def test_what_is_computed_goes_and_what_draws_or_measures_this_machine_stays():
    assert all(stages.goes([verb, "runs/x"]) for verb in ("train", "cache", "evaluate", "deidentify"))
    assert not any(stages.goes([verb, "runs/x"]) for verb in ("table", "figure", "plan", "speed", "browse"))
    assert not stages.goes(["train"])


def test_each_stage_has_a_log_in_its_folder():
    assert str(stages.log(["train", "runs/a", "--predict"])) == "runs/a/train.log"
    assert str(stages.log(["cache", "runs/p", "--size", "40", "--skip-unreadable"])) == "runs/p/cache-40.log"


@pytest.mark.parametrize(("scale", "expected"), [("demo", (1, 0, 2)), ("paper", (4, 0, 16))])
def test_resources_follow_the_scale_and_what_the_user_says_goes_first(tmp_path, scale, expected):
    files.write_json(tmp_path / "config.json", {"scale": scale})
    words = ["train", str(tmp_path)]
    assert stages.needed(words, Resources()) == Resources(*expected)
    assert stages.needed(words, Resources(gpus=0.25)) == Resources(expected[0], 0.25, expected[2])
    light = stages.needed(["evaluate", str(tmp_path)], Resources(cpus=8, gpus=1, memory=64))
    assert light == Resources(1, 0, 2), "no GPU lies idle while numbers are computed"


def test_threads_are_the_processors_asked_for_and_settings_that_decide_numbers_travel():
    own = {"XRAY_KERAS_DETERMINISTIC": "1", "TF_NUM_INTRAOP_THREADS": "9", "HOME": "/home/me"}
    found = stages.environment(Resources(4, 0.5, 2), own)
    names = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
    assert [found[name] for name in names] == ["4"] * 3
    assert found["XRAY_KERAS_DETERMINISTIC"] == "1" and "HOME" not in found
    assert found["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"
    assert stages.environment(Resources(0.5, 0, 2), {})[names[0]] == "1"


def test_several_gpus_are_all_used_unless_the_user_says_how_many():
    assert stages.environment(Resources(4, 2, 2), {stages.DEVICES: ""})[stages.DEVICES] == "2"
    assert stages.environment(Resources(4, 2, 2), {stages.DEVICES: "1"})[stages.DEVICES] == "1"
    assert stages.DEVICES not in stages.environment(Resources(4, 1, 2), {})


def test_what_is_no_number_is_named():
    assert stages.number("", "CPUS") is None and stages.number("0.5", "GPUS") == 0.5
    for text in ("many", "-1", "nan", "inf"):
        with pytest.raises(UserError, match=f"GPUS={text} is not a number of zero or more; say GPUS=2"):
            stages.number(text, "GPUS")
