"""The Hadamard bag: entrywise products with rational exponents, between scalars the product; a scalar times an array.

Bases are collected, coefficients and scalars leave, signs and roots of numbers are settled; I∘A keeps the diagonal.
"""

from __future__ import annotations

from fractions import Fraction

from matcalc.core import tree
from matcalc.core.dims import SCALAR, Shape
from matcalc.core.leaves import CHAIN, EYE, HAD, LIN, ONES, SCAL, TRANSPOSE, UNITY, ZEROS, facts_of, ones, zeros
from matcalc.core.positivity import is_nonnegative
from matcalc.core.sums import Number, direction, linear, num, number_of, scale, split_coefficient, terms_of, tidy
from matcalc.core.tree import Expr, node


def split_scalar(e: Expr) -> tuple[Number, Expr | None, Expr]:
    """A factor as (coefficient, scalar factor or None, array); −A − B gives its sign away."""
    c, rest = split_coefficient(e)
    if rest.op is LIN and all(k < 0 for k in rest.attrs):
        return -c, None, scale(-1, rest)
    if rest.op is SCAL:
        return c, rest.args[0], rest.args[1]
    return c, None, rest


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


def hadamard(*factors: Expr) -> Expr:
    """The entrywise product of arrays of one shape; scalar factors scale it."""
    return bag([(f, 1) for f in factors])


def bag(pairs: list[tuple[Expr, Number]]) -> Expr:
    """∏ baseᵢ^pᵢ, entrywise."""
    arrays = [f for f, _ in pairs if not f.is_scalar]
    shape = arrays[0].shape if arrays else SCALAR
    gathered = _Gathered(shape, pairs)
    if gathered.vanishes:
        return zeros(shape)
    powers = {f: tidy(p) for f, p in gathered.powers.items() if p}
    powers, flips = _merge_signs(powers)
    coefficient = flips * gathered.coefficient
    if any(f.op is HAD and p.denominator == 1 for f, p in powers.items()):  # √(ab) √(ab)
        return scale(tidy(coefficient), bag([*powers.items(), *gathered.scalars]))
    for f in [f for f, p in powers.items() if f.op is LIN and p.denominator == 1 and number_of(f)]:  # √2 √2
        coefficient *= Fraction(number_of(f) or 0) ** int(powers.pop(f))
    if shape == SCALAR and (found := _exponentials(powers)) is not None:
        powers = found
    body = _bag_node(powers, shape)
    if gathered.scalars:
        body = scaled(bag(gathered.scalars), body)
    return scale(tidy(coefficient), body)


class _Gathered:
    """The factors of a bag, flattened: a coefficient, scalar factors of an array, and the powers of each base."""

    __slots__ = ("coefficient", "powers", "scalars", "shape", "stack", "vanishes")

    def __init__(self, shape: Shape, pairs: list[tuple[Expr, Number]]) -> None:
        self.shape = shape
        self.coefficient: Number = 1
        self.powers: dict[Expr, Number] = {}
        self.scalars: list[tuple[Expr, Number]] = []
        self.vanishes = False
        self.stack = pairs[::-1]
        while self.stack:
            f, p = self.stack.pop()
            if p == 0 or f.op is ONES:
                continue
            if f.is_scalar and shape != SCALAR:
                self.scalars.append((f, p))
            elif f.op is ZEROS and p > 0:
                self.vanishes = True
                return
            elif not self.split(f, p):
                self.base(f, p)

    def split(self, f: Expr, p: Number) -> bool:
        """Take the coefficient and the scalar out of a factor, where its power allows it."""
        c, s, rest = split_scalar(f)
        if c == 1 and s is None:
            return False
        root = _rational_power(c, p)
        if root is None and c > 0 and s is None:  # an irrational root of a rational stays a factor
            if self.shape == SCALAR:
                self.powers[num(c)] = self.powers.get(num(c), 0) + p
            else:
                self.scalars.append((num(c), p))
            root = 1
        if root is None or s is not None and p.denominator != 1:
            return False
        self.coefficient *= root
        if s is not None:
            self.scalars.append((s, p))
        if rest.op is not ONES:
            self.stack.append((rest, p))
        return True

    def base(self, f: Expr, p: Number) -> None:
        """Take a factor apart, or note it as a base."""
        whole = p.denominator == 1
        if f.op is LIN and p < 0 and whole and (cleared := _cleared(f)) is not None:
            f, (base, q) = cleared
            (self.scalars if self.shape != SCALAR else self.stack).append((base, q * p))
            self.stack.append((f, p))
        elif f.op is HAD and (parts := _factors(f, whole)) != [(f, 1)]:
            self.stack.extend((b, tidy(q * p)) for b, q in reversed(parts))
        elif f.op is EYE and p > 0:
            self.powers[f] = 1
        else:
            sign, canonical = direction(f) if whole and p != 1 else (1, f)
            if sign < 0 and _even(p):
                f = canonical
            self.powers[f] = self.powers.get(f, 0) + p


def _cleared(f: Expr) -> tuple[Expr, tuple[Expr, Number]] | None:
    """A sum under a bar with a scalar denominator in a term: 1 + r²/σ² as (σ² + r²) and (σ, −2)."""
    for t in f.args:
        _, s, a = split_scalar(t)
        s = a if s is None and a.is_scalar else s
        if s is not None and s.op is HAD:
            for b, p in zip(s.args, s.attrs, strict=True):
                if p < 0:
                    factor = power(b, -p)
                    return linear([(c, scaled(factor, x)) for c, x in terms_of(f)], f.shape), (b, p)
    return None


def _factors(f: Expr, whole: bool) -> list[tuple[Expr, Number]]:
    """The factors of a bag under a power; under a root √(ab) = √a√b asks for signs, and √(x²) is |x|."""
    pairs = list(zip(f.args, f.attrs, strict=True))
    if whole:
        return pairs
    apart = [(b, q) for b, q in pairs if is_nonnegative(b) or q.denominator % 2 == 0]
    even = [(bag([(b, q)]), 1) for b, q in pairs if (b, q) not in apart and _even(q)]
    signed = [(b, q) for b, q in pairs if (b, q) not in apart and not _even(q)]
    return apart + even + (signed if len(signed) < 2 else [(bag(signed), 1)])


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
    """(R, −R) in one bag are one base: R∘(−R) = −R∘R; an even power has the one sign that R² has."""
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
    return {direction(f)[1] if _even(p) else f: p for f, p in out.items()}, sign


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
    """Beside I, transposes and diagonal matrices collapse: I∘Aᵀ = I∘A, I∘Diag(x) = Diag(x), I∘A = 0 for skew A."""
    out: dict[Expr, Number] = {}
    changed = False
    for f, p in powers.items():
        c, _, other = split_scalar(f.T)
        if other is f and c == -1 and p in (1, 3):
            return zeros(shape)
        g = f.T if other is not f and orientation([other]) < orientation([f]) else f
        changed = changed or g is not f
        out[g] = out.get(g, 0) + p
    if len(out) == 2:
        (f,) = [f for f in out if f.op is not EYE]
        if out[f] == 1 and is_diagonal(f):
            return f
    return bag(list(out.items())) if changed else None


def is_diagonal(e: Expr) -> bool:
    """Whether a square matrix is diagonal for certain: Diag(x), I∘A, and sums, products and inverses of such."""
    if e.op is EYE or e.op.name == "Diag" or "diag" in facts_of(e):
        return True
    if e.op is HAD:
        return any(p > 0 and is_diagonal(f) for f, p in zip(e.args, e.attrs, strict=True))
    if e.op is SCAL:
        return is_diagonal(e.args[1])
    return e.op in (LIN, CHAIN, TRANSPOSE) and all(map(is_diagonal, e.args)) or (
        e.op.name == "inv" and is_diagonal(e.args[0]))


def power(e: Expr, q: Number) -> Expr:
    """The entrywise power, for a scalar the power."""
    return bag([(e, tidy(q))])


def reciprocal(e: Expr) -> Expr:
    """1 ⊘ e."""
    return bag([(e, -1)])


def orientation(factors: list[Expr]) -> tuple[int, tuple[object, ...]]:
    """How many transposes a product has, then its factors: of two equal products the smaller is kept."""
    transposes = sum(sum(1 for x in (f, *f.args) if x.op is TRANSPOSE) for f in factors)
    return transposes, tuple(f.key for f in factors)
