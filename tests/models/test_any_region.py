import numpy as np
import pytest
import tensorflow as tf

from xray_keras.errors import UserError
from xray_keras.models import any_region

REGIONS = np.array([[0.1, 0.7, 0.2], [0.4, 0.3, 0.49], [0.5, 0.0, 0.0]], np.float32)


def test_the_greatest_region_speaks_for_the_picture():
    np.testing.assert_allclose(any_region.probability(REGIONS), [0.7, 0.49, 0.5])
    np.testing.assert_allclose(any_region.probability(tf.constant(REGIONS)), [0.7, 0.49, 0.5])


@pytest.mark.parametrize(
    ("threshold", "expected"), [(0.5, [1, 0, 1]), (0.49, [1, 1, 1]), (0.6, [1, 0, 0]), (1.0, [0, 0, 0])]
)
def test_one_region_is_enough(threshold, expected):
    found = np.array(any_region.is_text(REGIONS, threshold))
    assert found.tolist() == [bool(value) for value in expected]
    assert found.tolist() == (np.array(any_region.probability(REGIONS)) >= np.float32(threshold)).tolist()


def test_half_is_the_threshold_where_none_is_given():
    assert np.array(any_region.is_text(REGIONS)).tolist() == [True, False, True]


@pytest.mark.parametrize("threshold", [0.0, -0.1, 1.01, float("nan")])
def test_a_threshold_that_tells_nothing_is_refused(threshold):
    with pytest.raises(UserError, match="above 0 and is at most 1"):
        any_region.is_text(REGIONS, threshold)
