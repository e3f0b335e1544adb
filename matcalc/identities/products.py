"""Kronecker, Khatri–Rao and face-splitting products.

Source: Van Loan (2000), The ubiquitous Kronecker product; Khatri & Rao (1968); Slyusar (1999).
"""

from __future__ import annotations

from matcalc.core.algebra import dimnum, eye, ones, sub
from matcalc.core.dims import Dim
from matcalc.core.tree import Expr, make
from matcalc.identities.registry import identity, metavariable

A, B = metavariable("A", "m,n"), metavariable("B", "p,q")
C, D = metavariable("C", "n,k"), metavariable("D", "q,r")
E, F = metavariable("E", "m,n"), metavariable("F", "p,q")
S, R = metavariable("S", "m,m"), metavariable("R", "p,p")
P, Q = metavariable("P", "p,n"), metavariable("Q", "m,q")
x, y, z = metavariable("x", "m,1"), metavariable("y", "p,1"), metavariable("z", "m,1")
u = metavariable("u", "n,1")
v, w = metavariable("v…", "n*q,1"), metavariable("w…", "n,1")
n, q = Dim.name("n"), Dim.name("q")
m_number, p_number = dimnum(Dim.name("m")), dimnum(Dim.name("p"))

identity(
    "kronecker/times-vec",
    make("kron", A, B) @ v,
    make("vec", B @ make("unvec", v, m=q, n=n) @ A.T),
    use="read",
    says="(A⊗B)vec(X) = vec(BXAᵀ)",
    source="Van Loan (2000), equation 2",
)
identity(
    "kronecker/of-vectors",
    make("kron", x, y),
    make("vec", y @ x.T),
    use="read",
    says="x⊗y = vec(yxᵀ)",
    source="Van Loan (2000)",
)
identity(
    "kronecker/mixed-product",
    make("kron", A, B) @ make("kron", C, D),
    make("kron", A @ C, B @ D),
    use="read shorten",
    says="(A⊗B)(C⊗D) = AC⊗BD",
    source="Van Loan (2000)",
)
identity(
    "kronecker/inverse",
    make("inv", make("kron", S, R)),
    make("kron", make("inv", S), make("inv", R)),
    use="read",
    says="(A⊗B)⁻¹ = A⁻¹⊗B⁻¹",
    source="Van Loan (2000)",
    given="S, R nonsingular",
)
identity(
    "kronecker/logdet",
    make("logdet", make("kron", S, R)),
    p_number * make("logdet", S) + m_number * make("logdet", R),
    use="read",
    says="log|det(A⊗B)| = p log|det A| + m log|det B| for A m×m, B p×p",
    source="Magnus & Neudecker (2019), section 2.2",
    given="S, R nonsingular",
)
identity(
    "kronecker/trace",
    make("tr", make("kron", S, R)),
    make("tr", S) * make("tr", R),
    use="read",
    says="tr(A⊗B) = tr(A) tr(B)",
    source="Van Loan (2000)",
)
identity(
    "kronecker/frobenius",
    make("frob", make("kron", A, B), make("kron", E, F)),
    make("frob", A, E) * make("frob", B, F),
    use="read",
    says="(A⊗B):(E⊗F) = (A:E)(B:F)",
    source="Van Loan (2000)",
)
identity(
    "khatri-rao/times-vector",
    make("khatri_rao", A, P) @ w,
    make("vec", P @ make("Diag", w) @ A.T),
    use="read",
    says="khatri_rao(A, B)x = vec(B Diag(x) Aᵀ)",
    source="Khatri & Rao (1968)",
)
identity(
    "face-splitting/times-vector",
    make("face_split", A, Q) @ v,
    make("diag", Q @ make("unvec", v, m=q, n=n) @ A.T),
    use="read",
    says="face_split(A, B)vec(X) = diag(BXAᵀ), so face_split(A, B)(u⊗v) = (Au)∘(Bv)",
    source="Slyusar (1999)",
)
identity(
    "face-splitting/mixed-product",
    make("face_split", A, Q) @ make("kron", C, D),
    make("face_split", A @ C, Q @ D),
    use="shorten",
    says="face_split(A, B)(C⊗D) = face_split(AC, BD)",
    source="Slyusar (1999)",
)
M, N = metavariable("M", "m,n"), metavariable("N", "m,n")
m = Dim.name("m")
BY_ROW = make("kron", ones((n, n)), eye(m))  # (11ᵀ⊗I)vec(X) = vec(X11ᵀ)
BY_COLUMN = make("kron", eye(n), ones((m, m)))  # (I⊗11ᵀ)vec(X) = vec(11ᵀX)


def _weights(X: Expr) -> Expr:
    return make("Diag", make("vec", X))


identity(
    "face-splitting/as-row-weights",
    _weights(M) @ BY_ROW @ _weights(N),
    make("face_split", M, eye(m)).T @ make("face_split", N, eye(m)),
    use="shorten",
    says="Diag(vec A)(11ᵀ⊗I)Diag(vec B) = face_split(A, I)ᵀface_split(B, I)",
    source="Slyusar (1999)",
)
identity(
    "face-splitting/row-covariance",
    _weights(M) @ sub(eye(m * n), BY_ROW @ _weights(M)),
    sub(_weights(M), make("face_split", M, eye(m)).T @ make("face_split", M, eye(m))),
    use="shorten",
    says="Diag(p) − ppᵀ for every row p",
    source="Slyusar (1999)",
)
identity(
    "face-splitting/weighted",
    make("face_split", M, eye(m)) @ _weights(N),
    make("face_split", M * N, eye(m)),
    use="shorten",
    says="face_split(A, I)Diag(vec B) = face_split(A∘B, I)",
    source="Slyusar (1999)",
)
identity(
    "khatri-rao/weighted",
    _weights(N) @ make("khatri_rao", eye(n), M),
    make("khatri_rao", eye(n), M * N),
    use="shorten",
    says="Diag(vec B)khatri_rao(I, A) = khatri_rao(I, A∘B)",
    source="Khatri & Rao (1968)",
)
identity(
    "face-splitting/weighted-transposed",
    _weights(N) @ make("face_split", M, eye(m)).T,
    make("face_split", M * N, eye(m)).T,
    use="shorten",
    says="Diag(vec B)face_split(A, I)ᵀ = face_split(A∘B, I)ᵀ",
    source="Slyusar (1999)",
)
identity(
    "khatri-rao/weighted-transposed",
    make("khatri_rao", eye(n), M).T @ _weights(N),
    make("khatri_rao", eye(n), M * N).T,
    use="shorten",
    says="khatri_rao(I, A)ᵀDiag(vec B) = khatri_rao(I, A∘B)ᵀ",
    source="Khatri & Rao (1968)",
)
identity(
    "kronecker/weights-of-rows",
    make("kron", u.T, eye(m)) @ _weights(M) @ make("kron", w, eye(m)),
    make("Diag", M @ (u * w)),
    use="shorten",
    says="(uᵀ⊗I)Diag(vec A)(w⊗I) = Diag(A(u∘w))",
    source="Van Loan (2000)",
)
identity(
    "kronecker/weights-of-columns",
    make("kron", eye(n), x.T) @ _weights(M) @ make("kron", eye(n), z),
    make("Diag", M.T @ (x * z)),
    use="shorten",
    says="(I⊗xᵀ)Diag(vec A)(I⊗z) = Diag(Aᵀ(x∘z))",
    source="Van Loan (2000)",
)
identity(
    "face-splitting/times-khatri-rao",
    make("face_split", A, Q) @ make("khatri_rao", C, metavariable("D", "q,k")),
    (A @ C) * (Q @ metavariable("D", "q,k")),
    use="shorten",
    says="face_split(A, B)khatri_rao(C, D) = (AC)∘(BD)",
    source="Slyusar (1999)",
)
identity(
    "khatri-rao/as-column-weights",
    _weights(M) @ BY_COLUMN @ _weights(N),
    make("khatri_rao", eye(n), M) @ make("khatri_rao", eye(n), N).T,
    use="shorten",
    says="Diag(vec A)(I⊗11ᵀ)Diag(vec B) = khatri_rao(I, A) khatri_rao(I, B)ᵀ",
    source="Khatri & Rao (1968)",
)
identity(
    "khatri-rao/column-covariance",
    _weights(M) @ sub(eye(m * n), BY_COLUMN @ _weights(M)),
    sub(_weights(M), make("khatri_rao", eye(n), M) @ make("khatri_rao", eye(n), M).T),
    use="shorten",
    says="Diag(p) − ppᵀ for every column p",
    source="Khatri & Rao (1968)",
)
