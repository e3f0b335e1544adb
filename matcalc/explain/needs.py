"""What a formula needs so that it has a value, said of the smallest parts: A is nonsingular for |det(A)| > 0.

A need is a sentence with a gap and what stands in it. What follows from what is not decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from matcalc.codegen.vanishing import vanishing
from matcalc.core.algebra import (
    CHAIN,
    HAD,
    LIN,
    SCAL,
    ZEROS,
    T,
    bag,
    mul,
    ones,
    power,
    scale,
    split_coefficient,
)
from matcalc.core.dims import ONE
from matcalc.core.positivity import is_definite, is_nonnegative, is_positive, is_semidefinite
from matcalc.core.tree import Expr, make
from matcalc.derive.kinks import NO_ZERO, OFF_DIAGONAL
from matcalc.operators.linear_algebra import ON_THE_AXIS, square_parts
from matcalc.operators.norms import ENDS, SIMPLE, deflated, dilation
from matcalc.rewrite.cost import cost

Need = tuple[str, Expr]

POSITIVE = "{} > 0"
NONZERO = "{} ≠ 0"
NO_ROW = "no row of {} is 0"
NO_COLUMN = "no column of {} is 0"
NONSINGULAR = "{} nonsingular"
FULL_RANK = "{} has full rank"
STEADY_RANK = "the rank of {} is locally constant"
SIGN_FREE = (NONZERO, NO_ZERO, OFF_DIAGONAL, NO_ROW, NO_COLUMN, NONSINGULAR, FULL_RANK, STEADY_RANK)
SCALE_FREE = (*SIGN_FREE, POSITIVE, ON_THE_AXIS)
OF_ROWS = (NO_ROW, NO_COLUMN)  # what is another thing of the transpose
NORMS = ("norm_inf", "norm_spectral", "norm_nuclear")
SAID_OF = {  # conditions that are those of another expression
    "no entry of cos({}) is 0": lambda x: (NO_ZERO, make("cos", x)),
}


def of_value(e: Expr) -> Iterator[Need]:
    """What one node needs to have a value where its arguments have one."""
    if e.op.domain:
        yield e.op.domain, e.args[0]
    elif e.op is HAD:
        found = vanishing(e) or e  # x⊘(x²)^¼ is 0 with x
        for base, exponent in zip(found.args, found.attrs, strict=True) if found.op is HAD else ():
            if exponent.denominator != 1 and not is_nonnegative(base):
                yield POSITIVE, base
            elif exponent < 0:
                yield NO_ZERO, base


def simplest(need: Need) -> tuple[Need, ...]:
    """The same said of the smallest parts, in order."""
    out, stack = [], [need]
    while stack:
        says, e = stack.pop()
        parts = _turned(says, e) or (PARTS[says](e) if says in PARTS else None)
        if parts is None:
            out.append((says, e))
        else:
            stack.extend(reversed(parts))
    return tuple(dict.fromkeys(out))


def _turned(says: str, e: Expr) -> list[Need] | None:
    """The same of e without a factor, a sign or a transpose where it makes no difference."""
    c, inside = split_coefficient(e)
    if says in SAID_OF:
        return [SAID_OF[says](e)]
    if inside is not e and says in SCALE_FREE and (c > 0 or says in SIGN_FREE):
        return [(says, inside)]
    if e.op is LIN and says in SIGN_FREE and all(k < 0 for k in e.attrs):
        return [(says, scale(-1, e))]
    lies = e.shape[0] is ONE and e.shape[1] is not ONE
    if says not in OF_ROWS and not e.is_scalar and (lies or e.shape[1] is not ONE and cost(T(e)) < cost(e)):
        return [(says, T(e))]
    return None


# ── one kind of need each: the parts that it is said of, None where it is said as it is ─────────────────────
def _positive(e: Expr) -> list[Need] | None:
    if e.op.name == "abs":
        return [(NO_ZERO, e.args[0])]
    if e.op.name == "det" and is_semidefinite(e.args[0]):
        return [(NONSINGULAR, e.args[0])]
    if (half := half_of(e)) is not None:
        return [(NONZERO, half)]
    if (row := _rows_of_squares(e)) is not None:
        return [row]
    if e.op is HAD:
        return _positive_product(e)
    if e.op is SCAL or len(_segments(e)) > 1:
        factors = e.args if e.op is SCAL else tuple(_segments(e))
        unknown = [f for f in factors if not is_positive(f)]
        return [(POSITIVE, f) for f in unknown] if len(unknown) < 2 else None
    return None


def _positive_product(e: Expr) -> list[Need] | None:
    """Factors that are not negative must not be 0; of the others the product is positive."""
    sizes = [(b, q) for b, q in zip(e.args, e.attrs, strict=True) if is_nonnegative(power(b, q))]
    signed = [(b, q) for b, q in zip(e.args, e.attrs, strict=True) if (b, q) not in sizes]
    if not sizes and (len(signed) > 1 or signed[0][1] == 1):
        return None
    out = [(POSITIVE if is_nonnegative(b) else NO_ZERO, b) for b, _ in sizes]
    rest = bag(signed) if len(signed) > 1 else signed[0][0] if signed else None
    return out if rest is None else [*out, (POSITIVE, rest)]


def _no_zero(e: Expr) -> list[Need] | None:
    if e.is_scalar:
        return [(NONZERO, e)]
    if e.op is HAD:
        return [(NO_ZERO, b) for b in e.args]
    if e.op is SCAL:
        return [(NONZERO, e.args[0]), (NO_ZERO, e.args[1])]
    if e.op.name in ("abs", "vec", "unvec"):
        return [(NO_ZERO, e.args[0])]
    if (row := _rows_of_squares(e)) is not None:
        return [row]
    if e.op is LIN and is_nonnegative(e):
        return [(POSITIVE, e)]
    segments = _segments(e)
    return [(NO_ZERO, s) for s in segments] if len(segments) > 1 else None


def _nonzero(e: Expr) -> list[Need] | None:
    if e.op is HAD and e.is_scalar or e.op is SCAL:
        return [(NONZERO, b) for b in e.args]
    if (half := half_of(e)) is not None:
        return [(NONZERO, half)]
    if e.op.name in ("det", "inv"):
        return [(NONSINGULAR, e.args[0])]
    if e.op.name in ("abs", "vec", "unvec", *NORMS) or e.op.name == "sum" and e.args[0].op.name == "abs":
        return [(NONZERO, e.args[0])]
    segments = _segments(e)
    return [(NONZERO, s) for s in segments] if len(segments) > 1 else None


def _nonsingular(e: Expr) -> list[Need] | None:
    if e.is_scalar:
        return [(NONZERO, e)]
    if e.op is SCAL:
        return [(NONZERO, e.args[0]), (NONSINGULAR, e.args[1])]
    if e.op.name in ("inv", "sqrtm", "kron"):
        return [(NONSINGULAR, a) for a in e.args]
    if e.op.name == "Diag":
        return [(NO_ZERO, e.args[0])]
    if e.op.name == "block" and e.attrs == (2, 2) and any(b.op is ZEROS for b in e.args[1:3]):
        corners = (e.args[0], e.args[3])
        return [(NONSINGULAR, b) for b in corners] if all(b.shape[0] is b.shape[1] for b in corners) else None
    for x in e.args if e.op is LIN else ():
        end = x.op.name.removeprefix("eigproj_")
        if end in ENDS and e is deflated(end, x.args[0]):
            return [(ENDS[end], x.args[0])]
    parts = square_parts(e)
    return [(NONSINGULAR, part) for part in parts] if len(parts) > 1 else None


def _simple_end(e: Expr) -> list[Need] | None:
    """The extreme eigenvalues of [0, X; Xᵀ, 0] are the largest singular value of X, with both signs."""
    X = e.args[1] if e.op.name == "block" and e.attrs == (2, 2) else None
    return [(SIMPLE, X)] if X is not None and e is dilation(X) else None


PARTS: dict[str, Callable[[Expr], list[Need] | None]] = {
    POSITIVE: _positive,
    NO_ZERO: _no_zero,
    NONZERO: _nonzero,
    NONSINGULAR: _nonsingular,
    **dict.fromkeys(ENDS.values(), _simple_end),
}


# ── forms of expressions ──────────────────────────────────────────────────────────────────────────────────
def half_of(e: Expr) -> Expr | None:
    """Ax for the scalar (Ax)ᵀW Ax with a positive definite W, which is 0 where Ax is; also of ‖A‖² and a trace."""
    if e.op.name == "frob" and e.args[0] is e.args[1]:
        return e.args[0]
    if e.op.name == "sum" and e.args[0].op is HAD and e.args[0].attrs == (2,):
        return e.args[0].args[0]
    inside = e.args[0] if e.op.name == "tr" else e
    factors = inside.args if inside.op is CHAIN and e.is_scalar else ()
    for k in range(1, len(factors) // 2 + 1):
        left, core, right = factors[:k], factors[k : len(factors) - k], factors[len(factors) - k :]
        if T(mul(*left)) is mul(*right) and (not core or len(core) == 1 and is_definite(core[0])):
            return mul(*right)
    return None


def _rows_of_squares(e: Expr) -> Need | None:
    """That no row of B is 0, for the sums of the rows of B∘B; no column of Bᵀ."""
    if e.op is not CHAIN or len(e.args) != 2 or e.args[1] is not ones((e.args[1].shape[0], ONE)):
        return None
    B = e.args[0].args[0] if e.args[0].op is HAD and e.args[0].attrs == (2,) else None
    if B is None:
        return None
    return (NO_COLUMN, T(B)) if cost(T(B)) < cost(B) else (NO_ROW, B)


def _segments(e: Expr) -> list[Expr]:
    """u and v of the outer product uvᵀ."""
    if e.op is not CHAIN:
        return [e]
    cuts = [i + 1 for i, f in enumerate(e.args[:-1]) if f.shape[1] is ONE]
    return [mul(*e.args[a:b]) for a, b in zip([0, *cuts], [*cuts, len(e.args)], strict=True)]
