"""Kronecker, Khatri–Rao and face-splitting products, and the contractions that are their adjoints.

Source: Van Loan (2000), The ubiquitous Kronecker product; Slyusar (1999) for face splitting.
"""

from __future__ import annotations

from matcalc.core.algebra import EYE, ONES, T, eye, mul, ones
from matcalc.core.dims import ONE, Dim, Shape
from matcalc.core.tree import Expr, define, make
from matcalc.errors import UnsupportedError
from matcalc.ir.lowering import columns_of, face_split, kron, on_matrices, rows_of


def _kron(A: Expr, B: Expr) -> Expr | None:
    if A.is_scalar or B.is_scalar:
        return mul(A, B)
    if A.op is EYE and B.op is EYE:
        return eye(A.shape[0] * B.shape[0])
    if A.op is ONES and B.op is ONES:
        return ones((A.shape[0] * B.shape[0], A.shape[1] * B.shape[1]))
    if A.shape[1] is ONE and B.shape[0] is ONE or A.shape[0] is ONE and B.shape[1] is ONE:
        return mul(A, B) if A.shape[1] is ONE else mul(B, A)
    return None


def _khatri_rao(A: Expr, B: Expr) -> Expr | None:
    if A.shape[1] is ONE:
        return make("kron", A, B)
    if A.shape[0] is ONE:
        return mul(B, make("Diag", T(A)))
    if B.shape[0] is ONE:
        return mul(A, make("Diag", T(B)))
    return ones((A.shape[0] * B.shape[0], A.shape[1])) if A.op is ONES and B.op is ONES else None


def _face_split(A: Expr, B: Expr) -> Expr | None:
    if A.shape[0] is ONE:
        return T(make("kron", T(A), T(B)))
    if A.shape[1] is ONE:
        return mul(make("Diag", A), B)
    return mul(make("Diag", B), A) if B.shape[1] is ONE else None


define("kron", "(m,n),(p,q)->(m*p,n*q)", kind="multilinear", normal=_kron, transpose="inside",
       says="the Kronecker product A⊗B, blocks aᵢⱼB",
       adjoint=(lambda G, A, B: make("kron_left", B, G), lambda G, A, B: make("kron_right", A, G)),
       lower=kron, value=lambda K, A, B: K.build(
            A.m * B.m, A.n * B.n, lambda i, j: A[i // B.m, j // B.n] * B[i % B.m, j % B.n]))

define("khatri_rao", "(m,n),(p,n)->(m*p,n)", kind="multilinear", normal=_khatri_rao,
       transpose=lambda e: make("face_split", T(e.args[0]), T(e.args[1])),
       says="the Khatri–Rao product, column j is aⱼ⊗bⱼ",
       adjoint=(lambda G, A, B: make("khatri_left", B, G), lambda G, A, B: make("khatri_right", A, G)),
       lower=on_matrices("khatri_rao"),
       value=lambda K, A, B: K.build(A.m * B.m, A.n, lambda i, j: A[i // B.m, j] * B[i % B.m, j]))

define("face_split", "(m,n),(m,q)->(m,n*q)", kind="multilinear",
       normal=_face_split,
       transpose=lambda e: make("khatri_rao", T(e.args[0]), T(e.args[1])),
       says="the face-splitting product, row i is aᵢ⊗bᵢ",
       adjoint=(lambda G, A, B: T(make("khatri_left", T(B), T(G))),
                 lambda G, A, B: T(make("khatri_right", T(A), T(G)))),
       lower=face_split, value=lambda K, A, B: K.build(A.m, A.n * B.n, lambda i, j: A[i, j // B.n] * B[i, j % B.n]))


def _quotient_shape(B: Expr, C: Expr) -> Shape:
    return _over(C.shape[0], B.shape[0]), _over(C.shape[1], B.shape[1])


def _over(whole: Dim, part: Dim) -> Dim:
    """How many blocks of a length a dimension holds.

    Raises:
        UnsupportedError: it is no product with that length.
    """
    try:
        return whole.over(part)
    except ValueError as problem:
        raise UnsupportedError(f"the blocks of a Kronecker product are needed, but {problem}",
                               hint="declare the longer dimension as a product of the others") from None


def _contract(side: str, A: Expr, C: Expr) -> Expr | None:
    """C = P⊗Q collapses: (P⊗Q):(X⊗B) = (Q:B)P:X."""
    if A.is_scalar:
        return mul(A, C)
    if C.op.name == "kron":
        P, Q = C.args
        if side == "left" and Q.shape == A.shape:
            return mul(make("frob", A, Q), P)
        if side == "right" and P.shape == A.shape:
            return mul(make("frob", A, P), Q)
    if _quotient_shape(A, C) == (ONE, ONE):
        return make("frob", A, C)
    return None


define("kron_left", kind="multilinear", spellings=(), normal=lambda B, C: _contract("left", B, C),
       shape=_quotient_shape,
       transpose="inside", says="the adjoint of X ↦ X⊗B: entry (i,j) is B : (block i,j of C)",
       adjoint=(lambda G, B, C: make("kron_right", G, C), lambda G, B, C: make("kron", G, B)),
       lower=on_matrices("kron_left", rows_of, columns_of),
       value=lambda K, B, C: K.build(C.m // B.m, C.n // B.n, lambda i, j: K.sum(
           B[r, c] * C[i * B.m + r, j * B.n + c] for r in range(B.m) for c in range(B.n))))

define("kron_right", kind="multilinear", spellings=(), normal=lambda A, C: _contract("right", A, C),
       shape=_quotient_shape,
       transpose="inside", says="the adjoint of X ↦ A⊗X: Σᵢⱼ aᵢⱼ (block i,j of C)",
       adjoint=(lambda G, A, C: make("kron_left", G, C), lambda G, A, C: make("kron", A, G)),
       lower=on_matrices("kron_right", rows_of, columns_of),
       value=lambda K, A, C: K.build(C.m // A.m, C.n // A.n, lambda i, j: K.sum(
           A[r, c] * C[r * (C.m // A.m) + i, c * (C.n // A.n) + j] for r in range(A.m) for c in range(A.n))))


def _khatri_shape(B: Expr, C: Expr) -> Shape:
    return _over(C.shape[0], B.shape[0]), C.shape[1]


define("khatri_left", kind="multilinear", spellings=(), shape=_khatri_shape,
       normal=lambda B, C: make("kron_left", B, C) if C.shape[1] is ONE else None,
       says="the adjoint of X ↦ khatri_rao(X, B)",
       adjoint=(lambda G, B, C: make("khatri_right", G, C), lambda G, B, C: make("khatri_rao", G, B)),
       lower=on_matrices("khatri_left", rows_of),
       value=lambda K, B, C: K.build(C.m // B.m, C.n,
            lambda i, j: K.sum(B[r, j] * C[i * B.m + r, j] for r in range(B.m))))

define("khatri_right", kind="multilinear", spellings=(), shape=_khatri_shape,
       normal=lambda A, C: make("kron_right", A, C) if C.shape[1] is ONE else None,
       says="the adjoint of X ↦ khatri_rao(A, X)",
       adjoint=(lambda G, A, C: make("khatri_left", G, C), lambda G, A, C: make("khatri_rao", A, G)),
       lower=on_matrices("khatri_right", rows_of),
       value=lambda K, A, C: K.build(C.m // A.m, C.n,
            lambda i, j: K.sum(A[r, j] * C[r * (C.m // A.m) + i, j] for r in range(A.m))))

