"""Who learns from whom: the laboratory's data, its split, and its runs."""

from collections.abc import Iterator

from xray_keras.reporting.document import Section
from xray_keras.reporting.gan_notes import found as names
from xray_keras.reporting.gan_notes.found import Found
from xray_keras.reporting.runs import Run

SHARE_WORDS = {
    "all": "all training patients",
    "quarter": "a quarter of them",
    "sixteenth": "a sixteenth of them",
}


def section(found: Found) -> Section:
    """A line a run: what it is, from whom it learns, with which settings."""
    parts = names.json(found.generators[names.ALL], "privacy.json")
    people = "; ".join(
        f"{words}: {parts[part]['images']:,} images of {parts[part]['patients']:,} patients"
        for part, words in (("training", "training"), ("validation", "validation"), ("held_out", "test"))
    )
    text = (
        "One population, split once by patient. **Training patients** are the generators' and the classifiers', who "
        "learn from the same share of them. **Validation patients** are the attacker's, who learns from them how to "
        "know people again; they also choose classifiers' thresholds and teach the screen its own. **Test patients** "
        f"are held out from everything; by them classifiers and images are judged. Patients here: {people}."
    )
    columns = ["Run", "what it is", "learns from", "images learned from", "px", "epochs", "seeds"]
    return Section("How the laboratory is set up", text, columns, list(_lines(found)))


def _lines(found: Found) -> Iterator[list[str]]:
    for share, run in found.generators.items():
        kind = "InfoGAN, labels as codes"
        count = f"{names.json(run, 'quality.json')['training']['images']:,}"
        yield _line(run, kind, SHARE_WORDS[share], count, str(run.config["seed"]))
    for share, each in found.classifiers.items():
        seeds = ", ".join(map(str, each.evaluated["arms"][names.REAL]["seeds"]))
        arms = f"{len(each.contents)} arms of classifiers"
        yield _line(each.run, arms, SHARE_WORDS[share], f"{each.real:,}", seeds)
    identity = found.identity
    count = f"of {identity.environment['data']['images']['validation']:,}"
    whom = "validation patients with several images"
    yield _line(identity, "embedding of identity", whom, count, str(identity.config["seed"]))


def _line(run: Run, kind: str, whom: str, images: str, seeds: str) -> list[str]:
    return [
        run.folder.name,
        kind,
        whom,
        images,
        str(run.config["size"]),
        f"{run.history['epoch'].max():,}",
        seeds,
    ]
