import numpy as np
import pytest

from xray_keras.datasets.phantom import shapes

RAYS = np.random.default_rng(0).uniform(-6, 6, (2, 200)).astype(np.float32)
DEPTHS = np.linspace(-15, 15, 60_001)


def inside_length(inside: np.ndarray) -> np.ndarray:
    return inside.mean(axis=-1) * (DEPTHS[-1] - DEPTHS[0])


@pytest.mark.parametrize("angle", [0.0, 0.7])
def test_ellipsoid_chord_equals_numeric_integration(angle: float) -> None:
    x, y = RAYS
    along = (x - 1) * np.cos(angle) + (y + 0.5) * np.sin(angle)
    aside = (y + 0.5) * np.cos(angle) - (x - 1) * np.sin(angle)
    q = (along / 4)[:, None] ** 2 + (aside / 2.5)[:, None] ** 2 + ((DEPTHS - 3) / 6) ** 2
    half = shapes.ellipsoid(x, y, (1, -0.5), (4, 2.5, 6), angle)
    assert (half > 0).sum() > 30
    np.testing.assert_allclose(2 * half, inside_length(q <= 1), atol=2e-3)


def test_shared_length_equals_numeric_integration() -> None:
    x, y = RAYS
    first = shapes.ellipsoid(x, y, (0, 0), (5, 5, 4))
    second = shapes.ellipsoid(x, y, (1, 1), (4, 5, 3))
    both = (np.abs(DEPTHS) <= first[:, None]) & (np.abs(DEPTHS + 2.5) <= second[:, None])
    np.testing.assert_allclose(shapes.shared(first, -2.5, second), inside_length(both), atol=2e-3)


@pytest.mark.parametrize("pixel", [0.01, 0.3, 1.0])
def test_tube_keeps_its_cross_section_at_every_pixel(pixel: float) -> None:
    across = np.linspace(-2, 2, 40_001)
    area = shapes.tube(across, 0.2, pixel).mean() * 4
    assert area == pytest.approx(np.pi * 0.2**2, rel=1e-3)


def test_spline_basis_is_a_partition_of_unity_and_cubic_splines_reproduce_lines() -> None:
    basis = shapes.spline_basis(12, 100)
    np.testing.assert_allclose(basis.sum(axis=1), 1, rtol=1e-6)
    line = basis @ np.arange(12, dtype=np.float32)
    np.testing.assert_allclose(np.diff(line), np.diff(line).mean(), rtol=1e-3)


def test_smooth_field_is_the_same_function_at_every_size() -> None:
    knots = np.random.default_rng(1).standard_normal((2, 10, 10)).astype(np.float32)
    coarse, fine = shapes.smooth_field(knots, 64), shapes.smooth_field(knots, 192)
    np.testing.assert_allclose(
        coarse, fine[:, 1::3, 1::3], atol=1e-4
    )  # centres of every third pixel coincide
    many = shapes.smooth_field(np.random.default_rng(2).standard_normal((300, 20, 20)).astype(np.float32), 40)
    assert many.std() == pytest.approx(1, abs=0.05)
