"""Progressive JPEGs that would keep a decoder busy for minutes: small files whose scans each cover all of it."""

MOST = 50
"""Scans of a picture. Encoders write ten, the most elaborate about twenty; a file of 100 kB has room for thousands."""
_START = b"\xff\xda"


def too_many(content: bytes) -> bool:
    """Whether the bytes of a JPEG announce more scans than any encoder writes.

    Within a scan 0xFF never stands before 0xDA; a preview in the header adds its own few.
    """
    return content.count(_START) > MOST
