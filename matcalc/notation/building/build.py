"""Sums, products and powers: the operators of a formula, their shapes and their expressions."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from matcalc.core.algebra import ZEROS, T, bag, linear, mul, neg, num, ones, power, scaled
from matcalc.core.dims import SCALAR, Shape
from matcalc.core.tree import Expr, make
from matcalc.errors import ShapeError
from matcalc.notation.building.builder import RULES, Builder, Part, Typed
from matcalc.notation.building.leaves import bold_one
from matcalc.notation.building.quotients import dimensions_below, divided_by_array
from matcalc.notation.building.terms import find
from matcalc.notation.dimension import Product, Size
from matcalc.notation.hints import could, short
from matcalc.notation.syntax.surface import Node


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
            return Typed(
                1, 1, lambda: _linear(b, signs, [t.make() for _, t in parts], SCALAR), number, width=width
            )
    first = arrays[0]
    for other in arrays[1:]:
        b.require(first[1].rows, other[1].rows, "a sum needs arrays of one shape", first, other)
        b.require(first[1].cols, other[1].cols, "a sum needs arrays of one shape", first, other)
    rows, cols = first[1].rows, first[1].cols
    for x, t in parts:
        if t.one and find(cols) == 1:
            b.require(t.rows, rows, "a sum needs arrays of one shape", first, (x, t))
        elif t.is_scalar and _times_one(x):
            continue
        elif t.is_scalar and not t.number:
            raise _added_scalar(b, first, (x, t))
        elif (t.is_scalar or t.one) and not (x.kind == "num" and x.value == 0):
            b.note(f"{b.text(x)} in `{b.text(node)}` acts on every entry")
    result = Typed(rows, cols, lambda: linear([], SCALAR), width=width)

    def build() -> Expr:
        shape = b.shape(result)
        made = [t.make() if not t.is_scalar and not (t.one and find(cols) != 1) else
                spread(t.make() if not t.one else num(1), shape) for _, t in parts]
        return _linear(b, signs, made, shape)

    result.make = build
    return result


def _linear(b: Builder, signs: tuple[int, ...], made: list[Expr], shape: Shape) -> Expr:
    return b.typed.sum(linear(list(zip(signs, made, strict=True)), shape), made)


def _times_one(x: Node) -> bool:
    """Whether a 1 is written as a factor, so that a scalar stands for an array of it: λ·1, 1 1ᵀx/n."""
    while x.kind in ("neg", "group"):
        x = x.args[0]
    if x.kind != "product":
        return False
    signs = [*x.value, 1]
    return any(
        a.kind == "num" and a.value == 1 and signs[i] > 0 and signs[i + 1] > 0 for i, a in enumerate(x.args)
    )


def _added_scalar(b: Builder, array: Part, scalar: Part) -> ShapeError:
    text, t = short(b, scalar[0]), array[1]
    if scalar[0].kind == "isum" or b.indices:
        hint = "inside the sum x_k is an entry of x; vectors are declared, x_k ∈ R^n, or written X[k,:] and X[:,k]"
        return b.clash(("a scalar cannot be added to an array", b.source, (array, scalar), hint))
    hint = f"write {text} I for a multiple of the identity, {text} J to add {text} to every entry"
    if find(t.cols) == 1:
        hint = f"write {text} 1_{_power(b, t)} to add {text} to every entry"
        if scalar[0].kind == "name" and not b.is_known(scalar[0].value):
            hint = f"for a vector declare {text} ∈ R^{_power(b, t)}; for a number {hint}"
    elif not could(t.rows, t.cols):
        hint = f"write {text} J to add {text} to every entry"
    return b.clash(
        ("a scalar that is not a number cannot be added to an array", b.source, (array, scalar), hint)
    )


def _power(b: Builder, t: Typed) -> str:
    """The shape of an array as a declaration spells it: n, {m×n}."""
    shape = b.describe(t).removesuffix("×1")
    return shape if len(shape) == 1 else f"{{{shape}}}"


def spread(e: Expr, shape: Shape) -> Expr:
    """The scalar `e` in every entry of an array."""
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
    b: Builder,
    node: Node,
    parts: list[tuple[Node, Typed]],
    powers: tuple[int, ...],
    like: Typed | None = None,
) -> Expr:
    made = [num(1) if t.one and like is not None and like is not t else t.make() for _, t in parts]
    for (x, _), e, p in zip(parts, made, powers, strict=True):
        if p < 0 and e.op is ZEROS:
            raise b.parse_error("division by zero", x)
    pairs: list[tuple[Expr, int | Fraction]] = list(zip(made, powers, strict=True))
    e = b.typed.bag(bag(pairs), made)
    b.typed.parts(power(x, p) for x, p in pairs if p < 0)
    return e if like is None or e.shape == (shape := b.shape(like)) else spread(e, shape)


def _frob(b: Builder, node: Node) -> Typed:
    (x, s), (y, t) = parts = [(x, b.infer(x)) for x in node.args]
    if s.is_scalar != t.is_scalar:  # 1:X is the sum of all entries
        s, t = (_all_ones(b, t) if a.kind == "num" and a.value == 1 else c for a, c, t in ((x, s, t), (y, t, s)))
        parts = [(x, s), (y, t)]
    for a, c in ((s.rows, t.rows), (s.cols, t.cols)):
        b.require(a, c, "A:B = tr(AᵀB) needs arrays of one shape", *parts)

    def build() -> Expr:
        left, right = s.make(), t.make()
        return b.typed.frobenius(make("frob", left, right), left, right)

    return Typed(1, 1, build)


def _all_ones(b: Builder, like: Typed) -> Typed:
    return Typed(like.rows, like.cols, lambda: ones(b.shape(like)))


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
    b.wide(node, len(node.args))
    for x, s in zip(node.args, node.value, strict=True):
        if s < 0:
            dimensions_below(b, x)
    parts: list[tuple[Node, Typed, int]] = [
        (x, b.infer(x), s) for x, s in zip(node.args, node.value, strict=True)
    ]
    parts = _vectors_of_ones(b, parts)
    _no_vector_entry(b, node, parts)
    width = b.wide(node, sum(t.width for _, t, _ in parts))
    below = [(x, t) for x, t, s in parts if s < 0]
    if any(not t.is_scalar for _, t in below):
        return divided_by_array(b, node, below)
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
        factors += [_chained(b, segment) for segment in loose]
        arrays = [t.make() for _, t in kept]
        return b.typed.bag(mul(*factors, *arrays), [*factors, *arrays])

    if not kept:
        return Typed(1, 1, build, number, width=width)
    return Typed(kept[0][1].rows, kept[-1][1].cols, build, width=width)


def _no_vector_entry(b: Builder, node: Node, parts: list[tuple[Node, Typed, int]]) -> None:
    """w'x_i and A x_i of an undeclared x: who writes the factor there takes x_i for a vector."""
    for (before, s, _), (x, t, sign) in pairwise(parts):
        entry = x.kind == "part" and len(x.value) == 1 and type(x.value[0]) is str and x.args[0].kind == "name"
        if entry and sign > 0 and t.is_scalar and find(s.cols) != 1 and not b.is_known(x.args[0].value):
            name, i = x.args[0].value, x.value[0]
            raise b.parse_error(f"`{b.text(x)}` is an entry of the vector {name}, no vector itself", node,
                                f"for vectors {name}_1, {name}_2, … declare {name}_{i} ∈ R^n; for an entry "
                                f"declare {name} ∈ R^m, or write it first: {b.text(x)} {b.text(before)}")


def _chained(b: Builder, segment: list[Part]) -> Expr:
    made = [t.make() for _, t in segment]
    return b.typed.chain(mul(*made), made)


def _vectors_of_ones(b: Builder, parts: list[tuple[Node, Typed, int]]) -> list[tuple[Node, Typed, int]]:
    """A plain 1 where only a vector can stand: after a matrix or a row (X 1), before a lone row (1 x')."""
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
            out[i] = (x, bold_one(b, x), s)
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
    t = bold_one(b, x) if x.kind == "num" and x.value == 1 else b.infer(x)
    if t.is_scalar and x.kind == "part" and all(type(i) is str and i != ":" for i in x.value):
        _no_transposed_entry(b, node, x)
    return Typed(t.cols, t.rows, lambda: T(t.make()), t.number, width=t.width)


def _no_transposed_entry(b: Builder, node: Node, x: Node) -> None:
    """a_i' of an undeclared a: whoever transposes it takes a_i for a vector."""
    name = x.args[0].value if x.args[0].kind == "name" else None
    if name is None or b.is_known(name):
        return
    i = x.value[0]
    raise b.parse_error(
        f"`{b.text(x)}` is an entry of the vector {name}, which has no transpose", node,
        f"for vectors {name}_1, {name}_2, … declare {name}_{i} ∈ R^n, or write the row A[{i},:] of a matrix")


def _pinv(b: Builder, node: Node) -> Typed:
    t = b.infer(node.args[0])
    return Typed(t.cols, t.rows, lambda: make("pinv", t.make()))


RULES.update(
    {
        "group": _group,
        "neg": _neg,
        "sum": _sum,
        "had": _had,
        "frob": _frob,
        "kron": _kron,
        "product": _product,
        "T": _transpose,
        "pinv": _pinv,
    }
)
