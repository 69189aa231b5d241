from xray_keras.datasets import populations
from xray_keras.datasets.phantom.ood import KINDS
from xray_keras.datasets.populations import ood
from xray_keras.reporting import foreign

SET = {
    "of": "mura",
    "own": False,
    "group": "reject",
    "images": 1200,
    "found": 1500,
    "patients": 900,
    "pneumonia": None,
}


def test_every_set_has_words():
    names = {ood._name(adapter) for _, adapters in ood.SETS.values() for adapter in adapters}
    assert names | set(KINDS) <= set(foreign.NAMES) and set(foreign.PAPERS) == set(ood.SETS)
    assert foreign.named("else") == "else"


def test_counts_of_every_set():
    own = {**SET, "of": "pneumonia", "own": True, "group": "accept", "pneumonia": 590}
    sets = {
        "kermany": {**own, "counts": {"test, viral": 148}, "left_out": {}},
        "hand-radiographs": {**SET, "counts": {}, "left_out": {"neither PNG nor JPEG": 7}},
    }
    text = foreign.describe({"images": 2400, "sets": sets, "absent": ["mnist"]})
    assert text.splitlines() == [
        "foreign images: 2,400",
        "children's chests, to accept: 1,200 of 1,500 images, of 900 patients",
        "        590  with pneumonia",
        "        148  test, viral",
        "hand radiographs, to reject, where the paper takes MURA: 1,200 of 1,500 images, of 900 patients",
        "          7  left out: neither PNG nor JPEG",
        "absent: MNIST",
    ]


def test_the_phantoms_summary():
    spec = {"dataset": "ood", "data": None, "images": "all", "max_images": 4, "missing": "error"}
    text = foreign.describe(populations.build(spec)[1])
    assert (
        "foreign images: 16" in text
        and "limbs, computed, to reject, where the paper takes MURA: 4 of 4" in text
    )
