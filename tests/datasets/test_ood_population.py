from pathlib import Path

import numpy as np
import pytest
from nih_tree import write_png
from ood_trees import write_batch, write_idx, write_kermany, write_mura, write_stand_ins
from PIL import Image

from xray_keras.datasets import cache, manifest, ood_rows, populations
from xray_keras.datasets.ood_listing import Entry
from xray_keras.datasets.populations import ood
from xray_keras.errors import UserError

REAL = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(autouse=True)
def no_keras_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


def population(data: Path | None, limit: int | None = None) -> dict:
    return {
        "dataset": "ood",
        "data": data and str(data),
        "images": "all",
        "max_images": limit,
        "missing": "error",
    }


def test_stand_ins_where_the_papers_sets_are_absent(tmp_path):
    write_kermany(tmp_path)
    write_stand_ins(tmp_path)
    frame, summary = populations.build(population(tmp_path))
    manifest.validate(frame)
    assert tuple(frame.columns) == manifest.OOD_COLUMNS
    assert frame["source"].value_counts().to_dict() == {
        "kermany": 10,
        "hand-radiographs": 4,
        "cifar10": 4,
        "mnist": 4,
    }
    groups = frame.groupby("source")["group"].unique()
    assert groups["kermany"].tolist() == ["accept"]
    assert all(groups[name].tolist() == ["reject"] for name in ("hand-radiographs", "cifar10", "mnist"))
    assert frame["Pneumonia"].sum() == 6 and (frame["Pneumonia"][frame["group"] == "reject"] == 0).all()
    assert (frame["official_split"] == "probe").all()
    assert frame["patient"].str.startswith(tuple(name + "/" for name in groups.index)).all()
    assert not summary["complete"] and summary["absent"] == [] and summary["origin"] == "release"
    assert {name: (each["of"], each["own"]) for name, each in summary["sets"].items()} == {
        "kermany": ("pneumonia", True),
        "hand-radiographs": ("mura", False),
        "cifar10": ("cifar100", False),
        "mnist": ("mnist", False),
    }
    assert summary["sets"]["kermany"]["patients"] == 7 and summary["sets"]["kermany"]["pneumonia"] == 6
    assert summary["sets"]["mnist"]["pneumonia"] is None


def test_the_papers_sets_come_first(tmp_path):
    rng = np.random.default_rng(0)
    write_kermany(tmp_path)
    write_stand_ins(tmp_path)
    assert not ood.is_complete(tmp_path)
    write_mura(tmp_path)
    write_batch(tmp_path / "cifar-100-python/test", rng.integers(0, 256, (3, 32, 32, 3), np.uint8))
    write_idx(tmp_path / "mnist/t10k-images-idx3-ubyte.gz", rng.integers(0, 256, (3, 28, 28), np.uint8))
    assert ood.is_complete(tmp_path)
    frame, summary = populations.build(population(tmp_path))
    assert list(summary["sets"]) == ["kermany", "mura", "cifar100", "mnist"]
    assert all(each["own"] for each in summary["sets"].values()) and summary["complete"]
    assert len(frame) == 10 + 3 + 3 + 3
    assert not populations.build(population(tmp_path, 2))[1]["complete"]
    listed = populations.files("ood", tmp_path)
    assert listed == sorted(listed) and all(path.exists() for path in listed)
    assert tmp_path / "cifar-100-python/test" in listed
    assert tmp_path / "MURA-v1.1/valid_image_paths.csv" in listed
    assert tmp_path / "kermany-chest-xray/train/NORMAL" in listed


def test_absent_sets_are_counted_and_no_set_is_an_error(tmp_path):
    with pytest.raises(
        UserError, match=r"holds no images .*kermany-chest-xray, MURA-v1\.1, .*out-of-distribution/mnist"
    ):
        populations.build(population(tmp_path))
    write_kermany(tmp_path)
    frame, summary = populations.build(population(tmp_path))
    assert summary["absent"] == ["mura", "cifar100", "mnist"] and set(frame["source"]) == {"kermany"}


def test_pixels_of_every_layout(tmp_path):
    rng = np.random.default_rng(1)
    colour = rng.integers(0, 256, (3, 32, 32, 3), np.uint8)
    write_kermany(tmp_path)
    write_batch(tmp_path / "cifar-100-python/test", colour)
    write_stand_ins(tmp_path)
    frame, _ = populations.build(population(tmp_path))
    source = populations.source(population(tmp_path))
    pixels = source.images(frame, 32)
    assert pixels.shape == (len(frame), 32, 32) and pixels.dtype == np.uint8
    here = (frame["source"] == "cifar100").to_numpy()
    expected = [np.array(Image.fromarray(one).convert("L")) for one in colour]
    assert (pixels[here] == expected).all()
    signature = source.signature(frame)
    write_png(tmp_path / frame["path"].iloc[0], 30)
    assert source.signature(frame) != signature
    built = cache.build(frame, source, 16, tmp_path / "built", workers=1, progress=False)
    assert cache.load(built).shape == (len(frame), 16, 16)


def test_a_limit_takes_whole_patients():
    entries = [Entry(f"{k}", f"p{k // 3}", "") for k in range(60)]
    chosen = ood_rows.limited(entries, 20)
    assert len(chosen) == 18 and {sum(e.patient == c.patient for e in chosen) for c in chosen} == {3}
    assert set(chosen) < set(ood_rows.limited(entries, 40)) and len(ood_rows.limited(entries, 60)) == 60
    assert ood_rows.limited(entries, None) == entries
    assert sorted(ood_rows.limited(entries[::-1], 20)) == sorted(chosen)
    assert [e.image for e in ood_rows.limited(entries, 20)] == sorted((e.image for e in chosen), key=int)


@pytest.mark.skipif(not (REAL / "out-of-distribution").is_dir(), reason="needs ../shared/data")
def test_the_shared_sets():
    frame, summary = populations.build(population(REAL))
    assert {name: each["images"] for name, each in summary["sets"].items()} == {
        "kermany": 1024,
        "hand-radiographs": 600,
        "cifar10": 600,
        "mnist": 600,
    }
    assert summary["sets"]["kermany"]["counts"]["test, normal"] == 234
    rows = frame.groupby("source").head(2)
    pixels = populations.source(population(REAL)).images(rows, 64)
    assert (pixels.std(axis=(1, 2)) > 5).all()
