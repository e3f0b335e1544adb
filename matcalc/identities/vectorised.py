"""How vec of a linear form in dX becomes a matrix times vec(dX): the rows behind Jacobians and Hessians.

Source: Magnus & Neudecker (2019), chapters 2, 3 and 9.
"""

from __future__ import annotations

from fractions import Fraction

from matcalc.core.algebra import add, commutation, eye, ones, scale, scaled, sub
from matcalc.core.dims import ONE, Dim
from matcalc.core.tree import make
from matcalc.identities.registry import identity, metavariable

k, m, n, p, q = (Dim.name(c) for c in "kmnpq")
A, X, B = metavariable("A", "p,m"), metavariable("X", "m,n"), metavariable("B", "n,q")
H = metavariable("H", "m,n")
v = metavariable("v", "n,1")
C, D = metavariable("C", "n,k"), metavariable("D", "m,k")
P, Q = metavariable("P", "m,p"), metavariable("Q", "n,q")
M, N = metavariable("M", "m,n"), metavariable("N", "p,q")
S, s = metavariable("S", "n,n"), metavariable("s", "1,1")
E, L = metavariable("E", "m,k"), metavariable("L", "m,q")
HALF = Fraction(1, 2)
G, F = metavariable("G", "q,r"), metavariable("F", "n,s")
u, w = metavariable("u…", "p,1"), metavariable("w…", "q,1")

identity(
    "vec/of-product",
    make("vec", A @ X @ B),
    make("kron", B.T, A) @ make("vec", X),
    use="vectorise",
    says="vec(AXB) = (Bᵀ⊗A)vec(X)",
    source="Magnus & Neudecker (2019), theorem 2.2",
)
identity(
    "vec/of-hadamard",
    make("vec", H * X),
    make("Diag", make("vec", H)) @ make("vec", X),
    use="vectorise",
    says="vec(H∘X) = Diag(vec H)vec(X)",
)
identity(
    "vec/of-transpose",
    make("vec", X.T),
    commutation(m, n) @ make("vec", X),
    use="vectorise",
    says="vec(Xᵀ) = K vec(X)",
    source="Magnus & Neudecker (2019), section 3.7",
)
identity(
    "vec/of-Diag",
    make("vec", make("Diag", v)),
    make("khatri_rao", eye(n), eye(n)) @ v,
    use="vectorise",
    says="vec(Diag v) = khatri_rao(I, I)v",
)
identity(
    "vec/of-scaling",
    make("vec", scaled(s, X)),
    scaled(s, make("vec", X)),
    use="vectorise",
    says="vec(sX) = s vec(X)",
)
identity(
    "vec/of-frobenius",
    make("frob", H, X),
    make("vec", H).T @ make("vec", X),
    use="vectorise",
    says="A:X = vec(A)ᵀvec(X)",
)
identity(
    "vec/of-trace",
    make("tr", S),
    make("vec", eye(n)).T @ make("vec", S),
    use="vectorise",
    says="tr X = vec(I)ᵀvec(X)",
)
identity(
    "vec/of-sum",
    make("sum", X),
    ones((ONE, m * n)) @ make("vec", X),
    use="vectorise",
    says="sum X = 1ᵀvec(X)",
)
identity(
    "vec/of-diag",
    make("diag", S),
    make("khatri_rao", eye(n), eye(n)).T @ make("vec", S),
    use="vectorise",
    says="diag X = khatri_rao(I, I)ᵀvec(X)",
)
identity(
    "vec/of-sym",
    make("vec", make("sym", S)),
    scale(HALF, add(eye(n * n), commutation(n, n))) @ make("vec", S),
    use="vectorise",
    says="vec(sym X) = ½(I + K)vec(X)",
    source="Magnus & Neudecker (2019), section 3.7",
)
identity(
    "vec/of-skew",
    make("vec", make("skew", S)),
    scale(HALF, sub(eye(n * n), commutation(n, n))) @ make("vec", S),
    use="vectorise",
    says="vec(skew X) = ½(I − K)vec(X)",
    source="Magnus & Neudecker (2019), section 3.7",
)
for _triangle in ("tril", "triu"):
    identity(
        f"vec/of-{_triangle}",
        make("vec", make(_triangle, S)),
        make("Diag", make("vec", make(_triangle, ones((n, n))))) @ make("vec", S),
        use="vectorise",
        says=f"vec({_triangle} X) = Diag(vec({_triangle} 1))vec(X)",
    )
identity(
    "vec/of-kron",
    make("vec", make("kron", M, N)),
    make("kron", make("kron", eye(n), commutation(q, m)), eye(p))
    @ make("kron", make("vec", M), eye(p * q))
    @ make("vec", N),
    use="vectorise",
    says="vec(A⊗X) = (I⊗K⊗I)(vec(A)⊗I)vec(X)",
    source="Magnus & Neudecker (2019), theorem 3.10",
)
identity(
    "vec/of-khatri-rao",
    make("vec", make("khatri_rao", C, E)),
    make("kron", make("khatri_rao", eye(k), C), eye(m)) @ make("vec", E),
    use="vectorise",
    says="vec(khatri_rao(A, X)) = (khatri_rao(I, A)⊗I)vec(X)",
    source="Khatri & Rao (1968)",
)
identity(
    "vec/of-face-split",
    make("vec", make("face_split", M, L)),
    make("Diag", make("vec", make("kron", M, ones((ONE, q)))))
    @ make("kron", ones((n, ONE)), eye(m * q))
    @ make("vec", L),
    use="vectorise",
    says="vec(face_split(A, X)) = Diag(vec(A⊗1ᵀ))(1⊗I)vec(X)",
)
identity(
    "khatri-rao/under-kronecker",
    make("kron", metavariable("B", "q,n"), A) @ make("khatri_rao", C, D),
    make("khatri_rao", metavariable("B", "q,n") @ C, A @ D),
    use="shorten",
    says="(B⊗A)khatri_rao(C, D) = khatri_rao(BC, AD)",
    source="Khatri & Rao (1968)",
)
identity(
    "vec/times-kronecker",
    make("vec", M).T @ make("kron", Q, P),
    make("vec", P.T @ M @ Q).T,
    use="read shorten",
    says="vec(X)ᵀ(B⊗A) = vec(AᵀXB)ᵀ",
    source="Magnus & Neudecker (2019), theorem 2.2",
)
identity(
    "kronecker/times-vec-short",
    make("kron", Q.T, P.T) @ make("vec", M),
    make("vec", P.T @ M @ Q),
    use="shorten",
    says="(Bᵀ⊗A)vec(X) = vec(AXB)",
    source="Magnus & Neudecker (2019), theorem 2.2",
)
identity(
    "commutation/times-vec",
    commutation(m, n) @ make("vec", M),
    make("vec", M.T),
    use="read",
    says="K vec(X) = vec(Xᵀ)",
    source="Magnus & Neudecker (2019), section 3.7",
)
identity(
    "vec/times-commutation",
    make("vec", M).T @ commutation(n, m),
    make("vec", M.T).T,
    use="read",
    says="vec(X)ᵀK = vec(Xᵀ)ᵀ",
    source="Magnus & Neudecker (2019), section 3.7",
)
identity(
    "commutation/to-the-left",
    make("kron", M, N) @ commutation(n, q),
    commutation(m, p) @ make("kron", N, M),
    use="shorten",
    says="(A⊗B)K = K(B⊗A)",
    source="Magnus & Neudecker (2019), theorem 3.9",
)
identity(
    "commutation/to-the-right",
    commutation(m, p) @ make("kron", N, M),
    make("kron", M, N) @ commutation(n, q),
    use="shorten",
    says="K(B⊗A) = (A⊗B)K",
    source="Magnus & Neudecker (2019), theorem 3.9",
)
identity(
    "commutation/after-outer-product-right",
    make("kron", M, u @ w.T) @ commutation(n, q),
    make("kron", make("kron", w.T, M), u),
    use="shorten",
    says="(A⊗uvᵀ)K = vᵀ⊗A⊗u",
    source="Magnus & Neudecker (2019), theorem 3.9",
)
identity(
    "commutation/after-outer-product-left",
    make("kron", u @ w.T, M) @ commutation(q, n),
    make("kron", make("kron", u, M), w.T),
    use="shorten",
    says="(uvᵀ⊗A)K = u⊗A⊗vᵀ",
    source="Magnus & Neudecker (2019), theorem 3.9",
)
identity(
    "commutation/between-kroneckers",
    make("kron", M, N) @ commutation(n, q) @ make("kron", G, F),
    commutation(m, p) @ make("kron", N @ G, M @ F),
    use="shorten",
    says="(A⊗B)K(C⊗D) = K(BC⊗AD)",
    source="Magnus & Neudecker (2019), theorem 3.9",
)
R, r = metavariable("R", "s,p"), metavariable("x", "n,1")
identity(
    "kronecker/row-before",
    R @ make("kron", r.T, N),
    make("kron", r.T, R @ N),
    use="shorten",
    says="A(xᵀ⊗B) = xᵀ⊗AB",
    source="Van Loan (2000)",
)
identity(
    "kronecker/row-after",
    R @ make("kron", N, r.T),
    make("kron", R @ N, r.T),
    use="shorten",
    says="A(B⊗xᵀ) = AB⊗xᵀ",
    source="Van Loan (2000)",
)
identity(
    "kronecker/column-before",
    make("kron", r, R) @ N,
    make("kron", r, R @ N),
    use="shorten",
    says="(x⊗A)B = x⊗AB",
    source="Van Loan (2000)",
)
identity(
    "kronecker/column-after",
    make("kron", R, r) @ N,
    make("kron", R @ N, r),
    use="shorten",
    says="(A⊗x)B = AB⊗x",
    source="Van Loan (2000)",
)
