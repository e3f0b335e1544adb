"""Inverse, determinant, pseudo-inverse, adjugate and matrix functions.

Source: Petersen & Pedersen, The Matrix Cookbook (2012), sections 2.1-2.2; Golub & Pereyra (1973) for the
pseudo-inverse; Higham, Functions of Matrices (2008), section 3.1 for matrix functions.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from matcalc.core.algebra import (
    CHAIN,
    EYE,
    LIN,
    SCAL,
    UNITY,
    ZEROS,
    T,
    add,
    eye,
    facts_of,
    mul,
    neg,
    ones,
    power,
    reciprocal,
    scale,
    scaled,
    split_coefficient,
    split_scalar,
    sub,
    zeros,
)
from matcalc.core.dims import ONE, SCALAR, Dim
from matcalc.core.tree import Expr, define, make
from matcalc.ir.lowering import Lower, adjugate, block_derivative, exponential_derivative, plain, root_derivative


def square_parts(x: Expr) -> list[Expr]:
    """The shortest square pieces of a product: A, XᵀX and B of AXᵀXB."""
    parts: list[list[Expr]] = [[]]
    for f in x.args if x.op is CHAIN else ():
        parts[-1].append(f)
        if f.shape[1] is x.shape[0]:
            parts.append([])
    return [mul(*part) for part in parts if part]


def _inv(x: Expr) -> Expr | None:
    if x.is_scalar:
        return reciprocal(x)
    if x.op is EYE:
        return x
    if x.op.name == "inv":
        return x.args[0]
    if x.op.name == "Diag":
        return make("Diag", reciprocal(x.args[0]))
    if "orth" in facts_of(x) or x.op.name == "T" and "orth" in facts_of(x.args[0]):
        return T(x)
    c, rest = split_coefficient(x)
    if c != 1:
        return scale(1 / Fraction(c), make("inv", rest))
    if x.op is SCAL:
        return scaled(reciprocal(x.args[0]), make("inv", x.args[1]))
    if len(parts := square_parts(x)) > 1:
        return mul(*(make("inv", part) for part in reversed(parts)))
    return None


def _det(x: Expr) -> Expr | None:
    if x.is_scalar:
        return x
    if x.op is EYE:
        return UNITY
    if x.op.name == "inv":
        return reciprocal(make("det", x.args[0]))
    if x.op.name == "T":
        return make("det", x.args[0])
    other = T(x)
    return make("det", other) if other.key < x.key and x.op is not CHAIN else None


def _logdet(x: Expr) -> Expr | None:
    if x.is_scalar:
        return make("log", make("abs", x))
    if x.op is EYE:
        return zeros(SCALAR)
    if x.op.name == "inv":
        return neg(make("logdet", x.args[0]))
    if x.op.name == "T":
        return make("logdet", x.args[0])
    if len(parts := square_parts(x)) > 1:
        return add(*(make("logdet", part) for part in parts))
    return None


def _pinv(X: Expr) -> Expr | None:
    if X.op is ZEROS:
        return T(X)
    if ONE in X.shape and not X.is_scalar:  # x⁺ = xᵀ/‖x‖²
        return scaled(reciprocal(make("frob", X, X)), T(X))
    return X.args[0] if X.op.name == "pinv" else reciprocal(X) if X.is_scalar else None


def _d_pinv(args: tuple[Expr, ...], dargs: tuple[Expr, ...]) -> Expr:
    """dX⁺ = −X⁺dX X⁺ + X⁺X⁺ᵀdXᵀ(I − XX⁺) + (I − X⁺X)dXᵀX⁺ᵀX⁺ at constant rank."""
    (X,), (dX,) = args, dargs
    P = make("pinv", X)
    left = sub(eye(X.shape[0]), mul(X, P))
    right = sub(eye(X.shape[1]), mul(P, X))
    return add(neg(mul(P, dX, P)), mul(P, T(P), T(dX), left), mul(right, T(dX), T(P), P))


def _d_adj(args: tuple[Expr, ...], dargs: tuple[Expr, ...]) -> Expr:
    """adj X = det(X) X⁻¹, so d adj X = det(X) (tr(X⁻¹dX) X⁻¹ − X⁻¹dX X⁻¹)."""
    (X,), (dX,) = args, dargs
    Y = make("inv", X)
    trace = make("frob", T(Y), dX)
    return mul(make("det", X), sub(mul(trace, Y), mul(Y, dX, Y)))


define("inv", "(n,n)->(n,n)", kind="nonlinear", normal=_inv, transpose="inside", says="the inverse",
       domain="{} nonsingular", differential=lambda a, d: neg(mul(make("inv", a[0]), d[0], make("inv", a[0]))),
       source="Matrix Cookbook (40)", lower=plain("inv"), value=lambda K, X: K.inv(X))

define("pinv", "(m,n)->(n,m)", kind="nonlinear", transpose="inside", says="the Moore–Penrose pseudo-inverse",
       smooth="the rank of {} is locally constant", differential=_d_pinv, source="Golub & Pereyra (1973)",
       normal=_pinv,
       exact=False, lower=plain("pinv"), value=lambda K, X: K.pinv(X))

define("adj", "(n,n)->(n,n)", kind="nonlinear", transpose="inside", says="the adjugate, det(X) X⁻¹",
       normal=lambda X: UNITY if X.is_scalar else None,
       smooth="{} nonsingular", differential=_d_adj, lower=adjugate, value=lambda K, X: K.scale(K.det(X), K.inv(X)))

define("det", "(n,n)->(1,1)", kind="nonlinear", normal=_det, says="the determinant", smooth="{} nonsingular",
       differential=lambda a, d: mul(make("det", a[0]), make("frob", T(make("inv", a[0])), d[0])),
       source="Matrix Cookbook (41), Jacobi's formula", lower=plain("det"),
       value=lambda K, X: K.build(1, 1, lambda i, j: K.det(X)))

define("logdet", "(n,n)->(1,1)", kind="nonlinear", normal=_logdet, says="log |det X|", domain="{} nonsingular",
       differential=lambda a, d: make("frob", T(make("inv", a[0])), d[0]),
       source="Matrix Cookbook (43)", lower=plain("logdet"),
       value=lambda K, X: K.build(1, 1, lambda i, j: K.fn("logabs", K.det(X))))


# ── matrix functions: the derivative at X in the direction E is the upper right block of f([X, E; 0, X]) ────
ZERO = Dim.of(0)


def upper_right(big: Expr, n: Dim) -> Expr:
    """The block in the first n rows and the second n columns."""
    return make("part", big, top=ZERO, height=n, left=n, width=n)


def stacked(X: Expr, E: Expr, below: Expr | None = None) -> Expr:
    """[X, E; 0, X], or with another matrix below."""
    return make("block", X, E, zeros(X.shape), X if below is None else below, rows=2, cols=2)


def _commutes(E: Expr, X: Expr) -> bool:
    """Whether E is certainly a function of X, or of a multiple of it."""
    E, X = split_scalar(E)[2], split_scalar(X)[2]
    if E is X or E.op is EYE:
        return True
    inside = E.op.kind == "function" or E.op.name == "inv" or E.op in (LIN, CHAIN)
    return inside and all(_commutes(a, X) for a in E.args)


def _matrix_function(name: str, says: str, domain: str, slope: Callable[[Expr], Expr],
                     of_scalar: Callable[[Expr], Expr],
                     lower: Lower) -> None:
    """A function of a square matrix and its derivative L(X, E), linear in E; `slope` is f′ and L(X, E) = f′(X)E where
    E commutes with X."""
    derivative = f"{name}_derivative"

    def normal(X: Expr) -> Expr | None:
        if X.is_scalar:
            return of_scalar(X)
        if X.op.name == "Diag":
            return make("Diag", of_scalar(X.args[0]))
        return make("Diag", of_scalar(ones((X.shape[0], ONE)))) if X.op is EYE else None

    def normal_derivative(X: Expr, E: Expr) -> Expr | None:
        if X.is_scalar or E.op is ZEROS or _commutes(E, X):
            return mul(slope(X), E)
        c, s, rest = split_scalar(E)
        return scale(c, mul(*([s] if s is not None else []), make(derivative, X, rest))) if rest is not E else None

    def moved(args: tuple[Expr, ...], dargs: tuple[Expr, ...]) -> Expr:
        (X, E), (dX, dE) = args, dargs
        second = make(derivative, stacked(X, E), stacked(dX, zeros(dX.shape)))
        return add(make(derivative, X, dE), upper_right(second, X.shape[0]))

    def adjoint_at(G: Expr, X: Expr, E: Expr) -> Expr:
        n, nothing = X.shape[0], zeros(X.shape)
        place = make("block", nothing, G, nothing, nothing, rows=2, cols=2)
        found = make(derivative, T(stacked(X, E)), place)
        return add(*(make("part", found, top=k, height=n, left=k, width=n) for k in (ZERO, n)))

    define(name, "(n,n)->(n,n)", kind="function", transpose="inside", says=says, domain=domain, derivative=slope,
           normal=normal,
           adjoint=(lambda G, X: make(derivative, T(X), G),), differential=lambda a, d: make(derivative, a[0], d[0]),
           source="Higham (2008), theorem 3.6", exact=False, lower=plain("matrix_function", name),
           value=lambda K, X: K.matrix_function(name, X))
    define(derivative, "(n,n),(n,n)->(n,n)", kind="nonlinear", spellings=(), transpose="inside", domain=domain,
           says=f"the derivative of {says} at X in the direction E, linear in E", normal=normal_derivative, exact=False,
           differential=moved, adjoint=(adjoint_at, lambda G, X, E: make(derivative, T(X), G)), lower=lower,
           source="Higham (2008), theorem 3.6", value=lambda K, X, E: K.derivative_of(name, X, E))


ON_THE_AXIS = "{} without eigenvalues on the closed negative axis"
_matrix_function("expm", "the matrix exponential", "", lambda X: make("expm", X),
                 lambda x: make("exp", x), exponential_derivative)
_matrix_function("logm", "the principal matrix logarithm", ON_THE_AXIS, lambda X: make("inv", X),
                 lambda x: make("log", x),
                 block_derivative("logm"))
_matrix_function("sqrtm", "the principal matrix square root", ON_THE_AXIS,
                 lambda X: scale(Fraction(1, 2), make("inv", make("sqrtm", X))), lambda x: power(x, Fraction(1, 2)),
                 root_derivative)
