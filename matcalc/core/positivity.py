"""What is known of signs: entries that are positive or not negative, matrices that are positive (semi)definite.

All of these are one-sided: False says that nothing is known.
"""

from __future__ import annotations

from matcalc.core.leaves import CHAIN, CONST, DIMNUM, EYE, HAD, LIN, ONES, SCAL, TRANSPOSE, UNITY, ZEROS, facts_of
from matcalc.core.tree import Expr

OF_ENTRIES = ("sum", "diag", "tr", "vec", "unvec", "part")  # sums and places of entries
OF_SPECTRUM = ("det", "tr", "diag")  # positive for a positive definite matrix


def is_positive(e: Expr) -> bool:
    """Whether every entry is positive for certain.

    >>> from matcalc.core.algebra import add, num, var
    >>> from matcalc.core.dims import ONE, Dim
    >>> from matcalc.core.tree import make
    >>> x = var("x", (Dim.name("n"), ONE))
    >>> is_positive(add(num(1), make("frob", x, x))), is_positive(x)
    (True, False)
    """
    if e.op.positive or e.op in (ONES, UNITY, CONST, DIMNUM) or "positive" in facts_of(e):
        return True
    if e.op is TRANSPOSE:
        return is_positive(e.args[0])
    if e.op in (HAD, SCAL, CHAIN) or e.op.name == "sum":
        return all(map(is_positive, e.args))
    if e.op.name in OF_SPECTRUM:
        return is_definite(e.args[0]) or e.op.name != "det" and is_positive(e.args[0])
    if e.op is not LIN:
        return False
    if _is_complement(e):
        return True
    signs_fit = all(c > 0 and is_nonnegative(t) for c, t in zip(e.attrs, e.args, strict=True))
    return signs_fit and any(map(is_positive, e.args))


def is_nonnegative(e: Expr) -> bool:
    """Whether no entry is negative for certain."""
    if is_positive(e) or e.op.nonnegative or e.op is ZEROS or e.op is EYE or "binary" in facts_of(e):
        return True
    if e.op is TRANSPOSE or e.op.name in OF_ENTRIES:
        return is_nonnegative(e.args[0])
    if e.op is LIN:
        return all(c > 0 and is_nonnegative(t) for c, t in zip(e.attrs, e.args, strict=True))
    if e.op is HAD:
        powers = zip(e.args, e.attrs, strict=True)
        return all(p % 2 == 0 or p.denominator % 2 == 0 or is_nonnegative(b) for b, p in powers)
    if e.op.name == "frob" and e.args[0] is e.args[1]:
        return True
    if e.op is CHAIN and e.is_scalar and is_semidefinite(e):
        return True
    return e.op in (SCAL, CHAIN) and all(map(is_nonnegative, e.args))


def _is_complement(e: Expr) -> bool:
    """1 − σ(x), where σ stays below 1."""
    parts = dict(zip(e.attrs, e.args, strict=True))
    return len(e.args) == len(parts) == 2 and parts.keys() == {1, -1} and (
        parts[1].op in (ONES, UNITY) and parts[-1].op.below_one
        or parts[1].op is TRANSPOSE and parts[1].args[0].op is ONES and parts[-1].op.below_one
    )


def is_definite(e: Expr) -> bool:
    """Whether a matrix is symmetric positive definite for certain: I + XXᵀ is."""
    if "spd" in facts_of(e) or e.op is EYE:
        return True
    if e.op.name in ("inv", "sqrtm", "kron") or e.op is TRANSPOSE:
        return all(map(is_definite, e.args))
    if e.op.name == "expm":
        return e.args[0].T is e.args[0]
    if e.op.name == "Diag":
        return is_positive(e.args[0])
    if e.op.name == "block":  # no more than the diagonal blocks
        rows, cols = e.attrs
        blocks = enumerate(e.args)
        return rows == cols and all(is_definite(b) if k % (rows + 1) == 0 else b.op is ZEROS for k, b in blocks)
    if e.op is CHAIN and len(e.args) == 3:  # PᵀQP
        left, core, right = e.args
        return left.T is right and is_definite(core) and (is_definite(right) or "orth" in facts_of(right))
    if e.op is SCAL:
        return is_positive(e.args[0]) and is_definite(e.args[1])
    if e.op is LIN:
        signs_fit = all(c > 0 and is_semidefinite(t) for c, t in zip(e.attrs, e.args, strict=True))
        return signs_fit and any(map(is_definite, e.args))
    return False


def is_semidefinite(e: Expr) -> bool:
    """Whether a matrix is symmetric positive semidefinite for certain: AᵀA, AᵀPA with such a P, their sums."""
    if is_definite(e):
        return True
    if e.op is LIN:
        return all(c > 0 and is_semidefinite(t) for c, t in zip(e.attrs, e.args, strict=True))
    if e.op is SCAL:
        return is_nonnegative(e.args[0]) and is_semidefinite(e.args[1])
    if e.op.name == "Diag":
        return is_nonnegative(e.args[0])
    return e.op is CHAIN and is_sandwich(e.args)


def is_sandwich(factors: tuple[Expr, ...]) -> bool:
    """Whether a product is AᵀPA with P positive semidefinite (P = I where nothing is left)."""
    while len(factors) > 1 and factors[0].T is factors[-1]:
        factors = factors[1:-1]
    return not factors or len(factors) == 1 and is_definite(factors[0])
