import keras
import pytest

from xray_keras.models import graph


def nested():
    """An inner model with a fork, between a layer and an operation that is none."""
    inside = keras.Input((None, None, 3), name="inside")
    one = keras.layers.Conv2D(4, 1, name="one")(inside)
    two = keras.layers.Conv2D(4, 3, padding="same", strides=2, name="two")(inside)
    joined = keras.layers.Concatenate(name="joined")([one, keras.layers.UpSampling2D(name="up")(two)])
    inner = keras.Model(inside, joined, name="inner")
    image = keras.Input((None, None, 3), name="image")
    x = inner(keras.layers.Rescaling(0.5, name="scaled")(image))
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(image, {"last": x[..., 1], "all": x}, name="outer")


def test_nodes_of_a_model_in_a_model_with_shapes():
    found, outputs = graph.nodes(nested(), (8, 6, 3))
    assert [(node.name, node.kind, node.sources, node.shape) for node in found[:-1]] == [
        ("image", "InputLayer", (), (8, 6, 3)),
        ("scaled", "Rescaling", (0,), (8, 6, 3)),
        ("two", "Conv2D", (1,), (4, 3, 4)),
        ("one", "Conv2D", (1,), (8, 6, 4)),
        ("up", "UpSampling2D", (2,), (8, 6, 4)),
        ("joined", "Concatenate", (3, 4), (8, 6, 8)),
        ("pool", "GlobalAveragePooling2D", (5,), (8,)),
    ]
    last = found[-1]
    assert (last.kind, last.layer, last.sources, last.constants, last.shape) == (
        "GetItem",
        None,
        (6,),
        (1,),
        (),
    )
    assert outputs == {"last": 7, "all": 6}
    assert found[2].layer.filters == 4


def test_sides_stay_open_where_no_shape_is_given():
    found, _ = graph.nodes(nested())
    assert found[0].shape == (None, None, 3) and found[5].shape == (None, None, 8)


def test_sources_stand_in_the_order_in_which_they_are_taken():
    one, two = keras.Input((4,), name="one"), keras.Input((4,), name="two")
    later = keras.layers.Dense(4, name="later")(two)
    for taken in ([later, one, two], [two, later, one]):
        model = keras.Model([one, two], keras.layers.Concatenate(name="joined")(taken), name="pair")
        found, outputs = graph.nodes(model)
        assert outputs == {"": 3}
        assert [found[position].name for position in found[3].sources] == [
            tensor.name if tensor is not later else "later" for tensor in taken
        ]
    with pytest.raises(ValueError, match="pair has 2 inputs"):
        graph.nodes(model, (4,))


def test_a_layer_that_is_called_twice_is_refused():
    image = keras.Input((4,), name="image")
    twice = keras.layers.Dense(4, name="twice")
    model = keras.Model(image, twice(twice(image)), name="loop")
    with pytest.raises(ValueError, match="loop: twice is called 2 times"):
        graph.nodes(model)


def test_a_model_with_two_outputs_is_no_part_of_another():
    inside = keras.Input((4,), name="inside")
    pair = keras.Model(inside, [keras.layers.ReLU()(inside), keras.layers.Softmax()(inside)], name="pair")
    image = keras.Input((4,), name="image")
    model = keras.Model(image, keras.layers.Add()(pair(image)), name="outer")
    with pytest.raises(ValueError, match="outer: the model pair in it has 2 outputs"):
        graph.nodes(model)
