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
    SCAL,
    UNITY,
    T,
    add,
    eye,
    facts_of,
    mul,
    neg,
    reciprocal,
    scale,
    scaled,
    split_coefficient,
    sub,
    zeros,
)
from matcalc.core.dims import SCALAR, Dim
from matcalc.core.tree import Expr, define, make
from matcalc.ir.lowering import adjugate, plain


def _square_factors(x: Expr) -> bool:
    return x.op is CHAIN and all(f.shape[0] is f.shape[1] for f in x.args)


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
    if _square_factors(x):
        return mul(*(make("inv", f) for f in reversed(x.args)))
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
    if _square_factors(x):
        return mul(*(make("det", f) for f in x.args))
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
    if _square_factors(x):
        return add(*(make("logdet", f) for f in x.args))
    return None


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
       domain="the rank of {} is locally constant", differential=_d_pinv, source="Golub & Pereyra (1973)",
       normal=lambda X: X.args[0] if X.op.name == "pinv" else reciprocal(X) if X.is_scalar else None,
       exact=False, lower=plain("pinv"), value=lambda K, X: K.pinv(X))

define("adj", "(n,n)->(n,n)", kind="nonlinear", transpose="inside", says="the adjugate, det(X) X⁻¹",
       domain="{} nonsingular", differential=_d_adj, lower=adjugate, value=lambda K, X: K.scale(K.det(X), K.inv(X)))

define("det", "(n,n)->(1,1)", kind="nonlinear", normal=_det, says="the determinant", domain="{} nonsingular",
       differential=lambda a, d: mul(make("det", a[0]), make("frob", T(make("inv", a[0])), d[0])),
       source="Matrix Cookbook (41), Jacobi's formula", lower=plain("det"), value=lambda K, X: K.build(1, 1, lambda i, j: K.det(X)))

define("logdet", "(n,n)->(1,1)", kind="nonlinear", normal=_logdet, says="log |det X|", domain="{} nonsingular",
       differential=lambda a, d: make("frob", T(make("inv", a[0])), d[0]),
       source="Matrix Cookbook (43)", lower=plain("logdet"), value=lambda K, X: K.build(1, 1, lambda i, j: K.fn("logabs", K.det(X))))


# ── matrix functions: f([X E; 0 X]) has the derivative in direction E as its upper right block ────────────
def _frechet(name: str) -> Callable[[Expr, Expr], Expr]:
    def adjoint(G: Expr, X: Expr) -> Expr:
        n = X.shape[0]
        nothing = zeros((n, n))
        big = make(name, make("block", T(X), G, nothing, T(X), rows=2, cols=2))
        return make("part", big, top=Dim.of(0), height=n, left=n, width=n)
    return adjoint


def _matrix_function(name: str, says: str, domain: str, slope: Callable[[Expr], Expr]) -> None:
    """`slope` is f′, used for d tr f(X) = tr(f′(X) dX)."""
    define(name, "(n,n)->(n,n)", kind="function", transpose="inside", says=says, domain=domain, derivative=slope,
           adjoint=(_frechet(name),), source="Higham (2008), theorem 3.6", exact=False, lower=plain("matrix_function", name),
           value=lambda K, X: K.matrix_function(name, X))


_matrix_function("expm", "the matrix exponential", "", lambda X: make("expm", X))
_matrix_function("logm", "the principal matrix logarithm", "{} without eigenvalues on the closed negative axis",
                 lambda X: make("inv", X))
_matrix_function("sqrtm", "the principal matrix square root", "{} without eigenvalues on the closed negative axis",
                 lambda X: scale(Fraction(1, 2), make("inv", make("sqrtm", X))))
