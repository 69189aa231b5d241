"""The size of COVID-Xray-5k as abstract, introduction and conclusion have it, against Table I."""

from xray_keras.audit.minaee2020.facts import (
    COVID,
    NON_COVID,
    PAPER,
    TEST,
    TRAINING,
    all_images,
    claimed,
    compared,
    images,
    leading,
    split_cells,
)
from xray_keras.audit.outcome import Cell, Outcome, of_cells, verdict
from xray_keras.papers import loader


def dataset_size() -> Outcome:
    """Around so many images in all (Abstract, I, V)."""
    total = all_images(TRAINING) + all_images(TEST)
    texts = loader.claims(PAPER)["dataset_size"].values
    return of_cells(
        [Cell(name, text.text, str(total), total in leading(text)) for name, text in texts.items()],
        where="Abstract, I, V",
        question="Does the data set hold about as many images as the text says?",
        arithmetic=f"{all_images(TRAINING)} + {all_images(TEST)} = {total} before augmentation; "
        "read as rounded to a thousand",
        reading="the suite takes the counts of Table I",
    )


def abstract_split() -> Outcome:
    """So many images train and the remaining ones test (Abstract, I)."""
    return of_cells(
        split_cells("abstract_split"),
        where="Abstract, I",
        question="Are the sizes of training and test set in the abstract those of Section II?",
        arithmetic=f"the abstract leaves out the COVID-19 images: {images(TRAINING, NON_COVID)} + "
        f"{images(TRAINING, COVID)} and {images(TEST, NON_COVID)} + {images(TEST, COVID)}; rounded to "
        "a thousand both would agree",
        reading="the suite takes the counts of Table I",
    )


def small_test_class() -> Outcome:
    """Positives and negatives of the test set (IV.E)."""
    return of_cells(
        [
            compared(COVID, claimed("test_positives", "images"), images(TEST, COVID)),
            compared(NON_COVID, claimed("test_negatives_about_3000", "images"), images(TEST, NON_COVID)),
        ],
        where="IV.E, Table I",
        question="Are the class counts behind the intervals those of Table I?",
        arithmetic="compared cell by cell",
    )


def fewer_than_100_covid() -> Outcome:
    """Fewer COVID-19 images than a bound (V)."""
    bound, total = claimed("fewer_than_100_covid", "bound"), images(TRAINING, COVID) + images(TEST, COVID)
    return Outcome(
        verdict(total < bound.exact),
        "V",
        "Are there fewer COVID-19 images?",
        printed=f"fewer than {bound}",
        recomputed=str(total),
        arithmetic=f"{images(TRAINING, COVID)} + {images(TEST, COVID)} = {total}",
    )


def more_than_5000_non_covid() -> Outcome:
    """More non-COVID images than a bound (V)."""
    bound = claimed("more_than_5000_non_covid", "bound")
    total = images(TRAINING, NON_COVID) + images(TEST, NON_COVID)
    return Outcome(
        verdict(total > bound.exact),
        "V",
        "Are there more non-COVID images?",
        printed=f"more than {bound}",
        recomputed=str(total),
        arithmetic=f"{images(TRAINING, NON_COVID)} + {images(TEST, NON_COVID)} = {total}; "
        f"with COVID-19 images {all_images(TRAINING) + all_images(TEST)}",
    )
