"""Traces, diagonals, vec and sums of entries."""

from __future__ import annotations

from matcalc.core.algebra import eye, ones
from matcalc.core.dims import ONE, Dim
from matcalc.core.tree import make
from matcalc.identities.registry import identity, metavariable

A, B = metavariable("A", "m,n"), metavariable("B", "m,n")
x, y = metavariable("x", "n,1"), metavariable("y", "n,1")
u, v, w = metavariable("u…", "m,1"), metavariable("v…", "n,1"), metavariable("w", "n,1")

identity(
    "sum/of-hadamard",
    make("sum", A * B),
    make("frob", A, B),
    use="read",
    says="the entries of A∘B add up to A:B",
    source="definition of the Frobenius product",
)
identity(
    "sum/of-squares",
    make("sum", A**2),
    make("frob", A, A),
    use="read",
    says="the squared entries add up to ‖A‖²",
    source="definition of the Frobenius norm",
)
identity("sum/of-vec", make("sum", make("vec", A)), make("sum", A), use="read", says="vec only moves entries")
identity(
    "vec/inner-product",
    make("vec", A).T @ make("vec", B),
    make("frob", A, B),
    use="read",
    says="vec keeps the inner product",
    source="Magnus & Neudecker (2019), section 2.4",
)
identity(
    "vec/norm", make("frob", make("vec", A), make("vec", A)), make("frob", A, A), use="read", says="vec keeps the norm"
)
identity("diag/scaling", make("Diag", x) @ v, x * v, use="shorten", says="a diagonal matrix scales entries")
L, R = metavariable("L…", "m,n"), metavariable("R…", "m,n")
identity(
    "diag/sandwich",
    make("diag", L @ make("Diag", w) @ R.T),
    (L * R) @ w,
    use="shorten",
    says="diag(A Diag(v) Dᵀ) is linear in v",
    source="Horn & Johnson, Topics in Matrix Analysis (1991), lemma 5.1.3",
)
identity(
    "hadamard/with-outer-product",
    (u @ v.T) * A,
    make("Diag", u) @ A @ make("Diag", v),
    use="shorten",
    says="an outer product scales rows and columns",
)
identity(
    "diag/left-scaling-as-hadamard",
    make("Diag", u) @ A @ make("Diag", v),
    (u @ v.T) * A,
    use="shorten",
    says="an outer product scales rows and columns",
)
identity(
    "hadamard/outer-product-times-vector",
    ((u @ v.T) * A) @ w,
    u * (A @ (v * w)),
    use="shorten",
    says="an outer product scales rows and columns",
)
identity(
    "frobenius/with-outer-product",
    make("frob", A, u @ v.T),
    u.T @ A @ v,
    use="shorten",
    says="A:uvᵀ = uᵀAv",
    source="cyclic property of the trace",
)
identity(
    "frobenius/with-weighted-outer-product",
    make("frob", A, B * (u @ v.T)),
    u.T @ (A * B) @ v,
    use="shorten",
    says="A:(B∘uvᵀ) = uᵀ(A∘B)v",
    source="both are Σ uᵢaᵢⱼbᵢⱼvⱼ",
)
n = Dim.name("n")
S = metavariable("S", "n,n")
identity(
    "diag/as-row-sums",
    (eye(n) * S) @ ones((n, ONE)),
    make("diag", S),
    use="read",
    says="I∘A has one entry in each row",
)
identity(
    "diag/as-column-sums",
    ones((ONE, n)) @ (eye(n) * S),
    make("diag", S).T,
    use="read",
    says="I∘A has one entry in each column",
)
identity(
    "diag/of-transpose", make("diag", S.T), make("diag", S), use="shorten", says="Aᵀ has the diagonal of A"
)
identity(
    "sum/of-diagonal-of-product",
    make("sum", make("diag", A @ B.T)),
    make("frob", A, B),
    use="read shorten",
    says="tr(ABᵀ) = A:B",
    source="definition of the Frobenius product",
)
identity(
    "sum/of-diagonal", make("sum", make("diag", S)), make("tr", S), use="read shorten", says="definition of the trace"
)
z = metavariable("z", "n,1")
identity(
    "hadamard/with-diagonal",
    S * make("Diag", z),
    make("Diag", make("diag", S) * z),
    use="shorten",
    says="beside a diagonal matrix only the diagonal counts",
)
