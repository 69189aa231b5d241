"""The network that comes with the package."""

import numpy as np
import pytest

from xray_keras import files
from xray_keras.datasets import populations
from xray_keras.datasets.rendered import text as rendered_text
from xray_keras.datasets.scenes import originals as scene_originals
from xray_keras.textfilter.network import SHIPPED, Network

pytestmark = pytest.mark.skipif(not SHIPPED.is_file(), reason=f"{SHIPPED.name} is not made yet")
SAID = {
    "name",
    "short_edge",
    "threshold",
    "threshold_from",
    "trained_on",
    "licence",
    "measured",
    "not_for",
    "parity",
}


def test_its_card_says_what_a_user_must_know():
    card = files.read_json(SHIPPED.with_suffix(".json"))
    assert card.keys() >= SAID
    assert card["measured"] and card["parity"]["regions"] < 1e-4
    for said in ("trained_on", "licence", "not_for"):
        assert card[said] and "not known" not in str(card[said])


def test_it_tells_scenes_with_text_from_others():
    network = Network()
    source = rendered_text.Rendered(populations.PHANTOM_SEED + 1)  # scenes it has not seen
    frame = source.manifest(12)
    pictures = scene_originals.Scaled(source).images(frame, network.short_edge)
    found = np.array([network.regions(picture).max() for picture in pictures])
    assert found[frame["Text"] == 1].mean() > found[frame["Text"] == 0].mean() + 0.1
