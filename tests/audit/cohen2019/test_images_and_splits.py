"""The printed counts of cohen2019's data sets and splits."""

from tests.audit.changed_facts import cells, values, wrong
from xray_keras.audit import cohen2019
from xray_keras.papers import loader


def test_counts_belong_to_the_release_with_eight_labels(facts):
    assert wrong(cohen2019.dataset_counts()) == {"images", "patients"}
    values(facts, "dataset_counts").update(images="112,120", patients="30,805")
    loader.claims.cache_clear()
    assert cohen2019.dataset_counts().holds


def test_a_label_too_many(facts):
    facts["datasets"]["chest_xray8"]["labels"].append("Effusions")
    assert not cohen2019.label_names().holds


def test_released_images(facts):
    assert "does not hold" in cohen2019.released_images().arithmetic  # 99.5k to 100.5k
    values(facts, "released_images")["images"] = "200k"
    loader.claims.cache_clear()
    assert not cohen2019.released_images().holds


def test_pneumonia(facts):
    # 2,538 + 1,345 = 3,883; 3,883 + 1,349 = 5,232; the release adds 390 + 234 = 624: 5,856.
    assert cohen2019.pneumonia_release().recomputed == "5,856"
    assert "5,232 images for training and 624" in cohen2019.pneumonia_release().arithmetic
    values(facts, "pneumonia_sums")["viral"] = "1,346"
    loader.claims.cache_clear()
    assert wrong(cohen2019.pneumonia_sums()) == {"pneumonia"}
    assert cells(cohen2019.pneumonia_sums())["pneumonia"].recomputed == "3,884"


def test_whole_pneumonia_release(facts):
    values(facts, "pneumonia_release")["images"] = "5,856"
    assert cohen2019.pneumonia_release().holds


def test_mura_of_another_version(facts):
    facts["cited"]["mura"]["studies"] = "14,982"
    assert wrong(cohen2019.mura_counts()) == {"studies"}


def test_split(facts):
    assert cohen2019.split_sums().recomputed == "100%"
    shares = {place: cell.recomputed for place, cell in cells(cohen2019.split_lists()).items()}
    # 78468 / 112120 = .699857, 11219 / 112120 = .100063, 22433 / 112120 = .200080
    assert shares == {"training": "69.986%", "validation": "10.006%", "test": "20.008%"}
    values(facts, "split_sums")["test"] = "25%"
    values(facts, "split_as_chexnet")["test"] = "25%"
    loader.claims.cache_clear()
    assert cohen2019.split_sums().recomputed == "105%" and not cohen2019.split_sums().holds
    assert wrong(cohen2019.split_lists()) == {"test"}


def test_ali_split(facts):
    missing = {place: cell.recomputed for place, cell in cells(cohen2019.ali_split()).items()}
    assert missing["images of the text"] == "108,948, 1,567 more"  # 108948 − 107381
    assert missing["images of the release"] == "112,120, 4,739 more"  # 112120 − 107381
    values(facts, "ali_split")["training"] = "107,948"
    loader.claims.cache_clear()
    assert wrong(cohen2019.ali_split()) == {"images of the release"}


def test_cifar_against_mnist(facts):
    assert wrong(cohen2019.cifar_more_examples()) == {"than MNIST"}  # 60,000 against 70,000
    facts["cited"]["mnist"]["images"] = "50,000"
    assert cohen2019.cifar_more_examples().holds
