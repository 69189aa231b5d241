"""The networks of Table I as they are timed: their sizes as printed; the measurement on narrow ones."""

import keras
import numpy as np
import pytest

from xray_keras.evaluation import speed, timed_networks
from xray_keras.evaluation.timed_networks import Network
from xray_keras.papers import loader


def narrow(width):
    def build():
        image = keras.Input((None, None, 3), name="image")
        x = keras.layers.Rescaling(1 / 255)(image)
        x = keras.layers.Conv2D(width, 3, activation="relu")(x)
        x = keras.layers.GlobalAveragePooling2D()(x)
        return keras.Model(image, {"regions": keras.layers.Dense(34, activation="sigmoid")(x)})

    return build


@pytest.fixture(scope="module")
def found():
    timed = {
        "MSP-Net": Network(narrow(12), (96, 128)),
        "Teacher Network": Network(narrow(6), (64, 85)),
        "Student Network": Network(narrow(2), (64, 85)),
    }
    return timed_networks.measure(timed, (64, 85), seconds=0, rounds=2)


def test_pictures_have_the_printed_heights():
    timed, same = timed_networks.networks()
    assert timed["MSP-Net"].own == (500, 667) and same == (256, 341)
    assert timed["Teacher Network"].own == timed["Student Network"].own == same
    assert set(timed) <= set(loader.table("zhao2019", "table1").rows)


def test_the_student_is_timed_at_the_printed_number_of_parameters():
    timed, _ = timed_networks.networks()
    printed = loader.table("zhao2019", "table1").number("Student Network", "Params")
    about = timed_networks._about(timed["Student Network"].build(), timed["Student Network"])
    assert about["parameters"] in printed.interval() and about["stored"] == 87234


def test_each_network_is_timed_in_both_frameworks_at_both_sizes(found):
    cpu = {
        (each["network"], each["framework"], tuple(each["size"]))
        for each in found["turns"]
        if each["device"] == "cpu"
    }
    assert cpu == {
        (name, framework, size)
        for name, sizes in (
            ("MSP-Net", ((96, 128), (64, 85))),
            ("Teacher Network", ((64, 85),)),
            ("Student Network", ((64, 85),)),
        )
        for framework in ("keras", "onnxruntime")
        for size in sizes
    }
    for each in found["turns"]:
        assert len(each["turns"]) == 2
        for turn in each["turns"]:
            assert len(turn.wall) == len(turn.cpu) >= 1 and min(turn.wall) > 0


def test_both_frameworks_computed_the_same(found):
    assert found["disagreement"] < 1e-3


def test_what_differs_is_noticed():
    answers = {
        timed_networks.Condition("a", framework, "cpu", (1, 1)): np.full((1, 34), value)
        for framework, value in (("keras", 0.5), ("onnxruntime", 0.75))
    }
    assert timed_networks._disagreement(answers) == 0.25


def test_a_device_that_is_not_there_is_named():
    absent = timed_networks._absent(gpu=False)
    assert [each["framework"] for each in absent] == ["keras", "onnxruntime"]
    assert {each["reason"] for each in absent} == {"no GPU"}


def test_onnx_runtime_without_cuda_is_named(monkeypatch):
    monkeypatch.setattr(
        timed_networks.onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"]
    )
    (absent,) = timed_networks._absent(gpu=True)
    assert absent["framework"] == "onnxruntime" and "onnxruntime-gpu" in absent["reason"]
    monkeypatch.setattr(timed_networks.onnxruntime, "get_available_providers", lambda: [timed_networks.CUDA])
    assert timed_networks._absent(gpu=True) == []


def test_a_gpu_stands_beside_the_cpu_with_the_same_weights(monkeypatch):
    """TensorFlow puts on the CPU what is meant for a GPU that is not there."""
    config = timed_networks.tf.config
    monkeypatch.setattr(config, "list_physical_devices", lambda kind: [kind])
    monkeypatch.setattr(config.experimental, "get_device_details", lambda gpu: {"device_name": "a card"})
    monkeypatch.setattr(
        timed_networks.onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"]
    )
    found = timed_networks.measure(
        {"Student Network": Network(narrow(2), (9, 12))}, (9, 12), seconds=0, rounds=1
    )
    ways = [(each["framework"], each["device"]) for each in found["turns"]]
    assert ways == [("keras", "cpu"), ("keras", "gpu"), ("onnxruntime", "cpu")]
    assert found["disagreement"] < 1e-3 and found["gpu"] == "a card"


def test_it_can_be_summed_up(found):
    summary = speed.summary({**found, "seconds": 1.0})
    assert len(summary["times"]) == len(found["turns"])
    assert all(each["median"] > 0 for each in summary["ratios"])


def test_the_model_is_compiled_once_for_a_size():
    model = narrow(2)()
    traced = []
    original = model.call
    model.call = lambda *arguments, **options: traced.append(1) or original(*arguments, **options)
    call = timed_networks._in_keras(model, "cpu", (64, 85))
    answers = [call() for _ in range(3)]
    assert len(traced) == 1 and isinstance(answers[0], np.ndarray) and answers[0].shape == (1, 34)
    assert isinstance(model, keras.Model)
