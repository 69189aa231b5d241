"""The one exception that users are meant to read, and the words of its sentences."""

_LONGEST = 1000
_BEGINNING = 700


class UserError(Exception):
    """Something the user can mend: one sentence that names the file and the remedy.

    The command line prints it without a traceback and exits with status 2; code that calls the
    library can catch it. Programming errors stay ordinary exceptions.

    A sentence may quote what a file holds, and a file may hold anything: signs that would steer a terminal are shown as
    escapes, and the middle of what is far too long is left out.
    """

    def __init__(self, sentence: str) -> None:
        text = _printable(sentence)
        if len(text) > _LONGEST:
            text = f"{text[:_BEGINNING]} … {text[_BEGINNING - _LONGEST :]}"
        super().__init__(text)


class Damaged(Exception):
    """What is wrong with a file, in a few words that fit into a sentence: its reader raises a UserError of them."""


def reason(error: BaseException) -> str:
    """The first line of what a library says, shortened; the name of the error where it says nothing."""
    said = str(error).strip().splitlines()
    return shortened(said[0].strip() if said else type(error).__name__)


def shortened(text: object, most: int = 80) -> str:
    """What a file holds, for a sentence: at most `most` characters, none of which steers a terminal."""
    told = _printable(str(text)[: most + 1])
    return told if len(told) <= most else f"{told[: most - 1]}…"


def counted(count: int, noun: str, plural: str = "") -> str:
    """How many of what: "1 patient", "3,040 patients"; a plural without "s" is given."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)
