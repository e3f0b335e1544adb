"""Convex or concave, shown by composition rules or by the Hessian; what neither shows is `unknown`, never a guess.

A rule keeps the sign of a factor that it needs (λ ≥ 0) as a condition of the verdict. Arrays are judged entry
by entry.

Source: Boyd & Vandenberghe, Convex Optimization (2004), sections 3.1.5 and 3.2; Grant, Boyd & Ye (2006),
Disciplined convex programming.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from matcalc.core.algebra import (
    CHAIN,
    HAD,
    LIN,
    SCAL,
    VAR,
    Number,
    T,
    direction,
    facts_of,
    linear,
    neg,
    number_of,
    var,
)
from matcalc.core.positivity import is_nonnegative, is_positive
from matcalc.core.tree import Expr, substitute, walk
from matcalc.derive import convex_forms as forms
from matcalc.derive.convex_forms import AFFINE, CONCAVE, CONSTANT, CONVEX, UNKNOWN
from matcalc.derive.convex_hessian import Shown, by_hessian, is_smooth
from matcalc.derive.pullback import reaching
from matcalc.derive.semidefinite import Signs

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
LOG_CONCAVE = frozenset({"sigmoid", "normcdf", "softmax", "softmax_rows", "softmax_cols"})  # of an affine argument
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
SUMS = frozenset({"sum", "isum", "tr"})
NOT_CONVEX = frozenset({"orth", "binary"})  # sets that hold no segment
KEEP_ENTRIES = SUMS | {"diag", "Diag", "vec", "unvec", "part", "embed", "block", "tril", "triu"}


@dataclass(frozen=True, slots=True)
class Curvature:
    """`kind` of an objective in `variables` jointly, the rules that show it, and what they need."""

    kind: str
    variables: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    conditions: tuple[Expr, ...] = ()  # scalars that must not be negative

    def __bool__(self) -> bool:
        return self.kind in (CONVEX, AFFINE, CONSTANT)


def curvature(f: Expr, variables: Iterable[Expr], hessian: Expr | None = None) -> Curvature:
    """The curvature of `f` in the variables jointly, the others constant.

    Where no rule shows anything the Hessian is looked at; that of one variable may be given.
    """
    moving = tuple(variables)
    found = composed(f, moving)
    if found.kind == CONSTANT:
        return found
    if any(not NOT_CONVEX.isdisjoint(facts_of(x)) for x in moving):
        return Curvature(UNKNOWN, found.variables)
    others = [y for y in walk(f) if y.op is VAR and y not in moving]
    for more in (*((y,) for y in others), tuple(others)):
        if found.kind == UNKNOWN:
            found = replace(composed(f, (*moving, *more)), variables=found.variables)
    return with_hessian(f, moving, hessian) if found.kind == UNKNOWN else found


def composed(f: Expr, moving: tuple[Expr, ...]) -> Curvature:
    """The curvature that composition rules show."""
    judge = Judge(f, moving)
    kind = judge.of(f)
    names = tuple(str(x.attrs[0]) for x in moving)
    if kind == UNKNOWN:
        return Curvature(kind, names)
    return Curvature(kind, names, tuple(dict.fromkeys(judge.reasons)), tuple(dict.fromkeys(judge.needed)))


def with_hessian(f: Expr, moving: tuple[Expr, ...], hessian: Expr | None = None) -> Curvature:
    """The curvature by the Hessian of all terms without kinks, else of those of which no rule shows any."""
    terms = list(zip(f.attrs, f.args, strict=True)) if f.op is LIN else [(1, f)]
    rough = [(c, t) for c, t in terms if not is_smooth(Judge(t, moving))]
    shown = [(c, t) for c, t in terms if composed(t, moving).kind != UNKNOWN]
    found = composed(f, moving)
    for beside in (rough, shown) if all(term in shown for term in rough) else ():
        if found.kind == UNKNOWN and len(beside) < len(terms):
            rest = linear([term for term in terms if term not in beside], f.shape)
            found = _together(linear(beside, f.shape), rest, moving, None if beside else hessian)
    return found


def _together(shown: Expr, smooth: Expr, moving: tuple[Expr, ...], hessian: Expr | None) -> Curvature:
    """The curvature of a sum of what rules show and of what the Hessian may show."""
    one = composed(shown, moving)
    if len(moving) == 1:
        kind, reasons, needed = by_hessian(smooth, moving[0], hessian)
    else:
        kind, reasons, needed = _in_one(smooth, moving)
    kind = joined((one.kind, kind))
    if kind == UNKNOWN:
        return Curvature(kind, one.variables)
    return Curvature(kind, one.variables, (*one.reasons, *reasons), tuple(dict.fromkeys((*one.conditions, *needed))))


def _in_one(f: Expr, moving: tuple[Expr, ...]) -> Shown:
    """The curvature of a smooth function of one affine function of the variables, by its Hessian in that."""
    judge = Judge(f, moving)
    bends = [e for e in walk(f) if e in judge.active and judge.of(e) != AFFINE]
    affine = {a for e in bends for a in e.args if a in judge.active and judge.of(a) == AFFINE}
    if not affine or judge.of(f) == AFFINE:
        return UNKNOWN, (), ()
    u = direction(min(affine, key=lambda e: e.key))[1]
    v = var("", u.shape)
    g = substitute(f, {u: v, T(u): T(v), neg(u): neg(v), T(neg(u)): T(neg(v))})
    if not set(moving).isdisjoint(walk(g)) or not is_smooth(Judge(g, (v,))):
        return UNKNOWN, (), ()
    kind, reasons, needed = by_hessian(g, v)
    return kind, (f"{kind} in one affine function of them", *reasons), needed


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


class Judge:
    """The curvature of every node of one objective."""

    def __init__(self, f: Expr, moving: tuple[Expr, ...]) -> None:
        self.active = reaching(f, moving)
        self.reasons: list[str] = []
        self.needed: list[Expr] = []
        self.memo: dict[Expr, tuple[str, list[str], list[Expr]]] = {}

    def of(self, e: Expr) -> str:
        """The curvature of one node; its reasons and conditions join those of the node that asks."""
        if e not in self.active:
            return CONSTANT
        if e not in self.memo:
            asking = self.reasons, self.needed
            self.reasons, self.needed = [], []
            kind = forms.whole(self, e)
            if kind == UNKNOWN:
                self.reasons, self.needed = [], []  # what was noted on the way to nothing is forgotten
                kind = self.rule(e)
            self.memo[e] = kind, self.reasons, self.needed
            self.reasons, self.needed = asking
        kind, reasons, needed = self.memo[e]
        self.reasons += reasons
        self.needed += needed
        return kind

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
            return self.chain(e)
        if op is HAD:
            return self.bag(e)
        if op is CHAIN:
            return self.chain(e)
        if op.name == "frob":
            return self.frobenius(e)
        if op.name in ENTRYWISE | WHOLE and not forms.is_whole_power(e):
            return self.composed(*(ENTRYWISE | WHOLE)[op.name], e)
        if op.name in ("logdet", "inv"):
            return self.definite(e)
        if op.name == "lgamma" and self.of(e.args[0]) == AFFINE and is_positive(e.args[0]):
            return self.because(CONVEX, "lgamma is convex on positive numbers")
        if op.name in ("max", "min"):
            return self.extremum(e)
        if op.name in KEEP_ENTRIES:
            return joined(map(self.of, e.args))
        moving = [a for a in e.args if a in self.active]
        if op.kind in ("linear", "multilinear") and len(moving) == 1 and self.of(moving[0]) == AFFINE:
            return AFFINE
        return UNKNOWN

    def composed(self, kind: str, increasing: bool, e: Expr) -> str:
        """f(g): convex for f convex and g affine, or f increasing as well and g convex."""
        x = e.args[0]
        inner = self.of(x)
        if inner == AFFINE or inner == kind and increasing:
            return self.because(kind, f"{e.op.name} is {kind}" + (" and increasing" if inner == kind else ""))
        if e.op.name == "log" and forms.is_log_convex(self, x):
            return self.because(CONVEX, "the logarithm of a sum of exponentials")
        if e.op.name == "log" and x.op.name in LOG_CONCAVE and self.of(x.args[0]) == AFFINE:
            return self.because(CONCAVE, f"{x.op.name} is log-concave")
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

    def power(self, b: Expr, p: Number) -> str:
        """Powers of affine functions, of norms, of what is convex and not negative, of what is concave and positive."""
        kind = self.of(b)
        if p == 1:
            return kind
        if p % 2 == 0 and p > 0 and kind == AFFINE:
            return self.because(CONVEX, "an even power of an affine function")
        if 2 * p >= 1 and kind == CONVEX and forms.is_squares(self, b):
            return self.because(CONVEX, "a norm of an affine function" if 2 * p == 1 else "a power of a norm")
        if p > 1 and (kind in (AFFINE, CONVEX) and forms.is_not_negative(b) or kind == AFFINE and p.denominator > 1):
            return self.because(CONVEX, f"a power of {'an affine' if kind == AFFINE else 'a convex'} function "
                                        "that is not negative")
        if p < 0 and kind in (AFFINE, CONCAVE) and is_positive(b):
            return self.because(CONVEX, "a negative power of a concave function that is positive")
        if 0 < p < 1 and kind in (AFFINE, CONCAVE):
            return self.because(CONCAVE, "a fractional power of a concave function that is not negative")
        return UNKNOWN

    def frobenius(self, e: Expr) -> str:
        """‖R‖² of an affine R or of a convex one that is not negative, or A:R with a constant A."""
        a, b = e.args
        if a is b and self.of(a) == AFFINE:
            return self.because(CONVEX, "a sum of squares of affine functions")
        if a is b and self.of(a) == CONVEX and forms.is_not_negative(a):
            return self.because(CONVEX, "a sum of squares of convex functions that are not negative")
        for constant, other in ((a, b), (b, a)):
            if constant not in self.active:
                return self.product([constant], other)
        return UNKNOWN

    def chain(self, e: Expr) -> str:
        """One moving factor among constants; those that are not negative keep its curvature."""
        moving = [f for f in e.args if f in self.active]
        return self.product([f for f in e.args if f not in self.active], moving[0]) if len(moving) == 1 else UNKNOWN

    def definite(self, e: Expr) -> str:
        """logdet is concave, a trace of the inverse convex, on positive definite matrices."""
        x = e.args[0]
        if e.op.name == "logdet" and self.of(x) == AFFINE and Signs(x).semidefinite(x) == ():
            return self.because(CONCAVE, "logdet is concave on positive definite matrices")
        return UNKNOWN

