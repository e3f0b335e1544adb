"""The expression tree: one record an operator, one immutable node class, equal nodes are one object.

A node's shape is symbolic. Order among arguments of commutative nodes follows `Expr.key`, which depends
on nothing but the structure, so that the same input gives the same bytes in every run.
"""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

from matcalc.core.dims import SCALAR, Dim, Shape
from matcalc.core.signature import Signature

Args = tuple["Expr", ...]
MAX_DEPTH = 400


@dataclass(frozen=True, slots=True, eq=False)
class Op:
    """Everything that is known about one operator; each pass reads its own column.

    `adjoint` has, for a linear argument i, the map G ↦ L*(G) with ⟨L X, G⟩ = ⟨X, L* G⟩, called as
    `adjoint[i](G, *args)`. `differential` (non-linear operators) is called as `differential(args, dargs)`.
    `value` is the definition by entries, called with an arithmetic and matrices; only the check uses it.
    """

    name: str
    signature: Signature | None = None
    kind: str = "linear"  # leaf | algebra | linear | multilinear | nonlinear | elementwise
    spellings: tuple[str, ...] = ()
    says: str = ""
    source: str = ""
    normal: Callable[..., Expr | None] | None = None
    shape: Callable[..., Shape] | None = None
    attributes: tuple[str, ...] = ()  # names of the values in `attrs`
    transpose: str | Callable[..., Expr] | None = None  # "self", "inside", or a function of the arguments
    adjoint: tuple[Callable[..., Expr], ...] = ()
    differential: Callable[..., Expr] | None = None
    derivative: Callable[..., Expr] | None = None  # elementwise: x ↦ f′(x) as an expression
    value: Callable[..., Any] | None = None
    lower: Callable[..., Any] | None = None
    exact: bool = True  # whether the definition can be evaluated modulo a prime
    even: bool = False
    odd: bool = False
    positive: bool = False  # all values are > 0
    nonnegative: bool = False  # all values are ≥ 0
    below_one: bool = False  # all values are < 1
    legend: str = ""  # said where the name stands in an answer and was not typed
    domain: str = ""  # the condition under which the value exists
    smooth: str = ""  # the condition under which the derivative does, where the value does not ask for it
    numpy: str = ""
    latex: str = ""
    unicode: str = ""
    sympy: str = ""
    number: int = field(default=0)

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> tuple[object, ...]:
        return (_op_named, (self.name,))


OPS: dict[str, Op] = {}


def define(name: str, signature: str | None = None, **columns: Any) -> Op:
    """Enter one operator into the table.

    Raises:
        ValueError: the name is taken.
    """
    if name in OPS:
        raise ValueError(f"operator {name} is defined twice")
    columns.setdefault("spellings", (name,) if signature else ())
    op = Op(name, Signature.parse(signature) if signature else None, number=len(OPS), **columns)
    OPS[name] = op
    return op


def _op_named(name: str) -> Op:
    return OPS[name]


class Expr:
    """An immutable, interned node; `a is b` exactly where the two are the same expression."""

    __slots__ = ("op", "args", "attrs", "shape", "key", "size", "depth", "_transposed", "__weakref__")

    op: Op
    args: Args
    attrs: tuple[Any, ...]  # hashable values, named by the operator's `attributes`
    shape: Shape
    key: tuple[int, tuple[str, ...], int]
    size: int
    depth: int
    _transposed: Expr | None

    @property
    def is_scalar(self) -> bool:
        """Whether the value is 1×1."""
        return self.shape == SCALAR

    def __repr__(self) -> str:
        inner = ", ".join([*map(repr, self.args), *map(repr, self.attrs)])
        return f"{self.op.name}({inner})"

    def __reduce__(self) -> tuple[object, ...]:
        return (node, (self.op, self.args, self.attrs, self.shape))

    # Python's operators look their constructor up in the sealed table, so that the tree knows no operator.
    def __add__(self, other: object) -> Expr:
        return _SYMBOLS["+"](self, other)

    def __radd__(self, other: object) -> Expr:
        return _SYMBOLS["+"](other, self)

    def __sub__(self, other: object) -> Expr:
        return _SYMBOLS["-"](self, other)

    def __rsub__(self, other: object) -> Expr:
        return _SYMBOLS["-"](other, self)

    def __mul__(self, other: object) -> Expr:
        return _SYMBOLS["*"](self, other)

    def __rmul__(self, other: object) -> Expr:
        return _SYMBOLS["*"](other, self)

    def __matmul__(self, other: Expr) -> Expr:
        return _SYMBOLS["@"](self, other)

    def __truediv__(self, other: object) -> Expr:
        return _SYMBOLS["/"](self, other)

    def __rtruediv__(self, other: object) -> Expr:
        return _SYMBOLS["/"](other, self)

    def __pow__(self, exponent: object) -> Expr:
        return _SYMBOLS["**"](self, exponent)

    def __neg__(self) -> Expr:
        return _SYMBOLS["-"](0, self)

    @property
    def T(self) -> Expr:
        """The transpose."""
        return _SYMBOLS["T"](self)


_SYMBOLS: dict[str, Callable[..., Expr]] = {}
_TABLE: weakref.WeakValueDictionary[tuple[object, ...], Expr] = weakref.WeakValueDictionary()


def bind_symbol(symbol: str, constructor: Callable[..., Expr]) -> None:
    """Say which constructor a Python operator on expressions stands for."""
    _SYMBOLS[symbol] = constructor


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=7).digest(), "big")


_MOD = (1 << 61) - 1


def node(op: Op, args: Args, attrs: tuple[Hashable, ...], shape: Shape) -> Expr:
    """The one place where nodes are made; no normalisation happens here.

    Raises:
        RecursionError: the expression is nested deeper than any reader could follow.
    """
    table_key = (op.name, args, attrs, shape)
    found = _TABLE.get(table_key)
    if found is not None:
        return found
    e = object.__new__(Expr)
    e.op, e.args, e.attrs, e.shape = op, args, attrs, shape
    e._transposed = None
    if args:
        e.depth = 1 + max(a.depth for a in args)
        if e.depth > MAX_DEPTH:
            raise RecursionError("the expression is nested too deeply")
        e.size = min(1 + sum(a.size for a in args), 1 << 40)
        mixed = op.number + 7
        for a in args:
            mixed = (mixed * 1000003 + a.key[2]) % _MOD
        if attrs:
            mixed = (mixed * 1000003 + _digest(repr(attrs))) % _MOD
        names: tuple[str, ...] = ()
        for a in args:
            names += a.key[1]
            if len(names) >= 6:
                break
        e.key = (min(e.size, 100), names[:6], mixed)
    else:
        e.depth, e.size = 1, 1
        text = f"{op.name}{attrs!r}{shape!r}"
        e.key = (1, (str(attrs[0]) if attrs else op.name,), _digest(text))
    _TABLE[table_key] = e
    return e


def shape_of(op: Op, args: Args, attrs: dict[str, Any]) -> Shape:
    """The shape of a catalogue node, by its `shape` column or its signature."""
    if op.shape is not None:
        return op.shape(*args, **attrs)
    assert op.signature is not None, op.name
    return op.signature.result(*(a.shape for a in args))


_MAKE: list[Callable[..., Expr]] = []


def bind_make(constructor: Callable[..., Expr]) -> None:
    """Say how catalogue nodes are normalised (the algebra does it)."""
    _MAKE.append(constructor)


def make(name: str, /, *args: Expr, **attrs: Any) -> Expr:
    """The node of a catalogue operator, after its silent normalisation."""
    return _MAKE[0](name, *args, **attrs)


def rebuild(e: Expr, args: Args) -> Expr:
    """The node `e` with other arguments (of the same shapes), normalised anew."""
    if args == e.args:
        return e
    if e.op.name in REBUILD:
        return REBUILD[e.op.name](e, args)
    return make(e.op.name, *args, **dict(zip(e.op.attributes, e.attrs, strict=True)))


REBUILD: dict[str, Callable[[Expr, Args], Expr]] = {}


def walk(*roots: Expr) -> Iterator[Expr]:
    """Every node below `roots` once, arguments before their parents."""
    seen: set[Expr] = set()
    stack: list[tuple[Expr, bool]] = [(r, False) for r in reversed(roots)]
    while stack:
        e, done = stack.pop()
        if done:
            yield e
        elif e not in seen:
            seen.add(e)
            stack.append((e, True))
            stack.extend((a, False) for a in reversed(e.args) if a not in seen)


def depends(e: Expr, leaf: Expr) -> bool:
    """Whether `leaf` occurs in `e`."""
    return any(x is leaf for x in walk(e))


def substitute(e: Expr, replacements: dict[Expr, Expr]) -> Expr:
    """Replace whole nodes, top-most first, rebuilding what is above them."""
    done: dict[Expr, Expr] = dict(replacements)
    stack = [e]
    while stack:
        x = stack[-1]
        if x in done:
            stack.pop()
            continue
        missing = [a for a in x.args if a not in done]
        if missing:
            stack.extend(missing)
            continue
        stack.pop()
        done[x] = rebuild(x, tuple(done[a] for a in x.args))
    return done[e]


def dims_of(*roots: Expr) -> frozenset[str]:
    """The names of all dimensions that occur in the shapes below `roots`."""
    names: set[str] = set()
    for e in walk(*roots):
        names |= e.shape[0].names | e.shape[1].names
        for a in e.attrs:
            if isinstance(a, Dim):
                names |= a.names
    return frozenset(names)
