"""The four nodes that carry the algebra: sum, product, Hadamard bag, scaling; and the transpose.

Constructors normalise silently, by a short closed list: flatten, units and zeros, coefficients and scalars
out, equal factors to powers, like terms together, transposes to the leaves, X⁻¹X away. Everything else is a
named identity and a step.

    lin    Σ cᵢ tᵢ          rational coefficients live only here; k·(sum) stays one term
    chain  A B C            ordered, no scalar factor, no coefficient
    had    ∏ Aᵢ^pᵢ          entrywise, rational exponents; between scalars it is the product
    scal   s A              one scalar, one array
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

from matcalc.core import tree
from matcalc.core.dims import ONE, SCALAR, Dim, Shape
from matcalc.core.leaves import (
    CHAIN,
    COMMUTATION,
    CONST,
    DIMNUM,
    DUPLICATION,
    ELIMINATION,
    EYE,
    HAD,
    LIN,
    META,
    ONES,
    SCAL,
    TRANSPOSE,
    UNIT,
    UNITY,
    VAR,
    ZEROS,
    commutation,
    const,
    duplication,
    elimination,
    eye,
    facts_of,
    ones,
    unit,
    var,
    zeros,
)
from matcalc.core.sums import (
    Number,
    add,
    content,
    direction,
    linear,
    neg,
    num,
    number_of,
    scale,
    split_coefficient,
    sub,
    terms_of,
    tidy,
)
from matcalc.core.tree import OPS, REBUILD, Args, Expr, bind_symbol, node

__all__ = [
    "CHAIN",
    "COMMUTATION",
    "CONST",
    "DIMNUM",
    "DUPLICATION",
    "ELIMINATION",
    "EYE",
    "HAD",
    "LIN",
    "META",
    "ONES",
    "SCAL",
    "TRANSPOSE",
    "UNIT",
    "UNITY",
    "VAR",
    "ZEROS",
    "Number",
    "T",
    "add",
    "bag",
    "commutation",
    "const",
    "content",
    "dimnum",
    "direction",
    "duplication",
    "elimination",
    "eye",
    "facts_of",
    "hadamard",
    "inverse_of",
    "lift",
    "linear",
    "make",
    "mul",
    "neg",
    "num",
    "number_of",
    "ones",
    "power",
    "reciprocal",
    "scale",
    "scaled",
    "split_coefficient",
    "split_scalar",
    "sub",
    "terms_of",
    "tidy",
    "unit",
    "var",
    "zeros",
]


# ── products ──────────────────────────────────────────────────────────────────────────────────────────────
def split_scalar(e: Expr) -> tuple[Number, Expr | None, Expr]:
    """A factor as (coefficient, scalar factor or None, array); −A − B gives its sign away."""
    c, rest = split_coefficient(e)
    if rest.op is LIN and all(k < 0 for k in rest.attrs):
        return -c, None, scale(-1, rest)
    if rest.op is SCAL:
        return c, rest.args[0], rest.args[1]
    return c, None, rest


def mul(*factors: Expr) -> Expr:
    """The product of scalars, vectors and matrices, in order.

    Shapes: neighbours among the non-scalars conform.
    """
    coefficient: Number = 1
    scalars: list[Expr] = []
    arrays: list[Expr] = []
    for f in factors:
        if f.is_scalar:
            q = number_of(f)
            if q is None:
                scalars.append(f)
            else:
                coefficient *= q
            continue
        if f.op is ZEROS:
            coefficient = 0
        c, s, rest = split_scalar(f)
        coefficient *= c
        if s is not None:
            scalars.append(s)
        arrays.extend(rest.args if rest.op is CHAIN else (rest,))
    if not arrays:
        return scale(coefficient, hadamard(*scalars) if scalars else UNITY)
    shape = (arrays[0].shape[0], arrays[-1].shape[1])
    if coefficient == 0:
        return zeros(shape)
    pieces = _cancel(arrays)
    loose, kept = _cut(pieces, shape)
    scalars += loose
    body = _chain(kept, shape) if kept else UNITY
    if body.is_scalar:
        return scale(coefficient, hadamard(*scalars, body))
    return scale(coefficient, scaled(hadamard(*scalars), body) if scalars else body)


def _cancel(arrays: list[Expr]) -> list[Expr]:
    """Drop identities and neighbouring inverses, merge neighbouring diagonals, split all-ones matrices."""
    out: list[Expr] = []
    for f in arrays:
        if f.op is EYE and len(arrays) > 1:
            continue
        if f.op is ONES and f.shape[0] is not ONE and f.shape[1] is not ONE and len(arrays) > 1:
            out += [ones((f.shape[0], ONE)), ones((ONE, f.shape[1]))]
            continue
        if out:
            last = out[-1]
            if inverse_of(f) is last or inverse_of(last) is f or _orthogonal_pair(last, f):
                out.pop()
                continue
            if f.op is ONES and f.shape[1] is ONE and last.op.name == "Diag":
                out[-1] = last.args[0]
                continue
            if last.op is ONES and last.shape[0] is ONE and f.op.name == "Diag":
                out[-1] = T(f.args[0])
                continue
            if f.op.name == "Diag" and last.op.name == "Diag":
                out[-1] = tree.make("Diag", hadamard(last.args[0], f.args[0]))
                continue
        out.append(f)
    return out or [eye(arrays[0].shape[0])]


def inverse_of(e: Expr) -> Expr | None:
    """The argument of an inverse, None for anything else."""
    return e.args[0] if e.op.name == "inv" else None


def _orthogonal_pair(a: Expr, b: Expr) -> bool:
    for x, y in ((a, b), (b, a)):
        if x.op is TRANSPOSE and x.args[0] is y and "orth" in facts_of(y):
            return True
    return a.op is COMMUTATION and T(a) is b


def _cut(pieces: list[Expr], shape: Shape) -> tuple[list[Expr], list[Expr]]:
    """Cut a chain at inner dimensions 1: the scalar segments, and what is left of the chain."""
    bounds = [0] if shape[0] is ONE else []
    bounds += [i + 1 for i in range(len(pieces) - 1) if pieces[i].shape[1] is ONE]
    if shape[1] is ONE:
        bounds.append(len(pieces))
    if len(bounds) < 2 or (len(bounds) == 2 and bounds == [0, len(pieces)]):
        return [], pieces
    loose = [_chain(pieces[a:b], SCALAR) for a, b in pairwise(bounds)]
    return loose, pieces[: bounds[0]] + pieces[bounds[-1] :]


def _chain(factors: list[Expr], shape: Shape) -> Expr:
    if len(factors) == 1:
        return factors[0]
    if len(factors) == 2 and factors[0].op is ONES and factors[1].op is ONES and factors[0].shape[1] is ONE:
        return ones(shape)
    if shape == SCALAR:
        if factors[0].op is ONES:
            return tree.make("sum", mul(*factors[1:]))
        if factors[-1].op is ONES:
            return tree.make("sum", mul(*(T(f) for f in reversed(factors[:-1]))))
        if len(factors) == 2 and T(factors[0]) is factors[1]:
            return tree.make("frob", factors[1], factors[1])
        other = [T(f) for f in reversed(factors)]
        signless = all(f.op is not LIN or len(f.args) > 1 for f in other)
        if signless and _orientation(other) < _orientation(factors):
            factors = other
    return node(CHAIN, tuple(factors), (), shape)


def _orientation(factors: list[Expr]) -> tuple[int, tuple[object, ...]]:
    transposes = sum(sum(1 for x in (f, *f.args) if x.op is TRANSPOSE) for f in factors)
    return transposes, tuple(f.key for f in factors)


def scaled(s: Expr, a: Expr) -> Expr:
    """Scalar times array."""
    if a.is_scalar:
        return hadamard(s, a)
    q = number_of(s)
    if q is not None:
        return scale(q, a)
    c, s = split_coefficient(s)
    k, inner, a = split_scalar(a)
    if inner is not None:
        return scale(c * k, scaled(hadamard(s, inner), a))
    if a.op is ZEROS:
        return a
    return scale(c * k, node(SCAL, (s, a), (), a.shape))


# ── the Hadamard bag ──────────────────────────────────────────────────────────────────────────────────────
def hadamard(*factors: Expr) -> Expr:
    """The entrywise product of arrays of one shape; scalar factors scale it."""
    return bag([(f, 1) for f in factors])


def bag(pairs: list[tuple[Expr, Number]]) -> Expr:
    """∏ baseᵢ^pᵢ, entrywise."""
    arrays = [f for f, _ in pairs if not f.is_scalar]
    shape = arrays[0].shape if arrays else SCALAR
    coefficient: Number = 1
    powers: dict[Expr, Number] = {}
    scalars: list[tuple[Expr, Number]] = []
    stack = pairs[::-1]
    while stack:
        f, p = stack.pop()
        if p == 0 or f.op is ONES:
            continue
        if f.is_scalar and shape != SCALAR:
            scalars.append((f, p))
            continue
        if f.op is ZEROS and p > 0:
            return zeros(shape)
        c, s, rest = split_scalar(f)
        if c != 1 or s is not None:
            root = _rational_power(c, p)
            if root is None and c > 0 and s is None:  # an irrational root of a rational stays a factor
                if shape == SCALAR:
                    powers[num(c)] = powers.get(num(c), 0) + p
                else:
                    scalars.append((num(c), p))
                root = 1
            if root is not None and (s is None or p.denominator == 1):
                coefficient *= root
                if s is not None:
                    scalars.append((s, p))
                if rest.op is not ONES:
                    stack.append((rest, p))
                continue
        if f.op is LIN and p < 0 and p.denominator == 1 and (cleared := _cleared(f)) is not None:
            f, (base, q) = cleared
            (scalars if shape != SCALAR else stack).append((base, q * p))
            stack.append((f, p))
            continue
        if f.op is HAD and (p.denominator == 1 or not any(_even(q) for q in f.attrs)):
            stack.extend((b, tidy(q * p)) for b, q in reversed(list(zip(f.args, f.attrs, strict=True))))
            continue
        if f.op is EYE and p > 0:
            powers[f] = 1
            continue
        sign, canonical = direction(f) if p.denominator == 1 and p != 1 else (1, f)
        if sign < 0 and f is not canonical and _even(p):
            f = canonical
        powers[f] = powers.get(f, 0) + p
    powers = {f: tidy(p) for f, p in powers.items() if p}
    powers, flips = _merge_signs(powers)
    coefficient *= flips
    for f in [f for f, p in powers.items() if f.op is LIN and p.denominator == 1 and number_of(f)]:  # √2 √2
        coefficient *= Fraction(number_of(f) or 0) ** int(powers.pop(f))
    if shape == SCALAR and (found := _exponentials(powers)) is not None:
        powers = found
    body = _bag_node(powers, shape)
    if scalars:
        body = scaled(bag(scalars), body)
    return scale(tidy(coefficient), body)


def _cleared(f: Expr) -> tuple[Expr, tuple[Expr, Number]] | None:
    """A sum under a bar with a scalar denominator in a term: 1 + r²/σ² as (σ² + r²) and (σ, −2)."""
    for t in f.args:
        _, s, a = split_scalar(t)
        s = a if s is None and a.is_scalar else s
        if s is not None and s.op is HAD:
            for b, p in zip(s.args, s.attrs, strict=True):
                if p < 0:
                    factor = power(b, -p)
                    return linear([(c, mul(x, factor)) for c, x in terms_of(f)], f.shape), (b, p)
    return None


def _even(p: object) -> bool:
    return isinstance(p, int) and p % 2 == 0


def _rational_power(c: Number, p: Number) -> Number | None:
    if p.denominator == 1:
        return tidy(Fraction(c) ** int(p))
    if c <= 0:
        return None
    fraction = Fraction(c)
    roots = []
    for part in (fraction.numerator, fraction.denominator):
        r = round(part ** (1 / p.denominator))
        if r**p.denominator != part:
            return None
        roots.append(r)
    return tidy(Fraction(roots[0], roots[1]) ** p.numerator)


def _merge_signs(powers: dict[Expr, Number]) -> tuple[dict[Expr, Number], int]:
    """(R, −R) in one bag are one base: R∘(−R) = −R∘R."""
    seen: dict[Expr, Expr] = {}
    sign = 1
    out: dict[Expr, Number] = {}
    for f, p in powers.items():
        s, canonical = direction(f)
        if canonical in seen and p.denominator == 1 and out[seen[canonical]].denominator == 1:
            other = seen[canonical]
            if other is not f:
                sign *= -1 if int(p) % 2 else 1
            out[other] = tidy(out[other] + p)
            if not out[other]:
                del out[other], seen[canonical]
        else:
            seen[canonical] = f
            out[f] = p
    return out, sign


def _exponentials(powers: dict[Expr, Number]) -> dict[Expr, Number] | None:
    """exp(a)·exp(b) = exp(a + b) between scalars."""
    found = [f for f in powers if f.op.name == "exp"]
    if not found or len(found) == 1 and powers[found[0]] == 1:
        return None
    total = linear([(powers[f], f.args[0]) for f in found], SCALAR)
    rest = {f: p for f, p in powers.items() if f not in found}
    merged = tree.make("exp", total)
    if merged is not UNITY:
        rest[merged] = 1
    return rest


def _bag_node(powers: dict[Expr, Number], shape: Shape) -> Expr:
    if not powers:
        return ones(shape)
    if len(powers) == 1:
        ((f, p),) = powers.items()
        if p == 1:
            return f
    if any(f.op is EYE for f in powers):
        done = _on_diagonal(powers, shape)
        if done is not None:
            return done
    items = sorted(powers.items(), key=lambda item: item[0].key)
    return node(HAD, tuple(f for f, _ in items), tuple(p for _, p in items), shape)


def _on_diagonal(powers: dict[Expr, Number], shape: Shape) -> Expr | None:
    """Beside I, transposes and diagonal matrices collapse: I∘Aᵀ = I∘A, I∘Diag(x) = Diag(x)."""
    out: dict[Expr, Number] = {}
    changed = False
    for f, p in powers.items():
        other = T(f)
        turned = other is not f and _orientation([split_coefficient(other)[1]]) < _orientation([f])
        g = other if turned else f
        changed = changed or g is not f
        out[g] = out.get(g, 0) + p
    if len(out) == 2:
        (f,) = [f for f in out if f.op is not EYE]
        if f.op.name == "Diag" and out[f] == 1:
            return f
        if "diag" in facts_of(f) and out[f] == 1:
            return f
    return bag(list(out.items())) if changed else None


def power(e: Expr, q: Number) -> Expr:
    """The entrywise power, for a scalar the power."""
    return bag([(e, tidy(q))])


def dimnum(d: Dim) -> Expr:
    """A dimension used as a number: a polynomial in the names of dimensions."""
    named = [(c, [node(DIMNUM, (), (Dim.name(x),), SCALAR) for x in monomial]) for monomial, c in d.terms]
    return linear([(c, hadamard(*names)) for c, names in named], SCALAR)


def reciprocal(e: Expr) -> Expr:
    """1 ⊘ e."""
    return bag([(e, -1)])


# ── transpose ─────────────────────────────────────────────────────────────────────────────────────────────
def T(e: Expr) -> Expr:
    """The transpose, moved to the leaves."""
    if e.is_scalar:
        return e
    if e._transposed is None:
        e._transposed = _transpose(e)
    return e._transposed


def _transpose(e: Expr) -> Expr:
    op = e.op
    shape = (e.shape[1], e.shape[0])
    if op is TRANSPOSE:
        return e.args[0]
    if op is LIN:
        return linear([(c, T(t)) for c, t in terms_of(e)], shape)
    if op is CHAIN:
        return mul(*(T(f) for f in reversed(e.args)))
    if op is HAD:
        return bag([(T(f), p) for f, p in zip(e.args, e.attrs, strict=True)])
    if op is SCAL:
        return scaled(e.args[0], T(e.args[1]))
    if op is ONES:
        return ones(shape)
    if op is ZEROS:
        return zeros(shape)
    if op is EYE:
        return e
    if op is COMMUTATION:
        return commutation(e.attrs[1], e.attrs[0])
    facts = facts_of(e)
    if "sym" in facts or "spd" in facts or "diag" in facts:
        return e
    if "skew" in facts:
        return scale(-1, e)
    if op.transpose == "self":
        return e
    if op.transpose == "inside":
        return tree.rebuild(e, tuple(T(a) for a in e.args))
    if callable(op.transpose):
        return op.transpose(e)
    return node(TRANSPOSE, (e,), (), shape)


# ── rebuilding and Python's operators ─────────────────────────────────────────────────────────────────────
REBUILD.update(
    lin=lambda e, args: linear(list(zip(e.attrs, args, strict=True)), args[0].shape),
    chain=lambda e, args: mul(*args),
    had=lambda e, args: bag(list(zip(args, e.attrs, strict=True))),
    scal=lambda e, args: scaled(*args),
    T=lambda e, args: T(args[0]),
)


def lift(value: object, like: Expr) -> Expr:
    """A Python number beside an expression as an expression (of its shape)."""
    if isinstance(value, Expr):
        return value
    if isinstance(value, (int, Fraction)):
        return scale(value, ones(like.shape))
    raise TypeError(f"{value!r} is not an expression")


def _plus(a: object, b: object) -> Expr:
    x = lift(a, b) if isinstance(b, Expr) else a
    return add(x, lift(b, x))  # type: ignore[arg-type]


def _minus(a: object, b: object) -> Expr:
    x = lift(a, b) if isinstance(b, Expr) else a
    return sub(x, lift(b, x))  # type: ignore[arg-type]


def _times(a: object, b: object) -> Expr:
    if not isinstance(a, Expr):
        return scale(a, b)  # type: ignore[arg-type]
    return scale(b, a) if not isinstance(b, Expr) else hadamard(a, b)  # type: ignore[arg-type]


def _over(a: object, b: object) -> Expr:
    if not isinstance(b, Expr):
        return scale(Fraction(1) / b, a)  # type: ignore[operator,arg-type]
    return bag([(lift(a, b), 1), (b, -1)])


bind_symbol("+", _plus)
bind_symbol("-", _minus)
bind_symbol("*", _times)
bind_symbol("/", _over)
bind_symbol("@", mul)
bind_symbol("**", lambda e, q: power(e, q))
bind_symbol("T", T)


def _outward(args: Args, index: object = None) -> tuple[Number, list[Expr], Args] | None:
    """Coefficients and scalar factors of a (multi)linear operator's arguments, None where there are none.

    A factor that moves with the index of a sum stays inside.
    """
    if all(a.op is not LIN and a.op is not SCAL and a.op is not ZEROS for a in args):
        return None
    coefficient: Number = 1
    scalars: list[Expr] = []
    rest: list[Expr] = []
    for a in args:
        c, s, r = split_scalar(a)
        coefficient = 0 if a.op is ZEROS else coefficient * c
        if s is not None and index is not None and _moves(s, index):
            r = scaled(s, r)
        elif s is not None:
            scalars.append(s)
        rest.append(r)
    if coefficient == 1 and not scalars:
        return None
    return coefficient, scalars, tuple(rest)


def _moves(e: Expr, index: object) -> bool:
    """Whether the unit vector of a bound index stands in e."""
    return any(x.op is UNIT and x.attrs[0] == index for x in tree.walk(e))


def make(name: str, /, *args: Expr, **attrs: Any) -> Expr:
    """The node of a catalogue operator, after its silent normalisation.

    Scalars leave the arguments of linear operators; then the operator's own `normal` column is asked.

    Shapes: by the operator's signature; the caller has checked them.
    """
    op = OPS[name]
    if op.kind in ("linear", "multilinear") and (found := _outward(args, attrs.get("index"))) is not None:
        coefficient, scalars, rest = found
        if coefficient == 0:
            return zeros(tree.shape_of(op, args, attrs))
        return scale(coefficient, mul(*scalars, make(name, *rest, **attrs)))
    if op.normal is not None:
        done: Expr | None = op.normal(*args, **attrs)
        if done is not None:
            return done
    return node(op, args, tuple(attrs.values()), tree.shape_of(op, args, attrs))


tree.bind_make(make)
