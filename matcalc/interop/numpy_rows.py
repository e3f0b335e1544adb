"""What NumPy's functions are for stand-ins, a row each; elementwise ones by the `numpy` column of the operators."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from matcalc import operators
from matcalc.core.algebra import T, add, dimnum, eye, hadamard, mul, number_of, ones, power, sub, zeros
from matcalc.core.dims import ONE
from matcalc.core.tree import OPS, Expr, make
from matcalc.errors import ShapeError
from matcalc.interop.standin import FUNCTIONS, UFUNCS, Row, Traced, lift, no_row, together

assert operators  # imported so that the table is full
HALF = Fraction(1, 2)


# ── ufuncs ────────────────────────────────────────────────────────────────────────────────────────────────
def _entrywise(function: Callable[..., Expr]) -> Row:
    def row(*given: Traced) -> Traced:
        arrays, ndim = together(*given)
        return Traced(function(*arrays), ndim)
    return row


def _divide(x: Traced, y: Traced) -> Traced:
    if y.ndim == 0:
        return Traced(mul(power(y.e, -1), x.e), x.ndim)
    return Traced(_entrywise(lambda a, b: hadamard(a, power(b, -1)))(x, y).e, max(x.ndim, y.ndim))


def _multiply(x: Traced, y: Traced) -> Traced:
    if 0 in (x.ndim, y.ndim):
        return Traced(mul(x.e, y.e), max(x.ndim, y.ndim))
    return Traced(_entrywise(hadamard)(x, y).e, max(x.ndim, y.ndim))


def _power(x: Traced, y: Traced) -> Traced:
    q = number_of(y.e)
    if q is not None:
        return Traced(power(x.e, q), x.ndim)
    return Traced(_entrywise(lambda a, b: make("exp", hadamard(b, make("log", a))))(x, y).e, max(x.ndim, y.ndim))


def _matmul(x: Traced, y: Traced) -> Traced:
    if 0 in (x.ndim, y.ndim):
        raise ShapeError("matmul takes vectors and matrices", hint="write * for a scalar")
    left = T(x.e) if x.ndim == 1 else x.e
    if left.shape[1] is not y.e.shape[0]:
        raise ShapeError(f"{left.shape[0]}×{left.shape[1]} times {y.e.shape[0]}×{y.e.shape[1]} does not fit",
                         hint="equal lengths have equal names")
    product = mul(left, y.e)
    if x.ndim == 1:
        return Traced(T(product), y.ndim - 1)
    return Traced(product, y.ndim)


def _named(name: str) -> Row:
    return lambda x: Traced(make(name, x.e), x.ndim)


UFUNCS |= {
    **{op.numpy.removeprefix("np."): _named(op.name) for op in OPS.values() if op.numpy.startswith("np.")},
    **{theirs: _named(ours) for theirs, ours in {  # scipy.special
        "erf": "erf", "expit": "sigmoid", "gammaln": "lgamma", "psi": "digamma", "ndtr": "normcdf",
        "log_ndtr": "lognormcdf", "absolute": "abs", "fabs": "abs"}.items()},
    "add": _entrywise(add),
    "subtract": _entrywise(sub),
    "multiply": _multiply,
    "divide": _divide,
    "power": _power,
    "float_power": _power,
    "matmul": _matmul,
    "negative": lambda x: -x,
    "positive": lambda x: x,
    "square": lambda x: Traced(power(x.e, 2), x.ndim),
    "sqrt": lambda x: Traced(power(x.e, HALF), x.ndim),
    "reciprocal": lambda x: Traced(power(x.e, -1), x.ndim),
    "maximum": _entrywise(lambda a, b: make("max", a, b)),
    "minimum": _entrywise(lambda a, b: make("min", a, b)),
    "logaddexp": _entrywise(lambda a, b: add(a, make("softplus", sub(b, a)))),
}


# ── functions ─────────────────────────────────────────────────────────────────────────────────────────────
def _sum(x: Any, axis: int | None = None, keepdims: bool = False, **_: Any) -> Traced:
    x = lift(x)
    if x.ndim < 2 or axis is None:
        return Traced(make("sum", x.e), 0)
    e = mul(x.e, ones((x.e.shape[1], ONE))) if axis in (1, -1) else mul(ones((ONE, x.e.shape[0])), x.e)
    return Traced(e, 2) if keepdims else Traced(e if axis in (1, -1) else T(e), 1)


def _mean(x: Any, axis: int | None = None, keepdims: bool = False) -> Traced:
    x = lift(x)
    lengths = x.e.shape if axis is None else (x.e.shape[axis % x.ndim], ONE)
    return _divide(_sum(x, axis, keepdims), Traced(dimnum(lengths[0] * lengths[1]), 0))


def _norm(x: Any, ord: Any = None, axis: int | None = None) -> Traced:
    x = lift(x)
    if axis is not None and x.ndim == 2 and ord in (None, 2):
        return UFUNCS["sqrt"](_sum(UFUNCS["square"](x), axis))  # type: ignore[no-any-return]
    matrix = x.ndim == 2
    kinds: dict[Any, Callable[[Expr], Expr]] = {
        None: lambda e: power(make("frob", e, e), HALF), "fro": lambda e: power(make("frob", e, e), HALF)}
    if matrix:
        kinds |= {2: lambda e: make("norm_spectral", e), "nuc": lambda e: make("norm_nuclear", e)}
    else:
        kinds |= {2: kinds[None], 1: lambda e: make("sum", make("abs", e)), float("inf"): lambda e: make("norm_inf", e)}
    if axis is not None or ord not in kinds:
        raise no_row(f"np.linalg.norm with ord={ord!r}" + (f", axis={axis!r}" if axis is not None else ""))
    return Traced(kinds[ord](x.e), 0)


def _dot(x: Any, y: Any) -> Traced:
    x, y = lift(x), lift(y)
    return _multiply(x, y) if 0 in (x.ndim, y.ndim) else _matmul(x, y)


def _diagonal(x: Any) -> Traced:
    x = lift(x)
    return Traced(make("Diag", x.e), 2) if x.ndim == 1 else Traced(make("diag", x.e), 1)


def _ravel(x: Any, order: str = "C") -> Traced:
    x = lift(x)
    return Traced(make("vec", x.e if order == "F" else T(x.e)) if x.ndim == 2 else x.e, 1)


def _solve(A: Any, b: Any) -> Traced:
    return _matmul(Traced(make("inv", lift(A).e), 2), lift(b))


def _slogdet(A: Any) -> tuple[Traced, Traced]:
    e = lift(A).e
    return Traced(make("sign", make("det", e)), 0), Traced(make("logdet", e), 0)


def _matrix_power(A: Any, k: int) -> Traced:
    e = lift(A).e
    return Traced(mul(eye(e.shape[0]), *[make("inv", e) if k < 0 else e] * abs(k)), 2)


def _stacked(arrays: Any, axis: int) -> Traced:
    """Arrays beside one another (axis 1) or below (axis 0)."""
    given = [lift(a) for a in arrays]
    if all(x.ndim == 1 for x in given):
        return Traced(make("block", *(x.e for x in given), rows=len(given), cols=1), 1)
    across = len(given) if axis == 1 else 1
    return Traced(make("block", *(x.e for x in given), rows=len(given) // across, cols=across), 2)


def _block(rows: Any) -> Traced:
    grid = [[lift(b) for b in row] for row in rows]
    return Traced(make("block", *(b.e for row in grid for b in row), rows=len(grid), cols=len(grid[0])), 2)


def _matrix_function(name: str, ndim: int = 2) -> Row:
    return lambda x, *_: Traced(make(name, lift(x).e), ndim)


FUNCTIONS |= {
    "sum": _sum,
    "mean": _mean,
    "trace": _matrix_function("tr", 0),
    "dot": _dot,
    "inner": lambda x, y: _dot(x, lift(y).T),
    "vdot": lambda x, y: Traced(make("frob", lift(x).e, lift(y).e), 0),
    "outer": lambda x, y: Traced(mul(lift(x).e, T(lift(y).e)), 2),
    "kron": lambda A, B: Traced(make("kron", lift(A).e, lift(B).e), max(lift(A).ndim, lift(B).ndim)),
    "diag": _diagonal,
    "diagonal": _diagonal,
    "transpose": lambda x: lift(x).T,
    "ravel": _ravel,
    "flatten": _ravel,
    "tril": _matrix_function("tril"),
    "triu": _matrix_function("triu"),
    "ones_like": lambda x: Traced(ones(x.e.shape), x.ndim),
    "zeros_like": lambda x: Traced(zeros(x.e.shape), x.ndim),
    "concatenate": lambda arrays, axis=0: _stacked(arrays, axis),
    "hstack": lambda arrays: _stacked(arrays, 1),
    "vstack": lambda arrays: _stacked(arrays, 0),
    "block": _block,
    "linalg.norm": _norm,
    "linalg.inv": _matrix_function("inv"),
    "linalg.pinv": _matrix_function("pinv"),
    "linalg.det": _matrix_function("det", 0),
    "linalg.slogdet": _slogdet,
    "linalg.solve": _solve,
    "linalg.matrix_power": _matrix_power,
    "linalg.multi_dot": lambda arrays: Traced(mul(*(lift(a).e for a in arrays)), 2),
}
