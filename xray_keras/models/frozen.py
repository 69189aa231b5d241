"""The seam between what is frozen and what is trained: features behind it never change, so they are computed once."""

import keras

FROZEN = "frozen"  # name of the layer whose output is an image's unchanging features


def split(model: keras.Model) -> tuple[keras.Model, keras.Model] | None:
    """Cut a model behind its frozen part: (images → features, features → probabilities), layers shared.

    Training the second on cached features equals training the whole, at a fraction of the cost.
    None where nothing is frozen.
    """
    operations = [op for op in model.operations if not isinstance(op, keras.layers.InputLayer)]
    names = [op.name for op in operations]
    if FROZEN not in names:
        return None
    cut = names.index(FROZEN) + 1
    images = keras.Input(model.input_shape[1:], name="image")
    x = images
    for operation in operations[:cut]:
        x = operation(x)
    features = keras.Input(x.shape[1:], dtype=x.dtype, name="features")
    y = features
    for operation in operations[cut:]:
        y = operation(y)
    return keras.Model(images, x, name="stem"), keras.Model(features, y, name="head")
