import keras
import numpy as np
import pytest
from region_models import CORNERS, moved_by_a_corner, narrow_vgg16, output_shapes, pictures, session, trained

from xray_keras.errors import UserError
from xray_keras.models import text_student, text_teacher
from xray_keras.models import weights as published
from xray_keras.models.frozen import FROZEN
from xray_keras.papers import loader

CANDIDATE = loader.load("zhao2019")["cited"]["candidate_heads"]["C_default"]


@pytest.fixture(scope="module")
def whole():
    return text_teacher.build(weights="random")


@pytest.fixture(scope="module")
def narrow():
    keras.utils.set_random_seed(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(published, "load_backbone", narrow_vgg16)
        return trained(text_teacher.build(weights="random", dimension=20))


def test_it_is_the_candidate_and_has_the_printed_size(whole):
    d = text_teacher.DIMENSION
    assert CANDIDATE["teacher_dense"] == [[512, d], [512, d], [d, 2]]
    assert whole.count_params() == 14_714_688 + 2 * (512 * d + d) + 2 * d + 2 == 16_030_530
    assert 16_030_530 in loader.table("zhao2019", "table1").number("Teacher Network", "Params").interval()


def test_its_outputs_are_the_students(whole):
    assert output_shapes(whole) == {"regions": (None, 34), "features": (None, 34, 1280)}
    assert output_shapes(whole) == output_shapes(text_student.build())


def test_its_maps_are_vgg16s_last_two(whole):
    maps = whole.get_layer("vgg16")
    assert [layer.name for layer in maps.layers if layer.weights][-2:] == ["block5_conv2", "block5_conv3"]
    assert [layer.filters for layer in maps.layers if layer.weights] == [
        64, 64, 128, 128, *[256] * 3, *[512] * 6
    ]  # fmt: skip
    both = maps(published.preprocess("vgg16", pictures(1, 32, 48)))
    assert both.shape == (1, 2, 3, 1024)
    second, third = both[..., :512], both[..., 512:]
    np.testing.assert_allclose(maps.get_layer("block5_conv3")(second), third, atol=1e-4)


def test_maps_are_pooled_added_and_mapped_grid_by_grid(narrow):
    given = pictures(1, 96, 112)
    found = narrow(given)
    maps = narrow.get_layer("vgg16")(published.preprocess("vgg16", given))
    rows = []
    for grid in (5, 3):
        pool = keras.layers.AdaptiveAveragePooling2D(grid)
        second, third = np.split(pool(maps), 2, axis=-1)
        x = np.reshape(second + third, (1, grid * grid, -1))
        rows.append(narrow.get_layer(f"map{grid}")(x))
    features = np.concatenate(rows, axis=1)
    np.testing.assert_allclose(found["features"], features, rtol=1e-4, atol=1e-4)
    assert (features < 0).any() and (features > 0).any()
    kernel, bias = narrow.get_layer("classes").get_weights()
    odds = np.maximum(features, 0) @ kernel + bias
    np.testing.assert_allclose(found["regions"], 1 / (1 + np.exp(odds[..., 0] - odds[..., 1])), atol=1e-4)


@pytest.mark.parametrize("corner", list(CORNERS))
def test_regions_lie_where_the_picture_has_them(narrow, corner):
    moved = moved_by_a_corner(narrow, corner, "features", height=256, width=341)
    fine, coarse = CORNERS[corner]
    assert moved[:25].argmax() == fine and 25 + moved[25:].argmax() == coarse


def test_the_smallest_picture_and_one_below_it(narrow):
    assert text_teacher.SMALLEST == 80
    assert narrow(pictures(1, 80, 83))["regions"].shape == (1, 34)
    for height, width in ((79, 96), (96, 79)):
        with pytest.raises(UserError, match="is too small for a 5×5 grid; give a larger one"):
            narrow(pictures(1, height, width))


def test_a_picture_is_judged_on_its_own(narrow):
    given = pictures(2, 80, 90)
    together, alone = narrow(given), narrow(given[1:])
    for name in together:
        np.testing.assert_allclose(alone[name][0], together[name][1], rtol=1e-4, atol=1e-4)


def test_onnx_runtime_agrees_at_sizes_that_stay_open(narrow):
    exported = session(narrow)
    for count, height, width in ((2, 80, 97), (1, 133, 81)):
        given = pictures(count, height, width)
        expected = narrow(given)
        for name in ("regions", "features"):
            (value,) = exported.run([name], {"image": given})
            np.testing.assert_allclose(value, expected[name], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("blocks", "first"), [(5, "block1_conv1"), (2, "block4_conv1"), (0, "map5")])
def test_blocks_are_trained_from_the_end(monkeypatch, blocks, first):
    monkeypatch.setattr(published, "load_backbone", narrow_vgg16)
    model = text_teacher.build(weights="random", dimension=4, trained_blocks=blocks)
    convolutions = model.get_layer("vgg16" if blocks else FROZEN)
    layers = [layer for layer in convolutions.layers if layer.trainable_variables]
    assert [*[layer.name for layer in layers], "map5"][0] == first
    assert len(model.trainable_variables) == 2 * len(layers) + 6


@pytest.mark.parametrize("blocks", [-1, 6])
def test_blocks_that_vgg16_has_not(blocks):
    with pytest.raises(UserError, match=f"VGG16 has 5 blocks, of which {blocks} cannot be trained"):
        text_teacher.build(weights="random", trained_blocks=blocks)


def test_imagenet_weights_are_asked_for(monkeypatch):
    asked = []

    def load(architecture, **options):
        asked.append((architecture, options["weights"]))
        return narrow_vgg16(architecture, **options)

    monkeypatch.setattr(published, "load_backbone", load)
    text_teacher.build(weights="imagenet", dimension=4)
    assert asked == [("vgg16", "imagenet")]


def test_it_survives_a_file(narrow, tmp_path):
    narrow.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    given = pictures(1, 80, 80)
    for name, value in narrow(given).items():
        np.testing.assert_array_equal(again(given)[name], value)


def test_in_bfloat16_it_gives_float32(monkeypatch):
    monkeypatch.setattr(published, "load_backbone", narrow_vgg16)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        found = text_teacher.build(weights="random", dimension=4)(pictures(1, 80, 80))
    finally:
        keras.config.set_dtype_policy("float32")
    assert {value.numpy().dtype for value in found.values()} == {np.dtype("float32")}


def test_maps_are_scaled_to_come_near_one(monkeypatch):
    monkeypatch.setattr(published, "load_backbone", narrow_vgg16)
    convolutions = text_teacher.convolutions("random")
    last_two = keras.Model(convolutions.input, convolutions.get_layer("last_two").output)
    image = pictures(1, 96, 112)
    assert text_teacher.MAP_SCALE == 1 / 16  # maps of some 16, pooled, become one
    np.testing.assert_allclose(convolutions(image).numpy(), last_two(image).numpy() / 16, rtol=1e-6)
