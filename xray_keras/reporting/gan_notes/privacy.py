"""The privacy audit: nearness in three spaces, membership, the screen, and re-identification before and after it."""

from collections.abc import Mapping
from typing import Any

from matplotlib import pyplot as plt

from xray_keras.evaluation.comparisons import holm
from xray_keras.reporting import drawing
from xray_keras.reporting.document import Picture, Section
from xray_keras.reporting.gan_notes.audits import SPACES, STATES, Audit, generator
from xray_keras.reporting.gan_notes.figures import Canvas, legend, series
from xray_keras.reporting.gan_notes.found import ALL, SCARCE
from xray_keras.reporting.gan_notes.numbers import Answer, Part, chance, line, percent, plus, text
from xray_keras.reporting.verdicts import above, every, reading

NAME = "privacy"
KNOWN = {
    "rank_one": "known again",
    "verification": "verification AUC",
    "same_view": "verification AUC, one view",
}


def part(audits: Mapping[str, Audit], canvas: Canvas) -> Part:
    """Sections "nearness", "screen" and "re-identification", their lines, and the answers."""
    tidy: list[dict[str, Any]] = []
    for share, audit in audits.items():
        count, people = audit["generated"]["images"], 2 * audit["references"]
        for space, found in audit["spaces"].items():
            near = found["nearer"]
            tidy.append(
                line(NAME, space, "nearer to training", near["share"], share=share, p=near["p"], n=count)
            )
            tidy.append(line(NAME, space, "membership AUC", found["membership"], share=share, n=people))
        for of in ("generated", "held_out"):
            seen = audit["screen"][of]
            tidy.append(line(NAME, of, "flagged by the screen", seen["share"], share=share, n=seen["images"]))
        for measure, words in KNOWN.items():
            cell = audit["identity"][measure]
            tidy.append(line(NAME, "identity", words, cell, share=share, n=audit["identity"]["looked_up"]))
        for state, matched in audit["reidentification"].items():
            if state in STATES:
                for side in ("training", "held_out", "difference"):
                    p = matched["p"] if side == "difference" else None
                    metric = f"matched by identity, {side.replace('_', '-')}"
                    tidy.append(
                        line(
                            NAME,
                            STATES[state],
                            metric,
                            matched[side],
                            share=share,
                            p=p,
                            n=audit["references"],
                        )
                    )
    sections = [_nearness(audits, canvas), _screen(audits), _matched(audits)]
    return Part(sections, tidy, _answers(audits))


def _nearness(audits: Mapping[str, Audit], canvas: Canvas) -> Section:
    keys = [(share, space) for share in audits for space in SPACES]
    found = [audits[share]["spaces"][space] for share, space in keys]
    corrected = holm([each["nearer"]["p"] for each in found])
    lines = [
        [
            generator(share, audits[share]),
            SPACES[space],
            percent(each["nearer"]["share"]),
            chance(each["nearer"]["p"]),
            chance(p),
            f"{each['nearer']['ties']:,}",
            text(each["membership"]),
        ]
        for (share, space), each, p in zip(keys, found, corrected, strict=True)
    ]
    any_ = next(iter(audits.values()))
    return Section(
        "Privacy audit: are generated images nearer to training patients?",
        f"{any_['generated']['images']:,} generated images of each generator. The share whose nearest reference is a "
        "training patient, of equally many training and held-out patients with one image each; without leak it is one "
        "half. p by dealing the sides anew, Holm's correction over the table. Membership: AUC of telling training from "
        "held-out patients by the distance to the nearest generated image; without leak one half. An attacker who has "
        "the generator itself may do better.",
        ["Generator", "space", "nearer to training", "p", "p (Holm)", "ties", "membership AUC"],
        lines,
        picture=_figure(audits, canvas),
    )


def _figure(audits: Mapping[str, Audit], canvas: Canvas) -> Picture:
    figure, panels = plt.subplots(1, 2, figsize=(drawing.WIDTH, 3.3), sharey=True)
    told = []
    at = range(len(audits))
    for panel, (title, pick) in zip(
        panels,
        (
            ("share nearer to training", lambda found: found["nearer"]["share"]),
            ("membership inference, AUC", lambda found: found["membership"]),
        ),
        strict=True,
    ):
        cells = {
            words: [pick(audit["spaces"][space]) for audit in audits.values()]
            for space, words in SPACES.items()
        }
        series(panel, list(at), cells, dodge=0.12)
        for container in panel.containers:
            container.lines[0].set_linestyle("none")
        panel.axhline(0.5, color="gray", linestyle=":", label="no leak")
        panel.set_xticks(list(at), [generator(*item).replace(", ", ",\n") for item in audits.items()])
        panel.set(
            ylabel=title, xlabel="training images of the generator (number)", xlim=(-0.5, len(audits) - 0.5)
        )
        panel.yaxis.set_tick_params(labelleft=True)
        told += [
            f"{title}, {words}: "
            + ", ".join(
                f"{generator(*item)} {text(cell)}" for item, cell in zip(audits.items(), points, strict=True)
            )
            + "."
            for words, points in cells.items()
        ]
    legend(panels[-1])
    alt = "What leaks of each generator in three spaces; one half is no leak. " + " ".join(told)
    return canvas.save(figure, NAME, "Nearness and membership", alt)


def _screen(audits: Mapping[str, Audit]) -> Section:
    lines = []
    for share, audit in audits.items():
        screen = audit["screen"]
        counts = [f"{screen[of]['flagged']:,} / {screen[of]['images']:,}" for of in ("generated", "held_out")]
        shares = [percent(screen[of]["share"]) for of in ("generated", "held_out")]
        rate = f"{100 * screen['error_rate']:.1f} % ({screen['patients']:,})"
        lines.append([generator(share, audit), rate, counts[0], shares[0], counts[1], shares[1]])
    columns = ["Generator", "stated error rate (patients behind it)", "generated, flagged", "share"]
    return Section(
        "The screen for near copies",
        "The rule of `xray-keras screen`: its threshold is taught by validation patients, and a held-out patient's "
        "image may be flagged at the stated rate. What exceeds that rate among generated images is copying.",
        [*columns, "held-out, flagged", "share"],
        lines,
    )


def _matched(audits: Mapping[str, Audit]) -> Section:
    lines = []
    for share, audit in audits.items():
        for state, words in STATES.items():
            matched = audit["reidentification"][state]
            cells = [percent(matched[side]) for side in ("training", "held_out")]
            lines.append(
                [generator(share, audit), words, *cells, plus(matched["difference"]), chance(matched["p"])]
            )
    one = audits[SCARCE]
    stated, known = one["reidentification"], one["identity"]
    guess = "" if known["chance"] is None else f" (a blind guess: {100 * known['chance']:.1f} %)"
    return Section(
        "Re-identification, before and after the screen",
        "A patient is matched where some generated image, or its mirror image, lies nearer to his radiograph than the "
        f"threshold that a stranger passes with a chance of {100 * stated['chance']:.1f} %, by an embedding of "
        "identity. What learning from somebody adds is the difference to equally many held-out patients. The embedding "
        f"knows {percent(known['rank_one'])} of unseen test patients again among {known['gallery']:,} images{guess}, "
        f"and tells pairs apart with an AUC of {text(known['verification'])}, pairs of one view "
        f"{text(known['same_view'])}: no attack by it is stronger than that.",
        ["Generator", "images", "training matched", "held-out matched", "difference", "p"],
        lines,
    )


def _answers(audits: Mapping[str, Audit]) -> list[Answer]:
    answers = []
    for share in (ALL, SCARCE):
        one = audits[share]
        near = {words: one["spaces"][space]["nearer"]["share"] for space, words in SPACES.items()}
        leak = every(above(each, 0.5) for each in near.values())
        told = "; ".join(f"{words} {percent(each)}" for words, each in near.items())
        question = f"A generator of {generator(share, one)}: are its images nearer to its patients than to strangers?"
        answers.append(
            Answer(question, reading(leak, "yes, in every space", "no, farther in some space"), told)
        )
        before, after = (one["reidentification"][state]["difference"] for state in STATES)
        told = f"{plus(before)} of the patients; after the screen {plus(after)}"
        question = f"A generator of {generator(share, one)}: are its patients known in its images, more than strangers?"
        answers.append(Answer(question, reading(above(before), "yes", "no, less"), told))
    return answers
