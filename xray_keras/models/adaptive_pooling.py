"""Average pooling of a map of any size to a fixed grid, as PyTorch bins it (zhao2019 III.A, III.B)."""

from typing import Any

import keras
from keras import ops

from xray_keras.errors import UserError


@keras.saving.register_keras_serializable(package="xray_keras")
class AdaptiveAveragePooling(keras.layers.Layer):
    """Mean of each of `size` × `size` bins.

    Bin i covers the cells from floor(i·H / size) to ceil((i + 1)·H / size), and columns likewise: neighbours share a
    cell where H is no multiple of `size`.

    Keras' own layer of that name wants height and width when a graph is traced. Here they may stay open, as the bins
    are drawn up in the graph: two products with matrices of shares, which every exporter knows.

    Input: (B, H, W, C) float. Output: (B, size, size, C) of the layer's compute dtype. A bin is never empty.

    Args:
        size: bins of a side.
        at_least: cells that a side of the map must have, by default `size`, so that each bin has a cell of its own.

    Raises:
        UserError: the map is smaller, as far as its size is known when the layer is called or traced.
    """

    def __init__(self, size: int, *, at_least: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = size
        self.at_least = size if at_least is None else at_least

    def call(self, maps: Any) -> Any:
        """Maps (B, H, W, C) → (B, size, size, C)."""
        for side in maps.shape[1:3]:
            if side is not None and side < self.at_least:
                raise UserError(
                    f"a picture whose map has {maps.shape[1]}×{maps.shape[2]} cells is too small for a "
                    f"{self.size}×{self.size} grid; give a larger one"
                )
        _, height, width, _ = ops.shape(maps)
        x = ops.transpose(maps, (0, 3, 1, 2))  # (B, C, H, W)
        x = ops.matmul(self._bins(height), x)  # (B, C, size, W)
        x = ops.matmul(x, ops.transpose(self._bins(width)))  # (B, C, size, size)
        return ops.transpose(x, (0, 2, 3, 1))

    def _bins(self, length: Any) -> Any:
        """(size, length): which share of each bin is which cell."""
        bin_ = ops.arange(self.size, dtype="int32")[:, None]
        first, end = bin_ * length // self.size, ((bin_ + 1) * length + self.size - 1) // self.size
        cell = ops.arange(length, dtype="int32")[None]
        inside = ops.cast(ops.logical_and(cell >= first, cell < end), self.compute_dtype)
        return inside / ops.cast(end - first, self.compute_dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(B, size, size, C)."""
        return (input_shape[0], self.size, self.size, input_shape[3])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size, "at_least": self.at_least}
