"""Networks of regions under test: weights as training leaves them, pictures with one bright corner, ONNX Runtime."""

import keras
import numpy as np
import onnxruntime

from xray_keras.models import any_size_onnx

CORNERS = {  # region of the 5×5 grid, of the 3×3 grid
    (0, 0): (0, 25),
    (0, 1): (4, 27),
    (1, 0): (20, 31),
    (1, 1): (24, 33),
}


def trained(model, seed=0):
    """The same model with statistics and offsets that are not those of the first day, so that each one matters."""
    rng = np.random.default_rng(seed)
    for variable in model.weights:
        if variable.name == "moving_variance":
            variable.assign(rng.uniform(0.5, 2, variable.shape))
        elif variable.name in ("moving_mean", "beta", "bias"):
            variable.assign(rng.normal(0, 0.2, variable.shape))
    return model


def pictures(count, height, width, seed=0):
    return np.random.default_rng(seed).uniform(0, 255, (count, height, width, 3)).astype(np.float32)


def moved_by_a_corner(model, corner, output, height=96, width=128):
    """How much each region's output changes when one corner of a gray picture becomes white, (34,)."""
    gray = np.full((1, height, width, 3), 100, np.float32)
    lit = gray.copy()
    rows, columns = (slice(-12, None) if far else slice(0, 12) for far in corner)
    lit[:, rows, columns] = 255
    moved = np.abs(model(lit)[output].numpy() - model(gray)[output].numpy())[0]
    return moved.reshape(34, -1).max(axis=-1)


def output_shapes(model):
    return {name: tuple(tensor.shape) for name, tensor in model.output.items()}


def narrow_vgg16(architecture, *, weights, input_shape):
    """VGG16's layers under their names, with few channels; stands in for `weights.load_backbone`."""
    image = keras.Input(input_shape, name="image")
    x = image
    for block, (depth, channels) in enumerate(((2, 4), (2, 6), (3, 8), (3, 8), (3, 8)), start=1):
        for number in range(1, depth + 1):
            x = keras.layers.Conv2D(
                channels, 3, padding="same", activation="relu", name=f"block{block}_conv{number}"
            )(x)
        x = keras.layers.MaxPooling2D(2, name=f"block{block}_pool")(x)
    return keras.Model(image, x, name=architecture)


def session(model):
    """ONNX Runtime on the model with open batch, height and width."""
    converted = any_size_onnx.convert(model).SerializeToString()
    return onnxruntime.InferenceSession(converted, providers=["CPUExecutionProvider"])
