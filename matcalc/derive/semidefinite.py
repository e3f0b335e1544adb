"""Entries that are not negative and matrices that are positive semidefinite, perhaps if some scalars are not negative.

More is tried than in `core.positivity`: bounds of functions (1 − tanh² ≥ 0), sums of diagonal matrices, Kronecker and
Hadamard products. An answer is what it needs, None where nothing was shown.

Source: Horn & Johnson, Matrix Analysis (2013), chapter 7; Horn & Johnson, Topics in Matrix Analysis (1991), sections
4.2 and 5.2 (Kronecker products; Schur's product theorem).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import inf

from matcalc.core.algebra import CHAIN, DIMNUM, EYE, HAD, LIN, ONES, SCAL, Number, T, linear, mul, ones, scaled
from matcalc.core.dims import ONE
from matcalc.core.positivity import OF_ENTRIES, is_nonnegative, is_semidefinite
from matcalc.core.tree import Expr
from matcalc.derive.convex_forms import cyclic

Needed = tuple[Expr, ...] | None  # scalars that must not be negative
Range = tuple[Number | float, Number | float]

ANY: Range = (-inf, inf)
RANGES: dict[str, Range] = {  # of entrywise functions, and of softmax
    **dict.fromkeys(("sin", "cos", "tanh", "erf", "sign"), (-1, 1)),
    **dict.fromkeys(("sigmoid", "normcdf", "step", "softmax", "softmax_rows", "softmax_cols"), (0, 1)),
    "cosh": (1, inf),
    "trigamma": (0, inf),
}
SAME_ENTRIES = frozenset({"T", "vec", "unvec", "part", "diag"})


def bounds(e: Expr) -> Range:
    """Bounds of all entries.

    >>> import matcalc.operators
    >>> from matcalc.core.algebra import power, sub, var
    >>> from matcalc.core.dims import Dim
    >>> from matcalc.core.tree import make
    >>> x = var("x", (Dim.name("n"), ONE))
    >>> bounds(sub(ones(x.shape), power(make("tanh", x), 2)))
    (0, 1)
    """
    if e.op is ONES:
        return 1, 1
    if e.op is DIMNUM:
        return 1, inf
    if e.op.name in RANGES:
        return RANGES[e.op.name]
    if e.op.name in SAME_ENTRIES:
        return bounds(e.args[0])
    found = ANY
    if e.op is LIN:
        found = _of_sum(zip(e.attrs, e.args, strict=True))
    elif e.op is HAD or e.op is SCAL:
        found = 1, 1
        for b, p in zip(e.args, e.attrs if e.op is HAD else (1, 1), strict=True):
            found = _times(found, _powered(bounds(b), p))
    return (max(found[0], 0), found[1]) if is_nonnegative(e) else found


def _of_sum(terms: Iterable[tuple[Number, Expr]]) -> Range:
    total: Range = (0, 0)
    for c, t in terms:
        low, high = _times((c, c), bounds(t))
        total = total[0] + low, total[1] + high
    return total


def _times(a: Range, b: Range) -> Range:
    products = [x * y if x and y else 0 for x in a for y in b]
    return min(products), max(products)


def _powered(a: Range, p: Number) -> Range:
    low, high = a
    if p.denominator != 1 or p < 0 and low <= 0:
        return ANY
    if p < 0:
        low, high = (0 if high == inf else Fraction(1) / high), Fraction(1) / low
    power = abs(p.numerator)
    ends = low**power, high**power
    return (0, max(ends)) if power % 2 == 0 and low < 0 else ends


def both(found: Iterable[Needed]) -> Needed:
    """What all of these need together, None if one was not shown."""
    total: tuple[Expr, ...] = ()
    for needed in found:
        if needed is None:
            return None
        total += needed
    return tuple(dict.fromkeys(total))


@dataclass(frozen=True, slots=True)
class Signs:
    """Signs where `moving` takes all its values; other scalar variables may be asked not to be negative.

    Of `sign` 1 it is asked whether something is not negative, of −1 whether it is not positive.
    """

    moving: Expr

    def entries(self, e: Expr, sign: int = 1) -> Needed:
        """Whether all entries have the sign."""
        low, high = bounds(e)
        if (low if sign > 0 else -high) >= 0:
            return ()
        if e.op.name == "var":
            return (e,) if sign > 0 and e.is_scalar and e is not self.moving else None
        if e.op is LIN:
            return self._sum(e, sign)
        if e.op in (HAD, SCAL, CHAIN) or e.op.name == "frob":
            found = self._product(e, sign)
            return self._trace(e) if found is None and sign > 0 else found
        found = self._trace(e) if sign > 0 and e.op.name in ("tr", "diag") else None
        return self.entries(e.args[0], sign) if found is None and e.op.name in ("T", *OF_ENTRIES) else found

    def _sum(self, e: Expr, sign: int) -> Needed:
        """Terms that have the sign each, beside others that have it together."""
        needed: tuple[Expr, ...] = ()
        rest: list[tuple[Number, Expr]] = []
        for c, t in zip(e.attrs, e.args, strict=True):
            found = self.entries(t, sign if c > 0 else -sign) if t.op is not ONES else None
            if found is None:
                rest.append((c, t))
            else:
                needed += found
        low, high = _of_sum(rest)
        return tuple(dict.fromkeys(needed)) if (low if sign > 0 else -high) >= 0 else None

    def _product(self, e: Expr, sign: int) -> Needed:
        """Factors that have a sign each; of an even power it does not matter."""
        needed: tuple[Expr, ...] = ()
        powers = e.attrs if e.op is HAD else (1,) * len(e.args)
        for b, p in zip(e.args, powers, strict=True):
            if p % 2 == 0 or p.denominator % 2 == 0:
                continue
            found = self.entries(b)
            if found is None and p.denominator == 1:
                found, sign = self.entries(b, -1), -sign
            if found is None:
                return None
            needed += found
        return needed if sign > 0 else None

    def _trace(self, e: Expr) -> Needed:
        """A trace of a product of two positive semidefinite matrices, or the diagonal of one."""
        if e.op.name == "diag":
            return self.semidefinite(e.args[0])
        factors = cyclic(e) or ()
        for i in range(len(factors)):
            turned = factors[i:] + factors[:i]
            for cut in range(1, len(turned) + 1):
                found = both((self._sandwich(turned[:cut]), self._sandwich(turned[cut:])))
                if found is not None:
                    return found
        return None

    def semidefinite(self, e: Expr, sign: int = 1) -> Needed:
        """Whether a symmetric matrix has no eigenvalue of the other sign."""
        if e.is_scalar:
            return self.entries(e, sign)
        if sign > 0 and (is_semidefinite(e) or e.op is ONES and e.shape[0] is e.shape[1]):
            return ()
        if e.op.name == "Diag":
            return self.entries(e.args[0], sign)
        if e.op.name in ("inv", "T"):
            return self.semidefinite(e.args[0], sign)
        if e.op is SCAL:
            s, M = e.args
            found = both((self.entries(s), self.semidefinite(M, sign)))
            return both((self.entries(s, -1), self.semidefinite(M, -sign))) if found is None else found
        if e.op is CHAIN:
            return self._sandwich(e.args, sign)
        if e.op is LIN:
            return self._sum_of_matrices(e, sign)
        return self._product_of_matrices(e) if sign > 0 else None

    def _product_of_matrices(self, e: Expr) -> Needed:
        """A⊗B and A∘B of positive semidefinite matrices; B∘B also of −B."""
        if e.op.name == "kron":
            return both(map(self.semidefinite, e.args))
        if e.op is not HAD or any(p < 0 or p.denominator != 1 for p in e.attrs):
            return None
        found: list[Needed] = []
        for b, p in zip(e.args, e.attrs, strict=True):
            one = self.semidefinite(b)
            found.append(self.semidefinite(b, -1) if one is None and p % 2 == 0 else one)
        return both(found)

    def _sandwich(self, factors: tuple[Expr, ...], sign: int = 1) -> Needed:
        """Whether a product is AᵀPA with P of the sign (P = I where nothing is left); Aᵀ(PA + QA) is AᵀPA + AᵀQA."""
        while len(factors) > 1 and T(factors[0]) is factors[-1]:
            factors = factors[1:-1]
        if not factors:
            return () if sign > 0 else None
        if len(factors) == 1:
            return self.semidefinite(factors[0], sign)
        for end in (0, -1):
            if (s := factors[end]).op is LIN:
                rest = factors[1:] if end == 0 else factors[:-1]
                terms = [mul(t, *rest) if end == 0 else mul(*rest, t) for t in s.args]
                return self.semidefinite(linear(list(zip(s.attrs, terms, strict=True)), terms[0].shape), sign)
        return None

    def _sum_of_matrices(self, e: Expr, sign: int) -> Needed:
        """A sum of matrices of the sign, the diagonal ones taken together."""
        found: list[Needed] = []
        diagonal: list[tuple[Number, Expr]] = []
        for c, t in zip(e.attrs, e.args, strict=True):
            v = _diagonal(t)
            if v is None:
                found.append(self.semidefinite(t, sign if c > 0 else -sign))
            else:
                diagonal.append((c, v))
        together = linear(diagonal, (e.shape[0], ONE))
        return both([*found, self.entries(together, sign)])


def _diagonal(e: Expr) -> Expr | None:
    """v for Diag(v), for I and for multiples of them."""
    if e.op is EYE:
        return ones((e.shape[0], ONE))
    if e.op.name == "Diag":
        return e.args[0]
    v = _diagonal(e.args[1]) if e.op is SCAL else None
    return None if v is None else scaled(e.args[0], v)
