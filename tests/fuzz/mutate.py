"""Changes to bytes: flips, cuts, splices, numbers blown up, nasty words; by structure where a format is known."""

import random
import re
import struct
from collections.abc import Callable, Sequence

from tests.fuzz import structures

WORDS = (
    *("../secret.bin", "/etc/passwd", "..", "../../../../etc/passwd", "C:\\secret.bin", "file:///etc/passwd"),
    *("http://127.0.0.1:9/x", "", " ", "\0", "a\0b", "nan", "inf", "-inf", "-1", "0", "1e999", "99999999999999999999"),
    *("9" * 400, "0x10", "1_000", "½", "٣", "\u202e", "\x1b[2J", "\ufeff", "\ud7ff", "%s%n", "${HOME}", "é" * 9),
    *('"', "'", ",", ";", "\t", "\r", "\n", "#", "{}", "[]", "null", "true", "*a", "&a", "!!python/object:os.system"),
    *("__class__", "__reduce__", "eval", "A" * 5000, "|O8", "(99999999, 99999999)", "18446744073709551615"),
)  # fmt: skip
_NUMBERS = (
    *(0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 40),
    *((1 << 63) - 1, (1 << 64) - 1),
)

Change = Callable[[bytes, random.Random], bytes]


def mutated(content: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """The content after one to four changes.

    Args:
        content: of a file. others: contents of the same kind, for splices. rng: decides everything.
    """
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        if rng.random() < 0.6 and (by_structure := structures.change(content, rng, plain)) is not None:
            content = by_structure
        elif others and rng.random() < 0.08:
            content = _splice(content, rng.choice(others), rng)
        else:
            content = plain(content, rng)
    return content


def plain(content: bytes, rng: random.Random) -> bytes:
    """One change that knows nothing of formats."""
    return rng.choice(_CHANGES)(content, rng)


def _flip(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8)) if changed else 0):
        changed[_place(content, rng)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _byte(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    if changed:
        changed[_place(content, rng)] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
    return bytes(changed)


def _place(content: bytes, rng: random.Random) -> int:
    """A place that says something: most files are zeros or noise for long stretches."""
    places = [rng.randrange(len(content)) for _ in range(4)]
    if rng.random() < 0.3:
        places = [rng.randrange(min(len(content), 512)) for _ in range(4)]
    return next((place for place in places if content[place]), places[0])


def _number(content: bytes, rng: random.Random) -> bytes:
    width = rng.choice((1, 2, 4, 8))
    if len(content) < width:
        return content
    place = min(_place(content, rng), len(content) - width)
    order = rng.choice("<>")
    old = int.from_bytes(content[place : place + width], "little" if order == "<" else "big")
    new = rng.choice((*_NUMBERS, old + 1, old - 1, old * 2, old << 8, -old)) % (1 << 8 * width)
    packed = struct.pack(order + "BHIQ"[(1, 2, 4, 8).index(width)], new)
    return content[:place] + packed + content[place + width :]


def _digits(content: bytes, rng: random.Random) -> bytes:
    found = list(re.finditer(rb"-?\d+(?:\.\d+)?", content[:100_000]))
    if not found:
        return _number(content, rng)
    one = rng.choice(found)
    new = rng.choice(
        (b"0", b"-1", b"1e308", b"4294967295", b"99999999999", b"9" * 30, b"nan", b"1.5", b"00", b"")
    )
    return content[: one.start()] + new + content[one.end() :]


def _cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def _remove(content: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content) + 1)
    return content[:start] + content[start + rng.choice((1, 2, 4, 16, 300)) :]


def _repeat(content: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content) + 1)
    piece = content[start : start + rng.choice((1, 4, 32, 512))]
    return content[:start] + piece * rng.choice((2, 3, 50)) + content[start:]


def _insert(content: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content) + 1)
    piece = rng.choice(
        (rng.choice(WORDS).encode("utf-8", "surrogatepass"), rng.randbytes(rng.choice((1, 4, 64))))
    )
    return content[:start] + piece + content[start + (len(piece) if rng.random() < 0.5 else 0) :]


def _splice(content: bytes, other: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content) + 1)] + other[rng.randrange(len(other) + 1) :]


_CHANGES: Sequence[Change] = (
    _flip,
    _flip,
    _byte,
    _byte,
    _number,
    _number,
    _digits,
    _cut,
    _remove,
    _repeat,
    _insert,
)
