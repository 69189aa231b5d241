"""What ali2019 says of its data, of cited results and of networks."""

from xray_keras.audit import layers
from xray_keras.audit.ali2019.facts import PAPER, claimed, class_sizes
from xray_keras.audit.ali2019.recovered import labelled
from xray_keras.audit.outcome import Cell, Outcome, of_cells, verdict
from xray_keras.datasets.findings import FINDINGS, title
from xray_keras.datasets.label_sets import label_sets
from xray_keras.papers import loader
from xray_keras.papers.printed import Printed


def class_counts() -> Outcome:
    """I: the printed counts against those of the release."""
    sets, images = label_sets()
    released = dict(zip(FINDINGS, (images @ sets).tolist(), strict=True))
    found = [
        Cell(title(finding), f"{count:,}", f"{released[finding]:,}", count == released[finding])
        for finding, count in class_sizes().items()
    ]
    found.append(
        Cell("findings", claimed("fourteen_findings", "findings").text, str(len(released)),
             len(released) in claimed("fourteen_findings", "findings").interval())
    )  # fmt: skip
    return of_cells(
        found,
        where="I",
        question="Are the printed images a finding those of the release?",
        arithmetic="counted in Data_Entry_2017_v2020.csv",
    )


def dataset_size() -> Outcome:
    """III: about 110K images, of which about 60K without a finding."""
    sets, images = label_sets()
    counted = {"images": int(images.sum()), "no_finding": int(images[~sets.any(axis=1)].sum())}
    ten = (
        10 * claimed("dataset_size", "images").place
    )  # the printed numbers are round: to the nearest ten thousand
    found = [
        Cell(name.replace("_", " "), claimed("dataset_size", name).text, f"{count:,}",
             abs(count - claimed("dataset_size", name).exact) <= ten / 2)
        for name, count in counted.items()
    ]  # fmt: skip
    return of_cells(
        found,
        where="III",
        question="Are the round numbers of images those of the release?",
        arithmetic="counted in Data_Entry_2017_v2020.csv; “approximately” is read as the nearest ten thousand",
    )


def labelled_images() -> Outcome:
    """II.B, III: what is left when images without a finding are removed."""
    printed = claimed("labelled_images", "images")
    left = labelled()
    nearest = left in printed.interval()
    return Outcome(
        verdict(nearest or left in printed.interval("truncated")),
        "II.B, III",
        "How many labelled images are left to train and test on?",
        printed=f"about {printed}",
        recomputed=f"{left:,}" + ("" if nearest else ", which the text cuts down to whole thousands"),
        arithmetic="images of the release with at least one finding; training and test images together",
        reading="a fifth of them is the test set, so fewer are trained on",
    )


def cited_f1() -> Outcome:
    """I: the F1 of radiologists and of CheXNet, as their source prints them."""
    source = loader.load(PAPER)["cited"]["chexnet"]
    found = [
        Cell(name, claimed("radiologists_against_chexnet", name).text, source[f"f1_{name}"],
             Printed(source[f"f1_{name}"]).exact == claimed("radiologists_against_chexnet", name).exact)
        for name in ("radiologists", "chexnet")
    ]  # fmt: skip
    return of_cells(
        found, where="I", question="Are the cited F1 scores those of the source?", arithmetic=source["source"]
    )


def network_depths() -> Outcome:
    """II.B: layers with weights."""
    vgg = sum(depth for depth, _ in layers.VGG16_BLOCKS) + layers.VGG16_DENSE
    cited = Printed(loader.load(PAPER)["cited"]["inception_v3"]["layers"])
    found = [
        Cell("VGG16", claimed("network_depths", "vgg16").text, str(vgg),
             vgg in claimed("network_depths", "vgg16").interval()),
        Cell("InceptionV3", claimed("network_depths", "inception_v3").text, cited.text,
             cited.exact == claimed("network_depths", "inception_v3").exact),
    ]  # fmt: skip
    return of_cells(
        found,
        where="II.B",
        question="Have the networks the printed depths?",
        arithmetic="VGG16: 13 convolutions and 3 dense layers; InceptionV3: as its own paper counts",
        reading="the dense layers of VGG16 are replaced by the head; “the last 4 layers” are the last 4 of its "
        "convolutional part, pooling included",
    )


def few_images() -> Outcome:
    """IV.A: the majority of findings has fewer images than said."""
    limit = claimed("few_images", "images")
    few = [finding for finding, count in class_sizes().items() if count < limit.value]
    return Outcome(
        verdict(len(few) > len(FINDINGS) / 2),
        "IV.A",
        "Have most findings fewer images than said?",
        printed=f"most findings fewer than {limit}",
        recomputed=f"{len(few)} of {len(FINDINGS)}",
        arithmetic="printed counts of I: " + ", ".join(map(title, few)),
    )


def never_positive_accuracy() -> Outcome:
    """IV.A: a model that never says yes is wrong on the positives alone."""
    incidence, accuracy = (claimed("accuracy_of_never_positive", name) for name in ("incidence", "accuracy"))
    return Outcome(
        verdict(1 - incidence.exact in accuracy.interval()),
        "IV.A",
        "How accurate is a model that never says yes?",
        printed=accuracy.text,
        recomputed=f"{float(1 - incidence.exact):.0%}",
        arithmetic=f"1 − {incidence}",
    )
