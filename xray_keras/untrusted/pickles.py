"""Pickles read without unpickling, which would run whatever a file says.

The instructions of a pickle are followed by a machine that can build lists, tuples, dictionaries, texts and numbers,
and nothing else. Where a file names a class or a function, a record of the reader's own stands for it, which keeps what
it is given; other names are refused. So a file can describe arrays, and can neither run, nor take memory that is not in
it, nor keep the machine busy.
"""

import pickletools
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xray_keras.errors import Damaged, shortened

if TYPE_CHECKING:
    import numpy as np

Globals = Mapping[tuple[str, str], Any]
"""(module, name) → what stands for it: a function of the arguments that a file calls it with, or a value."""

_PLAIN = {
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
    *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
}
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_IGNORED = ("PROTO", "FRAME")
_MARK = object()


class Record:
    """What a file makes by calling a name: arguments, and the state that it is given later."""

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments
        self.state: Any = None


class Array(Record):
    """The record of a numpy.ndarray, see `array`."""


class Dtype(Record):
    """The record of a numpy.dtype."""


NUMPY: Globals = {
    ("numpy.core.multiarray", "_reconstruct"): Array,
    ("numpy._core.multiarray", "_reconstruct"): Array,
    ("numpy", "ndarray"): Record,
    ("numpy", "dtype"): Dtype,
    ("_codecs", "encode"): lambda text, _: text.encode(
        "latin-1"
    ),  # bytes, as Python 3 writes them for Python 2
}
"""What pickled arrays are made of."""


def array(found: Any, kinds: Collection[str]) -> "np.ndarray":
    """The array that a record describes, a view of the file's bytes.

    Args:
        found: from `read` with `NUMPY`.
        kinds: NumPy's codes of the types that it may have, such as "f4".

    Raises:
        Damaged: it is none, is of another type, or does not have the values that it claims.
    """
    import numpy as np

    if not isinstance(found, Array):
        raise Damaged("it holds something else where an array belongs")
    try:
        _, shape, dtype, fortran, data = found.state
        code = dtype.arguments[0]
        if code not in kinds:
            raise Damaged(f"it holds an array of type {shortened(code)}")
        values = np.frombuffer(
            data.encode("latin-1") if isinstance(data, str) else data, dtype.state[1] + code
        )
        return values.reshape(shape[::-1]).T if fortran else values.reshape(shape)
    except (ValueError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise Damaged(f"it holds an array that is not whole: {shortened(error)}") from None


def read(content: bytes, known: Globals, persistent: Callable[[Any], Any] | None = None) -> Any:
    """What a pickle describes.

    Args:
        content: of any protocol; texts of Python 2 come as str, a character a byte.
        known: names that it may use. What a function returns may be a `Record`, which is then given its state.
        persistent: gives the data that the file says lie elsewhere; None where none may.

    Raises:
        Damaged: it is no whole pickle, or names, calls or builds something else.
    """
    machine = _Machine(known, persistent)
    try:
        for opcode, argument, _ in pickletools.genops(content):
            if opcode.name == "STOP":
                return machine.pop()
            machine.step(opcode.name, argument)
    except Damaged:
        raise
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, EOFError) as error:
        raise Damaged(f"it is no whole pickle: {shortened(error)}") from None
    raise Damaged("it is no whole pickle: it has no end")


@dataclass(frozen=True)
class Name:
    """A name that the file may use, and what stands for it."""

    meaning: Any


class _Machine:
    def __init__(self, known: Globals, persistent: Callable[[Any], Any] | None) -> None:
        self._known, self._persistent = known, persistent
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def pop(self) -> Any:
        found = self._stack.pop()
        if found is _MARK:
            raise ValueError("nothing is marked")
        return found

    def step(self, name: str, argument: Any) -> None:
        if name in _PLAIN:
            self._stack.append(argument)
        elif name in _CONSTANTS:
            self._stack.append(_CONSTANTS[name])
        elif name in _TUPLES:
            self._stack.append(tuple(reversed([self.pop() for _ in range(_TUPLES[name])])))
        elif name not in _IGNORED:
            step = getattr(self, f"_{name.lower()}", None)
            if step is None:
                raise Damaged(f"it holds an instruction {name}, for which data have no use")
            step(argument)

    def _to_mark(self) -> list[Any]:
        place = len(self._stack) - 1
        while self._stack[place] is not _MARK:
            place -= 1
            if place < 0:
                raise ValueError("nothing is marked")
        found = self._stack[place + 1 :]
        del self._stack[place:]
        return found

    def _mark(self, _: Any) -> None:
        self._stack.append(_MARK)

    def _pop(self, _: Any) -> None:
        self._stack.pop()

    def _pop_mark(self, _: Any) -> None:
        self._to_mark()

    def _tuple(self, _: Any) -> None:
        self._stack.append(tuple(self._to_mark()))

    def _empty_list(self, _: Any) -> None:
        self._stack.append([])

    def _list(self, _: Any) -> None:
        self._stack.append(self._to_mark())

    def _append(self, _: Any) -> None:
        self._extend([self.pop()])

    def _appends(self, _: Any) -> None:
        self._extend(self._to_mark())

    def _extend(self, values: list[Any]) -> None:
        if type(self._stack[-1]) is not list:
            raise TypeError("something is added to what is no list")
        self._stack[-1].extend(values)

    def _empty_dict(self, _: Any) -> None:
        self._stack.append({})

    def _dict(self, _: Any) -> None:
        values = self._to_mark()
        self._stack.append({})
        self._fill(values)

    def _setitem(self, _: Any) -> None:
        value, key = self.pop(), self.pop()
        self._fill([key, value])

    def _setitems(self, _: Any) -> None:
        self._fill(self._to_mark())

    def _fill(self, values: list[Any]) -> None:
        target = self._stack[-1]
        # A tuple of tuples of tuples is small, and takes for ever to hash.
        if type(target) is not dict or not all(type(key) in (str, bytes, int) for key in values[::2]):
            raise TypeError("a dictionary is filled with what has no plain name")
        target.update(zip(values[::2], values[1::2], strict=True))

    def _put(self, place: int) -> None:
        if self._stack[-1] is _MARK:
            raise ValueError("a mark is kept")
        self._memo[int(place)] = self._stack[-1]

    _binput = _long_binput = _put

    def _memoize(self, _: Any) -> None:
        self._put(len(self._memo))

    def _get(self, place: int) -> None:
        self._stack.append(self._memo[int(place)])

    _binget = _long_binget = _get

    def _global(self, name: str) -> None:
        module, _, called = name.partition(" ")
        self._name(module, called)

    def _stack_global(self, _: Any) -> None:
        called, module = self.pop(), self.pop()
        self._name(str(module), str(called))

    def _name(self, module: str, called: str) -> None:
        if (module, called) not in self._known:
            raise Damaged(f"it asks for {shortened(f'{module}.{called}')}, for which data have no use")
        self._stack.append(Name(self._known[module, called]))

    def _reduce(self, _: Any) -> None:
        arguments, called = self.pop(), self.pop()
        if not isinstance(called, Name) or not isinstance(arguments, tuple):
            raise TypeError("something is called that is no name")
        self._stack.append(called.meaning(*arguments))

    def _build(self, _: Any) -> None:
        state = self.pop()
        if isinstance(self._stack[-1], Record):
            self._stack[-1].state = state

    def _binpersid(self, _: Any) -> None:
        if self._persistent is None:
            raise Damaged("it refers to data outside itself")
        self._stack.append(self._persistent(self.pop()))
