"""Stand-ins for arrays: an expression with NumPy's number of axes, and what the array protocol makes of it.

A vector has one axis, the column of a matrix two. What can be done to stand-ins are the rows of `numpy_rows`; what
has none is refused by name, since a stand-in has no numbers: it can be neither compared nor converted.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from matcalc.core.algebra import T, dimnum, eye, mul, num, ones, scale
from matcalc.core.dims import ONE, ZERO, Dim, Shape
from matcalc.core.tree import Expr, make
from matcalc.errors import ShapeError, UnsupportedError

LARGEST = 36  # entries of a constant array that is written out
Row = Callable[..., Any]
UFUNCS: dict[str, Row] = {}  # NumPy's name → what it does to stand-ins
FUNCTIONS: dict[str, Row] = {}
METHODS = ("sum", "mean", "trace", "dot", "diagonal", "transpose", "ravel", "flatten")


class Traced:
    """A stand-in for an array: its expression and its number of axes."""

    __slots__ = ("e", "ndim")
    e: Expr
    ndim: int

    def __init__(self, e: Expr, ndim: int) -> None:
        self.e, self.ndim = e, ndim

    # ── the array protocol
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Traced:
        if method == "reduce" and ufunc.__name__ == "add":
            return FUNCTIONS["sum"](*inputs, **options)  # type: ignore[no-any-return]
        row = UFUNCS.get(ufunc.__name__)
        if method != "__call__" or row is None or options:
            raise no_row(f"np.{ufunc.__name__}" + (f".{method}" if method != "__call__" else ""))
        return row(*map(lift, inputs))  # type: ignore[no-any-return]

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        name = f"{function.__module__.removeprefix('numpy')}.{function.__name__}".removeprefix(".")
        row = FUNCTIONS.get(name) or FUNCTIONS.get(function.__name__)
        if row is None:
            raise no_row(f"np.{name}")
        return row(*args, **kwargs)

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise UnsupportedError("a traced array has no numbers, so NumPy cannot convert it",
                               hint="use functions of NumPy that take arrays, not lists of entries")

    # ── attributes and methods
    @property
    def T(self) -> Traced:
        """The transpose; a vector is its own."""
        return Traced(T(self.e), 2) if self.ndim == 2 else self

    @property
    def shape(self) -> tuple[Any, ...]:
        """The lengths of the axes, as numbers or as stand-ins for them."""
        return tuple(int(d) if d.is_number else Traced(dimnum(d), 0) for d in self.e.shape[: self.ndim])

    @property
    def size(self) -> Any:
        """The number of entries."""
        d = self.e.shape[0] * self.e.shape[1]
        return int(d) if d.is_number else Traced(dimnum(d), 0)

    def __len__(self) -> int:
        d = self.e.shape[0]
        if not self.ndim or not d.is_number:
            raise UnsupportedError("len() must be a whole number", hint="use x.shape[0], which may be a name")
        return int(d)

    def __getattr__(self, name: str) -> Any:
        if name in METHODS:
            return lambda *args, **options: FUNCTIONS[name](self, *args, **options)
        if name.startswith("__"):
            raise AttributeError(name)
        raise no_row(f"the method .{name}")

    def __getitem__(self, key: Any) -> Traced:
        return item(self, key if isinstance(key, tuple) else (key,))

    def __bool__(self) -> bool:
        raise UnsupportedError("a traced value cannot be compared", hint="write max, min, relu or abs instead of if")

    def __iter__(self) -> Any:
        raise UnsupportedError("a traced array has no entries to go through", hint="use sums and products of arrays")

    __float__ = __int__ = None

    # ── operators
    def __neg__(self) -> Traced:
        return Traced(scale(-1, self.e), self.ndim)

    def __pos__(self) -> Traced:
        return self


def _operator(ufunc: str, turned: bool) -> Row:
    def method(self: Traced, other: Any) -> Any:
        pair = (lift(other), self) if turned else (self, lift(other))
        return UFUNCS[ufunc](*pair)
    return method


for _symbol, _ufunc in {"add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "pow": "power",
                        "matmul": "matmul"}.items():
    setattr(Traced, f"__{_symbol}__", _operator(_ufunc, False))
    setattr(Traced, f"__r{_symbol}__", _operator(_ufunc, True))


def _compared(self: Traced, other: Any) -> Any:
    raise UnsupportedError("a traced value cannot be compared", hint="write np.maximum, np.minimum or np.abs")


for _symbol in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Traced, f"__{_symbol}__", _compared)


def no_row(what: str) -> UnsupportedError:
    """The refusal of what has no row."""
    return UnsupportedError(f"{what} is not traced", hint="type the formula as text, or write it with other functions")


# ── constants and broadcasting ────────────────────────────────────────────────────────────────────────────
def lift(x: Any) -> Traced:
    """A stand-in for anything that NumPy would take as an array."""
    if isinstance(x, Traced):
        return x
    import numpy as np

    try:
        array = np.asarray(x, dtype=float)
    except (TypeError, ValueError):
        raise UnsupportedError(f"{type(x).__name__} is no array of numbers", hint="return an array") from None
    if array.ndim == 0:
        return Traced(num(rational(float(array))), 0)
    if array.ndim > 2 or array.size > LARGEST and len(set(array.flat)) > 1:
        raise UnsupportedError("a large constant array cannot be written in a formula",
                               hint="make it an argument of the function")
    m, n = (Dim.of(d) for d in (*array.shape, 1)[:2])
    if len(set(array.flat)) == 1:
        return Traced(scale(rational(float(array.flat[0])), ones((m, n))), array.ndim)
    if array.ndim == 2 and m is n and np.array_equal(array, np.eye(len(array))):
        return Traced(eye(m), 2)
    entries = [num(rational(float(v))) for v in array.flat]
    return Traced(make("block", *entries, rows=int(m), cols=int(n)), array.ndim)


def rational(x: float) -> Fraction:
    """The fraction that a person meant by a decimal: 0.1 is 1/10.

    Raises:
        UnsupportedError: infinity or nan.
    """
    if x != x or abs(x) == float("inf"):
        raise UnsupportedError(f"{x} is no number of a formula", hint="write it without infinities")
    near = Fraction(x).limit_denominator(10**6)
    return near if float(near) == x else Fraction(x)


def together(*given: Traced) -> tuple[list[Expr], int]:
    """The operands stretched to one shape by NumPy's rule; scalars stay scalars where all are."""
    ndim = max(x.ndim for x in given)
    arrays = [T(x.e) if ndim == 2 and x.ndim == 1 else x.e for x in given]  # a vector is a row beside matrices
    if ndim == 0:
        return arrays, 0
    shape: Shape = (_longest(a.shape[0] for a in arrays), _longest(a.shape[1] for a in arrays))
    return [_stretched(a, shape) for a in arrays], ndim


def _longest(lengths: Any) -> Dim:
    found = {d for d in lengths if d is not ONE}
    if len(found) > 1:
        a, b = sorted(found)[:2]
        raise ShapeError(f"arrays of lengths {a} and {b} do not go together", hint="give them the same name")
    return found.pop() if found else ONE


def _stretched(a: Expr, shape: Shape) -> Expr:
    if a.shape == shape:
        return a
    if a.is_scalar:
        return mul(a, ones(shape))
    return mul(a, ones((ONE, shape[1]))) if a.shape[1] is ONE else mul(ones((shape[0], ONE)), a)


# ── parts ─────────────────────────────────────────────────────────────────────────────────────────────────
def item(x: Traced, keys: tuple[Any, ...]) -> Traced:
    """x[i], X[i, :], X[:, 1:3], x[:, None]: whole numbers, slices of whole numbers, and a new axis of a vector."""
    if x.ndim == 1 and keys in ((slice(None), None), (None, slice(None))):
        return Traced(x.e if keys[1] is None else T(x.e), 2)
    keys = (*keys, *[slice(None)] * (x.ndim - len(keys)))
    if len(keys) != x.ndim or not all(isinstance(k, int | slice) for k in keys):
        raise no_row("this way of indexing")
    (top, height), (left, width) = (_range(k, d) for k, d in zip((*keys, slice(None))[:2], x.e.shape, strict=True))
    if (height, width) == x.e.shape:
        return x
    part = make("part", x.e, top=top, height=height, left=left, width=width)
    kept = [k for k in keys if isinstance(k, slice)]
    return Traced(T(part) if x.ndim == 2 and len(kept) == 1 and isinstance(keys[0], int) else part, len(kept))


def _range(key: int | slice, length: Dim) -> tuple[Dim, Dim]:
    """The entries before a part, and its length."""
    if isinstance(key, slice):
        start, stop = key.start or 0, key.stop
        open_end = stop is None and start and not length.is_number
        if key.step not in (None, 1) or start < 0 or open_end or stop and stop < 0:
            raise no_row(f"the slice {key.start}:{key.stop}:{key.step}")
        if stop is None and not start:
            return ZERO, length
        return Dim.of(start), Dim.of((int(length) if stop is None else stop) - start)
    if key < 0 and not length.is_number:
        raise no_row(f"the index {key} of an axis of unknown length")
    return Dim.of(key if key >= 0 else int(length) + key), ONE
