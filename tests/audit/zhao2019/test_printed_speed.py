"""The printed times of zhao2019 against each other and against what a card can do."""

import pytest

from tests.audit.changed_facts import cells, claim
from xray_keras.audit import zhao2019
from xray_keras.audit.outcome import Verdict
from xray_keras.audit.zhao2019 import times as zhao2019_times
from xray_keras.papers import loader


def test_speed_ratios():
    assert zhao2019.speed_on_cpu().recomputed.startswith("176.38,")  # 9.53 s / 0.05403 s
    assert zhao2019.speed_on_gpu().recomputed.startswith("3.84,")  # 5.38 / 1.40
    assert "175.38" in zhao2019.speed_on_cpu().arithmetic
    outcome = zhao2019.compared_method()
    assert outcome.recomputed == "MSP-Net"
    assert "Teacher Network 41.46 and 1.857" in outcome.arithmetic  # 2.24 s / 54.03 ms, 2.60 / 1.40


@pytest.mark.parametrize(("name", "other"), [("speed_cpu", "175"), ("speed_gpu", "4.0")])
def test_speed_ratios_fail(facts, name, other):
    claim(facts, name)["values"]["ratio"] = other
    check = {"speed_cpu": zhao2019.speed_on_cpu, "speed_gpu": zhao2019.speed_on_gpu}[name]
    assert check().verdict is Verdict.FAILS
    assert zhao2019.compared_method().verdict is Verdict.FAILS


def test_vgg16_work_by_hand():
    """3×3 convolutions: 9·in·out at each place; places fall by four from block to block."""
    blocks = [(3, 64), (64, 64)], [(64, 128), (128, 128)], [(128, 256), (256, 256), (256, 256)]
    deep = [(256, 512), (512, 512), (512, 512)], [(512, 512)] * 3
    sides = 256, 128, 64, 32, 16
    by_hand = sum(
        side**2 * 9 * a * b for side, block in zip(sides, (*blocks, *deep), strict=True) for a, b in block
    )
    assert zhao2019_times._multiplications()["Teacher Network"] == by_hand
    assert by_hand == 20_044_578_816
    seconds = 2 * by_hand / (2 * 2688 * 876e6)
    assert 0.0085 < seconds < 0.0086


def test_impossible_and_possible_times():
    found = cells(zhao2019.gpu_times_physical())
    assert {place for place, cell in found.items() if not cell.agrees} == {
        "Teacher Network, Time Cost (GPU)",
        "MSP-Net, Time Cost (GPU)",
    }
    assert found["Teacher Network, Time Cost (GPU)"].recomputed == "at least 8.51ms at the peak"
    assert found["MSP-Net, Time Cost (GPU)"].recomputed == "at least 32.3ms at the peak"
    assert found["Teacher Network, Time Cost (CPU)"].recomputed == "at least 167ms at the peak"  # 40.09 / 240
    assert found["Student Network, Time Cost (GPU)"].recomputed == "at most 1.17ms at the peak"


def test_the_peak_is_the_cited_one():
    card = loader.load("zhao2019")["cited"]["cards"]["GTX TITAN"]
    assert round(2 * card["cores"] * card["clock_mhz"] / 1e6, 1) == float(card["single_precision"].split()[0])
    assert round(float(zhao2019_times._peak_of_card(card)) / 1e12, 1) == 4.7


def test_times_hold_on_a_fast_enough_card(facts):
    facts["cited"]["cards"]["GTX TITAN"] |= {"cores": 2688 * 7, "memory_gb": 12}
    assert zhao2019.gpu_times_physical().verdict is Verdict.HOLDS
    assert zhao2019.gpu_memory().verdict is Verdict.HOLDS


def test_no_titan_of_the_printed_memory_reaches_the_printed_time():
    outcome = zhao2019.gpu_memory()
    assert "GTX TITAN has 6 GB" in outcome.recomputed
    assert "2.69ms on a TITAN V" in outcome.arithmetic and "none of them" in outcome.arithmetic
