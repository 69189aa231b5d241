from xray_keras.datasets import negatives
from xray_keras.datasets.findings import NO_FINDING


def test_rows_of_a_collection():
    frame = negatives.frame(
        "nih",
        image=["a.png", "b.png"],
        patient=["1", "2"],
        path=["x/a.png", "x/b.png"],
        finding=[NO_FINDING, "Mass"],
    )
    assert frame.to_dict("list") == {
        "image": ["a.png", "b.png"],
        "patient": ["nih/1", "nih/2"],
        "path": ["x/a.png", "x/b.png"],
        "source": ["nih", "nih"],
        "group": ["normal", "other"],
        "finding": [NO_FINDING, "Mass"],
    }


def test_no_rows_have_all_columns():
    frame = negatives.frame("nih", image=[], patient=[], path=[], finding=[])
    assert list(frame) == ["image", "patient", "path", "source", "group", "finding"] and frame.empty
