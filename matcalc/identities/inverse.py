"""Inverses and pseudo-inverses beyond X⁻¹X = I.

Source: Penrose (1955), A generalized inverse for matrices; Golub & Pereyra (1973).
"""

from __future__ import annotations

from matcalc.core.algebra import num, scaled, sub
from matcalc.core.tree import make
from matcalc.identities.registry import identity, metavariable

A = metavariable("A", "m,n")
P = make("pinv", A)
FULL = "the Gram matrix is nonsingular"

identity("pinv/penrose-1", A @ P @ A, A, use="shorten", says="AA⁺A = A", source="Penrose (1955)")
identity("pinv/penrose-2", P @ A @ P, P, use="shorten", says="A⁺AA⁺ = A⁺", source="Penrose (1955)")
identity("pinv/penrose-3", P.T @ A.T, A @ P, use="shorten", says="AA⁺ is symmetric", source="Penrose (1955)")
identity("pinv/penrose-4", A.T @ P.T, P @ A, use="shorten", says="A⁺A is symmetric", source="Penrose (1955)")
identity("pinv/penrose-2-left", A @ P @ P.T, P.T, use="shorten", says="AA⁺A⁺ᵀ = A⁺ᵀ", source="Penrose (1955)")
identity("pinv/penrose-2-right", P.T @ P @ A, P.T, use="shorten", says="A⁺ᵀA⁺A = A⁺ᵀ", source="Penrose (1955)")
identity("pinv/left-projection", A.T @ A @ P, A.T, use="shorten", says="AᵀAA⁺ = Aᵀ", source="Penrose (1955)")
identity("pinv/right-projection", P @ A @ A.T, A.T, use="shorten", says="A⁺AAᵀ = Aᵀ", source="Penrose (1955)")
identity(
    "pinv/of-full-column-rank",
    make("inv", A.T @ A) @ A.T,
    P,
    use="shorten",
    says="(AᵀA)⁻¹Aᵀ = A⁺",
    source="Golub & Van Loan (2013), section 5.5.2",
    given=FULL,
)
identity(
    "pinv/of-full-column-rank-transposed",
    A @ make("inv", A.T @ A),
    P.T,
    use="shorten",
    says="A(AᵀA)⁻¹ = (A⁺)ᵀ",
    source="Golub & Van Loan (2013), section 5.5.2",
    given=FULL,
)

X = metavariable("X", "n,n")
R = make("sqrtm", X)
identity("sqrtm/squared", R @ R, X, use="shorten", says="√X √X = X", source="Higham (2008), theorem 1.29")
identity(
    "sqrtm/squared-inverse",
    make("inv", R) @ make("inv", R),
    make("inv", X),
    use="shorten",
    says="(√X)⁻¹(√X)⁻¹ = X⁻¹",
    source="Higham (2008), theorem 1.29",
)

s = metavariable("s", "1,1")
identity(
    "power/same-base",
    make("inv", X) @ make("expm", scaled(s, make("logm", X))),
    make("expm", scaled(sub(s, num(1)), make("logm", X))),
    use="shorten",
    says="X⁻¹Xᵇ = Xᵇ⁻¹ with Xᵇ = expm(b logm X)",
    source="Higham (2008), section 1.7",
    given="logm(X) exists",
)

for _name in ("expm", "logm", "sqrtm"):
    _X, _E, _F = (metavariable(letter, "n,n") for letter in "XEF")
    identity(
        f"{_name}/derivative-across-frobenius",
        make("frob", make(f"{_name}_derivative", _X, _E), _F),
        make("frob", _E, make(f"{_name}_derivative", _X.T, _F)),
        use="shorten",
        says="the derivative at Xᵀ is the adjoint of that at X",
        source="Higham (2008), section 3.2",
    )
