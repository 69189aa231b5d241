"""What ali2019 prints about its GAN: sizes of Table I and of the latent code, and the gains of Table III."""

import re

from xray_keras.audit.outcome import Cell, Outcome, of_cells, verdict
from xray_keras.papers import loader
from xray_keras.papers.printed import Printed

PAPER = "ali2019"
_WITH, _WITHOUT = "w/ GAN", "w/o GAN"
_LATE = "Nodule"  # the finding that does not gain


def latent_40() -> Outcome:
    """III.C: the parts of the generator's input against their printed sum."""
    values = loader.claims(PAPER)["latent_size"].values
    codes, categories, continuous, noise = (
        int(values[name].exact) for name in ("categorical_codes", "categories", "continuous_codes", "noise")
    )
    total = codes * categories + continuous + noise
    return Outcome(
        verdict(total in values["total"].interval()),
        "III.C, Table I",
        "Do the codes and the noise add up to the printed size of the generator's input?",
        printed=values["total"].text,
        recomputed=str(total),
        arithmetic=f"{codes}·{categories} + {continuous} + {noise} = {total}; one {codes}-way code instead of {codes} "
        f"{categories}-way ones gives {codes} + {continuous} + {noise} = {codes + continuous + noise}",
        reading="the generator takes the codes that the text describes, and their true sum",
    )


def generator_reaches_128() -> Outcome:
    """Table I: from 1 × 1, three steps that each double do not reach the size that the discriminator takes."""
    rows = [cells[1] for cells in loader.load(PAPER)["tables"]["table1"]["rows"].values()]
    start = int(next(found[0] for text in rows if (found := re.findall(r"FC, (\d+) x \d+", text))))
    steps = [text for text in rows if "upconv" in text]
    strides = [int(re.findall(r"Stride (\d+)", text)[0]) for text in steps]
    side = start
    for stride in strides:
        side *= stride
    last = int(re.findall(r"(\d+)x\d+ upconv", steps[-1])[0])
    wanted = loader.claims(PAPER)["generator_size"].values["side"]
    return Outcome(
        verdict(side in wanted.interval() or last in wanted.interval()),
        "Table I",
        "Does the generator's output have the size of the discriminator's input?",
        printed=f"{wanted} × {wanted}",
        recomputed=f"{side} × {side}; {last} × {last} where the first numbers are read as sizes",
        arithmetic=f"{start} × 1 after the dense layer, then " + " · ".join(map(str, strides)) + f" = {side}",
        reading="as many doubling steps as the size needs",
    )


def gan_channels() -> Outcome:
    """IV.A, Table I: one channel from the generator, a colour image into the discriminator."""
    rows = loader.load(PAPER)["tables"]["table1"]["rows"].values()
    taken = next(cells[0] for cells in rows if cells[0].startswith("Input"))
    made = [cells[1] for cells in rows if "upconv" in cells[1]][-1]
    values = loader.claims(PAPER)["gan_channels"].values
    channels = int(re.findall(r"upconv, (\d+)", made)[0])
    return Outcome(
        verdict(channels in values["gan"].interval() and "Color" not in taken),
        "IV.A, Table I",
        "Do generator and discriminator agree on the one channel that the text says?",
        printed=f"{values['gan']} channel; discriminator: “{taken}”",
        recomputed=f"the generator's last line makes {channels} channel",
        arithmetic="one discriminator sees both real and generated images, so both have its channels",
        reading="one channel throughout; radiographs are gray",
    )


def gan_raises_f1_and_recall() -> Outcome:
    """Table III: F1 and recall of the three larger findings rise, nodule's do not."""
    found = []
    for metric in ("F1", "Recall"):
        for finding, (with_gan, without) in _pairs(metric).items():
            rises = with_gan.value > without.value
            wanted = finding != _LATE
            found.append(
                Cell(
                    f"{finding}, {metric}",
                    f"{without} → {with_gan}",
                    "rises" if rises else "falls",
                    rises == wanted,
                )
            )
    return of_cells(
        found,
        where="IV.A, Table III",
        question="Do F1 and recall rise with GAN images, and not for nodule?",
        arithmetic="cell by cell",
    )


def gan_boosts_performance() -> Outcome:
    """Abstract, Table III: the other three metrics tell another story."""
    found = [
        Cell(f"{finding}, {metric}", f"{without} → {with_gan}", f"{with_gan.value - without.value:+.4f}",
             with_gan.value > without.value)
        for metric in loader.table(PAPER, "table3").metrics
        for finding, (with_gan, without) in _pairs(metric).items()
        if finding != _LATE
    ]  # fmt: skip
    return of_cells(
        found,
        where="abstract, Table III",
        question="Does every metric of the three larger findings rise with GAN images?",
        arithmetic="at a fixed threshold more positives are called, so recall and F1 rise while accuracy and precision "
        "fall; the AUC, which no threshold moves, falls in two of the three",
        reading="Table III is judged by AUC and by F1 at a threshold tuned on validation images as well",
    )


def gan_class_sizes() -> Outcome:
    """I, IV.A: the three findings have more than the printed number of images, nodule about half."""
    counts = loader.load(PAPER)["datasets"]["nih"]["class_counts"]
    wanted = loader.claims(PAPER)["gan_class_sizes"].values["images"]
    larger = {finding: counts[finding] for finding in _pairs("F1") if finding != _LATE}
    share = counts[_LATE] / min(larger.values())
    # "About half": nearer to one half than to one, and to none.
    holds = min(larger.values()) > wanted.value and 0.25 < share < 0.75
    return Outcome(
        verdict(holds),
        "I, IV.A",
        "Have the three findings that gain more images than said, and nodule about half as many?",
        printed=f"more than {wanted}; about half",
        recomputed=", ".join(f"{finding} {count:,}" for finding, count in larger.items())
        + f"; {_LATE} {counts[_LATE]:,}, {share:.2f} of the smallest of them",
        arithmetic="printed counts of I",
    )


def combination_never_run() -> Outcome:
    """IV.B against IV.A: the combination that is said to be best was not run."""
    claims = loader.claims(PAPER)
    one, three = (claims["gan_channels"].values[name] for name in ("gan", "pretrained"))
    return Outcome(
        verdict(one.exact == three.exact),
        "IV.B, IV.A",
        "Were GAN images and pre-training ever combined?",
        printed="together they perform best on most findings (IV.B)",
        recomputed="never combined: Table III has the baseline only",
        arithmetic=f"GAN images have {one} channel, pre-trained networks take {three}; the text stops there (IV.A)",
        reading="a gray image is repeated into three channels, so the combination can be run",
    )


def _pairs(metric: str) -> dict[str, tuple[Printed, Printed]]:
    table = loader.table(PAPER, "table3")
    return {
        finding: (table.number(_WITH, finding, metric), table.number(_WITHOUT, finding, metric))
        for finding in table.columns
    }
