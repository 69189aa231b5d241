"""The seam between what is frozen and what is trained: features behind it never change, so they are computed once."""

import keras

FROZEN = "frozen"  # name of the layer whose output is an image's unchanging features


def split(model: keras.Model) -> tuple[keras.Model, keras.Model] | None:
    """Cut a model behind its frozen part: (images → features, features → probabilities), layers shared.

    Training the second on cached features equals training the whole, at a fraction of the cost.
    None where nothing is frozen.
    """
    names = [operation.name for operation in model.operations]
    if FROZEN not in names:
        return None
    # What comes next takes the features: the layer's own output may be that of a model within the model.
    features = model.operations[names.index(FROZEN) + 1].input
    return keras.Model(model.input, features, name="stem"), keras.Model(features, model.output, name="head")
