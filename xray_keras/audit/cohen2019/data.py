"""Data sets of cohen2019: counts against their sums and against the releases."""

from fractions import Fraction

from xray_keras.audit.cohen2019.facts import PAPER, cited, cited_number, said
from xray_keras.audit.outcome import Cell, Outcome, of_cells, verdict
from xray_keras.papers import loader
from xray_keras.papers.printed import Printed


def _same(place: str, printed: Printed, other: Printed) -> Cell:
    return Cell(place, printed.text, other.text, printed.exact == other.exact)


def released_images() -> Outcome:
    """§1: about a hundred thousand images released."""
    printed = said("released_images", "images")
    leading = Fraction(10) ** (len(str(int(printed.exact))) - 1)
    releases = {name: cited_number(name, "images") for name in ("chestxray8", "chestxray14")}
    near = all(round(count.exact / leading) * leading == printed.exact for count in releases.values())
    strict = any(count.exact in printed.interval() for count in releases.values())
    return Outcome(
        verdict(near),
        "1",
        "Is the number of released images about what the text says?",
        printed.text,
        ", ".join(f"{count} ({name})" for name, count in releases.items()),
        f"to one leading digit; to the last printed digit it {'also holds' if strict else 'does not hold'}",
    )


def dataset_counts() -> Outcome:
    """§1.1: images, patients and labels against both releases."""
    names = ("images", "patients", "labels")
    early, release = (
        [_same(name, said("dataset_counts", name), cited_number(source, name)) for name in names]
        for source in ("chestxray8", "chestxray14")
    )
    agreeing = ", ".join(cell.place for cell in early if cell.agrees)
    return of_cells(
        release,
        where="1.1",
        question="Does one release of the data have the printed images, patients and labels?",
        arithmetic=f"against ChestX-ray14, whose labels the text lists; {agreeing} are those of ChestX-ray8, "
        f"which has {cited_number('chestxray8', 'labels')} labels",
        reading="the suite takes ChestX-ray14: it has the diseases of Table 1",
    )


def label_names() -> Outcome:
    """§1.1: the listed diseases against the printed number and the rows of Table 1."""
    listed = loader.load(PAPER)["datasets"]["chest_xray8"]["labels"]
    printed = said("label_names", "labels")
    rows = list(loader.table(PAPER, "table1").rows)
    return Outcome(
        verdict(len(set(listed)) == printed.exact and listed == rows),
        "1.1, Table 1",
        "Are as many diseases listed as said, and are they the rows of Table 1?",
        printed.text,
        str(len(set(listed))),
        f"names listed in the text; Table 1 has {'the same' if listed == rows else 'other'} rows",
    )


def pneumonia_sums() -> Outcome:
    """§1.1: bacterial + viral = pneumonia; pneumonia + normal = all."""
    images, pneumonia, bacterial, viral, normal = (
        said("pneumonia_sums", name) for name in ("images", "pneumonia", "bacterial", "viral", "normal")
    )
    sums = {"pneumonia": (pneumonia, bacterial, viral), "images": (images, pneumonia, normal)}
    cells = [
        Cell(name, total.text, f"{int(one.exact + two.exact):,}", total.exact == one.exact + two.exact)
        for name, (total, one, two) in sums.items()
    ]
    return of_cells(
        cells,
        where="1.1",
        question="Do the counts of the pneumonia data set add up?",
        arithmetic=f"{bacterial} + {viral} by germ; {pneumonia} + {normal} with and without pneumonia",
    )


def pneumonia_release() -> Outcome:
    """§1.1: the pneumonia images against the parts of the release."""
    training, test = (
        sum(int(Printed(count).exact) for count in cited("kermany")[part].values())
        for part in ("training", "test")
    )
    printed = said("pneumonia_release", "images")
    return Outcome(
        verdict(printed.exact == training + test),
        "1.1",
        "Is that the whole pneumonia data set?",
        printed.text,
        f"{training + test:,}",
        f"the release has {training:,} images for training and {test} for testing; "
        f"the text counts {'only the former' if printed.exact == training else 'neither part'}",
        reading="the suite evaluates on both parts: the paper trains on neither",
    )


def mura_counts() -> Outcome:
    """§1.1: MURA's images and studies against its own paper."""
    cells = [
        _same(name, said("mura_counts", name), cited_number("mura", name)) for name in ("images", "studies")
    ]
    return of_cells(
        cells,
        where="1.1",
        question="Are MURA's images and studies those that its authors print?",
        arithmetic="compared with the abstract of the MURA paper",
    )


def split_sums() -> Outcome:
    """§2: training, validation and test shares make a whole."""
    shares = loader.claims(PAPER)["split_sums"].values
    total = sum((share.exact for share in shares.values()), Fraction(0))
    return Outcome(
        verdict(total == 1),
        "2",
        "Do the shares of the split make a whole?",
        " + ".join(share.text for share in shares.values()),
        f"{float(100 * total):g}%",
        "their sum",
    )


def split_lists() -> Outcome:
    """§2: the image lists published with the weights against the printed shares and the release."""
    lists = {part: cited_number("chexnet_lists", part) for part in ("training", "validation", "test")}
    total = sum((count.exact for count in lists.values()), Fraction(0))
    shares = {part: said("split_as_chexnet", part) for part in lists}
    release = cited_number("chestxray14", "images")
    cells = [
        Cell(
            part,
            shares[part].text,
            f"{float(100 * count.exact / total):.3f}%",
            count.exact / total in shares[part].interval(),
        )
        for part, count in lists.items()
    ]
    return of_cells(
        cells,
        where="2",
        question="Do the image lists that come with the weights follow the printed split?",
        arithmetic=f"{' + '.join(count.text for count in lists.values())} = {int(total):,} images, "
        f"{'all' if total == release.exact else 'not all'} of ChestX-ray14's {release}",
        reading="the suite takes these lists where the reused weights are evaluated",
    )


def ali_split() -> Outcome:
    """§3.1: training and validation images of ALI against the data set's two counts."""
    training, validation = (said("ali_split", name) for name in ("training", "validation"))
    total = training.exact + validation.exact
    cells = [
        Cell(place, f"{int(total):,}", f"{count}, {int(count.exact - total):,} more", total == count.exact)
        for place, count in (
            ("images of the text", said("dataset_counts", "images")),
            ("images of the release", cited_number("chestxray14", "images")),
        )
    ]
    return of_cells(
        cells,
        where="3.1",
        question="Do the images that train and validate ALI make up the data set?",
        arithmetic=f"{training} + {validation} = {int(total):,}; what became of the others is not printed",
        reading="the suite trains ALI on the training part of its own split",
    )


def cifar_more_examples() -> Outcome:
    """§3.2: CIFAR said to have more examples than MURA and MNIST."""
    cifar = cited_number("cifar100", "images")
    parts = len(loader.load(PAPER)["datasets"]["mura"]["body_parts"])
    classes = {name: cited(name)["classes"] for name in ("cifar100", "mnist")}
    others = {"MURA": said("mura_counts", "images"), "MNIST": cited_number("mnist", "images")}
    cells = [
        Cell(f"than {name}", cifar.text, count.text, cifar.exact > count.exact)
        for name, count in others.items()
    ]
    return of_cells(
        cells,
        where="3.2",
        question="Has CIFAR-100 more examples than MURA and MNIST?",
        arithmetic=f"images of the releases; it has more classes: {classes['cifar100']}, against {parts} "
        f"parts of the body and {classes['mnist']} digits",
    )
