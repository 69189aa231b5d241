from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from nih_tree import write_release

from xray_keras.datasets import nih, nih_files, regions
from xray_keras.datasets.findings import FINDINGS
from xray_keras.datasets.phantom.chest import Phantom
from xray_keras.datasets.phantom.covid import CovidPhantom

SHARED = Path(__file__).parents[3] / "shared" / "data" / nih.FOLDER


@pytest.fixture
def release(tmp_path: Path) -> tuple[nih.Release, pd.DataFrame]:
    release = nih.Release(write_release(tmp_path / nih.FOLDER))
    return release, release.read_manifest()[0]


def add_boxes(release: nih.Release, *lines: str) -> None:
    with (release.root / "BBox_List_2017.csv").open("a") as opened:
        opened.write("".join(f"{line}\n" for line in lines))


def test_boxes_of_labelled_findings_only(release: tuple[nih.Release, pd.DataFrame]) -> None:
    source, frame = release
    add_boxes(source, "00000001_001.png,Mass,1,1,5,5", "99999999_000.png,Mass,1,1,5,5")
    assert regions.absent(source) is None
    found = regions.outlined(source, frame, FINDINGS)
    assert found.to_numpy().tolist() == [[0, "Cardiomegaly"], [3, "Infiltration"]]
    assert regions.outlined(source, frame.iloc[1:], FINDINGS).to_numpy().tolist() == [[2, "Infiltration"]]
    assert regions.outlined(source, frame, ["Cardiomegaly", "COVID-19"])["finding"].tolist() == [
        "Cardiomegaly"
    ]


def test_a_box_scales_from_1024_pixels_and_boxes_are_united(
    release: tuple[nih.Release, pd.DataFrame],
) -> None:
    source, frame = release
    add_boxes(source, "00000001_000.png,Cardiomegaly,0,1000,10,24")
    mask, whole = regions.masks(source, frame.iloc[[0, 3]], ["Cardiomegaly", "Infiltration"], 128)
    # x 225.5 … 312.25, y 547 … 626.25 of 1024 are 28.2 … 39.0 and 68.4 … 78.3 of 128
    expected = np.zeros((128, 128), bool)
    expected[68:78, 28:39] = True
    expected[125:128, 0:1] = True
    assert np.array_equal(mask, expected)
    assert whole.all()


def test_a_box_smaller_than_a_pixel_is_one_pixel(release: tuple[nih.Release, pd.DataFrame]) -> None:
    source, frame = release
    (source.root / "BBox_List_2017.csv").write_text(
        "Image Index,Finding Label,Bbox [x,y,w,h],,,\n00000001_000.png,Cardiomegaly,1020,300,4,2\n"
    )
    (mask,) = regions.masks(source, frame.iloc[[0]], ["Cardiomegaly"], 16)
    assert np.argwhere(mask).tolist() == [[4, 15]]


def test_the_phantom_s_masks(tmp_path: Path) -> None:
    source = Phantom(2019)
    frame = source.manifest(12, labelled=True)
    found = regions.outlined(source, frame, FINDINGS)
    assert len(found) == int(frame[list(FINDINGS)].to_numpy().sum())
    assert all(frame[finding].iloc[row] == 1 for row, finding in found.itertuples(index=False))
    twice = found.iloc[[0, 5, 1, 0]]
    masks = regions.masks(source, frame.iloc[twice["row"]], list(twice["finding"]), 32)
    for (row, finding), mask in zip(twice.itertuples(index=False), masks, strict=True):
        expected = source.masks(frame.iloc[[row]], 32)[0, FINDINGS.index(finding)]
        assert np.array_equal(mask, expected)
    assert masks.any()


def test_sources_without_regions_say_why(release: tuple[nih.Release, pd.DataFrame]) -> None:
    source, frame = release
    (source.root / "BBox_List_2017.csv").unlink()
    assert regions.absent(source) == "the release on disk has no BBox_List_2017.csv"
    assert regions.outlined(source, frame, FINDINGS).empty
    assert list(regions.outlined(source, frame, FINDINGS)) == ["row", "finding"]
    assert regions.absent(CovidPhantom(1)) == "nobody has outlined findings in these images"


def test_every_box_of_the_release_is_of_a_labelled_finding() -> None:
    if not SHARED.is_dir():
        pytest.skip(f"no {SHARED}")
    source = nih.Release(SHARED)
    boxes = source.boxes()
    on_disk = boxes[boxes["image"].isin(nih_files.images_on_disk(SHARED).keys())]
    listed = {entry.image: entry.findings for entry in nih_files.entries(nih_files.csv_file(SHARED))}
    frame = pd.DataFrame({"image": on_disk["image"].unique()})
    for finding in FINDINGS:
        frame[finding] = [int(finding in listed[image].split("|")) for image in frame["image"]]
    found = regions.outlined(source, frame, FINDINGS)
    assert len(found) == len(on_disk[["image", "finding"]].drop_duplicates()) > 100
    masks = regions.masks(source, frame.iloc[found["row"]], list(found["finding"]), 224)
    shares = (on_disk["w"] * on_disk["h"] / 1024**2).to_numpy()
    assert masks.mean(axis=(1, 2)).sum() == pytest.approx(shares.sum(), rel=0.02)
