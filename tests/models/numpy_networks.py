"""ResNet18 and DenseNet-121 once more, in numpy and double precision, written from the papers: the oracle of ours.

Activations are (H, W, C). Weights come by layer name; the structure (which layer follows which) is stated here anew.
"""

from collections.abc import Callable, Mapping

import numpy as np

Weights = Mapping[str, np.ndarray]


def resnet18(weights: Weights, image: np.ndarray) -> np.ndarray:
    """He et al. 2016, Table 1 and Fig. 5 left: the last activation map."""
    x = _relu(_normalised(weights, "conv1", _convolved(weights, "conv1", image, 2), 1e-5))
    x = _pooled(x, 3, 2, 1, np.max)
    for stage in (2, 3, 4, 5):
        for block in (1, 2):
            name = f"conv{stage}_block{block}"
            strides = 2 if stage > 2 and block == 1 else 1
            shortcut = x
            if strides == 2:
                shortcut = _normalised(weights, f"{name}_0", _convolved(weights, f"{name}_0", x, 2), 1e-5)
            x = _relu(_normalised(weights, f"{name}_1", _convolved(weights, f"{name}_1", x, strides), 1e-5))
            x = _normalised(weights, f"{name}_2", _convolved(weights, f"{name}_2", x, 1), 1e-5)
            x = _relu(x + shortcut)
    return x


def densenet121(weights: Weights, image: np.ndarray) -> np.ndarray:
    """Huang et al. 2017, Table 1, growth 32, bottlenecks of 128 channels, half the channels kept between blocks."""
    epsilon = 1.001e-5
    x = _relu(_normalised(weights, "conv1", _convolved(weights, "conv1", image, 2), epsilon))
    x = _pooled(x, 3, 2, 1, np.max)
    for stage, layers in zip((2, 3, 4, 5), (6, 12, 24, 16), strict=True):
        for layer in range(1, layers + 1):
            name = f"conv{stage}_block{layer}"
            y = _relu(_normalised(weights, f"{name}_0", x, epsilon))
            y = _relu(_normalised(weights, f"{name}_1", _convolved(weights, f"{name}_1", y, 1), epsilon))
            x = np.concatenate([x, _convolved(weights, f"{name}_2", y, 1)], axis=-1)
        if stage < 5:
            x = _relu(_normalised(weights, f"pool{stage}", x, epsilon))
            x = _pooled(_convolved(weights, f"pool{stage}", x, 1), 2, 2, 0, np.mean)
    return _relu(_normalised(weights, "", x, epsilon))


def _convolved(weights: Weights, name: str, x: np.ndarray, strides: int) -> np.ndarray:
    """Padded on every side by half the kernel, as torch does."""
    kernel = weights[f"{name}_conv/kernel"].astype(np.float64)  # (k, k, in, out)
    half = len(kernel) // 2
    windows = _windows(np.pad(x, ((half, half), (half, half), (0, 0))), len(kernel), strides)
    return np.tensordot(windows, kernel.transpose(2, 0, 1, 3), axes=3)


def _normalised(weights: Weights, name: str, x: np.ndarray, epsilon: float) -> np.ndarray:
    layer = f"{name}_bn" if name else "bn"
    gamma, beta, mean, variance = (
        weights[f"{layer}/{variable}"].astype(np.float64)
        for variable in ("gamma", "beta", "moving_mean", "moving_variance")
    )
    return (x - mean) / np.sqrt(variance + epsilon) * gamma + beta


def _pooled(x: np.ndarray, side: int, strides: int, pad: int, how: Callable[..., np.ndarray]) -> np.ndarray:
    # What is pooled here is never negative, so zeros stand for the -inf of a padded maximum.
    return how(_windows(np.pad(x, ((pad, pad), (pad, pad), (0, 0))), side, strides), axis=(-2, -1))


def _windows(x: np.ndarray, side: int, strides: int) -> np.ndarray:
    """(H', W', C, side, side)."""
    return np.lib.stride_tricks.sliding_window_view(x, (side, side), axis=(0, 1))[::strides, ::strides]


def _relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)
