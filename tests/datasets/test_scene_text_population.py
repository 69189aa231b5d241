from pathlib import Path

import pytest
from scene_trees import write_icdar, write_msra, write_photographs, write_picture, write_textdis

from xray_keras.datasets import cache, manifest, populations, textdis
from xray_keras.datasets.populations import scene_text
from xray_keras.datasets.scenes.originals import Originals
from xray_keras.errors import UserError

REAL = Path(__file__).parents[3] / "shared" / "data"


def population(data: Path | None, limit: int | None = None, missing: str = "error") -> dict:
    return {
        "dataset": "scene_text",
        "data": data and str(data),
        "images": "all",
        "max_images": limit,
        "missing": missing,
    }


def sources(frame):
    return frame.groupby("source")["Text"].agg(["size", "sum"]).apply(tuple, axis=1).to_dict()


def test_textdis_comes_first_and_alone(tmp_path):
    write_textdis(tmp_path)
    write_msra(tmp_path)
    write_photographs(tmp_path)
    frame, summary = populations.build(population(tmp_path))
    manifest.validate(frame)
    assert sources(frame) == {"textdis": (8, 4)}
    assert summary["origin"] == "release" and summary["dataset"] == "scene_text" and not summary["complete"]
    assert summary["counts"] == {
        "train_val": {"text": 2, "non_text": 3},
        "test": {"text": 2, "non_text": 1},
    }
    assert summary["absent"] == ["icdar"] and summary["unused"] == ["msra-td500", "photographs"]
    assert summary["sets"]["textdis"]["own"] and "Zhang" in summary["sets"]["textdis"]["citation"]
    assert isinstance(populations.source(population(tmp_path)), Originals)


def test_each_class_is_taken_from_elsewhere_where_textdis_lacks_it(tmp_path):
    write_textdis(tmp_path, train=(2, 0), test=(1, 0))
    write_photographs(tmp_path)
    write_icdar(tmp_path)
    frame, summary = populations.build(population(tmp_path))
    assert sources(frame) == {"textdis": (3, 3), "photographs": (6, 0)}
    assert summary["unused"] == ["icdar"] and summary["absent"] == ["msra-td500"]
    for path in (tmp_path / "textdis").rglob("*.*"):
        path.unlink()
    write_textdis(tmp_path, train=(0, 2), test=(0, 1))
    frame, summary = populations.build(population(tmp_path))
    assert sources(frame) == {"textdis": (3, 0), "icdar": (3, 3)}
    assert summary["unused"] == ["photographs"]


def test_stand_ins_together(tmp_path):
    write_msra(tmp_path)
    write_icdar(tmp_path)
    write_photographs(tmp_path)
    frame, summary = populations.build(population(tmp_path))
    assert sources(frame) == {"icdar": (3, 3), "msra-td500": (5, 5), "photographs": (6, 0)}
    assert frame["source"].drop_duplicates().tolist() == ["msra-td500", "icdar", "photographs"]
    assert summary["images"] == 14 and summary["text"] == 8 and summary["absent"] == ["textdis"]
    assert not any(each["own"] for each in summary["sets"].values())
    wide = (frame["width"] > frame["height"]).tolist()
    assert wide == (frame["Text"] == 1).tolist()  # a control can see that the classes differ in shape


def test_complete_is_all_of_textdis_and_nothing_else(tmp_path, monkeypatch):
    printed = {"train_val": {"text": 2, "non_text": 3}, "test": {"text": 2, "non_text": 1}}
    monkeypatch.setattr(textdis, "printed", lambda: printed)
    root = write_textdis(tmp_path)
    assert populations.is_complete("scene_text", tmp_path)
    assert populations.build(population(tmp_path))[1]["complete"]
    assert populations.build(population(tmp_path, 8))[1]["complete"]
    assert not populations.build(population(tmp_path, 7))[1]["complete"]
    (root / "train/text/img_0.txt").write_text("")
    assert not populations.build(population(tmp_path))[1]["complete"]


def test_stand_ins_are_never_complete(tmp_path, monkeypatch):
    printed = {"train_val": {"text": 3, "non_text": 4}, "test": {"text": 2, "non_text": 2}}
    monkeypatch.setattr(textdis, "printed", lambda: printed)
    write_msra(tmp_path)
    write_photographs(tmp_path)
    assert not populations.is_complete("scene_text", tmp_path)
    summary = populations.build(population(tmp_path))[1]
    assert summary["counts"] == printed and not summary["complete"]


def test_a_class_that_is_nowhere_is_an_error(tmp_path):
    with pytest.raises(UserError, match="holds no pictures with text or without text; unpack textdis there"):
        populations.build(population(tmp_path))
    write_msra(tmp_path)
    with pytest.raises(UserError, match=r"holds no pictures without text; .* photographs-without-text"):
        populations.build(population(tmp_path))
    write_photographs(tmp_path)
    (tmp_path / "msra-td500").rename(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="holds no pictures with text;"):
        populations.build(population(tmp_path))


def test_a_bad_file_is_left_out_counted_and_named(tmp_path):
    write_photographs(tmp_path)
    root = write_msra(tmp_path)
    (root / "train/IMG_tr0001.gt").write_text("0 0 1 2 3\n")
    (root / "test/IMG_te0000.JPG").write_bytes(b"")
    with pytest.raises(UserError, match=r"IMG_tr0001\.gt, line 1: .*MISSING=skip"):
        populations.build(population(tmp_path))
    frame, summary = populations.build(population(tmp_path, missing="skip"))
    assert sources(frame)["msra-td500"] == (3, 3)
    found = summary["sets"]["msra-td500"]
    assert found["found"] == found["images"] == 3 and sum(found["left_out"].values()) == 2
    assert any("IMG_tr0001.gt, line 1" in name for names in found["named"].values() for name in names)


def test_a_limit_is_in_proportion(tmp_path):
    write_msra(tmp_path, 20, 10)
    write_photographs(tmp_path, 20, 10)
    frame, summary = populations.build(population(tmp_path, 12))
    assert summary["counts"] == {
        "train_val": {"text": 4, "non_text": 4},
        "test": {"text": 2, "non_text": 2},
    }
    assert summary["sets"]["msra-td500"]["found"] == 30 and summary["sets"]["msra-td500"]["images"] == 6
    assert len(frame) == 12


def test_files_name_what_another_manifest_depends_on(tmp_path):
    root = write_msra(tmp_path, train=1, test=1)
    write_photographs(tmp_path, train=1, test=0)
    photographs = tmp_path / "photographs-without-text"
    assert populations.files("scene_text", tmp_path) == sorted(
        [
            root / "train",
            root / "test",
            root / "train/IMG_tr0000.gt",
            root / "test/IMG_te0000.gt",
            photographs / "train",
        ]
    )
    assert populations.files("scene_text", tmp_path / "nothing") == []
    assert populations.files("scene_text", None) == []


def test_the_same_folder_gives_the_same_manifest(tmp_path):
    write_msra(tmp_path)
    write_photographs(tmp_path)
    first = manifest.fingerprint(populations.build(population(tmp_path))[0])
    assert first == manifest.fingerprint(populations.build(population(tmp_path))[0])
    write_picture(tmp_path / "msra-td500/train/IMG_tr0000.JPG", 61)
    assert first != manifest.fingerprint(populations.build(population(tmp_path))[0])


def test_the_rendered_default(tmp_path):
    frame, summary = populations.build(population(None, 12))
    manifest.validate(frame)
    assert tuple(frame.columns) == manifest.SCENE_COLUMNS and len(frame) == 12
    assert set(frame["source"]) == {"rendered"} and set(frame["Text"]) == {0, 1}
    assert ((frame["outlines"] != "") == (frame["Text"] == 1)).all()
    assert summary["origin"] == "phantom" and not summary["complete"] and summary["seed"] == 2019
    assert summary["sets"]["rendered"]["images"] == 12 and summary["sets"]["rendered"]["licence"]
    built = cache.build(
        frame[:2], populations.source(population(None, 12)), 32, tmp_path, workers=1, progress=False
    )
    assert cache.load(built).std() > 5


def test_as_many_as_the_paper_has_are_rendered_without_a_limit(monkeypatch):
    from xray_keras.datasets.rendered import text as rendered_text

    class Few(rendered_text.Rendered):
        def manifest(self, images):
            assert images == 5302 + 6000 + 2000 + 2000
            return super().manifest(3)

    monkeypatch.setattr(rendered_text, "Rendered", Few)
    assert len(populations.build(population(None))[0]) == 3


def test_the_adapters_are_known_by_the_names_of_the_manifest():
    allowed = manifest._SCENE.values["source"]
    assert {each.NAME for each in scene_text.SETS} | {"rendered"} == set(allowed)


@pytest.mark.skipif(not (REAL / "msra-td500").is_dir(), reason="needs ../shared/data")
def test_the_shared_sets():
    frame, summary = populations.build(population(REAL))
    assert summary["counts"] == {
        "train_val": {"text": 294, "non_text": 270},
        "test": {"text": 197, "non_text": 171},
    }
    assert summary["absent"] == ["textdis", "icdar"]
    pixels = populations.source(population(REAL)).images(frame.groupby("source").head(2), 64)
    assert all(min(image.shape[:2]) == 64 and image.std() > 5 for image in pixels)
