"""COVID-Xray-5k: do the counts of its description add up (Section II, Table I)?"""

from fractions import Fraction

from xray_keras.audit.minaee2020.facts import (
    AUGMENTED,
    COVID,
    NON_COVID,
    PAPER,
    TEST,
    TRAINING,
    claimed,
    compared,
    counts,
    images,
    split_cells,
    table,
)
from xray_keras.audit.outcome import Cell, Outcome, of_cells, verdict
from xray_keras.papers import loader


def split_sizes() -> Outcome:
    """Images of training and test set (II) against Table I."""
    return of_cells(
        split_cells("split_sizes"),
        where="II, Table I",
        question="Does Table I add up to the sizes in the text?",
        arithmetic=f"{images(TRAINING, COVID)} + {images(TRAINING, NON_COVID)}; "
        f"{images(TEST, COVID)} + {images(TEST, NON_COVID)}",
    )


def source_counts() -> Outcome:
    """CT images and radiographs of the source, with and without COVID-19 (II)."""
    cells = []
    for claim in ("source_ct", "source_xray"):
        found = counts(claim)
        cells.append(compared(claim, claimed(claim, "images"), found["covid"] + found["other"]))
    return of_cells(
        cells,
        where="II",
        question="Do COVID-19 images and others add up to the images of the source?",
        arithmetic="COVID-19 + others = all",
    )


def covid_selection() -> Outcome:
    """Radiographs of the source, those kept, those of test and training set (II, Table I)."""
    claim = counts("covid_selection")
    return of_cells(
        [
            compared("kept", claimed("covid_selection", "kept"), claim["test"] + claim["training"]),
            compared("test", claimed("covid_selection", "test"), images(TEST, COVID)),
            compared("training", claimed("covid_selection", "training"), images(TRAINING, COVID)),
            Cell(
                "source", str(claim["source"]), f"at least {claim['kept']}", claim["kept"] <= claim["source"]
            ),
        ],
        where="II, Table I",
        question="Do the COVID-19 images of both sets add up to those that the radiologist kept?",
        arithmetic=f"{claim['test']} + {claim['training']} = {claim['kept']}; "
        f"{claim['source'] - claim['kept']} of {claim['source']} were left out",
    )


def augmented_images() -> Outcome:
    """COVID-19 training images after augmentation (II, Table I)."""
    after, before = images(TRAINING, AUGMENTED), images(TRAINING, COVID)
    text = counts("augmented_images")["images"]
    return Outcome(
        verdict(text == after and after % before == 0),
        "II, Table I",
        "Do text and table agree, in a whole number of copies of every image?",
        printed=str(text),
        recomputed=str(after),
        arithmetic=f"{after} / {before} = {after / before:g}",
        reading="the suite makes as many copies of every COVID-19 training image",
    )


def augmentation_factor() -> Outcome:
    """So many times as many samples (I) against the counts before and after (II, Table I)."""
    factor = claimed("augmentation_by_4", "factor")
    after, before = images(TRAINING, AUGMENTED), images(TRAINING, COVID)
    return Outcome(
        verdict(Fraction(after, before) in factor.interval()),
        "I, Table I",
        "Is the factor of the augmentation that of the counts?",
        printed=str(factor),
        recomputed=f"{after / before:g}",
        arithmetic=f"{after} / {before} = {after / before:g}, not {factor}, which would make "
        f"{factor.exact * before}; over-sampling these {after / (factor.value * before):g} times would make "
        "up the difference",
        reading="the suite takes the counts of Table I",
    )


def chexpert_size() -> Outcome:
    """Images, patients and categories of CheXpert (II) against its own publication."""
    cited, claim = loader.load(PAPER)["cited"]["chexpert"], loader.claims(PAPER)["chexpert_size"].values
    pairs = {"images": cited["images"], "patients": cited["patients"], "categories": cited["observations"]}
    return of_cells(
        [Cell(name, claim[name].text, text, claim[name].text == text) for name, text in pairs.items()],
        where="II",
        question="Are the counts of CheXpert those that its authors print?",
        arithmetic=cited["source"],
    )


def negatives() -> Outcome:
    """Images without finding and of every other category (II), together the categories of CheXpert."""
    categories, cells = claimed("chexpert_size", "categories"), []
    for split, name in ((TRAINING, "training_negatives"), (TEST, "test_negatives")):
        claim = counts(name)
        expected = claim["no_finding"] + claim["categories"] * claim["each"]
        cells.append(compared(f"{split}, text", claimed(name, "total"), expected))
        cells.append(compared(f"{split}, Table I", table("table1").number(split, NON_COVID), expected))
        cells.append(compared(f"{split}, categories", categories, claim["categories"] + 1))
    return of_cells(
        cells,
        where="II, Table I",
        question="Do the categories add up to the non-COVID images?",
        arithmetic="no finding + other categories × images of each; no finding is a category of its own",
        reading="the suite draws equally many images of each other category, also for the test set",
    )


def figure2_images() -> Outcome:
    """COVID-19, normal and other samples (II, Figure 2)."""
    claim = counts("figure2_images")
    total = claim["covid"] + claim["normal"] + claim["other"]
    return of_cells(
        [compared("samples", claimed("figure2_images", "images"), total)],
        where="II, Figure 2",
        question="Do the three groups add up to the sample images?",
        arithmetic=f"{claim['covid']} + {claim['normal']} + {claim['other']} = {total}",
    )
