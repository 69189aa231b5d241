"""Which test sets the cells of ali2019's Table II betray, and which confusion matrices; none is printed."""

import functools
import math

from xray_keras.audit import arithmetic, confusion
from xray_keras.audit.ali2019.comparisons import BASE, INCEPTION, VGG
from xray_keras.audit.ali2019.facts import PAPER, cells, row
from xray_keras.audit.outcome import Cell, Outcome, of_cells, verdict
from xray_keras.datasets.findings import FINDINGS
from xray_keras.datasets.label_sets import label_sets
from xray_keras.papers import loader
from xray_keras.papers.printed import ROUNDED, TRUNCATED

MODELS = (VGG, INCEPTION, BASE)
TEST_SHARE = 5  # one image in five is tested on: the only split whose size fits, see `one_test_set`
_SEARCHED = 120  # sizes to either side of a candidate that are tried as well


def labelled() -> int:
    """Images of the release with a finding."""
    sets, images = label_sets()
    return int(images[sets.any(axis=1)].sum())


@functools.cache
def test_size(model: str) -> tuple[int, str, int]:
    """The size of the test set on which most of a model's cells have a matrix, how they print, and on how many.

    Tried: one fifth of the labelled images, rounded up; the same cut to whole batches of the largest printed size;
    and the sizes around both, so that the answer is found and not assumed.
    """
    fifth = math.ceil(labelled() / TEST_SHARE)
    batch = max(loader.load(PAPER)["settings"]["binary_cnn"]["batch_size"])
    tried = {n + step for n in (fifth, fifth // batch * batch) for step in range(-_SEARCHED, _SEARCHED + 1)}
    best = (0, ROUNDED, -1)
    # Candidates first: what fits well excludes the sizes around it cheaply.
    for n in sorted(tried, key=lambda n: min(abs(n - fifth), abs(n - fifth // batch * batch))):
        for printing in (ROUNDED, TRUNCATED):
            # An accuracy that no count of n prints excludes a cell at once: most sizes fall here.
            most = sum(
                bool(arithmetic.counts_printing(accuracy, n, printing))
                for accuracy in cells(model, "Accuracy").values()
            )
            if most > best[2] and (fitting := fits(model, n, printing)) > best[2]:
                best = (n, printing, fitting)
    return best


def fits(model: str, n: int, printing: str, table: str = "table2") -> int:
    """On how many findings some matrix of n images prints as the model's cells."""
    findings = loader.table(PAPER, table).columns
    return sum(confusion.possible(row(model, finding, table), n, printing=printing) for finding in findings)


@functools.cache
def matrices(model: str) -> dict[str, confusion.Solutions]:
    """Every confusion matrix that a model's cells allow on its test set."""
    n, printing, _ = test_size(model)
    return {finding: confusion.solve(row(model, finding), n, printing=printing) for finding in FINDINGS}


def confusion_matrices() -> Outcome:
    """Table II: accuracy, recall, precision and F1 of each cell belong to one integer confusion matrix."""
    found = []
    for model in MODELS:
        n = test_size(model)[0]
        for finding, solutions in matrices(model).items():
            if solutions.count == 0:
                text = f"no matrix of {n:,} prints {' and '.join(solutions.conflict)}"
            elif solutions.count == 1:
                text = f"{next(iter(solutions))}"
            else:
                text = f"{solutions.count:,} matrices"
            printed = ", ".join(f"{name} {value}" for name, value in row(model, finding).items())
            found.append(Cell(f"{model}, {finding}", printed, text, solutions.count > 0))
    return of_cells(
        found,
        where="Table II",
        question="Does each model's row for a finding come from one confusion matrix?",
        arithmetic="all integer matrices of the recovered test set searched; "
        + "; ".join(f"{model} n = {test_size(model)[0]:,}, {test_size(model)[1]}" for model in MODELS),
        reading="the suite prints every metric from one matrix, and its counts stand beside it",
    )


def one_test_set() -> Outcome:
    """Table II: which test set do the cells betray? The text prints none (III)."""
    sizes = {model: test_size(model) for model in MODELS}
    gan = {
        row_name: fits(row_name, sizes[BASE][0], sizes[BASE][1], "table3")
        for row_name in loader.table(PAPER, "table3").rows
    }
    shown = "; ".join(
        f"{model}: {n:,} images, {fitting} of {len(FINDINGS)} findings ({printing})"
        for model, (n, printing, fitting) in sizes.items()
    )
    gan_shown = "; ".join(
        f"Table III {name}: {count} of {len(loader.table('ali2019', 'table3').columns)} at {sizes[BASE][0]:,}"
        for name, count in gan.items()
    )
    one = len({n for n, _, _ in sizes.values()}) == 1
    batch = max(loader.load(PAPER)["settings"]["binary_cnn"]["batch_size"])
    return Outcome(
        verdict(one),
        "Table II",
        "Do the three models of Table II stand on one test set?",
        printed="split and test set not printed",
        recomputed=f"{shown}; {gan_shown}",
        arithmetic=f"{labelled():,} labelled images / {TEST_SHARE} = "
        f"{math.ceil(labelled() / TEST_SHARE):,}, rounded up; whole batches of {batch} of it = "
        f"{sizes[BASE][0]:,}; every size within {_SEARCHED} of these was tried",
        reading="80/20; VARIANT=paper splits by image as these counts suggest, the default by patient; "
        "all models share one test set",
    )


def positives_fit_a_random_split() -> Outcome:
    """Table II: the recovered positives are those of a random fifth of the labelled images."""
    sets, images = label_sets()
    total = labelled()
    found = []
    for k, finding in enumerate(FINDINGS):
        n, _, _ = test_size(VGG)
        counts = sorted({int(p) for p in matrices(VGG)[finding].positives})
        share = int(images[sets[:, k] == 1].sum()) / total
        sd = math.sqrt(n * share * (1 - share) * (total - n) / (total - 1))
        z = min(((p - n * share) / sd for p in counts), key=abs, default=math.inf)
        text = (
            f"{counts[0]:,}" if len(counts) == 1 else f"{counts[0]:,} to {counts[-1]:,}" if counts else "none"
        )
        found.append(Cell(finding, text, f"{n * share:,.1f} ± {sd:.1f} expected, z = {z:+.1f}", abs(z) < 3.5))
    return of_cells(
        found,
        where="Table II",
        question="Are the recovered positives those of a random fifth of the labelled images?",
        arithmetic=f"hypergeometric: {test_size(VGG)[0]:,} of {total:,} images drawn without replacement; a split by "
        "patient would scatter more, as a patient's images share findings",
        reading="VARIANT=paper: 80/20 by image",
    )
