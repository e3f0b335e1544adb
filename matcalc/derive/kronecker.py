"""vec of products that are no chains: which matrix takes vec(X) to vec(A⊗X), to vec(khatri_rao(A, X)), to vech(X), ….

With P = I_n⊗K_{q,m}⊗I_p and A m×n, B p×q it is vec(A⊗B) = P(vec A⊗vec B); the adjoints have the transposes.

Source: Magnus & Neudecker (2019), theorem 3.10; Higham (2008), theorem 3.9, for matrix functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from matcalc.core.algebra import T, add, commutation, elimination, eye, mul, ones
from matcalc.core.dims import ONE, Dim
from matcalc.core.tree import Expr, make
from matcalc.errors import UnsupportedError
from matcalc.operators.linear_algebra import stacked, upper_right


class Vectoriser(Protocol):
    """Who knows vec(e) = J vec(dx) for the arguments of a node."""

    active: set[Expr]

    def of(self, e: Expr) -> Expr:
        """The matrix J of one node."""


def _kron(*factors: Expr) -> Expr:
    product = factors[0]
    for f in factors[1:]:
        product = make("kron", product, f)
    return product


def _size(e: Expr) -> Dim:
    return e.shape[0] * e.shape[1]


def _ones(n: Dim) -> Expr:
    return ones((n, ONE))


def _sum(V: Vectoriser, *parts: tuple[Expr, Callable[[], Expr]]) -> Expr:
    """Σ J(part) over the parts that move, each with the matrix in front of it."""
    return add(*(mul(front(), V.of(part)) for part, front in parts if part in V.active))


# ── Kronecker products ────────────────────────────────────────────────────────────────────────────────────
def _middle(m: Dim, n: Dim, p: Dim, q: Dim) -> Expr:
    return _kron(eye(n), commutation(q, m), eye(p))


def _right(A: Expr, p: Dim, q: Dim) -> Expr:
    """The matrix that takes vec(X) to vec(A⊗X), X p×q."""
    m, n = A.shape
    if n is ONE:
        return _kron(eye(q), A, eye(p))
    return mul(_middle(m, n, p, q), _kron(make("vec", A), eye(p * q)))


def _left(B: Expr, m: Dim, n: Dim) -> Expr:
    """The matrix that takes vec(X) to vec(X⊗B), X m×n."""
    p, q = B.shape
    if p is ONE:
        return _kron(eye(n), T(B), eye(m))
    return mul(_middle(m, n, p, q), _kron(eye(m * n), make("vec", B)))


def _rearranged(C: Expr, m: Dim, n: Dim, p: Dim, q: Dim) -> Expr:
    """The pq×mn matrix R with C:(A⊗B) = vec(B)ᵀR vec(A)."""
    return make("unvec", mul(T(_middle(m, n, p, q)), make("vec", C)), m=p * q, n=m * n)


def kron(V: Vectoriser, e: Expr) -> Expr:
    """vec(A⊗B) = P(vec A⊗vec B)."""
    A, B = e.args
    return _sum(V, (A, lambda: _left(B, *A.shape)), (B, lambda: _right(A, *B.shape)))


def kron_left(V: Vectoriser, e: Expr) -> Expr:
    """The adjoint of X ↦ X⊗B."""
    B, C = e.args
    return _sum(V, (B, lambda: T(_rearranged(C, *e.shape, *B.shape))), (C, lambda: T(_left(B, *e.shape))))


def kron_right(V: Vectoriser, e: Expr) -> Expr:
    """The adjoint of X ↦ A⊗X."""
    A, C = e.args
    return _sum(V, (A, lambda: _rearranged(C, *A.shape, *e.shape)), (C, lambda: T(_right(A, *e.shape))))


# ── Khatri–Rao and face-splitting products ────────────────────────────────────────────────────────────────
def _columns_left(B: Expr, m: Dim) -> Expr:
    """The matrix that takes vec(X) to vec(khatri_rao(X, B)), X with m rows: block diagonal with I_m⊗bⱼ."""
    return make("khatri_rao", eye(m * B.shape[1]), _kron(B, ones((ONE, m))))


def _columns_right(A: Expr, p: Dim) -> Expr:
    """The matrix that takes vec(X) to vec(khatri_rao(A, X)), X with p rows: block diagonal with aⱼ⊗I_p."""
    return _kron(make("khatri_rao", eye(A.shape[1]), A), eye(p))


def khatri_rao(V: Vectoriser, e: Expr) -> Expr:
    """Column by column."""
    A, B = e.args
    return _sum(V, (A, lambda: _columns_left(B, A.shape[0])), (B, lambda: _columns_right(A, B.shape[0])))


def _blockwise(C: Expr, n: Dim, m: Dim, p: Dim) -> Expr:
    """Column by column the m×p matrix of the entries of C in blocks of p, block diagonal."""
    above = _kron(eye(m * n), ones((ONE, p)))
    return mul(above, make("Diag", make("vec", C)), _kron(eye(n), _ones(m), eye(p)))


def khatri_left(V: Vectoriser, e: Expr) -> Expr:
    """The adjoint of X ↦ khatri_rao(X, B)."""
    B, C = e.args
    (m, n), p = e.shape, B.shape[0]
    return _sum(V, (B, lambda: _blockwise(C, n, m, p)), (C, lambda: T(_columns_left(B, m))))


def khatri_right(V: Vectoriser, e: Expr) -> Expr:
    """The adjoint of X ↦ khatri_rao(A, X)."""
    A, C = e.args
    (m, n), p = A.shape, e.shape[0]
    return _sum(V, (A, lambda: T(_blockwise(C, n, m, p))), (C, lambda: T(_columns_right(A, p))))


def face_split(V: Vectoriser, e: Expr) -> Expr:
    """(A⊗1ᵀ)∘(1ᵀ⊗B)."""
    A, B = e.args
    (m, n), q = A.shape, B.shape[1]

    def weighted(beside: Expr, spread: Expr) -> Expr:
        return mul(make("Diag", make("vec", beside)), spread)

    return _sum(
        V,
        (A, lambda: weighted(_kron(ones((ONE, n)), B), _kron(eye(n), _ones(q), eye(m)))),
        (B, lambda: weighted(_kron(A, ones((ONE, q))), _kron(_ones(n), eye(m * q)))),
    )


# ── triangles, sums, matrix functions ─────────────────────────────────────────────────────────────────────
def vech(V: Vectoriser, e: Expr) -> Expr:
    """vech(X) = L vec(X)."""
    X = e.args[0]
    return mul(elimination(X.shape[0], e.shape[0]), V.of(X))


def unvech(V: Vectoriser, e: Expr) -> Expr:
    """vec of the lower triangle from its vech is Lᵀv."""
    v = e.args[0]
    return mul(T(elimination(e.shape[0], v.shape[0])), V.of(v))


def indexed_sum(V: Vectoriser, e: Expr) -> Expr:
    """vec is linear."""
    index, low, high = e.attrs
    return make("isum", V.of(e.args[0]), index=index, low=low, high=high)


def exponential_derivative(V: Vectoriser, e: Expr) -> Expr:
    """vec of the derivative of f = expm is K vec(E), with K the block f([Xᵀ⊗I, I; 0, I⊗X])₁₂."""
    X, E = e.args
    return mul(_exponential_form(X, e), V.of(E))


def logarithm_derivative(V: Vectoriser, e: Expr) -> Expr:
    """The derivative of logm at X is the inverse of that of expm at log X."""
    X, E = e.args
    return mul(make("inv", _exponential_form(make("logm", X), e)), V.of(E))


def _exponential_form(X: Expr, e: Expr) -> Expr:
    if any(x.op.name == "block" for x in (X, *X.args)):
        what = e.op.says.split(" at X")[0].removeprefix("the ")
        raise UnsupportedError(f"the second {what} has no short matrix form",
                               hint='compile(…, order="hvp") gives the Hessian times a direction')
    n = X.shape[0]
    big = make("expm", stacked(_kron(T(X), eye(n)), eye(n * n), _kron(eye(n), X)))
    return upper_right(big, n * n)


def root_derivative(V: Vectoriser, e: Expr) -> Expr:
    """The derivative L of R = √X solves RL + LR = E: vec(L) = (I⊗R + Rᵀ⊗I)⁻¹vec(E)."""
    X, E = e.args
    R, one = make("sqrtm", X), eye(X.shape[0])
    return mul(make("inv", add(_kron(one, R), _kron(T(R), one))), V.of(E))


RULES: dict[str, Callable[[Vectoriser, Expr], Expr]] = {
    "kron": kron,
    "kron_left": kron_left,
    "kron_right": kron_right,
    "khatri_rao": khatri_rao,
    "khatri_left": khatri_left,
    "khatri_right": khatri_right,
    "face_split": face_split,
    "vech": vech,
    "unvech": unvech,
    "isum": indexed_sum,
    "expm_derivative": exponential_derivative,
    "logm_derivative": logarithm_derivative,
    "sqrtm_derivative": root_derivative,
}
"""For each operator the matrix of its vec."""
