"""Open-size conversion: what the graph has for inputs, outputs and weights, and that its numbers are the model's."""

import keras
import numpy as np
import onnx
import onnxruntime
import pytest
from region_models import pictures, trained

from xray_keras.errors import UserError
from xray_keras.models import any_size_onnx, text_student


@pytest.fixture(scope="module")
def student():
    return trained(text_student.build(channels=(2, 3, 3, 4, 4, 4), dimension=5))


def forked():
    """A model with an output that needs a weight of its own."""
    image = keras.Input((None, None, 3), name="image")
    x = keras.layers.GlobalAveragePooling2D()(image)
    first = keras.layers.Dense(2, bias_initializer="ones", name="first")(x)
    second = keras.layers.Dense(7, name="second")(x)
    return keras.Model(image, {"first": first, "second": second}, name="forked")


def run(converted, image):
    onnx.checker.check_model(converted)
    session = onnxruntime.InferenceSession(converted.SerializeToString(), providers=["CPUExecutionProvider"])
    return dict(
        zip([each.name for each in session.get_outputs()], session.run(None, {"image": image}), strict=True)
    )


def test_one_graph_gives_the_models_numbers_at_several_sizes(student):
    converted = any_size_onnx.convert(student)
    assert [each.name for each in converted.graph.input] == ["image"]
    for count, height, width in ((1, 64, 81), (2, 33, 120)):
        image = pictures(count, height, width)
        ours, theirs = run(converted, image), student(image)
        assert set(ours) == {"regions", "features"}
        for name, values in ours.items():
            np.testing.assert_allclose(values, theirs[name], atol=1e-4)


def test_a_chosen_output_comes_alone(student):
    image = pictures(1, 40, 60)
    ours = run(any_size_onnx.convert(student, ["regions"]), image)
    assert list(ours) == ["regions"]
    np.testing.assert_allclose(ours["regions"], student(image)["regions"], atol=1e-5)


def test_weights_of_what_is_not_asked_for_stay_out():
    model = forked()
    sizes = [tuple(each.dims) for each in any_size_onnx.convert(model, ["first"]).graph.initializer]
    assert (3, 2) in sizes
    assert (3, 7) not in sizes
    image = pictures(1, 4, 5)
    np.testing.assert_allclose(
        run(any_size_onnx.convert(model, ["first"]), image)["first"], model(image)["first"], rtol=1e-5
    )


def test_an_output_that_is_not_there_is_named(student):
    with pytest.raises(UserError, match=r"no output boxes .*regions, features"):
        any_size_onnx.convert(student, ["regions", "boxes"])
