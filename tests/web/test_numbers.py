"""What JavaScript computes, beside what Python computes."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tests.web.conftest import Open
from xray_keras.datasets import overlays
from xray_keras.evaluation import calibration


@pytest.fixture
def run(visit: Open, address: str) -> Any:
    """Call a function of one of the page's modules with arrays as given."""
    page = visit(f"{address}icon.svg", wait=False)
    page.goto(f"{address}index.html")

    def run(module: str, body: str, argument: Any) -> Any:
        return page.evaluate(
            f"async (given) => {{ const module = await import('./{module}'); {body} }}", argument
        )

    return run


def test_equation_1_equals_pythons(run: Any) -> None:
    grid = [*np.linspace(0, 1, 101).tolist(), 1e-9, 0.107, 1 - 1e-9]
    pairs = [(p, opt) for p in grid for opt in grid]
    ours = run("calibrate.js", "return given.map(([p, opt]) => module.calibrate(p, opt));", pairs)
    theirs = [float(calibration.calibrate(p, opt)) for p, opt in pairs]
    np.testing.assert_array_equal(ours, theirs)


def test_equation_1_refuses_what_is_no_probability(run: Any) -> None:
    body = """return given.map(([p, opt]) => {
      try { return module.calibrate(p, opt); } catch (error) { return error.name; } });"""
    given = [[-0.1, 0.5], [1.1, 0.5], [0.5, -0.1], [0.5, 2], ["x", 0.5]]
    assert run("calibrate.js", body, given) == ["RangeError"] * 5


@pytest.mark.parametrize("label", [-1, 0, 2])
def test_activation_maps_are_upsampled_as_in_tensorflow(label: int, run: Any) -> None:
    maps = np.random.default_rng(0).normal(size=(3, 4, 7)).astype(np.float32)
    body = "return [...module.activation(Float32Array.from(given[0]), [3, 4, 7], given[1], 32)];"
    ours = np.reshape(run("maps.js", body, [maps.ravel().tolist(), label]), (32, 32))
    small = maps.sum(axis=0) if label < 0 else maps[label]
    theirs = tf.image.resize(small[..., None], (32, 32), "bilinear")[..., 0].numpy()
    np.testing.assert_allclose(ours, theirs, atol=2e-6)


def test_levels_of_red_are_those_of_the_reports(run: Any) -> None:
    """Figure 8: from the minimum to the 99.5th percentile, as matplotlib's overlay has it."""
    values = np.random.default_rng(1).normal(size=1000).astype(np.float32)
    body = "return given.map((values) => [...module.levels(Float32Array.from(values))]);"
    ours, flat = run("maps.js", body, [values.tolist(), [0.5] * 9])
    low, high = values.min(), np.percentile(values, 99.5)
    np.testing.assert_allclose(ours, 255 * np.clip((values - low) / (high - low), 0, 1), atol=0.51)
    assert flat == [0] * 9


def test_errors_of_the_gate_are_those_of_figure_4(run: Any) -> None:
    rng = np.random.default_rng(2)
    image, other = rng.integers(0, 256, (2, 100)).astype(np.uint8)
    body = "return [...module.errorLevels(Uint8Array.from(given[0]), Float32Array.from(given[1]))];"
    ours = np.array(run("maps.js", body, [image.tolist(), other.tolist()]))
    painted = overlays.error_in_red(image[None], other[None])[0].astype(float)
    gray = 0.6 * image
    np.testing.assert_allclose(gray * (1 - ours / 255), painted[:, 1], atol=1)
    assert ours.max() == 255 > ours.min()


@pytest.mark.parametrize(
    ("height", "width", "longest"), [(40, 60, 60), (40, 60, 20), (41, 59, 20), (100, 3, 10), (1, 9, 4)]
)
def test_pictures_are_shrunk_by_means_of_blocks(height: int, width: int, longest: int, run: Any) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (height, width)).astype(np.uint8)
    body = """const found = module.shrink(Uint8Array.from(given[0]), ...given[1]);
      return {...found, pixels: [...found.pixels]};"""
    ours = run("shrink.js", body, [pixels.ravel().tolist(), [width, height, longest]])
    block = -(-max(height, width) // longest)
    down, across = max(1, height // block), max(1, width // block)
    high, wide = min(block, height), min(block, width)
    means = pixels[: down * high, : across * wide].reshape(down, high, across, wide).mean(axis=(1, 3))
    assert (ours["height"], ours["width"]) == (down, across)
    np.testing.assert_array_equal(ours["pixels"], np.floor(means.ravel() + 0.5))
