"""Forms that are convex or concave as a whole, though no composition rule shows it part by part.

Source: Boyd & Vandenberghe, Convex Optimization (2004), sections 3.1.5, 3.1.7, 3.2.6 and 3.6; Bhatia, Matrix Analysis
(1997), chapter V, for functions of symmetric matrices.
"""

from __future__ import annotations

from typing import Protocol

from matcalc.core.algebra import CHAIN, DIMNUM, HAD, LIN, SCAL, T, split_scalar
from matcalc.core.positivity import is_definite, is_nonnegative, is_positive, is_sandwich, is_semidefinite
from matcalc.core.tree import Expr, make, walk

CONSTANT, AFFINE, CONVEX, CONCAVE, UNKNOWN = "constant", "affine", "convex", "concave", "unknown"
OPERATOR = {"inv": CONVEX, "sqrtm": CONCAVE, "logm": CONCAVE}  # of positive definite matrices, in the Loewner order
EXPONENTIALS = frozenset({"exp", "expm1", "softplus", "sigmoid"})  # what powers of scalars are made of


class Judge(Protocol):
    """Who knows the curvature of the parts of an objective."""

    active: set[Expr]
    needed: list[Expr]

    def of(self, e: Expr) -> str:
        """The curvature of one node."""

    def because(self, kind: str, reason: str) -> str:
        """A verdict with its reason."""

    def nonnegative(self, s: Expr) -> bool:
        """Whether a constant is not negative, perhaps under a condition that is noted."""


def whole(judge: Judge, e: Expr) -> str:
    """The curvature of a node as one of the forms here, else unknown."""
    if (factors := cyclic(e)) is not None:
        kind = _trace(judge, factors)
        if kind != UNKNOWN:
            return kind
    if e.op is HAD:
        kind = _over_linear(judge, e)
        if kind != UNKNOWN:
            return kind
    if e.op.name == "diag" and is_diagonal_form(judge, e):
        return judge.because(CONVEX, "a quadratic form with a positive semidefinite matrix")
    return _entropy(judge, e)


def cyclic(e: Expr) -> tuple[Expr, ...] | None:
    """The factors of tr(AB…C), of A:B as tr(AᵀB), or of a scalar product; they may be turned around."""
    if e.op.name == "tr":
        return _factors(e.args[0])
    if e.op.name == "frob":
        return _factors(T(e.args[0])) + _factors(e.args[1])
    return e.args if e.op is CHAIN and e.is_scalar else None


def _factors(e: Expr) -> tuple[Expr, ...]:
    return e.args if e.op is CHAIN else (e,)


def _trace(judge: Judge, factors: tuple[Expr, ...]) -> str:
    """tr(XᵀAXB), xᵀA⁻¹x, tr(A f(X)) and traces of a function of one symmetric matrix."""
    for i in range(len(factors)):
        turned = factors[i:] + factors[:i]
        moving = [j for j, f in enumerate(turned) if f in judge.active]
        if not moving or moving[0] != 0:
            continue
        kind = _one(judge, turned) if len(moving) == 1 else _pair(judge, turned, moving)
        if kind != UNKNOWN:
            return kind
    return _power_of_one(judge, factors)


def _one(judge: Judge, factors: tuple[Expr, ...]) -> str:
    """tr(f(X)A) with f convex or concave in the Loewner order, A positive semidefinite."""
    f, rest = factors[0], factors[1:]
    kind = OPERATOR.get(f.op.name, UNKNOWN)
    if kind != UNKNOWN and judge.of(f.args[0]) == AFFINE and is_definite(f.args[0]) and _is_semidefinite(rest):
        return judge.because(kind, f"{f.op.name} is {kind} on positive definite matrices")
    if f.op.name == "expm" and not rest and judge.of(f.args[0]) == AFFINE and T(f.args[0]) is f.args[0]:
        return judge.because(CONVEX, "the trace of a convex function of a symmetric matrix")
    return UNKNOWN


def _pair(judge: Judge, factors: tuple[Expr, ...], moving: list[int]) -> str:
    """tr(XᵀPXQ) with P and Q positive semidefinite; P may be the inverse of what moves."""
    last = moving[-1]
    first, middle, rest = factors[0], factors[1:last], factors[last + 1 :]
    if T(first) is not factors[last] or judge.of(first) != AFFINE or not _is_semidefinite(rest):
        return UNKNOWN
    if len(moving) == 2 and _is_semidefinite(middle):
        return judge.because(CONVEX, "a quadratic form with a positive semidefinite matrix")
    if len(middle) == 1 and middle[0].op.name == "inv":
        P = middle[0].args[0]
        if judge.of(P) == AFFINE and is_definite(P):
            return judge.because(CONVEX, "xᵀP⁻¹x is convex in x and a positive definite P together")
    return UNKNOWN


def _power_of_one(judge: Judge, factors: tuple[Expr, ...]) -> str:
    """tr(X²), tr(X⁴), … of a symmetric matrix, tr(X log X) of a positive definite one."""
    X = next((f for f in factors if f.op.name != "logm"), factors[0])
    if T(X) is not X or X.is_scalar or judge.of(X) != AFFINE:
        return UNKNOWN
    entropy = [f for f in factors if f is not X]
    if len(factors) == 2 and is_definite(X) and entropy == [make("logm", X)]:
        return judge.because(CONVEX, "the trace of a convex function of a symmetric matrix")
    if len(factors) % 2 == 0 and not entropy:
        return judge.because(CONVEX, "the trace of a convex function of a symmetric matrix")
    return UNKNOWN


def _is_semidefinite(factors: tuple[Expr, ...]) -> bool:
    return is_sandwich(factors) or len(factors) == 1 and is_semidefinite(factors[0])


def _over_linear(judge: Judge, e: Expr) -> str:
    """x²/y for x affine, y affine and positive: entry by entry, or ‖x‖²/y."""
    moving = [(b, p) for b, p in zip(e.args, e.attrs, strict=True) if b in judge.active]
    constants = [b**p for b, p in zip(e.args, e.attrs, strict=True) if b not in judge.active]
    if len(moving) != 2:
        return UNKNOWN
    (above, p), (below, q) = sorted(moving, key=lambda pair: -pair[1])
    if q != -1 or judge.of(below) != AFFINE or not is_positive(below):
        return UNKNOWN
    square = p == 2 and judge.of(above) == AFFINE or p == 1 and above.is_scalar and is_form(judge, above)
    if square and all(map(judge.nonnegative, constants)):
        return judge.because(CONVEX, "a square over a positive affine function")
    return UNKNOWN


def is_form(judge: Judge, e: Expr) -> bool:
    """Whether e is ‖R‖² of an affine R, or a quadratic form with a positive semidefinite matrix, with no constant."""
    if e.op.name == "frob" and e.args[0] is e.args[1]:
        return judge.of(e.args[0]) in (AFFINE, CONSTANT)
    factors = cyclic(e)
    return factors is not None and _is_form(judge, factors)


def is_diagonal_form(judge: Judge, e: Expr) -> bool:
    """Whether e is diag(AᵀXᵀPXA) with a positive semidefinite P and a constant A: a quadratic form an entry."""
    factors = _factors(e.args[0])
    while len(factors) > 1 and factors[0] not in judge.active and T(factors[0]) is factors[-1]:
        factors = factors[1:-1]
    return factors[-1] in judge.active and _is_form(judge, factors)


def _is_form(judge: Judge, factors: tuple[Expr, ...]) -> bool:
    """Whether the factors are XᵀPXQ with positive semidefinite P and Q that are constant, Q after all that moves."""
    last = max((j for j, f in enumerate(factors) if f in judge.active), default=0)
    first, middle, rest = factors[0], factors[1:last], factors[last + 1 :]
    fixed = not judge.active.intersection(middle)
    return (
        last > 0 and T(first) is factors[last] and judge.of(first) == AFFINE
        and fixed and _is_semidefinite(middle) and _is_semidefinite(rest)
    )


def is_whole_power(e: Expr) -> bool:
    """Whether e is made of uⁿ with a dimension in the exponent, written as exp(n log u): u need not be positive."""
    if e.op.name not in EXPONENTIALS:
        return False
    _, s, rest = split_scalar(e.args[0])
    factors = [b for part in (s, rest) if part is not None for b in (part.args if part.op is HAD else (part,))]
    logs = [b for b in factors if b.op.name == "log" and not is_positive(b.args[0])]
    return bool(logs) and any(x.op is DIMNUM for b in factors for x in walk(b) if b not in logs)


def is_squares(judge: Judge, e: Expr) -> bool:
    """Whether e is a sum of squares of affine functions, and of constants: then √e is a norm."""
    if e not in judge.active:
        return is_nonnegative(e)
    if e.op is LIN:
        return all(c > 0 and is_squares(judge, t) for c, t in zip(e.attrs, e.args, strict=True))
    if e.op is HAD and len(e.args) == 1:
        return e.attrs[0] == 2 and judge.of(e.args[0]) == AFFINE
    if e.op.name == "diag":
        return is_diagonal_form(judge, e)
    if e.op is CHAIN and not e.is_scalar:  # the sums of the rows of X∘X
        return all(is_squares(judge, f) for f in e.args) and sum(f in judge.active for f in e.args) == 1
    if e.op is HAD or e.op is SCAL:
        moving = [b for b in e.args if b in judge.active]
        others = [b for b in e.args if b not in judge.active]
        powers = dict(zip(e.args, e.attrs, strict=True)) if e.op is HAD else {}
        return (
            len(moving) == 1 and powers.get(moving[0], 1) == 1
            and is_squares(judge, moving[0]) and all(map(is_positive, others))
        )
    return is_form(judge, e)


def is_not_negative(e: Expr) -> bool:
    """Whether no entry is negative for certain: norms, and sums and parts of what is not negative."""
    if e.op.name.startswith("norm_") or is_nonnegative(e):
        return True
    return e.op.name in ("sum", "isum", "diag", "part", "vec", "T") and is_not_negative(e.args[0])


def is_log_convex(judge: Judge, e: Expr) -> bool:
    """Whether log e is convex: exponentials of convex functions, their sums and products with positive constants."""
    if e not in judge.active:
        return is_positive(e)
    if e.op.name == "exp":
        return judge.of(e.args[0]) in (AFFINE, CONVEX) and not is_whole_power(e)
    if e.op.name == "cosh":
        return judge.of(e.args[0]) == AFFINE
    if e.op is LIN:
        return all(c > 0 and is_log_convex(judge, t) for c, t in zip(e.attrs, e.args, strict=True))
    if e.op is HAD:
        return all(p > 0 and is_log_convex(judge, b) for b, p in zip(e.args, e.attrs, strict=True))
    if e.op is SCAL:
        return all(is_log_convex(judge, a) for a in e.args)
    if e.op is CHAIN:
        return all(is_log_convex(judge, f) for f in e.args) and sum(f in judge.active for f in e.args) == 1
    return e.op.name in ("sum", "T", "diag", "part", "isum", "vec") and is_log_convex(judge, e.args[0])


def _entropy(judge: Judge, e: Expr) -> str:
    """x log x, and x log(x/y) in x and y together, entry by entry or summed."""
    pair = _two(judge, e)
    if pair is None:
        return UNKNOWN
    for x, other in (pair, pair[::-1]):
        if other.op.name != "log" or judge.of(x) != AFFINE:
            continue
        inside = other.args[0]
        powers = dict(zip(inside.args, inside.attrs, strict=True)) if inside.op is HAD else {inside: 1}
        others = [b for b in powers if b is not x]
        rest = {b: powers[b] for b in others if b in judge.active}
        if powers.get(x) != 1 or any(p != -1 or judge.of(b) != AFFINE for b, p in rest.items()) or len(rest) > 1:
            continue
        if not is_positive(x) and not all(map(is_positive, others)):  # where both are negative it is concave
            continue
        return judge.because(CONVEX, "x log(x/y) is convex in x and y together" if rest else "x log x is convex")
    return UNKNOWN


def _two(judge: Judge, e: Expr) -> tuple[Expr, Expr] | None:
    """The two moving factors of a∘b, a:b or aᵀb; constant factors are not negative."""
    if e.op.name == "frob":
        return e.args[0], e.args[1]
    if e.op is CHAIN and e.is_scalar and len(e.args) == 2:
        return T(e.args[0]), e.args[1]
    if e.op is HAD and all(p == 1 for b, p in zip(e.args, e.attrs, strict=True) if b in judge.active):
        moving = [b for b in e.args if b in judge.active]
        constants = [b**p for b, p in zip(e.args, e.attrs, strict=True) if b not in judge.active]
        if len(moving) == 2 and all(map(judge.nonnegative, constants)):
            return moving[0], moving[1]
    return None
