"""The audit's positive control, copies hidden among generated images; and the generated images nearest to patients."""

from collections.abc import Mapping

from xray_keras.reporting.document import Section
from xray_keras.reporting.gan_notes import found as names
from xray_keras.reporting.gan_notes.audits import KINDS, Audit, generator
from xray_keras.reporting.gan_notes.figures import Canvas, Tile, grid
from xray_keras.reporting.gan_notes.found import ALL, SCARCE, Found
from xray_keras.reporting.gan_notes.numbers import Answer, Part, line, plain

NAME = "planted copies"
FILE = "neighbours.npz"


def part(found: Found, audits: Mapping[str, Audit], canvas: Canvas) -> Part:
    """Sections "planted copies" and "nearest images", their lines, and whether every copy was flagged."""
    lines, tidy = [], []
    planted = flagged = 0
    for share, audit in audits.items():
        for kind, counts in audit["control"]["kinds"].items():
            lines.append(
                [
                    generator(share, audit),
                    KINDS[kind],
                    *(f"{counts[key]:,}" for key in ("planted", "flagged", "found")),
                ]
            )
            caught = plain(counts["flagged"] / counts["planted"])
            tidy.append(line(NAME, kind, "flagged", caught, share=share, n=counts["planted"]))
            planted, flagged = planted + counts["planted"], flagged + counts["flagged"]
        for state, number in audit["control"]["matched"].items():
            matched = plain(number / audit["control"]["patients"])
            tidy.append(line(NAME, state, "matched", matched, share=share, n=audit["control"]["patients"]))
    known = "; ".join(
        f"{generator(share, audit)}: {matched['without']} without copies, {matched['with']} with them, "
        f"{matched['screened']} after the screen, of {audit['control']['patients']}"
        for share, audit in audits.items()
        for matched in [audit["control"]["matched"]]
    )
    control = Section(
        "Copies hidden among the generated images",
        "A screen and an attack that find nothing prove nothing unless they find what is there: radiographs of "
        f"training patients in four disguises, hidden among the generated images. Those patients matched: {known}.",
        ["Generator", "disguise", "planted", "flagged", "with the right original"],
        lines,
    )
    answer = Answer(
        "Does the screen find copies of training images that are hidden among generated ones?",
        "every one" if flagged == planted else "not every one",
        f"{flagged:,} of {planted:,} flagged",
    )
    shown = _nearest(found, audits, canvas)
    tidy += [row for share, run in found.generators.items() for row in _lines(share, names.arrays(run, FILE))]
    return Part([control, shown], tidy, [answer])


def _lines(share: str, pairs: Mapping) -> list[dict]:
    return [
        line(
            "nearest images",
            f"row {row}",
            f"distance to {side.replace('_', '-')}",
            plain(float(value)),
            share=share,
        )
        for side in ("training", "held_out")
        for row, value in zip(pairs["row"], pairs[f"to_{side}"], strict=True)
    ]


def _nearest(found: Found, audits: Mapping[str, Audit], canvas: Canvas) -> Section:
    heading = "Generated images beside their nearest neighbours"
    rule = (
        "Of all generated images, those nearest to a training image by the screen's distance, nearest first"
    )
    lines = []
    for share, run in found.generators.items():
        pairs = names.arrays(run, FILE)
        numbers = zip(pairs["to_training"], pairs["to_held_out"], pairs["flagged"], strict=True)
        texts = [f"{own:.2f} / {other:.2f}{' flagged' if hit else ''}" for own, other, hit in numbers]
        lines.append([generator(share, audits[share]), ", ".join(texts)])
    columns = ["Generator", "distance to training / held-out"]
    if not found.drawn:
        kept = ", ".join(f"`{run.folder.name}/{FILE}`" for run in found.generators.values())
        text = (
            f"{rule}. Pictures of patients are not copied into this repository, and a generated picture may be a near "
            f"copy of one; they lie in the runs' folders, in {kept}."
        )
        return Section(heading, text, columns, lines)
    rows, told = [], []
    for share in (ALL, SCARCE):
        pairs = names.arrays(found.generators[share], FILE)
        words = generator(share, audits[share])
        for side, label in (
            ("training", "nearest training"),
            ("generated", f"generated,\n{words}"),
            ("held_out", "nearest held-out"),
        ):
            distance = pairs.get(f"to_{side}")
            tiles = [
                Tile(
                    image,
                    "" if distance is None else f"{distance[k]:.2f}",
                    side == "generated" and bool(pairs["flagged"][k]),
                )
                for k, image in enumerate(pairs[side])
            ]
            rows.append((label, tiles))
        told.append(f"{words}: {', '.join(next(line[1] for line in lines if line[0] == words).split(', '))}.")
    alt = "Rows of generated radiographs between their nearest training and held-out ones. " + " ".join(told)
    picture = canvas.save(grid(rows), "neighbours", "Generated images and their nearest neighbours", alt)
    return Section(
        heading, f"{rule}; distances stand above, flagged ones are framed.", columns, lines, picture=picture
    )
