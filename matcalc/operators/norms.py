"""Norms and extreme eigenvalues that are not built from other operators, and their subgradients.

‖X‖ is (X:X)^½ and ‖X‖₁ the sum of absolute values; those need no row here. The gradient of each row here is an
operator of its own: `peak`, `dyad_max`, `polar`, `eigproj_max`, `eigproj_min`. Where a norm is not differentiable
(two largest entries, a repeated largest singular value, a rank that is not full) that operator is one of the
subgradients: the first of the largest entries, one of the singular vectors, the singular values 0 left out.

Source: Magnus & Neudecker (2019), sections 8.9 and 18.12; Watson (1992), Characterization of the subdifferential of
some matrix norms.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from matcalc.core.algebra import T, add, eye, mul, power, scale, split_coefficient, zeros
from matcalc.core.dims import ONE, Dim
from matcalc.core.tree import Expr, define, make
from matcalc.errors import UnsupportedError
from matcalc.ir.lowering import dyad_max, eigproj, plain, polar

HALF = Fraction(1, 2)
SOURCE = "Watson (1992)"
Row = Callable[..., Any]  # a column of an operator's row


def _homogeneous(name: str, vector: Callable[[Expr], Expr] | None = None) -> Callable[[Expr], Expr | None]:
    """‖cX‖ = |c|‖X‖ and ‖Xᵀ‖ = ‖X‖; `vector` is what the norm is of a vector."""
    def normal(x: Expr) -> Expr | None:
        c, rest = split_coefficient(x)
        if c != 1:
            return scale(c if c > 0 else -c, make(name, rest))
        if x.is_scalar:
            return make("abs", x)
        if vector is not None and ONE in x.shape:
            return vector(x)
        return make(name, x.args[0]) if x.op.name == "T" else None
    return normal


def _odd(name: str) -> Callable[[Expr], Expr | None]:
    """The subgradient keeps its size where X is scaled, and turns with its sign."""
    def normal(x: Expr) -> Expr | None:
        c, rest = split_coefficient(x)
        return scale(1 if c > 0 else -1, make(name, rest)) if c != 1 else make("sign", x) if x.is_scalar else None
    return normal


def _euclidean(x: Expr) -> Expr:
    return power(make("frob", x, x), HALF)


def _unit_vector(x: Expr) -> Expr:
    return mul(power(make("frob", x, x), -HALF), x)


def _norm(name: str, slope: str, says: str, smooth: str, vector: Callable[[Expr], Expr] | None, value: Row) -> None:
    define(name, "(m,n)->(1,1)", kind="nonlinear", spellings=(), says=says, exact=False, nonnegative=True,
           smooth=smooth, source=SOURCE, normal=_homogeneous(name, vector),
           differential=lambda a, d: make("frob", make(slope, a[0]), d[0]),
           lower=plain(name), value=lambda K, X: K.build(1, 1, lambda i, j: value(K, X)))


def _slope(name: str, says: str, of: str, smooth: str, differential: Row, lower: Row, value: Row,
           normal: Row) -> None:
    define(name, "(m,n)->(m,n)", kind="nonlinear", says=says, exact=False, smooth=smooth, source=SOURCE,
           legend=f"{name}(X) is {says}: always a subgradient of {of}", transpose="inside", normal=normal,
           differential=differential, lower=lower, value=value)


# ── the largest entry ─────────────────────────────────────────────────────────────────────────────────────
ONE_PEAK = "one entry of {} is the largest in absolute value"

_norm("norm_inf", "peak", "the largest absolute value of an entry", ONE_PEAK, None, lambda K, X: K.largest(X))

_slope("peak", "the sign of the (first) entry of largest absolute value at its place, 0 elsewhere", "‖X‖_∞", ONE_PEAK,
       lambda a, d: zeros(a[0].shape), plain("peak"), lambda K, X: K.peak(X), _odd("peak"))


# ── singular values ───────────────────────────────────────────────────────────────────────────────────────
SIMPLE = "the largest singular value of {} is simple"
FULL = "{} has full rank"


def dilation(X: Expr) -> Expr:
    """[0, X; Xᵀ, 0]: its eigenvalues are the singular values of X, with both signs, and zeros."""
    m, n = X.shape
    return make("block", zeros((m, m)), X, T(X), zeros((n, n)), rows=2, cols=2)


def _d_dyad(args: tuple[Expr, ...], dargs: tuple[Expr, ...]) -> Expr:
    """uvᵀ is twice the upper right block of the top eigenprojector of [0, X; Xᵀ, 0]."""
    (X,), (dX,) = args, dargs
    moved = _d_eigproj("max")((dilation(X),), (dilation(dX),))
    m, n = X.shape
    return scale(2, make("part", moved, top=Dim.of(0), height=m, left=m, width=n))


def _d_polar(args: tuple[Expr, ...], dargs: tuple[Expr, ...]) -> Expr:
    raise UnsupportedError("the second derivative of the nuclear norm is not known",
                           hint="smooth it: tr((X'X + εI)^{1/2}) has derivatives of every order")


def _polar_value(K: Any, X: Any) -> Any:
    """X (XᵀX)^−½, or of the transpose where X is wide."""
    tall = X if X.m >= X.n else X.transposed()
    root = K.matrix_function("sqrtm", K.product(tall.transposed(), tall))
    found = K.product(tall, K.inv(root))
    return found if tall is X else found.transposed()


def _dyad_value(K: Any, X: Any) -> Any:
    """X P/σ with P the top eigenprojector of XᵀX."""
    square = K.product(X.transposed(), X)
    return K.scale(K.reciprocal(K.singular_values(X)[0]), K.product(X, K.eigenprojector(square, -1)))


def _of_unit_vector(name: str) -> Callable[[Expr], Expr | None]:
    """As `_odd`; of a vector x it is x/‖x‖."""
    def normal(x: Expr) -> Expr | None:
        found = _odd(name)(x)
        return _unit_vector(x) if found is None and ONE in x.shape else found
    return normal


_norm("norm_spectral", "dyad_max", "the largest singular value", SIMPLE, _euclidean,
      lambda K, X: K.singular_values(X)[0])
_norm("norm_nuclear", "polar", "the sum of the singular values", FULL, _euclidean,
      lambda K, X: K.sum(K.singular_values(X)))

_slope("dyad_max", "uvᵀ for the unit singular vectors u, v of the largest singular value", "‖X‖₂", SIMPLE,
       _d_dyad, dyad_max, _dyad_value, _of_unit_vector("dyad_max"))
_slope("polar", "the polar factor UVᵀ of X = UΣVᵀ, over the singular values that are not 0", "‖X‖_*", FULL,
       _d_polar, polar, _polar_value, _of_unit_vector("polar"))


# ── extreme eigenvalues ───────────────────────────────────────────────────────────────────────────────────
def _symmetric_part(name: str, other: str, value: bool) -> Callable[[Expr], Expr | None]:
    """Eigenvalues are those of a symmetric matrix: of another one, its symmetric part is taken."""
    def normal(x: Expr) -> Expr | None:
        if x.is_scalar:
            return x if value else eye(ONE)
        if T(x) is not x:
            return make(name, make("sym", x))
        c, rest = split_coefficient(x)
        if c != 1:
            found = make(name if c > 0 else other, rest)
            return scale(c, found) if value else found
        return None
    return normal


def deflated(end: str, X: Expr) -> Expr:
    """λI − X + P, which is nonsingular where the extreme eigenvalue λ is simple."""
    return add(mul(make(f"eig{end}", X), eye(X.shape[0])), scale(-1, make("sym", X)), make(f"eigproj_{end}", X))


def _d_eigproj(end: str) -> Row:
    """dP = R dX P + P dX R with the reduced resolvent R = (λI − X)⁺, which is N − P for N = (λI − X + P)⁻¹."""
    def differential(args: tuple[Expr, ...], dargs: tuple[Expr, ...]) -> Expr:
        (X,), (dX,) = args, dargs
        P, move, N = make(f"eigproj_{end}", X), make("sym", dX), make("inv", deflated(end, X))
        return add(mul(N, move, P), mul(P, move, N), scale(-2, mul(P, move, P)))
    return differential


ENDS = {"max": "the largest eigenvalue of {} is simple", "min": "the smallest eigenvalue of {} is simple"}
for _end, _other, _place, _word in (("max", "min", -1, "largest"), ("min", "max", 0, "smallest")):
    define(f"eig{_end}", "(n,n)->(1,1)", kind="nonlinear", says=f"the {_word} eigenvalue of a symmetric matrix",
           exact=False,
           smooth=ENDS[_end], source="Magnus & Neudecker (2019), theorem 8.9",
           normal=_symmetric_part(f"eig{_end}", f"eig{_other}", True),
           differential=lambda a, d, end=_end: make("frob", make(f"eigproj_{end}", a[0]), d[0]),
           lower=plain(f"eig{_end}"),
           value=lambda K, X, place=_place: K.build(1, 1, lambda i, j: K.eigenvalues(X)[place]))
    define(f"eigproj_{_end}", "(n,n)->(n,n)", kind="nonlinear", exact=False, smooth=ENDS[_end], transpose="self",
           says=f"vvᵀ for the unit eigenvector v of the {_word} eigenvalue of a symmetric matrix",
           legend=f"eigproj_{_end}(X) is vvᵀ for a unit eigenvector v of the {_word} eigenvalue of X: always a "
                  f"{'sub' if _end == 'max' else 'super'}gradient of it",
           source="Magnus & Neudecker (2019), theorem 8.9",
           normal=_symmetric_part(f"eigproj_{_end}", f"eigproj_{_other}", False),
           differential=_d_eigproj(_end), lower=eigproj(_place),
           value=lambda K, X, place=_place: K.eigenprojector(X, place))
