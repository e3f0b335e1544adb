"""What is known of an array without computing it: symmetric, (semi)definite, positive.

Facts start at the inputs (declared) and spread by the shape of the computation. Every answer errs on the side
of "not known".
"""

from __future__ import annotations

from matcalc.ir.array import Array, value_of


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
        "power",
        "map",
        "negate",
        "add_diagonal",
        "matrix_function",
        "add",
        "subtract",
        "multiply",
    ):
        return x.shape[0] is x.shape[1] and all(is_symmetric(a) for a in x.args)
    return _gram_core(x) is not None


def is_positive(x: Array) -> bool:
    """Whether every entry is > 0 for certain."""
    q = value_of(x)
    return q > 0 if q is not None else declared(x, "positive")


def is_definite(x: Array) -> bool:
    """Whether X is symmetric positive definite for certain."""
    if x.rank < 2:
        return False
    if declared(x, "spd") or x.name == "eye":
        return True
    if x.name == "inv":
        return is_definite(x.args[0])
    if x.name == "diag_matrix":
        v = x.args[0]
        return is_positive(v.args[0] if v.name == "spread" else v)
    if x.name == "multiply":
        return is_positive(x.args[0]) and is_definite(x.args[1])
    if x.name == "add":
        a, b = x.args
        return is_definite(a) and is_semidefinite(b) or is_semidefinite(a) and is_definite(b)
    if x.name == "add_diagonal":
        return is_semidefinite(x.args[0]) and is_positive(x.args[1])
    return False


def is_semidefinite(x: Array) -> bool:
    """Whether X is symmetric positive semidefinite for certain."""
    if is_definite(x):
        return True
    if x.name == "add":
        return all(is_semidefinite(a) for a in x.args)
    if x.name == "multiply":
        return is_positive(x.args[0]) and is_semidefinite(x.args[1])
    core = _gram_core(x)
    return core is not None and (not core or len(core) == 1 and is_semidefinite(core[0]))


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
    return [x]
