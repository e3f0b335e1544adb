"""What is known of an array without computing it: symmetric, (semi)definite, positive.

Facts start at the inputs (declared) and spread by the shape of the computation. Every answer errs on the side
of "not known".
"""

from __future__ import annotations

from collections.abc import Callable

from matcalc.ir.array import Array, intern, value_of


def declared(x: Array, fact: str) -> bool:
    """Whether an input was declared so."""
    return x.name == "input" and fact in x.attrs[1]  # type: ignore[operator]


def is_symmetric(x: Array) -> bool:
    """Whether X = Xᵀ for certain."""
    if x.rank < 2 or x.name in ("eye", "diag_matrix"):
        return True
    if x.name == "input":
        return any(f in x.attrs[1] for f in ("sym", "spd", "diag"))  # type: ignore[operator]
    if x.name in ("cholesky", "lu"):
        return False
    if x.name in (
        "inv",
        "adjugate",
        "power",
        "map",
        "negate",
        "add_diagonal",
        "matrix_function",
        "add",
        "subtract",
        "multiply",
        "divide",
    ):
        return x.shape[0] is x.shape[1] and all(is_symmetric(a) for a in x.args)
    return _gram_core(x) is not None


POSITIVE = ("exp", "cosh", "sigmoid", "softplus", "normcdf")  # functions whose values are positive
NONNEGATIVE = (*POSITIVE, "abs", "relu", "step")
SAME_SIGN = ("spread", "row", "column", "transpose", "reshape", "sum", "item")


def is_positive(x: Array) -> bool:
    """Whether every entry is > 0 for certain."""
    q = value_of(x)
    if q is not None:
        return q > 0
    if x.name in ("multiply", "divide"):
        return all(map(is_positive, x.args))
    if x.name == "add":
        return all(map(is_nonnegative, x.args)) and any(map(is_positive, x.args))
    if x.name in ("spread", "row", "column", "power"):
        return is_positive(x.args[0])
    return declared(x, "positive") or x.name == "map" and x.attrs[0] in POSITIVE


def is_nonnegative(x: Array) -> bool:
    """Whether no entry is < 0 for certain."""
    q = value_of(x)
    if q is not None:
        return q >= 0
    if x.name == "power":
        q = x.attrs[0]  # type: ignore[assignment]
        return q is not None and q.numerator % 2 == 0 or is_nonnegative(x.args[0])
    if x.name in ("inner", "row_inner", "column_inner", "multiply"):
        return x.args[0] is x.args[1] or all(map(is_nonnegative, x.args))
    if x.name in ("add", "divide", *SAME_SIGN):
        return all(map(is_nonnegative, x.args))
    return is_positive(x) or x.name in ("norm", "softmax", "size") or x.name == "map" and x.attrs[0] in NONNEGATIVE


def is_definite(x: Array) -> bool:
    """Whether X is symmetric positive definite for certain."""
    if x.rank < 2:
        return False
    if declared(x, "spd") or x.name == "eye":
        return True
    if x.name == "inv":
        return is_definite(x.args[0])
    if x.name == "diag_matrix":
        return is_positive(x.args[0])
    if x.name in ("multiply", "divide"):
        return _is_scaled(x, is_positive, is_definite)
    if x.name == "add":
        a, b = x.args
        return is_definite(a) and is_semidefinite(b) or is_semidefinite(a) and is_definite(b)
    if x.name == "add_diagonal":
        a, d = x.args
        return is_semidefinite(a) and is_positive(d) or is_definite(a) and is_nonnegative(d)
    return False


def is_semidefinite(x: Array) -> bool:
    """Whether X is symmetric positive semidefinite for certain: with an inverse it is definite."""
    if is_definite(x):
        return True
    if x.name == "add":
        return all(is_semidefinite(a) for a in x.args)
    if x.name in ("multiply", "divide"):
        if _is_scaled(x, is_nonnegative, is_semidefinite):
            return True
    if x.name == "add_diagonal":
        return is_semidefinite(x.args[0]) and is_nonnegative(x.args[1])
    if x.name == "diag_matrix":
        return is_nonnegative(x.args[0])
    core = _gram_core(x)
    return core is not None and (not core or len(core) == 1 and is_semidefinite(core[0]))


def _is_scaled(x: Array, of_scalar: Callable[[Array], bool], of_matrix: Callable[[Array], bool]) -> bool:
    s, a = x.args if x.name == "multiply" else x.args[::-1]
    return s.rank == 0 and a.rank == 2 and of_scalar(s) and of_matrix(a)


def _gram_core(x: Array) -> tuple[Array, ...] | None:
    """The middle of Bᵀ S B, () of BᵀB; None where the product is not seen to be symmetric."""
    if x.name == "outer" and x.args[0] is x.args[1]:
        return ()
    factors = _factors(x)
    if len(factors) < 2:
        return None
    while len(factors) >= 2 and _are_transposes(factors[0], factors[-1]):
        factors = factors[1:-1]
    if len(factors) > 1 or factors and not is_symmetric(factors[0]):
        return None
    return tuple(factors)


def _are_transposes(a: Array, b: Array) -> bool:
    return (
        a.name == "transpose"
        and a.args[0] is b
        or b.name == "transpose"
        and b.args[0] is a
        or a is b
        and is_symmetric(a)
    )


def _factors(x: Array) -> list[Array]:
    """The factors of a product of matrices, whatever its order."""
    if (
        x.name in ("chain", "matmul", "ordered_at_run_time")
        and x.rank == 2
        and all(a.rank == 2 for a in x.args)
    ):
        return [f for a in x.args for f in _factors(a)]
    if x.name == "multiply" and x.rank == 2:  # A Diag(v) is written A * v
        a, b = x.args
        if b.name == "row" and a.shape == x.shape:
            return [*_factors(a), intern("diag_matrix", b.args)]
        if a.name == "column" and b.shape == x.shape:
            return [intern("diag_matrix", a.args), *_factors(b)]
    return [x]
