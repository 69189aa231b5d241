import pytest

from xray_keras.reporting.networks import layout, pen


def network(**inputs):
    """A stage an operation, in their order; "a" takes nothing."""
    return {
        "stages": [
            {
                "name": name,
                "operations": [
                    {
                        "name": name,
                        "kind": kind,
                        "text": f"{name} does",
                        "inputs": taken,
                        "parameters": 3,
                        "trained": 0,
                    }
                ],
            }
            for name, (kind, *taken) in inputs.items()
        ]
    }


RESIDUAL = network(
    a=("Conv2D",), b=("Conv2D", "a"), c=("Conv2D", "b"), skip=("Conv2D", "a"), d=("Add", "skip", "c")
)


def placed(found, **least):
    made = layout.lay_out(found, 1.0, least)
    return made, {box.name: box for box in made.boxes}


def test_a_projection_stands_beside_the_last_convolution_of_its_block():
    made, boxes = placed(RESIDUAL)
    assert boxes["a"].top == 1.0 and boxes["a"].top < boxes["b"].top < boxes["c"].top < boxes["d"].top
    assert boxes["skip"].middle == boxes["c"].middle and boxes["skip"].x == layout.SIDE
    assert {boxes[name].x for name in "abcd"} == {layout.MIDDLE}
    assert boxes["d"].width < boxes["c"].width  # a joint is as narrow as its words
    assert [tuple(stage["name"] for stage in band.stages) for band in made.bands] == [
        ("a",),
        ("b",),
        ("c", "skip"),
        ("d",),
    ]
    assert made.bottom == boxes["d"].bottom


def test_arrows_end_at_their_boxes():
    made, boxes = placed(RESIDUAL)
    down, over, to_b, to_joint, straight = (
        made.arrows[0],
        made.arrows[2],
        made.arrows[1],
        made.arrows[3],
        made.arrows[4],
    )
    assert down == ((layout.MIDDLE, boxes["a"].bottom), (layout.MIDDLE, boxes["b"].top))
    assert to_b[-1] == (layout.MIDDLE, boxes["c"].top)
    assert over[0] == (layout.MIDDLE, boxes["a"].bottom) and over[-1] == (layout.SIDE, boxes["skip"].top)
    assert to_joint[-1] == (boxes["d"].right, boxes["d"].middle) and straight[-1] == (
        layout.MIDDLE,
        boxes["d"].top,
    )


def test_two_that_take_the_row_above_stand_side_by_side():
    _, boxes = placed(
        network(a=("Conv2D",), b=("Conv2D", "a"), c=("Conv2D", "a"), d=("Concatenate", "b", "c"))
    )
    assert boxes["b"].top == boxes["c"].top and boxes["b"].right < boxes["c"].x - boxes["c"].width / 2
    assert boxes["b"].x + boxes["c"].x == pytest.approx(2 * layout.MIDDLE)


def test_shortcuts_that_run_beside_each_other_have_lanes_of_their_own():
    found = network(a=("Conv2D",), b=("Conv2D", "a"), c=("Conv2D", "b"), d=("Add", "b", "c"), e=("Add", "a", "d"),
                    f=("Conv2D", "e"), g=("Add", "e", "f"))  # fmt: skip
    made, _ = placed(found)
    lanes = [corners[2][0] for corners in made.arrows if len(corners) == 5]
    assert len(lanes) == 3 and lanes[0] != lanes[1] and lanes[2] == min(lanes)
    assert min(lanes) > layout.MIDDLE + layout.WIDTH / 2


def test_what_is_drawn_beside_a_stage_has_room():
    _, close = placed(RESIDUAL)
    _, wide = placed(RESIDUAL, b=1.5)
    assert wide["c"].top - close["c"].top == pytest.approx(1.5 - close["b"].height)


def test_two_at_the_side_of_one_row_are_refused():
    found = network(a=("Conv2D",), b=("Conv2D", "a"), c=("Conv2D", "b"), s=("Conv2D", "a"), t=("Conv2D", "a"),
                    d=("Add", "c", "s", "t"))  # fmt: skip
    with pytest.raises(ValueError, match="s and t would stand on each other"):
        layout.lay_out(found, 0.0, {})


def test_words_are_wrapped_by_their_width():
    lines = list(pen.wrapped("1×1 conv, 128, stride 2, BN", 1.0, 8.5))
    assert lines == ["1×1 conv, 128,", "stride 2, BN"]
    assert all(pen.measured(line, 8.5) <= 1.0 for line in lines)
    assert list(pen.wrapped("incomprehensibilities", 0.1, 8.5)) == ["incomprehensibilities"]
    assert pen.measured("mm", 10, bold=True) > pen.measured("mm", 10) > pen.measured("ii", 10) > 0


def test_maps_shrink_and_deepen_as_their_shapes_do():
    (high, wide), thin = pen.slab((224, 224, 3), 224)
    (lower, _), deep = pen.slab((7, 7, 512), 224)
    assert high == wide > lower > 0 and deep > thin
    (high, wide), _ = pen.slab((256, 341, 3), 341)
    assert wide > high
    assert pen.slab((1024,), 224)[0][0] > pen.slab((2,), 224)[0][0] > 0
    assert pen.slab((34, 1280), 224)[0][1] > pen.slab((34, 32), 224)[0][1]
