"""Changes to Protocol Buffers' wire format without knowing the messages: fields changed, frames around them mended."""

import random
from collections.abc import Callable

Plain = Callable[[bytes, random.Random], bytes]
Field = tuple[int, int, int | bytes]
"""Number, wire type, value."""

_VARINTS = (0, 1, 2, 7, 8, 11, 16, 127, 1 << 20, 1 << 31, 1 << 40, (1 << 63) - 1, (1 << 64) - 1)
_TEXTS = (
    b"",
    b"\0",
    b"/etc/passwd",
    b"../secret.bin",
    b"Loop",
    b"If",
    b"Expand",
    b"Tile",
    b"Resize",
    b"ConstantOfShape",
)
_MOST_DEPTH = 8


def change(content: bytes, rng: random.Random, plain: Plain, depth: int = 0) -> bytes:
    """One field of a message, or of a message within, changed.

    Raises:
        ValueError: it is no message.
    """
    fields = parsed(content)
    if not fields:
        raise ValueError("no field")
    place = rng.randrange(len(fields))
    number, kind, value = fields[place]
    what = rng.randrange(8)
    if isinstance(value, int):
        value = rng.choice((*_VARINTS, value + 1, max(value - 1, 0))) % (1 << 64)
    elif kind == 2 and what < 6:
        value = _inside(value, rng, plain, depth)
    elif what == 6:
        fields.insert(place, fields[place])
    else:
        number = rng.choice((number + 1, max(1, number - 1), 1, 13, 14))
    if what == 7 and rng.random() < 0.5:
        fields.pop(place)
    else:
        fields[place] = (number, kind, value)
    return b"".join(map(_field, fields))


def _inside(value: bytes, rng: random.Random, plain: Plain, depth: int) -> bytes:
    if depth < _MOST_DEPTH and len(value) > 3 and rng.random() < 0.85:
        try:
            return change(value, rng, plain, depth + 1)
        except ValueError:
            pass
    return rng.choice(_TEXTS) if rng.random() < 0.3 else plain(value, rng)


def parsed(content: bytes) -> list[Field]:
    """The fields of a message.

    Raises:
        ValueError: it is none.
    """
    fields: list[Field] = []
    place = 0
    while place < len(content):
        key, place = _varint(content, place)
        number, kind = key >> 3, key & 7
        value: int | bytes
        if kind == 0:
            value, place = _varint(content, place)
        elif kind in (1, 2, 5):
            length = 8 if kind == 1 else 4
            if kind == 2:
                length, place = _varint(content, place)
            value = content[place : place + length]
            if len(value) != length:
                raise ValueError("cut")
            place += length
        else:
            raise ValueError("no wire type")
        if not number:
            raise ValueError("no field number")
        fields.append((number, kind, value))
    return fields


def _varint(content: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 70 and place < len(content):
        byte = content[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
    raise ValueError("cut")


def varint(value: int) -> bytes:
    """A number as it stands in a message."""
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*found, value))


def _field(field: Field) -> bytes:
    number, kind, value = field
    key = varint(number << 3 | kind)
    if isinstance(value, int):
        return key + varint(value)
    return key + (varint(len(value)) if kind == 2 else b"") + value
