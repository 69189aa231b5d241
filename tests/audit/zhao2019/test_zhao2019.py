"""The checks of zhao2019: every verdict, settings, and that each can turn."""

from fractions import Fraction

import pytest

from tests.audit.changed_facts import claim
from xray_keras.audit import zhao2019
from xray_keras.audit.outcome import Verdict
from xray_keras.papers import loader

HOLDS = {
    "teacher_is_best", "speed_on_cpu", "speed_on_gpu", "compared_method", "share_passed",
    "mspnet_leads_earlier",
    "sizes_in_order", "regions", "student_layers", "label_rules", "eq1_inverted", "equation6_equilibrium",
    "f1_of_rows", "confusion_counts", "teacher_params", "student_params", "teacher_against_mspnet",
    "student_rows_agree", "soft_beats_hard", "adversarial_helps", "student_is_fastest",
}  # fmt: skip
FAILS = {
    "eq1_sign", "equation6_range", "input_sizes", "gpu_memory", "gpu_times_physical", "framework_version",
    "mspnet_params", "head_is_identified", "full_training_best", "steps_beyond_chance",
    "student_against_earlier",
}  # fmt: skip
OPEN = {"dataset_sums", "decay_schedule", "discriminator_rate"}


def test_every_verdict():
    verdicts = {check.__name__: check().verdict for check in zhao2019.CHECKS}
    expected = dict.fromkeys(HOLDS, Verdict.HOLDS)
    expected |= dict.fromkeys(FAILS, Verdict.FAILS)
    expected |= dict.fromkeys(OPEN, Verdict.CANNOT_BE_CHECKED)
    assert verdicts == expected


def test_transcribed_cells():
    table = loader.table("zhao2019", "table1")
    assert table.number("MSP-Net", "Time Cost (CPU)").exact == Fraction(953, 100)
    assert table.number("Student Network", "Time Cost (CPU)").exact == Fraction(5403, 100_000)
    assert table.number("Student Network", "Params").exact == 87_000
    assert table.cell("CMDRNN*", "", "Params") is None
    assert list(loader.table("zhao2019", "table2").rows)[-1] == "Our proposed"


def test_release_of_pytorch(facts):
    assert zhao2019.framework_version().recomputed.endswith("of the same digits: 0.4.1")
    facts["settings"]["training"]["framework"] = "Pytorch 0.4.1"
    assert zhao2019.framework_version().verdict is Verdict.HOLDS


def test_open_questions_show_their_numbers():
    assert zhao2019.dataset_sums().recomputed == "train 11302, test 4000, all 15302"
    assert zhao2019.discriminator_rate().recomputed == "0.0002 and then 2e-05"
    assert zhao2019.decay_schedule().recomputed == "0.0001, 1e-05, 1e-06, …"
    assert "3.81 times" in zhao2019.input_sizes().recomputed  # (500/256)² = 3.8147


@pytest.mark.parametrize(
    ("name", "value", "text", "check", "verdict"),
    [
        ("region_count", "regions", "35", "regions", Verdict.FAILS),
        ("label_threshold_percent", "area", "2%", "label_rules", Verdict.FAILS),
        ("mspnet_label_rule", "area", "0.005", "label_rules", Verdict.FAILS),
        ("student_layers", "convolutions", "5", "student_layers", Verdict.FAILS),
        ("input_heights", "mspnet_height", "256", "input_sizes", Verdict.HOLDS),
    ],
)
def test_settings_turn(facts, name, value, text, check, verdict):
    claim(facts, name)["values"][value] = text
    assert getattr(zhao2019, check)().verdict is verdict
