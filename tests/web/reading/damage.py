"""Files damaged by chance: bytes changed, cut out, put in, swapped, and ends cut off."""

import numpy as np


def damaged(content: bytes, generator: np.random.Generator) -> bytes:
    """One to four injuries; headers, where most of the meaning is, are hit as often as all the rest."""
    found = bytearray(content)
    for _ in range(int(generator.integers(1, 5))):
        reach = min(len(found), 600) if generator.random() < 0.5 else len(found)
        if reach < 2:
            break
        place = int(generator.integers(reach))
        length = int(generator.integers(1, 9))
        injury = generator.integers(6)
        if injury == 0:
            found[place : place + length] = generator.bytes(length)
        elif injury == 1:
            found[place] ^= 1 << int(generator.integers(8))
        elif injury == 2:
            del found[place : place + length]
        elif injury == 3:
            found[place:place] = generator.bytes(length)
        elif injury == 4:
            found[place : place + length] = bytes([int(generator.choice([0, 255]))]) * length
        else:
            del found[place + len(found) // 4 :]
    return bytes(found)
