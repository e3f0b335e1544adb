"""Convex or concave, shown by composition rules; what no rule shows is `unknown`, never a guess.

A rule keeps the sign of a factor that it needs (λ ≥ 0) as a condition of the verdict. Arrays are judged entry
by entry.

Source: Boyd & Vandenberghe, Convex Optimization (2004), sections 3.1.5 and 3.2; Grant, Boyd & Ye (2006),
Disciplined convex programming.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from matcalc.core.algebra import CHAIN, HAD, LIN, SCAL, T, number_of
from matcalc.core.positivity import is_definite, is_nonnegative, is_sandwich
from matcalc.core.tree import Expr
from matcalc.derive.pullback import reaching

CONSTANT, AFFINE, CONVEX, CONCAVE, UNKNOWN = "constant", "affine", "convex", "concave", "unknown"

# Entrywise functions: curvature on their domain, and whether they increase.
ENTRYWISE = {
    "exp": (CONVEX, True),
    "expm1": (CONVEX, True),
    "softplus": (CONVEX, True),
    "relu": (CONVEX, True),
    "abs": (CONVEX, False),
    "cosh": (CONVEX, False),
    "log": (CONCAVE, True),
    "log1p": (CONCAVE, True),
}
# Functions of a whole array: curvature, and whether they increase in every entry.
WHOLE = {
    "logsumexp": (CONVEX, True),
    "logsumexp_rows": (CONVEX, True),
    "norm_inf": (CONVEX, False),
    "norm_spectral": (CONVEX, False),
    "norm_nuclear": (CONVEX, False),
    "eigmax": (CONVEX, False),
    "eigmin": (CONCAVE, False),
}
KEEP_ENTRIES = frozenset({"sum", "tr", "diag", "Diag", "vec", "unvec", "part", "embed", "block", "tril", "triu"})


@dataclass(frozen=True, slots=True)
class Curvature:
    """`kind` of an objective in `variables` jointly, the rules that show it, and what they need."""

    kind: str
    variables: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    conditions: tuple[Expr, ...] = ()  # scalars that must not be negative

    def __bool__(self) -> bool:
        return self.kind in (CONVEX, AFFINE, CONSTANT)


def curvature(f: Expr, variables: Iterable[Expr]) -> Curvature:
    """The curvature of `f` in the variables jointly, the others constant."""
    moving = tuple(variables)
    judge = _Judge(f, moving)
    kind = judge.of(f)
    names = tuple(str(x.attrs[0]) for x in moving)
    return Curvature(kind, names, tuple(dict.fromkeys(judge.reasons)), tuple(dict.fromkeys(judge.needed)))


def negated(kind: str) -> str:
    """The curvature of −f."""
    return {CONVEX: CONCAVE, CONCAVE: CONVEX}.get(kind, kind)


def joined(kinds: Iterable[str]) -> str:
    """The curvature of a sum."""
    found = set(kinds) - {CONSTANT}
    if not found:
        return CONSTANT
    found.discard(AFFINE)
    if not found:
        return AFFINE
    return found.pop() if len(found) == 1 else UNKNOWN


class _Judge:
    """The curvature of every node of one objective."""

    def __init__(self, f: Expr, moving: tuple[Expr, ...]) -> None:
        self.active = reaching(f, moving)
        self.reasons: list[str] = []
        self.needed: list[Expr] = []
        self.memo: dict[Expr, str] = {}

    def of(self, e: Expr) -> str:
        """The curvature of one node."""
        if e not in self.active:
            return CONSTANT
        if e not in self.memo:
            self.memo[e] = self.rule(e)
        return self.memo[e]

    def because(self, kind: str, reason: str) -> str:
        """A verdict with its reason."""
        self.reasons.append(reason)
        return kind

    def rule(self, e: Expr) -> str:
        """The composition rule of the node's operator."""
        op = e.op
        if not e.args or op.name == "T":
            return self.of(e.args[0]) if e.args else AFFINE
        if op is LIN:
            pairs = zip(e.attrs, e.args, strict=True)
            return joined(self.of(t) if c > 0 else negated(self.of(t)) for c, t in pairs)
        if op is SCAL:
            return self.product([e.args[0]], e.args[1])
        if op is HAD:
            return self.bag(e)
        if op is CHAIN:
            return self.chain(e)
        if op.name == "frob":
            return self.frobenius(e)
        if op.name in ENTRYWISE or op.name in WHOLE:
            return self.composed(*(ENTRYWISE | WHOLE)[op.name], e)
        if op.name in ("logdet", "inv"):
            return self.definite(e)
        if op.name in ("max", "min"):
            return self.extremum(e)
        if op.name in KEEP_ENTRIES:
            return joined(map(self.of, e.args))
        if op.kind == "linear" and self.of(e.args[0]) == AFFINE:
            return AFFINE
        return UNKNOWN

    def composed(self, kind: str, increasing: bool, e: Expr) -> str:
        """f(g): convex for f convex and g affine, or f increasing as well and g convex."""
        inner = self.of(e.args[0])
        if inner == AFFINE or inner == kind and increasing:
            return self.because(kind, f"{e.op.name} is {kind}" + (" and increasing" if inner == kind else ""))
        return UNKNOWN

    def extremum(self, e: Expr) -> str:
        """A maximum of convex functions is convex, a minimum of concave ones concave."""
        want = CONVEX if e.op.name == "max" else CONCAVE
        kinds = {self.of(a) for a in e.args} - {CONSTANT, AFFINE}
        return self.because(want, f"a {e.op.name}imum of {want} functions") if kinds <= {want} else UNKNOWN

    def product(self, constants: list[Expr], rest: Expr) -> str:
        """A constant factor keeps the curvature if it is not negative."""
        if any(c in self.active for c in constants):
            return UNKNOWN
        kind = self.of(rest)
        if kind in (CONSTANT, AFFINE):
            return kind
        return kind if all(map(self.nonnegative, constants)) else UNKNOWN

    def nonnegative(self, s: Expr) -> bool:
        """Whether a constant is known not to be negative; a scalar variable is noted as a condition."""
        q = number_of(s)
        if q is not None:
            return q >= 0
        if is_nonnegative(s):
            return True
        if s.op is LIN:
            return all(c > 0 and self.nonnegative(t) for c, t in zip(s.attrs, s.args, strict=True))
        if s.op is HAD:
            return all(p % 2 == 0 or self.nonnegative(b) for b, p in zip(s.args, s.attrs, strict=True))
        if s.op.name == "var" and s.is_scalar:
            self.needed.append(s)
            return True
        return False

    def bag(self, e: Expr) -> str:
        """Powers of one moving base, beside constants that are not negative."""
        moving = [(b, p) for b, p in zip(e.args, e.attrs, strict=True) if b in self.active]
        constants = [b**p for b, p in zip(e.args, e.attrs, strict=True) if b not in self.active]
        if len(moving) != 1:
            return UNKNOWN
        kind = self.power(*moving[0])
        if kind in (CONSTANT, AFFINE):
            return kind
        return kind if all(map(self.nonnegative, constants)) else UNKNOWN

    def power(self, b: Expr, p: int) -> str:
        """Even powers and norms of affine functions, fractional powers of concave ones."""
        kind = self.of(b)
        if p == 1:
            return kind
        if p % 2 == 0 and p > 0 and kind == AFFINE:
            return self.because(CONVEX, "an even power of an affine function")
        if is_square(b) and 2 * p >= 1 and self.of(b) == CONVEX:
            return self.because(CONVEX, "a norm of an affine function" if 2 * p == 1 else "a power of a norm")
        if 0 < p < 1 and kind in (AFFINE, CONCAVE):
            return self.because(CONCAVE, "a fractional power of a concave function that is not negative")
        return UNKNOWN

    def frobenius(self, e: Expr) -> str:
        """‖R‖² of an affine R, or A:R with a constant A."""
        a, b = e.args
        if a is b:
            return self.because(CONVEX, "a sum of squares of affine functions") if self.of(a) == AFFINE else UNKNOWN
        for constant, other in ((a, b), (b, a)):
            if constant not in self.active:
                return self.product([constant], other)
        return UNKNOWN

    def chain(self, e: Expr) -> str:
        """Affine in one moving factor; vᵀPv with P positive semidefinite."""
        moving = [i for i, f in enumerate(e.args) if f in self.active]
        if len(moving) == 1:
            return AFFINE if self.of(e.args[moving[0]]) == AFFINE else UNKNOWN
        if e.is_scalar and moving == [0, len(e.args) - 1] and T(e.args[0]) is e.args[-1]:
            if self.of(e.args[-1]) == AFFINE and is_sandwich(e.args[1:-1]):
                return self.because(CONVEX, "a quadratic form with a positive semidefinite matrix")
        return UNKNOWN

    def definite(self, e: Expr) -> str:
        """logdet is concave, a trace of the inverse convex, on positive definite matrices."""
        x = e.args[0]
        if e.op.name == "logdet" and self.of(x) == AFFINE and is_definite(x):
            return self.because(CONCAVE, "logdet is concave on positive definite matrices")
        return UNKNOWN


def is_square(e: Expr) -> bool:
    """Whether e is ‖R‖² or vᵀPv with P positive semidefinite."""
    if e.op.name == "frob":
        return e.args[0] is e.args[1]
    return e.op is CHAIN and e.is_scalar and T(e.args[0]) is e.args[-1] and is_sandwich(e.args[1:-1])
