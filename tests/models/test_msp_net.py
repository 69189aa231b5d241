import keras
import numpy as np
import pytest
from region_models import CORNERS, moved_by_a_corner, narrow_vgg16, output_shapes, pictures, session, trained

from xray_keras.errors import UserError
from xray_keras.models import msp_net
from xray_keras.models import weights as published
from xray_keras.papers import loader

UNITS = 6


@pytest.fixture(scope="module")
def narrow():
    keras.utils.set_random_seed(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(published, "load_backbone", narrow_vgg16)
        return trained(msp_net.build(weights="random", units=UNITS))


def parameters(units):
    return 14_714_688 + 25 * 1024 * units + units + units * units + units + 2 * units + 2


def test_it_has_nearly_the_printed_size():
    assert msp_net.build(weights="random", units=UNITS).count_params() == parameters(UNITS)
    assert parameters(msp_net.UNITS) == 136_365_890
    printed = loader.table("zhao2019", "table1").number("MSP-Net", "Params")
    assert abs(136_365_890 / printed.exact - 1) < 3e-4


def test_regions_are_classified_by_two_equally_wide_layers(narrow):
    assert output_shapes(narrow) == {"regions": (None, 34)}
    layers = [narrow.get_layer(name) for name in ("fc6", "fc7", "classes")]
    assert [layer.units for layer in layers] == [UNITS, UNITS, 2]
    given = pictures(1, 80, 96)
    x = keras.Model(narrow.input, narrow.get_layer("regions").output)(given).numpy()
    assert x.shape == (1, 34, 25 * 16)
    for layer in layers[:2]:
        kernel, bias = layer.get_weights()
        x = np.maximum(x @ kernel + bias, 0)
    kernel, bias = layers[2].get_weights()
    odds = x @ kernel + bias
    expected = 1 / (1 + np.exp(odds[..., 0] - odds[..., 1]))
    np.testing.assert_allclose(narrow(given)["regions"], expected, atol=1e-4)


def test_each_region_is_described_by_its_own_cells(narrow):
    parts = [narrow.get_layer(name).output for name in ("cells5", "rows5", "cells3", "rows3")]
    found = keras.Model(narrow.input, parts)(pictures(1, 500, 667))
    fine, fine_rows, coarse, coarse_rows = (part.numpy()[0] for part in found)
    assert fine.shape == (25, 25, 16) and coarse.shape == (15, 15, 16)
    for cells, rows, grid in ((fine, fine_rows, 5), (coarse, coarse_rows, 3)):
        for region in range(grid * grid):
            i, j = divmod(region, grid)
            np.testing.assert_array_equal(rows[region], cells[5 * i : 5 * i + 5, 5 * j : 5 * j + 5].ravel())


@pytest.mark.parametrize("corner", list(CORNERS))
def test_regions_lie_where_the_picture_has_them(narrow, corner):
    cells = keras.Model(narrow.input, {"cells": narrow.get_layer("regions").output})
    moved = moved_by_a_corner(cells, corner, "cells", height=256, width=341)
    fine, coarse = CORNERS[corner]
    assert moved[:25].argmax() == fine and 25 + moved[25:].argmax() == coarse


def test_the_smallest_picture_and_one_below_it(narrow):
    found = narrow.predict(pictures(2, msp_net.SMALLEST, 90), verbose=0)["regions"]
    assert found.shape == (2, 34) and found.dtype == np.float32
    assert (found > 0).all() and (found < 1).all()
    with pytest.raises(UserError, match="too small"):
        narrow(pictures(1, 90, msp_net.SMALLEST - 1))


def test_onnx_runtime_agrees_at_sizes_that_stay_open(narrow):
    exported = session(narrow)
    for height, width in ((80, 97), (133, 81)):
        given = pictures(1, height, width)
        (found,) = exported.run(["regions"], {"image": given})
        np.testing.assert_allclose(found, narrow(given)["regions"], atol=1e-4)
