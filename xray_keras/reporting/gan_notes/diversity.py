"""Do generated images vary as real ones do, and how does that depend on the number of training images?"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from matplotlib import pyplot as plt
from matplotlib.ticker import FixedLocator, NullLocator

from xray_keras.reporting import drawing
from xray_keras.reporting.ali2019.gans import NEVER, distance
from xray_keras.reporting.document import Picture, Section
from xray_keras.reporting.gan_notes import found as names
from xray_keras.reporting.gan_notes import tilt, variety
from xray_keras.reporting.gan_notes.figures import Canvas, legend, series
from xray_keras.reporting.gan_notes.found import ALL, SCARCE, Found
from xray_keras.reporting.gan_notes.numbers import Answer, Part, line, percent, plain, text
from xray_keras.reporting.gan_notes.tilt import Turned
from xray_keras.reporting.gan_notes.variety import Variety
from xray_keras.reporting.verdicts import apart, reading

NAME = "diversity"


class Measured(NamedTuple):
    """A generator: quality.json, what its pictures' pixels tell, and `spread` of history.csv after its last epoch."""

    quality: Mapping[str, Any]
    variety: Variety
    turned: Turned
    spread: float


def measure(found: Found) -> dict[str, Measured]:
    """Share of the patients → what is known of its generator's images.

    Raises:
        UserError: a file of a run is absent or damaged.
    """
    measured = {}
    for share, run in found.generators.items():
        pictures = names.arrays(run, "samples.npz")
        pair = pictures["image"][-1], pictures["real"]
        spread = float(run.history["spread"].iloc[-1])
        measured[share] = Measured(
            names.json(run, "quality.json"), variety.measure(*pair), tilt.measure(*pair), spread
        )
    return measured


def part(measured: Mapping[str, Measured], canvas: Canvas) -> Part:
    """Two sections, their lines, and whether fewer images make generated ones less diverse."""
    tidy = []
    for share, (quality, varied, turned, spread) in measured.items():
        count = quality["images"]
        for of, measures in (
            ("generated", quality["generated"]),
            ("training", quality["yardsticks"]["training"]),
        ):
            for metric, key in (("recall", "recall"), ("precision", "precision"), ("KID", "kernel")):
                tidy.append(line(NAME, of, metric, measures[key], share=share, n=count))
        for of, cell in varied._asdict().items():
            tidy.append(line(NAME, of, "root mean square difference", cell, share=share))
        for of, cell in (("generated", turned.generated), ("real", turned.real)):
            tidy.append(line(NAME, of, f"turned by {tilt.TURNED:g} degrees or more", cell, share=share))
        tidy.append(line(NAME, "generated", "variance over that of real images", plain(spread), share=share))
        tidy.append(
            line(NAME, "generator", "training images", plain(quality["training"]["images"]), share=share)
        )
    sections = [_manifold(measured, _figure(measured, canvas)), _between(measured)]
    few, many = (measured[share].quality for share in (SCARCE, ALL))
    verdict = apart(many["generated"]["kernel"], few["generated"]["kernel"])
    answer = Answer(
        f"Is a generator that learned from more images ({many['training']['images']:,}, not "
        f"{few['training']['images']:,}) nearer to the test images?",
        reading(verdict, "no, farther", "yes"),
        f"KID {distance(many['generated']['kernel'])}, not {distance(few['generated']['kernel'])}",
    )
    return Part(sections, tidy, [answer])


def _figure(measured: Mapping[str, Measured], canvas: Canvas) -> Picture:
    every = [each.quality for each in measured.values()]
    at = [quality["training"]["images"] for quality in every]
    figure, panels = plt.subplots(1, 2, figsize=(drawing.WIDTH, 3.3))
    told = []
    for panel, (key, label, words) in zip(
        panels,
        (("recall", "recall (share of test images)", text), ("kernel", "KID against test images", distance)),
        strict=True,
    ):
        cells = {
            "generated": [quality["generated"][key] for quality in every],
            "training images": [quality["yardsticks"]["training"][key] for quality in every],
        }
        series(panel, at, cells, factor=1.03)
        panel.set(xscale="log", xlabel="training images of the generator (number)", ylabel=label)
        panel.xaxis.set_major_locator(FixedLocator(at))
        panel.xaxis.set_major_formatter("{x:,.0f}")
        panel.xaxis.set_minor_locator(NullLocator())
        told += [
            f"{count:,} training images, {'KID' if key == 'kernel' else key}: generated {words(own)}, as many "
            f"training images {words(real)}."
            for count, own, real in zip(at, *cells.values(), strict=True)
        ]
    legend(panels[-1])
    alt = "Recall and KID against the number of training images. " + " ".join(told)
    return canvas.save(figure, NAME, "Diversity against training-set size", alt)


def _manifold(measured: Mapping[str, Measured], picture: Picture) -> Section:
    lines = []
    for quality, *_ in measured.values():
        own, real = quality["generated"], quality["yardsticks"]["training"]
        counts = [f"{quality['training']['images']:,}", f"{quality['epochs']:,}", f"{quality['images']:,}"]
        shares = [text(each[key]) for key in ("recall", "precision") for each in (own, real)]
        lines.append([*counts, *shares])
    columns = ["Training images", "epochs", "images a side"]
    columns += [f"{name}, {of}" for name in ("recall", "precision") for of in ("generated", "training")]
    network = next(iter(measured.values())).quality["network"]
    return Section(
        "Diversity against training-set size",
        "Recall: the share of test images that some generated image is like; precision: the share of generated images "
        "that are like a test image. “Training” is as many training images in the generated ones' place, the most that "
        "can be reached. Recall and precision depend on the number of images a side, so compare them within a line; "
        f"the KID does not. Features: {network}. {NEVER}",
        columns,
        lines,
        picture=picture,
    )


def _between(measured: Mapping[str, Measured]) -> Section:
    control = next(iter(measured.values())).turned.control
    lines = [
        [
            f"{each.quality['training']['images']:,}",
            *(
                distance(kind["kernel"])
                for kind in (each.quality["generated"], each.quality["yardsticks"]["training"])
            ),
            f"{each.spread:.2f}",
            *(text(cell) for cell in each.variety),
            *(percent(cell) for cell in (each.turned.generated, each.turned.real)),
        ]
        for each in measured.values()
    ]
    return Section(
        "How far are pictures from each other?",
        "KID to the test images. Variance between generated images, over that between real ones; 1 is as varied. Mean "
        "root mean square difference of gray levels (0 to 1): between two generated images, between two real test "
        "images, and between a test image and its own transforms (mirrored, or cropped to nine tenths of the side). "
        "Intervals from 1,000 resamples of the pictures. Turned: by "
        f"{tilt.TURNED:g} degrees or more, as far as classical augmentation turns, against the average test image; of "
        f"test images turned by as much the measure finds {control:.1f} degrees.",
        [
            "Training images",
            "KID, generated",
            "KID, training",
            "variance",
            "two generated",
            "two real",
            "a real one and its transform",
            "turned, generated",
            "turned, real",
        ],
        lines,
    )
