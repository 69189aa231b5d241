"""Each sentence of the notes in worlds where it holds, does not, and is not shown."""

import copy
import dataclasses

import pytest

from xray_keras.papers import loader
from xray_keras.reporting import verdicts
from xray_keras.reporting.gan_notes import claims
from xray_keras.reporting.verdicts import FAILS, HOLDS, OPEN


@pytest.fixture(scope="module")
def helped(world):
    """GAN images help, those of the over-trained generator do not; it copies; every planted copy is flagged."""
    return world()


@pytest.fixture(scope="module")
def harmed(world):
    return world(gan=0.2, overtrained=1.6, alone=1.4, caught=False, turn=9.0)


@pytest.fixture(scope="module")
def idle(world):
    return world(gan=0.8, alone=0.0, copying=False)


def words(evidence):
    return {name: verdict.word for name, verdict in claims.judged(evidence).items()}


def test_every_claim_that_needs_the_page_has_a_rule(helped):
    needing = [name for name, claim in loader.claims("gan_notes").items() if claim.needs == claims.ARTEFACT]
    assert list(words(helped)) == needing and set(needing) == set(claims.rules())
    assert {claim.needs for claim in loader.claims("gan_notes").values()} == {"", claims.ARTEFACT}


EXPECTED = {
    "gans_suit_augmentation": (HOLDS, FAILS, OPEN),
    "improves_generalisation": (HOLDS, FAILS, OPEN),
    "better_than_handcrafted": (HOLDS, FAILS, OPEN),
    "gan_beats_standard": (HOLDS, FAILS, OPEN),
    "methods_mix": (HOLDS, FAILS, HOLDS),
    "more_labelled_examples": (HOLDS, HOLDS, OPEN),
    "overfit_no_help": (HOLDS, FAILS, OPEN),
    "fake_only_approaches_real": (FAILS, HOLDS, FAILS),
    "fake_only_below_real": (HOLDS, FAILS, HOLDS),
    "models_leak": (HOLDS, HOLDS, OPEN),
    "near_copies": (HOLDS, HOLDS, OPEN),
    "memorising_gan_leaks": (HOLDS, HOLDS, OPEN),
    "filtering_partial": (OPEN, HOLDS, OPEN),
    "reals_hidden_among_fakes": (FAILS, FAILS, FAILS),
    "real_data_exposed": (HOLDS, HOLDS, HOLDS),
    "diversity_limited": (HOLDS, HOLDS, HOLDS),
    "augmentation_size_diversity": (OPEN, OPEN, OPEN),
    "gan_more_diverse_than_transforms": (FAILS, FAILS, FAILS),
    "mri_realistic": (OPEN, OPEN, OPEN),
    "transforms_more_rotated": (HOLDS, FAILS, HOLDS),
}


@pytest.mark.parametrize("claim", EXPECTED)
def test_verdicts_follow_the_runs(claim, helped, harmed, idle):
    assert tuple(words(evidence)[claim] for evidence in (helped, harmed, idle)) == EXPECTED[claim]


def with_recall(evidence, generated, training):
    changed = copy.deepcopy(dict(evidence.measured))
    for each in changed.values():
        for entry, (low, high) in (
            (each.quality["generated"], generated),
            (each.quality["yardsticks"]["training"], training),
        ):
            entry["recall"] |= {"value": (low + high) / 2, "interval": [low, high]}
    return evidence._replace(measured=changed)


@pytest.mark.parametrize(
    ("generated", "limited", "increased"),
    [((0.1, 0.3), HOLDS, OPEN), ((0.4, 0.6), OPEN, OPEN), ((0.8, 0.9), FAILS, HOLDS)],
)
def test_diversity_is_judged_beside_training_images(helped, generated, limited, increased):
    found = words(with_recall(helped, generated, (0.5, 0.7)))
    assert (found["diversity_limited"], found["augmentation_size_diversity"]) == (limited, increased)


@pytest.mark.parametrize(
    ("kid", "word"), [((0, 5), HOLDS), ((100, 150), OPEN), ((500, 600), FAILS), ((900, 950), FAILS)]
)
def test_realism_lies_between_training_and_blurred_images(helped, kid, word):
    changed = copy.deepcopy(dict(helped.measured))
    changed["all"].quality["generated"]["kernel"] |= {"value": sum(kid) / 2, "interval": list(kid)}
    assert words(helped._replace(measured=changed))["mri_realistic"] == word


def test_generated_images_may_differ_more_than_transforms(helped):
    changed = copy.deepcopy(dict(helped.measured))
    varied = changed["all"].variety
    changed["all"] = changed["all"]._replace(
        variety=varied._replace(generated=varied.real, transformed=varied.generated)
    )
    assert words(helped._replace(measured=changed))["gan_more_diverse_than_transforms"] == HOLDS


def with_control(evidence, flagged, **states):
    changed = copy.deepcopy(dict(evidence.audits))
    for audit in changed.values():
        for kind in audit["control"]["kinds"].values():
            kind["flagged"] = flagged
        for state, (low, high) in states.items():
            audit["control"][state]["difference"] |= {"value": (low + high) / 2, "interval": [low, high]}
    return evidence._replace(audits=changed)


@pytest.mark.parametrize(("flagged", "word"), [(20, FAILS), (10, OPEN), (2, HOLDS)])
def test_copies_are_hidden_where_the_screen_misses_most(helped, flagged, word):
    assert words(with_control(helped, flagged))["reals_hidden_among_fakes"] == word


@pytest.mark.parametrize(
    ("flagged", "before", "after", "word"),
    [
        (20, (0.4, 0.6), (-0.1, 0.1), OPEN),
        (20, (0.4, 0.6), (0.1, 0.3), HOLDS),
        (19, (0.4, 0.6), (-0.1, 0.1), HOLDS),
        (19, (-0.1, 0.1), (-0.1, 0.1), OPEN),
        (19, (0.4, 0.6), (0.3, 0.5), OPEN),
        (19, (0.2, 0.3), (0.4, 0.6), FAILS),
    ],
)  # fmt: skip
def test_a_screen_helps_where_less_leaks_and_not_perfectly(helped, flagged, before, after, word):
    evidence = with_control(helped, flagged, **{"with": before, "screened": after})
    assert words(evidence)["filtering_partial"] == word


def test_a_classifier_that_saw_real_images_is_no_private_one(helped):
    first = helped.found.classifiers["all"]
    contents = copy.deepcopy(dict(first.contents))
    contents["generated only"]["shown"]["real"] = 1
    changed = {**helped.found.classifiers, "all": dataclasses.replace(first, contents=contents)}
    evidence = helped._replace(found=dataclasses.replace(helped.found, classifiers=changed))
    assert words(evidence)["real_data_exposed"] == FAILS


def cell(low, high):
    return {"value": (low + high) / 2, "interval": [low, high]}


def test_intervals_decide():
    assert [verdicts.above(cell(*ends), 0.5) for ends in ((0.6, 0.7), (0.4, 0.6), (0.3, 0.4))] == [
        HOLDS,
        OPEN,
        FAILS,
    ]
    assert [verdicts.below(cell(*ends), 0.5) for ends in ((0.6, 0.7), (0.4, 0.6), (0.3, 0.4))] == [
        FAILS,
        OPEN,
        HOLDS,
    ]
    assert (
        verdicts.above({"value": 0.9, "interval": None})
        == verdicts.above({"value": None, "interval": None})
        == OPEN
    )
    assert verdicts.apart(cell(0.5, 0.6), cell(0.3, 0.4)) == HOLDS
    assert verdicts.apart(cell(0.3, 0.4), cell(0.5, 0.6)) == FAILS
    assert verdicts.apart(cell(0.3, 0.5), cell(0.5, 0.6)) == OPEN
    assert verdicts.apart(cell(0.3, 0.5), {"value": 0.9, "interval": None}) == OPEN


def test_several_words_are_joined():
    assert verdicts.every([HOLDS, HOLDS]) == HOLDS and verdicts.every([HOLDS, OPEN]) == OPEN
    assert verdicts.every([HOLDS, OPEN, FAILS]) == FAILS
    assert (
        verdicts.majority([HOLDS, HOLDS, OPEN]) == HOLDS and verdicts.majority([HOLDS, HOLDS, FAILS]) == OPEN
    )
    assert (
        verdicts.majority([HOLDS, OPEN]) == OPEN and verdicts.majority([FAILS, FAILS, OPEN, FAILS]) == FAILS
    )
