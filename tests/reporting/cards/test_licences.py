import pandas as pd
import pytest

from xray_keras.datasets import ood_stand_ins, small_pictures
from xray_keras.datasets.overview.known import SETS
from xray_keras.datasets.phantom import ood as phantom
from xray_keras.datasets.populations import ood, scene_text
from xray_keras.models.weight_sources import SOURCES
from xray_keras.reporting import holdings
from xray_keras.reporting.cards import family, licences, weights

PAGE = licences.document()


def test_every_set_that_is_known_stands_on_the_page_with_its_terms():
    owned, cited, _ = PAGE.sections
    rows = {row[0]: row for row in owned.rows}
    assert list(rows) == [known.title for known in SETS]
    for known in SETS:
        _, uses, licence, registration = rows[known.title]
        assert (
            licence == known.licence.replace(f" ({known.link})", "") and licence.split()[0] in known.licence
        )
        assert registration == (known.registration or "no")
        assert all(paper in uses and use in uses for paper, use in known.papers.items())
        assert f"**{known.title}**: {known.link}. Cite {known.citation}" in cited.notes


def test_every_picture_that_a_population_can_hold_has_a_licence():
    read = {
        getattr(each, "NAME", None) or each.name for _, adapters in ood.SETS.values() for each in adapters
    }
    read |= {each.NAME for each in scene_text.SETS} | {"rendered"} | set(phantom.KINDS)
    read |= {"nih", "chexpert", "covid-chestxray", "phantom"}
    every = licences.entries()
    assert set(every) == read
    assert all(each.title and each.licence and each.citation and each.papers for each in every.values())


def test_pictures_without_download_name_their_source():
    built_in = {row[0]: row for row in PAGE.sections[2].rows}
    assert len(built_in) == len(licences.entries()) - len(SETS) == 6
    assert built_in["crops of two photographs"][2].startswith("CC BY 2.0")
    assert "UCI" in built_in["digits of 8×8 pixels"][3]
    assert built_in["phantom radiographs"][2] == "That of this software."


def test_what_nobody_states_is_said_to_be_unstated():
    every = licences.entries()
    assert every["textdis"].licence.startswith("Not stated") and every["cifar10"].licence.startswith(
        "None is stated"
    )
    assert every["cifar100"].licence == every["cifar10"].licence == ood_stand_ins.CIFAR10.licence
    assert every["mnist"].licence == small_pictures.MNIST.licence
    assert "none is known" in every["covid-chestxray"].licence


def test_the_csv_holds_the_same():
    frame: pd.DataFrame = PAGE.tidy.set_index("name")
    for name, entry in licences.entries().items():
        assert frame.loc[name, "licence"] == entry.licence and frame.loc[name, "citation"] == entry.citation
        assert frame.loc[name, "link"] == entry.link and frame.loc[name, "registration"] == entry.registration


def test_terms_tell_how_to_register():
    every = licences.entries()
    assert every["mura"].terms.endswith(" To register: name, e-mail address and consent to a research use agreement, at that address.")  # fmt: skip  # noqa: E501
    assert every["mnist"].terms == every["mnist"].licence


def test_terms_leave_out_the_address_of_the_set_and_no_other():
    every = licences.entries()
    assert every["kermany"].terms == "CC BY 4.0." and every["msra-td500"].terms == "Free for research."
    assert every["icdar"].terms.startswith(
        "CC BY 4.0; other sets in this format have their own. To register:"
    )
    assert "(https://www2.eecs.berkeley.edu/Research/Projects/CS/vision/bsds/)" in every["photographs"].terms


def test_the_verb_data_tells_the_same_licence_and_citation():
    told = " ".join(holdings.describe_available().split())
    for known in SETS:
        assert f"licence {known.licence}" in told and f"cite {known.citation}" in told


@pytest.mark.parametrize("name", family.names())
def test_weights_stand_in_their_card_with_the_licences_of_the_code(name):
    for architecture in family.load(name)["weights"].get("published", ()):
        (row,) = weights.rows([architecture])
        source = SOURCES[architecture]
        assert source.citation in row[0] and row[1:3] == [source.origin, source.licence]
        assert row[3].endswith(f": {source.package.licence}") and source.package.version in row[3]


def test_every_published_weight_belongs_to_a_family():
    named = {each for name in family.names() for each in family.load(name)["weights"].get("published", ())}
    assert named == set(SOURCES)


def test_unknown_weights_are_an_error():
    with pytest.raises(KeyError):
        weights.rows(["alexnet"])
