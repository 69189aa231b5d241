"""Figures, preprocessing and runtimes of cohen2019."""

from fractions import Fraction

from xray_keras.audit.cohen2019.facts import PAPER, cited, cited_number, said, setting
from xray_keras.audit.outcome import Cell, Outcome, of_cells, verdict
from xray_keras.papers import loader


def figure_references() -> Outcome:
    """§1 to §5: each figure that the text points to against the artefact that shows the subject."""
    references = setting("cross_references")["list"]
    facts = loader.load(PAPER)
    pointed = {reference["points_to"] for reference in references}
    unused = [name for name in (*facts["tables"], *facts["figures"]) if name not in pointed]
    cells = [
        Cell(
            f"{reference['where']} {reference['subject']}",
            reference["points_to"],
            reference["shown_in"],
            reference["points_to"] == reference["shown_in"],
        )
        for reference in references
    ]
    return of_cells(
        cells,
        where="1 to 5",
        question="Does every figure that the text points to show what it says?",
        arithmetic=f"captions against the text; never pointed to: {', '.join(unused) or 'none'}",
        reading="the suite answers the comparison with CheXNet by Table 1",
    )


def figure8_subject() -> Outcome:
    """§4, Figure 8: one disease (text) or all (caption)."""
    text = setting("explanation")["figure8_text"]
    caption = said("figure8_subject", "diseases")
    return Outcome(
        verdict(len(text) == caption.exact),
        "4, Figure 8",
        "Do text and caption of Figure 8 explain the same diseases?",
        f"{caption} diseases (caption)",
        f"{len(text)}: {', '.join(text)} (text)",
        "Equation 3 sums over all outputs; a map by Equation 4 belongs to one class",
        reading="the suite draws Equation 3 for all diseases and Equation 4 for Cardiomegaly",
    )


def preprocessing_differences() -> Outcome:
    """§5, Figure 9: the largest and the mean difference of predictions."""
    images, largest, mean = (
        said("preprocessing_differences", name) for name in ("images", "largest", "mean")
    )
    diseases = len(loader.load(PAPER)["datasets"]["chest_xray8"]["labels"])
    count = images.exact * diseases
    least = largest.exact / count  # mean where all but one prediction agree
    share = mean.exact / largest.exact  # Markov: no more can reach the largest
    return Outcome(
        verdict(least <= mean.interval().high and mean.interval().low <= largest.interval().high),
        "5, Figure 9",
        "Can the largest and the mean difference belong to the same predictions?",
        f"up to {largest}, mean {mean}",
        f"mean between {float(100 * least):.2g}% and {largest}",
        f"{images} images × {diseases} diseases = {count} predictions, of which at most "
        f"{float(100 * share):g}% can differ by the largest",
        reading="the suite takes the mean as that of absolute differences: it is printed with ±",
    )


def no_stretching() -> Outcome:
    """§5.1: scaled and cropped images against the released page."""
    printed = setting("web")["resize"]
    cells = [
        Cell(
            model,
            printed,
            cited("chester_code")[f"{model}_resize"],
            cited("chester_code")[f"{model}_resize"] == printed,
        )
        for model in ("classifier", "autoencoder")
    ]
    return of_cells(
        cells,
        where="5.1",
        question="Does the released page scale and crop for both models?",
        arithmetic="compared with the released code",
        reading="variant paper crops for both models, variant code stretches the autoencoder's input",
    )


def runtimes() -> Outcome:
    """§5.2: the printed times against each other and against reverse-mode differentiation."""
    load, predict, explain = (said("runtimes", name) for name in ("load", "predict", "explain"))
    assert load.spread and predict.spread and explain.spread
    bound = cited_number("cheap_gradient", "evaluations")
    least: Fraction = (explain.exact - explain.spread.exact) / (predict.exact + predict.spread.exact)
    total = float(load.exact + predict.exact + explain.exact)
    spread = float(sum(time.spread.exact**2 for time in (load, predict, explain) if time.spread)) ** 0.5
    return Outcome(
        verdict(least > bound.exact),
        "5.2",
        "Do gradients by tf.grad take longer than an optimised gradient graph would?",
        f"{explain} s against {predict} s",
        f"{float(explain.exact / predict.exact):.1f} times as long, {float(least):.1f} at the near ends of ±",
        f"reverse mode costs at most {bound} evaluations (Griewank); the prediction even includes ALI. "
        f"Opening, predicting and explaining take {total:.1f} ± {spread:.1f} s together",
        reading="the suite exports the gradient as a graph of its own",
    )
