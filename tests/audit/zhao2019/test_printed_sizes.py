"""The printed sizes of zhao2019's networks against layers counted by hand."""

from tests.audit.changed_facts import cells
from xray_keras.audit import zhao2019
from xray_keras.audit.outcome import Verdict
from xray_keras.audit.zhao2019 import networks as zhao2019_networks


def test_mspnet_is_no_vgg16():
    found = cells(zhao2019.mspnet_params())
    dense = 25_088 * 4096 + 4096 + 4096 * 4096 + 4096  # 7·7·512 = 25,088
    for outputs, text in ((1, "134.26M"), (2, "134.27M"), (1000, "138.36M")):
        assert f"{(14_714_688 + dense + outputs * 4097) / 1e6:.2f}M" == text
        assert found[f"outputs: {outputs}"].recomputed == text
    assert "only 521 to 523 outputs" in zhao2019.mspnet_params().arithmetic


def test_mspnet_would_hold_with_the_size_of_vgg16(facts):
    facts["tables"]["table1"]["rows"]["MSP-Net"][5] = "134.27M"
    assert zhao2019.mspnet_params().verdict is Verdict.HOLDS


def test_default_candidate_by_hand():
    student = (27 * 16 + 16) + (9 * 16 * 32 + 32) + 4 * (9 * 32 * 32 + 32) + 33 * 1280 + 1281 * 2
    teacher = 14_714_688 + 2 * 513 * 1280 + 1281 * 2
    assert (student, teacher) == (86_882, 16_030_530)
    candidate = zhao2019_networks.suite_candidate()
    assert zhao2019_networks._student(candidate) == student
    assert zhao2019_networks._teacher(candidate) == teacher


def test_other_candidates_fit_as_well(facts):
    found = cells(zhao2019.head_is_identified())
    assert {place: cell.recomputed for place, cell in found.items()} == {
        "C_default": "16,030,530, 86,882",
        "B_single_map": "16,030,529, 87,057",
        "A_d512": "16,028,994, 87,298",
        "E_d128": "16,027,713, 87,457",
    }
    assert all(cell.agrees for cell in found.values())


def test_a_single_candidate_would_be_identified(facts):
    heads = facts["cited"]["candidate_heads"]
    facts["cited"]["candidate_heads"] = {
        key: value for key, value in heads.items() if key == "C_default" or not isinstance(value, dict)
    }
    assert zhao2019.head_is_identified().verdict is Verdict.HOLDS


def test_sizes_fail_for_another_print(facts):
    rows = facts["tables"]["table1"]["rows"]
    rows["Teacher Network"][5], rows["Student Network"][5] = "16.04M", "0.088M"
    assert zhao2019.teacher_params().verdict is Verdict.FAILS
    assert zhao2019.student_params().verdict is Verdict.FAILS
    assert zhao2019.student_layers().verdict is Verdict.FAILS
