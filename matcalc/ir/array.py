"""The node of an array program: immutable and interned, so that equal computations are one object.

`build` is the only way to a node: it asks the laws of the operation (matcalc.ir.laws) before it makes one, so
a worse form is never built where a better one is known. Shapes are symbolic: `()` a scalar, `(n,)` a vector,
`(m, n)` a matrix; an axis that is broadcast has length 1.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable, Iterator
from fractions import Fraction

from matcalc.core.dims import Dim
from matcalc.ir.operations import OPERATIONS, AxisLengths, Operation


class Array:
    """One operation of a program, with the operations it reads."""

    __slots__ = ("operation", "args", "attrs", "shape", "__weakref__")

    operation: Operation
    args: tuple[Array, ...]
    attrs: tuple[Hashable, ...]
    shape: AxisLengths

    @property
    def name(self) -> str:
        """The name of the operation."""
        return self.operation.name

    @property
    def rank(self) -> int:
        """The number of axes: 0, 1 or 2."""
        return len(self.shape)

    def __repr__(self) -> str:
        return f"{self.name}({', '.join([*map(repr, self.args), *map(repr, self.attrs)])})"


_TABLE: weakref.WeakValueDictionary[tuple[object, ...], Array] = weakref.WeakValueDictionary()
Law = Callable[..., Array | None]
LAWS: dict[str, list[Law]] = {}


def intern(
    name: str, args: tuple[Array, ...], attrs: tuple[Hashable, ...] = (), shape: AxisLengths | None = None
) -> Array:
    """The node itself, without asking any law.

    Raises:
        ValueError: the arguments' shapes do not fit the operation.
    """
    operation = OPERATIONS[name]
    if shape is None:
        shape = operation.shape(*(a.shape for a in args), *attrs)
    key = (name, args, attrs, shape)
    found = _TABLE.get(key)
    if found is None:
        found = object.__new__(Array)
        found.operation, found.args, found.attrs, found.shape = operation, args, attrs, shape
        found = _TABLE.setdefault(key, found)
    return found


def build(
    name: str, *args: Array, attrs: tuple[Hashable, ...] = (), shape: AxisLengths | None = None
) -> Array:
    """The array of an operation, in the best form that the laws know."""
    for law in LAWS.get(name, ()):
        better = law(*args, *attrs)
        if better is not None:
            return better
    return intern(name, args, attrs, shape)


def number(value: int | Fraction) -> Array:
    """A rational number."""
    fraction = Fraction(value)
    return intern("number", (), (fraction.numerator if fraction.denominator == 1 else fraction,))


def value_of(x: Array) -> int | Fraction | None:
    """The rational number that an array is, None for anything else."""
    return x.attrs[0] if x.name == "number" else None  # type: ignore[return-value]


def size_of(shape: AxisLengths) -> Dim:
    """The number of entries."""
    total = Dim.of(1)
    for length in shape:
        total = total * length
    return total


def walk(*roots: Array) -> Iterator[Array]:
    """Every node below the roots once, arguments before their users."""
    seen: set[Array] = set()
    stack: list[tuple[Array, bool]] = [(r, False) for r in reversed(roots)]
    while stack:
        x, done = stack.pop()
        if done:
            yield x
        elif x not in seen:
            seen.add(x)
            stack.append((x, True))
            stack.extend((a, False) for a in reversed(x.args) if a not in seen)


def replace_args(x: Array, args: tuple[Array, ...]) -> Array:
    """The same operation on other arguments."""
    return x if args == x.args else build(x.name, *args, attrs=x.attrs)
