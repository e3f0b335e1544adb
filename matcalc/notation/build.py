"""Surface tree to expression: each rule states the shapes and, once they are solved, builds the node.

A rule returns a `Typed`: rows, columns, and a function that makes the expression when every dimension is
known. What is 1×1, a row or a column is always known at once, because a free dimension is never 1.
Functions and norms are in functions.py, blocks, parts and sums in pieces.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from matcalc.core.algebra import (
    ZEROS, T, bag, commutation, const, dimnum, duplication, elimination, eye, linear, mul, neg, num, number_of, ones, power,
    scaled, unit, var, zeros,
)
from matcalc.core.dims import Dim, Shape
from matcalc.core.tree import Expr, make
from matcalc.errors import ParseError, Place, ShapeError, UnsupportedError
from matcalc.notation.dimension import Product, Size, Triangle
from matcalc.notation.scope import Scope
from matcalc.notation.sizes import Mismatch, Sizes, Var, find
from matcalc.notation.source import Source
from matcalc.notation.surface import Node

MAX_WIDTH = 3_000  # factors or terms of one flat node
MAX_POWER = 64


@dataclass(slots=True)
class Typed:
    """A formula whose shape is known as sizes: what to make of it when they are solved."""

    rows: Size
    cols: Size
    make: Callable[[], Expr]
    number: bool = False  # a number, which may stand for an array of it
    one: bool = False  # a bold 1, a vector or an array of ones
    width: int = 1

    @property
    def is_scalar(self) -> bool:
        """Whether it is 1×1."""
        return self.rows == 1 and self.cols == 1


@dataclass(frozen=True, slots=True)
class Declared:
    """What a text says of a name: its shape (None: to be inferred) and its facts."""

    shape: tuple[Size, Size] | None = None
    facts: frozenset[str] = frozenset()


@dataclass(slots=True)
class Builder:
    """The state of reading one text: sizes, variables in the order of their first use, definitions, notes."""

    scope: Scope
    declared: dict[str, Declared]
    sizes: Sizes = field(default_factory=Sizes)
    source: Source = field(default_factory=lambda: Source("", ""))
    variables: dict[str, tuple[Size, Size]] = field(default_factory=dict)
    definitions: dict[str, Typed] = field(default_factory=dict)
    scalars: set[str] = field(default_factory=set)  # letters that are exponents or their bases
    indices: dict[str, tuple[Size, bool]] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    numbers: set[str] = field(default_factory=set)  # dimensions used as numbers
    closed: bool = False  # whether a name that is not known is an error
    shapes: dict[int, Shape] = field(default_factory=dict)

    # ── the walk ──────────────────────────────────────────────────────────────────────────────────────────
    def infer(self, node: Node) -> Typed:
        """The shape of a formula and how to make it.

        Raises:
            ShapeError: two parts do not go together.
        """
        return RULES[node.kind](self, node)

    def dim(self, size: Size) -> Dim:
        """A size as a dimension, when everything is solved."""
        return self.sizes.dim(size)

    def shape(self, t: Typed) -> Shape:
        """The solved shape."""
        return self.sizes.dim(t.rows), self.sizes.dim(t.cols)

    def note(self, sentence: str) -> None:
        """Record an assumption."""
        self.notes.setdefault(sentence)

    def text(self, node: Node) -> str:
        """What was typed for a node."""
        place = self.source.place(node.start, node.end)
        return " ".join(place.text[place.start: place.end].split())

    # ── errors ────────────────────────────────────────────────────────────────────────────────────────────
    def require(self, a: Size, b: Size, what: str, *operands: tuple[Node, Typed], hint: str = "") -> None:
        """Two sizes must be equal; `what` says why, the operands are shown where they are not."""
        if a is b or a == b and type(a) is not Var and type(a) is type(b) and type(a) in (int, str):
            return
        where = (what, self.source, operands, hint)
        try:
            self.sizes.equal(a, b, where)
        except Mismatch:
            raise self.clash(where) from None

    def clash(self, where: tuple[str, Source, tuple[tuple[Node, Typed], ...], str]) -> ShapeError:
        """The error for operands that do not go together."""
        what, source, operands, hint = where
        shown = [self.describe(t) for _, t in operands]
        places = [source.place(n.start, n.end, f"{s}") for (n, _), s in zip(operands, shown, strict=True)]
        guess = hint or self._guess(operands, what)
        return ShapeError(what, *places, hint=guess, shapes=tuple(shown))

    def describe(self, t: Typed) -> str:
        """A shape in words: a scalar, m×n."""
        self.sizes.name_free([s for pair in self.variables.values() for s in pair] + [t.rows, t.cols], self.taken())
        try:
            rows, cols = self.shape(t)
        except ValueError:
            return "of a very large shape"
        return "a scalar" if t.is_scalar else f"{rows}×{cols}"

    def taken(self) -> set[str]:
        """Names that no new dimension gets."""
        return {n for n in self.scope.dims | set(self.variables) | set(self.definitions) if len(n) == 1} | set(self.indices)

    def _guess(self, operands: tuple[tuple[Node, Typed], ...], what: str) -> str:
        """A likely slip behind a clash."""
        if len(operands) != 2:
            return ""
        (x, a), (y, b) = operands
        if "product" in what:
            if self._could(a.rows, b.rows) and self._could(a.cols, b.cols):
                both = "vectors" if find(a.cols) == 1 else "arrays"
                return f"`{self.text(x)}` and `{self.text(y)}` are {both} of one shape: x'y is the inner product, x∘y entry by entry"
            if self._could(a.rows, b.rows) and find(a.rows) != 1:
                return f"is a transpose missing? {self._turned(x)} {self._short(y)}"
            if self._could(a.cols, b.cols) and find(a.cols) != 1:
                return f"is a transpose missing? {self._short(x)} {self._turned(y)}"
        elif self._could(a.rows, b.cols) and self._could(a.cols, b.rows):
            return f"is a transpose missing? {self._turned(y)}"
        greek = [n.value for n in (x, y) if n.kind == "name" and n.value not in self.declared and "α" <= n.value[0] <= "ω"]
        return f"a small Greek letter is a scalar; declare {greek[0]} ∈ R^n for a vector" if greek else ""

    def _turned(self, node: Node) -> str:
        if node.kind == "T":
            return self._short(node.args[0])
        return self._short(node) + "'"

    def _short(self, node: Node) -> str:
        text = self.text(node)
        return text if len(text) < 3 or text[0] in "([" else f"({text})"

    @staticmethod
    def _could(a: Size, b: Size) -> bool:
        a, b = find(a), find(b)
        return a is b or a == b and type(a) in (str, int) or Var in (type(a), type(b)) and 1 not in (a, b)

    def parse_error(self, message: str, node: Node, hint: str = "") -> ParseError:
        """An error of meaning at a node."""
        return self.source.error(message, node.start, node.end, hint)

    def unsupported(self, message: str, node: Node, hint: str) -> UnsupportedError:
        """What the engine does not do, at a node."""
        return UnsupportedError(message, self.place(node), hint=hint)

    def place(self, node: Node) -> Place:
        """Where a node stands."""
        return self.source.place(node.start, node.end)

    def wide(self, node: Node, width: int) -> int:
        """The width of a flat node, refused where it is out of proportion."""
        if width > MAX_WIDTH:
            raise self.unsupported(f"written out, this has more than {MAX_WIDTH} factors or terms", node, "give a shorter formula")
        return width


Part = tuple[Node, Typed]


# ── leaves ────────────────────────────────────────────────────────────────────────────────────────────────
def _num(b: Builder, node: Node) -> Typed:
    return Typed(1, 1, lambda: num(node.value), number=True)


def _one(b: Builder, node: Node) -> Typed:
    n = Var()
    return Typed(n, 1, lambda: ones((b.dim(n), Dim.of(1))), one=True)


def _name(b: Builder, node: Node) -> Typed:
    name = node.value
    if name in b.definitions:
        return b.definitions[name]
    if name in b.indices:
        raise b.unsupported(f"the index {name} as a number is not supported", node, "indices select entries: X[i,j], x_i, e_i")
    if name not in b.variables:
        declared = b.declared.get(name)
        if declared is None and name in b.scope.dims and (name in b.numbers or b.closed):
            b.numbers.add(name)
            return Typed(1, 1, lambda: dimnum(b.dim(name)))
        if declared is None and b.closed:
            raise b.parse_error(f"`{name}` is not a name of this problem", node)
        b.variables[name] = _shape_of_new(b, name, declared)
    rows, cols = b.variables[name]
    facts = b.declared[name].facts if name in b.declared else frozenset()
    return Typed(rows, cols, lambda: var(name, (b.dim(rows), b.dim(cols)), facts))


def _shape_of_new(b: Builder, name: str, declared: Declared | None) -> tuple[Size, Size]:
    """The shape of a variable: declared, or by its letter."""
    if declared is not None and declared.shape is not None:
        return declared.shape
    square = declared is not None and declared.facts & {"sym", "spd", "skew", "diag", "tril", "orth"}
    if name in b.scalars and not square:
        return 1, 1
    letter = name[0]
    if letter.isupper() or square or declared is not None and "binary" in declared.facts:
        n = Var()
        return n, (n if square else Var())
    return (1, 1) if "α" <= letter <= "\u03ff" else (Var(), 1)


def _eye(b: Builder, node: Node) -> Typed:
    n = node.value if node.value is not None else Var()
    return Typed(n, n, lambda: eye(b.dim(n)))


def _ones(b: Builder, node: Node) -> Typed:
    rows, cols = node.value
    return Typed(rows, cols, lambda: ones((b.dim(rows), b.dim(cols))))


def _zeros(b: Builder, node: Node) -> Typed:
    rows, cols = node.value
    return Typed(rows, cols, lambda: zeros((b.dim(rows), b.dim(cols))))


def _all_ones(b: Builder, node: Node) -> Typed:
    rows, cols = Var(), Var()
    return Typed(rows, cols, lambda: ones((b.dim(rows), b.dim(cols))))


def _const(b: Builder, node: Node) -> Typed:
    return Typed(1, 1, lambda: const(node.value), number=True)


def _unit(b: Builder, node: Node) -> Typed:
    n = b.indices[node.value][0] if node.value in b.indices else Var()
    return Typed(n, 1, lambda: unit(node.value, b.dim(n)))


def _commutation(b: Builder, node: Node) -> Typed:
    if len(node.value) != 2:
        raise b.parse_error("K_{m,n} has two dimensions", node)
    m, n = node.value
    size = Product((n, m), "vec")
    return Typed(Product((m, n), "vec"), size, lambda: commutation(b.dim(m), b.dim(n)))


def _duplication(b: Builder, node: Node) -> Typed:
    n = node.value[0]
    half = Triangle(n)
    tall = node.kind == "duplication"
    rows, cols = (Product((n, n)), half) if tall else (half, Product((n, n)))
    return Typed(rows, cols, lambda: (duplication if tall else elimination)(b.dim(n), b.dim(half)))


def _d(b: Builder, node: Node) -> Typed:
    t = _name(b, node)
    return Typed(t.rows, t.cols, lambda: make("d", t.make()))


# ── sums and entrywise products ───────────────────────────────────────────────────────────────────────────
def _group(b: Builder, node: Node) -> Typed:
    return b.infer(node.args[0])


def _neg(b: Builder, node: Node) -> Typed:
    t = b.infer(node.args[0])
    return Typed(t.rows, t.cols, lambda: neg(t.make()), t.number, width=t.width)


def _sum(b: Builder, node: Node) -> Typed:
    parts = [(x, b.infer(x)) for x in node.args]
    signs = tuple(node.value)
    width = b.wide(node, sum(t.width for _, t in parts))
    arrays = [(x, t) for x, t in parts if not (t.is_scalar or t.one)]
    bold = [t for _, t in parts if t.one]
    if not arrays:
        if bold and all(t.one or t.number for _, t in parts):
            arrays = [p for p in parts if p[1].one]
        else:
            number = all(t.number for _, t in parts)
            return Typed(1, 1, lambda: linear([(s, t.make()) for s, (_, t) in zip(signs, parts, strict=True)], _SCALAR),
                         number, width=width)
    first = arrays[0]
    for other in arrays[1:]:
        b.require(first[1].rows, other[1].rows, "a sum needs arrays of one shape", first, other)
        b.require(first[1].cols, other[1].cols, "a sum needs arrays of one shape", first, other)
    rows, cols = first[1].rows, first[1].cols
    for x, t in parts:
        if t.one and find(cols) == 1:
            b.require(t.rows, rows, "a sum needs arrays of one shape", first, (x, t))
        elif t.is_scalar and not t.number:
            raise _added_scalar(b, first, (x, t))
        elif (t.is_scalar or t.one) and not (x.kind == "num" and x.value == 0):
            b.note(f"{b.text(x)} in `{b.text(node)}` acts on every entry")
    result = Typed(rows, cols, lambda: linear([], _SCALAR), width=width)

    def build() -> Expr:
        shape = b.shape(result)
        return linear([(s, t.make() if not t.is_scalar and not (t.one and find(cols) != 1) else
                        _spread(t.make() if not t.one else num(1), shape))
                       for s, (_, t) in zip(signs, parts, strict=True)], shape)

    result.make = build
    return result


_SCALAR: Shape = (Dim.of(1), Dim.of(1))


def _added_scalar(b: Builder, array: Part, scalar: Part) -> ShapeError:
    text, t = b._short(scalar[0]), array[1]
    hint = f"write {text} I for a multiple of the identity, {text} J to add {text} to every entry"
    if find(t.cols) == 1:
        hint = f"write {text} 1_n to add {text} to every entry"
    elif not b._could(t.rows, t.cols):
        hint = f"write {text} J to add {text} to every entry"
    return b.clash(("a scalar that is not a number cannot be added to an array", b.source, (array, scalar), hint))


def _spread(e: Expr, shape: Shape) -> Expr:
    return scaled(e, ones(shape))


def _had(b: Builder, node: Node) -> Typed:
    parts = [(x, b.infer(x)) for x in node.args]
    powers = tuple(node.value)
    width = b.wide(node, sum(t.width for _, t in parts))
    arrays = [(x, t) for x, t in parts if not (t.is_scalar or t.one)] or [(x, t) for x, t in parts if t.one]
    if not arrays:
        return Typed(1, 1, lambda: _bag(b, node, parts, powers), all(t.number for _, t in parts), width=width)
    first = arrays[0]
    for other in arrays[1:]:
        b.require(first[1].rows, other[1].rows, "∘ needs arrays of one shape", first, other)
        b.require(first[1].cols, other[1].cols, "∘ needs arrays of one shape", first, other)
    for x, t in parts:
        if t.one and find(first[1].cols) == 1:
            b.require(t.rows, first[1].rows, "∘ needs arrays of one shape", first, (x, t))
        elif t.is_scalar:
            b.note(f"{b.text(x)} in `{b.text(node)}` acts on every entry")
    return Typed(first[1].rows, first[1].cols, lambda: _bag(b, node, parts, powers, first[1]), width=width)


def _bag(
    b: Builder, node: Node, parts: list[tuple[Node, Typed]], powers: tuple[int, ...], like: Typed | None = None
) -> Expr:
    made = [num(1) if t.one and like is not None and like is not t else t.make() for _, t in parts]
    for (x, _), e, p in zip(parts, made, powers, strict=True):
        if p < 0 and e.op is ZEROS:
            raise b.parse_error("division by zero", x)
    pairs: list[tuple[Expr, int | Fraction]] = list(zip(made, powers, strict=True))
    e = bag(pairs)
    return e if like is None or e.shape == (shape := b.shape(like)) else _spread(e, shape)


def _frob(b: Builder, node: Node) -> Typed:
    (x, s), (y, t) = parts = [(x, b.infer(x)) for x in node.args]
    for a, c in ((s.rows, t.rows), (s.cols, t.cols)):
        b.require(a, c, "A:B = tr(AᵀB) needs arrays of one shape", *parts)
    return Typed(1, 1, lambda: make("frob", s.make(), t.make()))


def _kron(b: Builder, node: Node) -> Typed:
    parts = [b.infer(x) for x in node.args]
    if all(t.is_scalar for t in parts):
        return Typed(1, 1, lambda: mul(*(t.make() for t in parts)))
    arrays = [t for t in parts if not t.is_scalar]
    rows = [t.rows for t in arrays if find(t.rows) != 1]
    cols = [t.cols for t in arrays if find(t.cols) != 1]

    result = Typed(_times(rows), _times(cols), lambda: num(0))

    def build() -> Expr:
        b.shape(result)  # refuses what is out of proportion
        made = [t.make() for t in arrays]
        e = made[0]
        for other in made[1:]:
            e = make("kron", e, other)
        return mul(*(t.make() for t in parts if t.is_scalar), e)

    result.make = build
    return result


def _times(factors: list[Size]) -> Size:
    return 1 if not factors else factors[0] if len(factors) == 1 else Product(tuple(factors))


# ── products ──────────────────────────────────────────────────────────────────────────────────────────────

def _product(b: Builder, node: Node) -> Typed:
    parts: list[tuple[Node, Typed, int]] = [(x, b.infer(x), s) for x, s in zip(node.args, node.value, strict=True)]
    parts = _vectors_of_ones(b, parts)
    width = b.wide(node, sum(t.width for _, t, _ in parts))
    below = [(x, t) for x, t, s in parts if s < 0]
    for x, t in below:
        if not t.is_scalar:
            raise b.clash(("only a scalar can be divided by", b.source, ((x, t),),
                           "⊘ (or ./) divides entry by entry; for a matrix write its inverse, A^{-1}"))
    scalars = [t for _, t, s in parts if s > 0 and t.is_scalar]
    loose, kept = _segments(b, [(x, t) for x, t, s in parts if s > 0 and not t.is_scalar])
    number = not loose and not kept and all(t.number for _, t, _ in parts)

    def build() -> Expr:
        factors = [t.make() for t in scalars]
        for x, t in below:
            e = t.make()
            if e.op is ZEROS:
                raise b.parse_error("division by zero", x)
            factors.append(power(e, -1))
        factors += [mul(*(t.make() for _, t in segment)) for segment in loose]
        return mul(*factors, *(t.make() for _, t in kept))

    if not kept:
        return Typed(1, 1, build, number, width=width)
    return Typed(kept[0][1].rows, kept[-1][1].cols, build, width=width)


def _vectors_of_ones(b: Builder, parts: list[tuple[Node, Typed, int]]) -> list[tuple[Node, Typed, int]]:
    """A plain 1 where only a vector can stand: after a matrix or a row (`X 1`), before a lone row (`1 x'`)."""
    if not any(x.kind == "num" and x.value == 1 and s > 0 for x, _, s in parts):
        return parts
    out = list(parts)
    for i, (x, _, s) in enumerate(parts):
        if x.kind != "num" or x.value != 1 or s < 0 or i + 1 < len(parts) and parts[i + 1][2] < 0:
            continue
        before = [t for _, t, p in out[:i] if p > 0 and not t.is_scalar]
        after = [t for _, t, p in parts[i + 1:] if p > 0 and not t.is_scalar]
        opened = bool(before) and find(before[-1].cols) != 1
        vector = opened and (not after or find(after[0].rows) == 1)
        if not before and after and find(after[0].rows) == 1 and all(find(t.cols) != 1 for t in after):
            vector = True
        if vector:
            out[i] = (x, _one(b, x), s)
    return out


def _segments(b: Builder, factors: list[Part]) -> tuple[list[list[Part]], list[Part]]:
    """Cut a chain into its scalar segments (from a row to the next column) and the rest.

    In `A x'y` the row x' stands directly before the column y: their product is a scalar.
    """
    loose: list[list[Part]] = []
    kept: list[Part] = []
    opened: list[list[Part]] = []
    for factor in factors:
        row, column = find(factor[1].rows) == 1, find(factor[1].cols) == 1
        if not opened and kept and not row:
            raise _no_product(b, kept[-1], factor)
        if opened and not row:
            last = opened[-1][-1]
            b.require(last[1].cols, factor[1].rows, _PRODUCT, last, factor)
            opened[-1].append(factor)
        else:
            opened.append([factor])
        if column:
            segment = opened.pop()
            if find(segment[0][1].rows) == 1:
                loose.append(segment)
            else:
                kept += segment
    if len(opened) > 1:
        raise _no_product(b, opened[-2][-1], opened[-1][0])
    return loose, kept + (opened[0] if opened else [])


_PRODUCT = "a product needs as many columns on its left as rows on its right"


def _no_product(b: Builder, x: Part, y: Part) -> ShapeError:
    return b.clash((_PRODUCT, b.source, (x, y), ""))


# ── postfixes ─────────────────────────────────────────────────────────────────────────────────────────────
def _transpose(b: Builder, node: Node) -> Typed:
    x = node.args[0]
    t = _one(b, x) if x.kind == "num" and x.value == 1 else b.infer(x)
    return Typed(t.cols, t.rows, lambda: T(t.make()), t.number, width=t.width)


def _square(b: Builder, node: Node, x: Node, t: Typed, what: str) -> None:
    hint = ""
    if find(t.cols) == 1 or find(t.rows) == 1:
        hint = "of a vector: x'x is the inner product, x x' the outer, x.^2 entry by entry"
        raise b.clash((f"{what} needs a square matrix", b.source, ((x, t),), hint))
    b.require(t.rows, t.cols, f"{what} needs a square matrix", (x, t))


def _pow(b: Builder, node: Node) -> Typed:
    x, q = node.args[0], node.value
    q = int(q) if q.denominator == 1 else q
    t = b.infer(x)
    if t.is_scalar:
        if abs(q) > 10**4:
            raise b.unsupported("this exponent is too large", node, "at most 10000")
        return Typed(1, 1, lambda: _power(b, x, t.make(), q), t.number)
    _square(b, node, x, t, "the inverse" if q == -1 else "a power")
    if isinstance(q, Fraction) and q.denominator != 2 or abs(q) > MAX_POWER:
        raise b.unsupported(f"the matrix power {q} is not supported", node,
                            f"whole powers up to {MAX_POWER}, and 1/2 of an SPD matrix")
    width = b.wide(node, t.width * max(1, int(abs(q))))

    def build() -> Expr:
        e = t.make()
        if isinstance(q, Fraction):
            e, k = make("sqrtm", e), q.numerator
        else:
            k = q
        if k < 0:
            e, k = make("inv", e), -k
        return mul(*[e] * k) if k else eye(b.dim(t.rows))

    return Typed(t.rows, t.cols, build, width=width)


def _power(b: Builder, x: Node, e: Expr, q: int | Fraction) -> Expr:
    if e.op is ZEROS and q <= 0:
        raise b.parse_error("division by zero" if q else "0^0 has no value", x)
    value = number_of(e)
    if value is not None and value < 0 and q.denominator != 1:
        raise b.parse_error("a root of a negative number", x)
    if value is not None and abs(q) > 64 and value not in (0, 1, -1):
        raise b.unsupported("this power of a number is too large", x, "at most 64")
    return power(e, q)


def _hpow(b: Builder, node: Node) -> Typed:
    x, q = node.args[0], node.value
    t = b.infer(x)
    if abs(q) > 10**4:
        raise b.unsupported("this exponent is too large", node, "at most 10000")
    return Typed(t.rows, t.cols, lambda: _power(b, x, t.make(), int(q) if q.denominator == 1 else q), t.number)


def _pinv(b: Builder, node: Node) -> Typed:
    t = b.infer(node.args[0])
    return Typed(t.cols, t.rows, lambda: make("pinv", t.make()))


def _powof(b: Builder, node: Node) -> Typed:
    x, y = node.args
    t, exponent = b.infer(x), b.infer(y)
    entrywise = node.kind == "hpowof"
    if not exponent.is_scalar:
        raise b.clash(("an exponent is a scalar", b.source, ((y, exponent),), ""))
    if not t.is_scalar and not entrywise:
        if find(t.cols) == 1:
            _square(b, node, x, t, "a power")
        raise b.unsupported("a matrix power whose exponent is no number is not supported", node, "write the number")

    def build() -> Expr:
        e, q = t.make(), exponent.make()
        value = number_of(q)
        if value is not None and abs(value) <= 10**4:
            return _power(b, x, e, value)
        logarithm = make("log", e)
        return make("exp", mul(q, logarithm))

    return Typed(t.rows, t.cols, build, t.number and exponent.number)


Rule = Callable[[Builder, Node], Typed]
RULES: dict[str, Rule] = {
    "num": _num, "one": _one, "name": _name, "eye": _eye, "ones": _ones, "zeros": _zeros, "J": _all_ones, "const": _const,
    "unit": _unit, "commutation": _commutation, "duplication": _duplication, "elimination": _duplication, "d": _d,
    "group": _group, "neg": _neg, "sum": _sum, "had": _had, "frob": _frob, "kron": _kron, "product": _product,
    "T": _transpose, "pow": _pow, "hpow": _hpow, "pinv": _pinv, "powof": _powof, "hpowof": _powof,
}
