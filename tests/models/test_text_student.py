import keras
import numpy as np
import pytest
from region_models import CORNERS, moved_by_a_corner, output_shapes, pictures, session, trained

from xray_keras.errors import UserError
from xray_keras.models import region_head, text_student
from xray_keras.papers import loader

FACTS = loader.load("zhao2019")
CANDIDATE = FACTS["cited"]["candidate_heads"]["C_default"]


def trained_parameters(model):
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return trained(text_student.build())


def test_it_is_the_candidate_and_has_the_printed_size(model):
    assert list(text_student.CHANNELS) == CANDIDATE["student_channels"]
    assert CANDIDATE["student_dense"] == [[32, text_student.DIMENSION], [text_student.DIMENSION, 2]]
    assert trained_parameters(model) == 86_882
    assert 86_882 in loader.table("zhao2019", "table1").number("Student Network", "Params").interval()


def test_the_regions_are_the_papers():
    grids = [grid for grid, _ in FACTS["datasets"]["textdis"]["regions"]]
    assert sorted(region_head.GRIDS) == sorted(grids)
    assert region_head.REGIONS == FACTS["settings"]["equation1"]["regions_M"] == 34


def test_channels_and_dimension_are_configurable():
    channels = (4, 6, 8, 10, 12, 12)
    small = text_student.build(channels=channels, dimension=20)
    ends = zip((3, *channels[:-1]), channels, strict=True)
    convolutions = sum(9 * before * behind + behind for before, behind in ends)
    assert trained_parameters(small) == convolutions + 12 * 20 + 20 + 20 * 2 + 2
    assert output_shapes(small) == {"regions": (None, 34), "features": (None, 34, 20)}


@pytest.mark.parametrize("channels", [(16, 32, 32, 32, 32), (8, 16, 16, 32, 32, 64)])
def test_channels_that_do_not_fit_are_refused(channels):
    with pytest.raises(UserError, match="six convolutions, of which the last two are equally wide"):
        text_student.build(channels=channels)


def test_layers_stand_in_their_order(model):
    kinds = [type(layer).__name__ for layer in model.layers[2:26]]
    assert kinds == ["ZeroPadding2D", "Conv2D", "BatchNormalization", "ReLU"] * 6
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert [layer.kernel_size for layer in convolutions] == [(3, 3)] * 6
    assert [layer.strides[0] for layer in convolutions] == list(text_student.STRIDES)
    assert {layer.padding for layer in convolutions} == {"valid"}
    assert [layer.name for layer in model.layers if layer.weights][-2:] == ["features", "classes"]


def test_the_fifth_map_makes_the_fine_grid_and_the_sixth_the_coarse_one(model):
    given = pictures(1, 64, 96)
    before = model(given)
    kernel = model.get_layer("conv6").kernel
    kept = kernel.numpy()
    kernel.assign(kept * 0.5)
    after = model(given)
    kernel.assign(kept)
    moved = np.abs(after["features"].numpy() - before["features"].numpy())[0].max(axis=-1)
    assert (moved[:25] == 0).all() and (moved[25:] > 0).all()


def test_regions_are_classified_by_their_features_behind_a_relu(model):
    found = model(pictures(2, 40, 61))
    features = found["features"].numpy()
    assert (features < 0).any() and (features > 0).any()
    kernel, bias = model.get_layer("classes").get_weights()
    odds = np.maximum(features, 0) @ kernel + bias
    expected = 1 / (1 + np.exp(odds[..., 0] - odds[..., 1]))
    np.testing.assert_allclose(found["regions"], expected, atol=1e-5)


@pytest.mark.parametrize(("height", "width"), [(33, 33), (40, 61), (101, 37), (256, 341)])
def test_any_size_gives_34_regions(model, height, width):
    found = model.predict(pictures(1, height, width), verbose=0)
    assert found["regions"].shape == (1, 34) and found["features"].shape == (1, 34, 1280)
    assert {value.dtype for value in found.values()} == {np.dtype("float32")}
    assert (found["regions"] > 0).all() and (found["regions"] < 1).all()
    assert np.ptp(found["regions"]) > 0


@pytest.mark.parametrize(("height", "width"), [(32, 64), (64, 32)])
def test_a_picture_with_too_few_cells_is_refused(model, height, width):
    assert text_student.SMALLEST == 33
    with pytest.raises(UserError, match="is too small for a 5×5 grid; give a larger one"):
        model(pictures(1, height, width))


@pytest.mark.parametrize("corner", list(CORNERS))
def test_regions_lie_where_the_picture_has_them(model, corner):
    moved = moved_by_a_corner(model, corner, "features")
    fine, coarse = CORNERS[corner]
    assert moved[:25].argmax() == fine and 25 + moved[25:].argmax() == coarse


def test_one_more_column_changes_nothing_far_from_it(model):
    """Padding that depends on the parity of the size would shift the whole picture."""
    wide = pictures(1, 65, 97)
    maps = keras.Model(model.input, model.get_layer("relu6").output)
    odd, even = maps(wide), maps(wide[:, :-1, :-1])
    reach = 4  # cells from the border that see it
    np.testing.assert_allclose(odd[:, :-reach, :-reach], even[:, : 9 - reach, : 13 - reach], atol=1e-5)


def test_a_picture_is_judged_on_its_own(model):
    given = pictures(3, 48, 57)
    together = model(given)
    for place in range(3):
        alone = model(given[place : place + 1])
        for name in together:
            np.testing.assert_allclose(alone[name][0], together[name][place], atol=1e-5)


def test_onnx_runtime_agrees_at_sizes_that_stay_open(model):
    exported = session(model)
    for height, width in ((33, 33), (64, 85), (71, 50)):
        given = pictures(2, height, width)
        expected = model(given)
        for name, value in zip(
            ("regions", "features"), exported.run(["regions", "features"], {"image": given}), strict=True
        ):
            np.testing.assert_allclose(value, expected[name], atol=1e-5)


def test_normalisation_folds_into_six_convolutions_with_bias(model):
    """What inference computes has nothing but the printed parameters."""
    x = pictures(1, 40, 50)
    expected = model(x)["features"]
    x, maps = x / 127.5 - 1, []
    for number, stride in enumerate(text_student.STRIDES, start=1):
        offset, mean, variance = model.get_layer(f"norm{number}").get_weights()
        scale = 1 / np.sqrt(variance + model.get_layer(f"norm{number}").epsilon)
        kernel = model.get_layer(f"conv{number}").get_weights()[0] * scale
        x = keras.ops.conv(np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))), kernel, strides=stride)
        x = np.maximum(x + (offset - mean * scale), 0).astype(np.float32)
        maps.append(x)
    rows = [model.get_layer(f"pooled{grid}")(map_) for grid, map_ in zip((5, 3), maps[-2:], strict=True)]
    rows = np.concatenate([np.reshape(row, (1, -1, 32)) for row in rows], axis=1)
    np.testing.assert_allclose(model.get_layer("features")(rows), expected, atol=1e-4)


def test_it_survives_a_file(model, tmp_path):
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    given = pictures(1, 35, 46)
    for name, value in model(given).items():
        np.testing.assert_array_equal(again(given)[name], value)


def test_in_bfloat16_it_gives_float32():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        found = text_student.build(dimension=8)(pictures(1, 40, 40))
    finally:
        keras.config.set_dtype_policy("float32")
    assert {value.numpy().dtype for value in found.values()} == {np.dtype("float32")}


def test_momentum_is_that_of_every_normalisation():
    small = text_student.build(dimension=4, batch_norm_momentum=0.9)
    found = [layer for layer in small.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert [layer.momentum for layer in found] == [0.9] * 6
