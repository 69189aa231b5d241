from types import SimpleNamespace

import numpy as np

from tests.training.scene_world import scenes
from xray_keras.datasets import manifest
from xray_keras.datasets.outlines import Outline, to_text
from xray_keras.reporting.zhao2019 import rules


def test_one_region_is_enough_and_rules_differ(tmp_path):
    drawn = scenes(8).assign(width=300, height=300)
    corners = {
        # 39 pixels: 1 % of a region of 60 × 60, less of one of 100 × 100; too little for MSP-Net
        4: [[10, 10], [16.5, 10], [16.5, 16], [10, 16]],
        # all of the first region of 60 × 60, a third of the first of 100 × 100, as high as both rules ask
        5: [[0, 0], [60, 0], [60, 60], [0, 60]],
    }
    drawn["Text"] = [int(k in corners) for k in range(8)]
    drawn["outlines"] = [
        to_text([Outline(np.array(corners[k], float), False)]) if k in corners else "" for k in range(8)
    ]
    manifest.write(drawn.astype({"Text": "int8"}), tmp_path / "scene_text-all" / "manifest.csv")
    config = {"dataset": "scene_text", "images": "all", "max_images": None}
    run = SimpleNamespace(folder=tmp_path / "sound" / "zhao2019" / "student", config=config)
    assert rules.section(run).rows == [["the paper's", "100.0%", "1.5"], ["MSP-Net's", "50.0%", "1.0"]]
