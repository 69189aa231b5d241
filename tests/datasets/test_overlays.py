import numpy as np

from xray_keras.datasets import overlays


def test_red_is_the_absolute_error():
    images = np.full((1, 1, 4), 100, np.uint8)
    made = np.array([[[100, 84, 116, 255]]], np.uint8)
    found = overlays.error_in_red(images, made)
    assert found.shape == (1, 1, 4, 3) and found.dtype == np.uint8
    gray = 60
    quarter = [round(gray + (255 - gray) / 4), round(gray * 3 / 4)]
    np.testing.assert_array_equal(
        found[0, 0], [[gray] * 3, [*quarter, quarter[1]], [*quarter, quarter[1]], [255, 0, 0]]
    )


def test_a_sheet_has_images_reconstructions_and_errors_below_each_other():
    images = np.stack([np.full((2, 2), value, np.uint8) for value in (10, 20, 30)])
    sheet = overlays.sheet(images, images + 5)
    assert sheet.shape == (6, 6, 3)
    np.testing.assert_array_equal(sheet[0, ::2, 0], [10, 20, 30])
    np.testing.assert_array_equal(sheet[2, ::2, 1], [15, 25, 35])
    np.testing.assert_array_equal(sheet[4:, 2:4], overlays.error_in_red(images, images + 5)[1])
