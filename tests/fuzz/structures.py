"""Changes that leave a file's frame whole, so that they reach what lies behind it: archives, records, trees, tables."""

import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from tests.fuzz import protobuf

Plain = Callable[[bytes, random.Random], bytes]
_ZEROS = 1 << 24
_MOST = 1 << 23  # bytes of an archive that is taken apart


def change(content: bytes, rng: random.Random, plain: Plain) -> bytes | None:
    """One change by what the content is; None where that is not known or it is too damaged already.

    Args:
        content: of a file or of a member of one. rng: decides. plain: a change of the bytes of a part.
    """
    try:
        if content.startswith(b"PK\3\4"):
            return _zip(content, rng, plain)
        if content.startswith(b"\x89PNG"):
            return _png(content, rng, plain)
        if content.startswith(b"\x93NUMPY"):
            return _npy(content, rng, plain)
        if content[:1] in b"{[" and content[:1]:
            return _json(content, rng)
        if content.startswith(b"\x08"):
            return protobuf.change(content, rng, plain)
        if b"\0" not in content[:200] and content.isascii():
            return _lines(content, rng)
    except (
        ValueError,
        KeyError,
        IndexError,
        struct.error,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
    ):
        pass
    except (RuntimeError, NotImplementedError):  # encrypted, packed in another way
        pass
    return None


def _zip(content: bytes, rng: random.Random, plain: Plain) -> bytes | None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > _MOST:
            return None
        members = [(name, archive.read(name)) for name in archive.namelist()]
    if not members:
        return content
    place = rng.randrange(len(members))
    name, data = members[place]
    what = rng.randrange(10)
    if what < 6:
        data = change(data, rng, plain) or plain(data, rng)
    elif what == 6:
        name = rng.choice(("../" + name, "/tmp/" + name, name + "/", "", "..\\" + name, "A" * 3000, "é"))
    elif what == 7:
        members.append((name, plain(data, rng)))
    elif what == 8:
        data = bytes(rng.choice((1, 1 << 20, _ZEROS)))
    else:
        members.pop(place)
        place = len(members)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for number, member in enumerate(members):
            archive.writestr(*((name, data) if number == place else member))
    return packed.getvalue()


def _png(content: bytes, rng: random.Random, plain: Plain) -> bytes:
    chunks, place = [], 8
    while place + 12 <= len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        chunks.append((content[place + 4 : place + 8], content[place + 8 : place + 8 + length]))
        place += 12 + length
    at = rng.randrange(len(chunks))
    kind, data = chunks[at]
    what = rng.randrange(6)
    if kind == b"IHDR" and what < 4:
        sides = [rng.choice((0, 1, 3, 8, 9999, 20_000, 1 << 30, (1 << 31) - 1)) for _ in range(2)]
        rest = bytes(rng.choice((0, 1, 2, 3, 4, 6, 8, 16)) for _ in range(2)) + bytes(
            (0, 0, rng.randrange(3))
        )
        data = struct.pack(">II", *sides) + (data[8:] if what < 2 else rest)
    elif kind == b"IDAT" and what < 3:
        data = zlib.compress(plain(zlib.decompress(data), rng) if what else bytes(_ZEROS))
    elif what < 4:
        data = plain(data, rng)
    elif what == 4:
        kind = rng.choice(
            (b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"eXIf", b"acTL", b"fdAT", b"PLTE", b"tRNS", b"IEND")
        )
        data = rng.choice((b"a\0\0" + zlib.compress(bytes(_ZEROS)), data, b"x\0" * 40))
    else:
        chunks.insert(at, (kind, data))
    chunks[at] = (kind, data)
    made = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks]
    return content[:8] + b"".join(made)


_HEADERS = (
    *((b"f4", b"O8"), (b"f4", b"f8"), (b"<", b">"), (b"(", b"(99999999,"), (b"(", b"(0,"), (b"(", b"(-1,")),
    *((b"'descr': '", b"'descr': 'S9"), (b"False", b"True"), (b"shape", b"Shape"), (b"{", b"(" * 500), (b")", b",)")),
    *((b"'<f4'", b"[('a','<f4',(1000000,1000000))]"), (b"(", b"(1.5,"), (b"(", b"(True,")),
)  # fmt: skip


def _npy(content: bytes, rng: random.Random, plain: Plain) -> bytes:
    (length,) = struct.unpack("<H", content[8:10])
    header, values = content[10 : 10 + length], content[10 + length :]
    if rng.random() < 0.7:
        old, new = rng.choice(_HEADERS)
        header = header.replace(old, new, 1)
    else:
        header = plain(header, rng)
    return content[:8] + struct.pack("<H", len(header) % 65536) + header + values


_LEAVES = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        2,
        3,
        1 << 31,
        1 << 63,
        10**30,
        1.5,
        -0.5,
        1e308,
        float("nan"),
        float("inf"),
    ),
    *(
        "",
        "..",
        "../secret.bin",
        "/etc/passwd",
        "A" * 3000,
        "\0",
        "\ud800",
        "float32",
        "float64",
        "uint8",
        "string",
    ),
    *(
        "Lambda",
        "builtins",
        "os",
        "system",
        "keras.utils",
        "get_file",
        "Relu",
        "Pad",
        "ConcatV2",
        "Placeholder",
        "Const",
    ),
    *([], {}, [[]], [None], {"": None}, [1, 2, 3], [1 << 40, 1 << 40], ["../secret.bin"], {"dtype": "uint8"}),
)


def _json(content: bytes, rng: random.Random) -> bytes:
    tree = [json.loads(content)]
    spots: list[tuple[Any, Any]] = []
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        for key in node if isinstance(node, dict) else range(len(node)):
            spots.append((node, key))
            if isinstance(node[key], dict | list):
                waiting.append(node[key])
    node, key = rng.choice(spots)
    what = rng.randrange(10)
    if what < 5:
        node[key] = rng.choice(_LEAVES)
    elif what == 5 and node is not tree:
        del node[key]
    elif what == 6:
        node[key] = rng.choice(([node[key]], {"a": node[key]}, [node[key]] * 3, str(node[key])))
    elif what == 7:
        other, place = rng.choice(spots)
        node[key] = json.loads(json.dumps(other[place]))
    elif what == 8 and isinstance(node, dict):
        node[rng.choice(("", "name", "dtype", "class_name", "quantization", "x" * 500))] = rng.choice(_LEAVES)
    else:
        text = json.dumps(tree[0])
        deep = rng.choice((200, 5000, 100_000))
        return (
            text.replace("null", "[" * deep + "]" * deep, 1).encode()
            if "null" in text
            else b"[" * deep + b"]" * deep
        )
    return json.dumps(tree[0]).encode("utf-8", "surrogatepass")


def _lines(content: bytes, rng: random.Random) -> bytes:
    """Of tables and lists: lines and cells moved, doubled, left out."""
    lines = content.split(b"\n")
    place = rng.randrange(len(lines))
    what = rng.randrange(7)
    if what == 0:
        lines.insert(place, lines[rng.randrange(len(lines))])
    elif what == 1:
        lines.pop(place)
    elif what == 2:
        lines[place] = lines[place] * rng.choice((2, 100))
    elif what == 3:
        lines[place : place + 1] = [lines[place]] * rng.choice((2, 1000))
    else:
        mark = next((each for each in (b",", b"\t", b" ", b":") if each in lines[place]), b",")
        cells = lines[place].split(mark)
        at = rng.randrange(len(cells))
        if what == 4:
            cells[at] = rng.choice(
                (b"", b"-1", b"1e999", b"nan", b'"', b"..", b"/etc/passwd", b"9" * 50, b"\xff", b"2")
            )
        elif what == 5:
            cells.insert(at, cells[at])
        else:
            cells.pop(at)
        lines[place] = mark.join(cells)
    return b"\n".join(lines)
