"""Lines of text for the rendered pictures: what they say, and their ink in the fonts that come with matplotlib.

All of these fonts may be used and passed on freely: DejaVu (Bitstream Vera licence, changes in the public domain), STIX
(SIL Open Font License 1.1) and Computer Modern (BaKoMa fonts by B. K. Malyshev). Fonts of symbols alone are left out.
"""

import functools
import io
import string
from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

REFERENCE = 32
"""Pixels an em at which lines are measured."""
PLAIN = string.ascii_letters + string.digits + " .,:-&/!?%+'()"
MONEY = "$£€"
_WITH_MONEY = (
    "DejaVuSans",
    "DejaVuSans-Bold",
    "DejaVuSans-BoldOblique",
    "DejaVuSans-Oblique",
    "DejaVuSansMono",
    "DejaVuSansMono-Bold",
    "DejaVuSansMono-Oblique",
    "DejaVuSerif",
    "DejaVuSerif-Bold",
    "DejaVuSerif-BoldItalic",
    "DejaVuSerif-Italic",
    "STIXGeneral",
    "STIXGeneralBol",
    "STIXGeneralBolIta",
    "STIXGeneralItalic",
)
FACES = (*_WITH_MONEY, "cmb10", "cmr10", "cmss10", "cmti10", "cmtt10")
"""Files without their ending. Those of Computer Modern show other signs in the places of `MONEY`."""

_SPOKEN = """
    open closed exit entrance push pull stop sale parking caution danger private taxi bus metro hotel cafe bakery books
    bank police school library museum market garden station platform ticket lift stairs toilets fire alarm slow keep
    left right no smoking way out to let for please wait here mind the gap fresh bread coffee tea flowers pharmacy post
    office city park street road lane north south river bridge tower centre gallery theatre welcome information first
    floor second hand repairs cleaning quality since daily menu lunch pizza
"""
_BEFORE = "b br c ch cl d dr f fl g gr h j k kl l m n p pl pr qu r s sch sh sp st t th tr v w z"
_WITHIN = "a e i o u y ai ea ee ie oa oo ou"
_AFTER = "d ck l ll m n nd ng nt p r rd rk s ss st t th x"
_ENGLISH = _SPOKEN.split()
_SYLLABLE = (_BEFORE.split(), _WITHIN.split(), ["", "", "", *_AFTER.split()])
_CASES: tuple[Callable[[str], str], ...] = (
    str.upper,
    str.upper,
    str.title,
    str.title,
    str.capitalize,
    str.lower,
)


def _word(draw: np.random.Generator, letters: int) -> str:
    """An English word, or one that nobody ever said; not many more letters than asked for."""
    if draw.random() < 0.45:
        return _ENGLISH[draw.integers(len(_ENGLISH))]
    word = ""
    for _ in range(draw.integers(1, 4)):
        word += "".join(part[draw.integers(len(part))] for part in _SYLLABLE)
        if len(word) >= letters - 2:
            break
    return word


def _number(draw: np.random.Generator) -> str:
    a, b, c = (int(number) for number in draw.integers(10, 100, 3))
    kinds = (
        f"{a}",
        f"{a}{b}",
        f"{MONEY[c % 3]}{a // 10}.{b}",
        f"{a}.{b} {MONEY[c % 3]}",
        f"-{a // 10}0 %",
        f"{a % 12 + 1}:{b % 6}0 - {c % 12 + 12}:00",
        f"{a} {b} {c}",
        f"({a // 10}{b}) {c}{a}-{b}{c}",
        f"{string.ascii_uppercase[a % 26]}{string.ascii_uppercase[b % 26]} {c}{a}",
        f"No. {b}",
        f"19{c} - 20{a % 30:02d}",
        f"{a}/{b}",
    )
    return kinds[draw.integers(len(kinds))]


def line(draw: np.random.Generator, face: str, case: int, letters: int) -> str:
    """What one line says: words, or numbers, prices, times; at least two signs that have ink.

    Args:
        face: of `FACES`; the line holds signs of this font alone.
        case: how it is written: an index of six ways, of which the first two are capitals.
        letters: about how long it may be; at least 3.
    """
    if draw.random() < 0.25:
        text = _number(draw)
        if len(text) > letters + 2:
            text = text[: max(letters, 3)].strip(" -/(.:")
    else:
        text = _word(draw, letters)
        while len(text) < letters - 3 and draw.random() < 0.6:
            text += (" & " if draw.random() < 0.08 else " ") + _word(draw, letters - len(text) - 1)
        text = _CASES[case](text)
    if face not in _WITH_MONEY:
        text = text.translate(dict.fromkeys(map(ord, MONEY))).strip()
    return text if len(text) >= 2 else text + str(int(draw.integers(10, 100)))


@functools.cache
def _file(face: str) -> bytes:
    return (Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{face}.ttf").read_bytes()


def _font(face: str, em: int) -> ImageFont.FreeTypeFont:
    # From memory: processes that were forked would share an open file's position. Without Raqm, which not all have.
    return ImageFont.truetype(io.BytesIO(_file(face)), em, layout_engine=ImageFont.Layout.BASIC)


_measuring = functools.cache(functools.partial(_font, em=REFERENCE))


def _drawn(text: str, font: ImageFont.FreeTypeFont) -> tuple[Image.Image, tuple[int, int, int, int]]:
    """Ink, and the place of its box: left, top, right, bottom from the start of the base line, y downwards."""
    left, top, right, bottom = (int(edge) for edge in font.getbbox(text, anchor="ls"))
    picture = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(picture).text((-left, -top), text, fill=255, font=font, anchor="ls")
    box = picture.getbbox() or (0, 0, *picture.size)  # without the space that letters keep around them
    return picture.crop(box), (left + box[0], top + box[1], left + box[2], top + box[3])


def ink(text: str, face: str) -> np.ndarray:
    """The smallest box around a line's ink: left, top, right, bottom, float64 (4,), in ems, y downwards.

    (0, 0) is where the base line starts, so top is negative. Hinting moves edges by up to half a pixel of `REFERENCE`.
    """
    return np.array(_drawn(text, _measuring(face))[1]) / REFERENCE


def mask(text: str, face: str, em: float) -> Image.Image:
    """A line's ink, mode L, 255 where covered, cut to the smallest box around it.

    Args:
        em: pixels, rounded; 6 at least.
    """
    return _drawn(text, _font(face, max(round(em), 6)))[0]
