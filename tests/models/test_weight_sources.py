"""The table itself, and the check on photographs; real weights only where they lie in the cache already."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from xray_keras.errors import UserError
from xray_keras.models import weight_cache, weight_check, weight_readers, weights
from xray_keras.models.weight_sources import SOURCES, list_sources

# Of the tensors as converted from each pinned package: a reader that changes a value changes these.
CONVERTED = {
    "vgg16": "a72a2735161573acfc8ca824f2470bea0dfb503a366e5f5d9d0a0cd19346bf47",
    "inception_v3": "f8066d371fd9d1abb2af55955c3702678560058d167240ab70c726cec3118597",
    "densenet121": "2ea7d224c29e1ea46b1f19319fcbc649bdeb99afcfe2bb81a74a980dd4b85948",
    "resnet50": "cc5140937a89a1128d22170444b1404f5fdca8e6c6af760a17c0f1e49ff25f39",
    "squeezenet": "d5f0d8ff272edaec73a000039f3481b7d90cdf84ebff76e9d67cf1316ee3d658",
    "resnet18": "effe964a47f87703a1a9f753a29a2e0279bd9a2d6563048e8335b815143bdb9f",
}


@pytest.mark.parametrize("architecture", SOURCES)
def test_every_file_is_pinned_and_has_a_reader(architecture: str) -> None:
    source = SOURCES[architecture]
    assert source.architecture == architecture
    assert len(bytes.fromhex(source.package.sha256)) == len(bytes.fromhex(source.package.member_sha256)) == 32
    algorithm, _, digits = source.official.hash.partition(":")
    assert len(digits) == {"md5": 32, "sha256": 8}[algorithm]
    if algorithm == "sha256":
        assert digits in source.official.file
    assert {source.official.format, source.package.format} <= {"keras_h5", *weight_readers.READERS}
    assert source.preprocessing in ("caffe", "torch", "tf")


def test_official_hashes_are_those_that_keras_checks() -> None:
    from keras.src.applications import densenet, inception_v3, resnet, vgg16

    for architecture, module in (("vgg16", vgg16), ("inception_v3", inception_v3), ("densenet121", densenet)):
        text = Path(module.__file__).read_text(encoding="utf-8")
        assert SOURCES[architecture].official.hash.partition(":")[2] in text
        assert SOURCES[architecture].official.file in text.replace('"\n        "', "")
    assert SOURCES["resnet50"].official.hash == f"md5:{resnet.WEIGHTS_HASHES['resnet50'][0]}"
    assert SOURCES["resnet50"].official.url.startswith(resnet.BASE_WEIGHTS_PATH)


def test_listing_needs_neither_keras_nor_a_network() -> None:
    code = "import sys; from xray_keras.models import weights, weight_sources; weight_sources.list_sources()"
    code += "; print('keras' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"
    assert [row["architecture"] for row in list_sources()] == list(SOURCES)


def test_classes_are_numbered_in_the_order_of_their_wordnet_ids() -> None:
    ranks = weight_check.class_ranks()
    assert len(ranks) == 1000
    assert list(ranks) == sorted(ranks)
    known = {"n01440764": 0, "n01534433": 13, "n02492035": 378, "n07742313": 948, "n15075141": 999}
    assert {wnid: ranks[wnid] for wnid in known} == known


def test_top_1_and_top_5_count_what_the_classifier_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four photographs: right, third, sixth and right again."""
    ranks = weight_check.class_ranks()
    shapes = {}
    scores = np.tile(np.linspace(0, 0.5, 1000, dtype=np.float32), (4, 1))
    for row, (wnid, place) in enumerate(zip(list(ranks)[:4], (1, 3, 6, 1), strict=True)):
        Image.new("RGB", (300 + 100 * row, 280), (row, 0, 0)).save(tmp_path / f"{wnid}_x.JPEG")
        scores[row, [500, 501, 502, 503, 504][: place - 1]] = 2
        scores[row, ranks[wnid]] = 1

    def classify(images: np.ndarray, training: bool) -> np.ndarray:
        shapes[np.shape(images)] = training
        return scores

    monkeypatch.setattr(weights, "load_classifier", lambda architecture: classify)
    assert weight_check.verify("resnet50", tmp_path) == (0.5, 0.75, 4)
    assert shapes == {(4, 224, 224, 3): False}


def test_photographs_that_cannot_be_judged_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no photographs"):
        weight_check.verify("resnet50", tmp_path)
    (tmp_path / "dog.jpg").write_bytes(b"")
    with pytest.raises(UserError, match=r"dog\.jpg does not begin with"):
        weight_check.verify("resnet50", tmp_path)


def test_crop_is_the_centre_of_the_photograph(tmp_path: Path) -> None:
    image = np.zeros((256, 512, 3), np.uint8)
    image[:, 128:384, 1] = 200
    Image.fromarray(image).save(tmp_path / "photograph.png")
    crop = weight_check._crop(tmp_path / "photograph.png", 224)
    assert crop.shape == (224, 224, 3)
    assert crop.dtype == np.float32
    np.testing.assert_array_equal(crop, np.broadcast_to([0, 200, 0], crop.shape))


@pytest.mark.parametrize("architecture", CONVERTED)
def test_cached_weights_are_what_was_once_measured(architecture: str) -> None:
    cached = weight_cache.cache_folder() / f"{architecture}.npz"
    if not weight_cache.sound(cached) or not weight_cache.read_card(cached).get("member"):
        pytest.skip(f"no {architecture} weights from its package in {cached.parent}")
    assert weight_cache.fingerprint(weight_readers.read(cached, "canonical")) == CONVERTED[architecture]


@pytest.mark.parametrize(
    ("architecture", "top1", "top5"), [("resnet50", 0.91, 0.985), ("squeezenet", 0.589, 0.807)]
)
def test_cached_classifiers_see(architecture: str, top1: float, top5: float) -> None:
    photographs = Path(__file__).parents[3] / "shared" / "data" / "imagenet-sample"
    cached = weight_cache.cache_folder() / f"{architecture}.npz"
    if not photographs.is_dir() or not cached.is_file():
        pytest.skip(f"needs {photographs} and {cached}")
    measured1, measured5, count = weight_check.verify(architecture, photographs)
    spread = 3 * (top1 * (1 - top1) / count) ** 0.5  # top1, top5 are those of 1,000 photographs
    assert abs(measured1 - top1) < spread
    assert measured5 >= top5 - spread
