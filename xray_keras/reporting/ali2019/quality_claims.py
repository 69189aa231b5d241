"""What ali2019 says that InfoGAN needs, beside what the curves of these runs show and no more."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from xray_keras.datasets.findings import title
from xray_keras.papers import loader
from xray_keras.reporting.ali2019.gans import Quality, against, distance, learned
from xray_keras.reporting.document import Section
from xray_keras.reporting.runs import Run

CLAIMS = ("infogan_needs", "gan_epochs", "pneumonia_gan_fails")
_FAILED = "Pneumonia"

Found = Mapping[Path, Quality]


def section(runs: Sequence[Run], found: Found) -> Section:
    """A note a claim."""
    claims = loader.claims("ali2019")
    answers = {"infogan_needs": _needs, "gan_epochs": _epochs, "pneumonia_gan_fails": _pneumonia}
    notes = []
    for name in CLAIMS:
        claim = claims[name]
        values = ", ".join(f"{what.replace('_', ' ')} {printed}" for what, printed in claim.values.items())
        notes.append(
            f"**{claim.where}: {claim.statement} ({values}).** These runs: {answers[name](runs, found)}."
        )
    return Section(
        "The paper's claims beside these curves",
        "The paper judges by the naked eye whether images are recognisable; a KID says how far images are from "
        "radiographs in a network's eyes, not whether they are recognised. Fewer images, smaller ones and fewer "
        "epochs than the paper's decide nothing about its numbers.",
        notes=notes,
    )


def settled(found: Quality) -> int | None:
    """The first epoch from which on no KID is told apart from the last one; None where the last one alone is so."""
    *before, last = found["curve"]
    epoch = None
    for point in reversed(before):
        if against(point["kernel"], last["kernel"]) != "not told apart":
            break
        epoch = point["epoch"]
    return epoch


def standing(found: Quality) -> str:
    """Where the generated images lie among the yardsticks, by intervals."""
    own, yardsticks = found["generated"]["kernel"], found["yardsticks"]
    blurred = against(own, yardsticks["blurred"]["kernel"])
    text = {
        "lower": "nearer than blurred radiographs",
        "higher": "farther than blurred radiographs",
    }.get(blurred, "as far as blurred radiographs")
    if against(own, yardsticks["training"]["kernel"]) == "not told apart":
        text += ", not told apart from training images"
    if against(own, yardsticks["noise"]["kernel"]) != "lower":
        text += ", no better than noise"
    return text


def _needs(runs: Sequence[Run], found: Found) -> str:
    wanted = loader.claims("ali2019")["infogan_needs"].values
    enough = [
        run
        for run in runs
        if found[run.folder]["training"]["images"] >= wanted["images"].value
        and found[run.folder]["epochs"] >= wanted["epochs"].value
    ]
    most = max(found[run.folder]["training"]["images"] for run in runs)
    longest = max(found[run.folder]["epochs"] for run in runs)
    reach = (
        f"{len(enough)} of {len(runs)} runs have as many of both"
        if enough
        else f"no run has as many of both (at most {most:,} training images, {longest:,} epochs)"
    )
    return f"{reach}. " + "; ".join(f"{learned(run)}: {standing(found[run.folder])}" for run in runs)


def _epochs(runs: Sequence[Run], found: Found) -> str:
    texts = []
    for run in runs:
        each = found[run.folder]
        epoch = settled(each)
        change = f"not told apart from the last from epoch {epoch:,} on" if epoch else "still changing"
        first, last = each["curve"][0], each["curve"][-1]
        texts.append(
            f"{learned(run)}: KID {distance(first['kernel'])} after epoch {first['epoch']:,}, "
            f"{distance(last['kernel'])} after epoch {last['epoch']:,}, {change}"
        )
    return "; ".join(texts)


def _pneumonia(runs: Sequence[Run], found: Found) -> str:
    texts = []
    for run in runs:
        if run.config["model_options"]["finding"] != _FAILED:
            continue
        each = found[run.folder]
        texts.append(
            f"{title(_FAILED)}, {each['training']['images']:,} training images, {each['epochs']:,} epochs: KID "
            f"{distance(each['generated']['kernel'])}, {standing(each)}"
        )
    return "; ".join(texts) or "not run"
