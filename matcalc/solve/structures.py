"""How a structured unknown is packed into free parameters: one row a structure.

`pack` turns an array X of the structure into a vector, `unpack` a vector p into the array, `pull` a gradient
G with respect to the full array into one with respect to the parameters. The texts are Python expressions of
the emitted script over X, p, G, the array's `shape`, and `rng`; `triangle` fills the lower triangle of a
square matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

from matcalc.core.algebra import facts_of
from matcalc.core.tree import Expr


@dataclass(frozen=True, slots=True)
class Structure:
    """One row; `lower` bounds every parameter from below."""

    name: str
    says: str
    pack: str
    unpack: str
    pull: str
    start: str
    lower: str = "-np.inf"


LOW, BELOW = "np.tril_indices(shape[0])", "np.tril_indices(shape[0], -1)"

FULL = Structure(
    "full", "every entry is free", "X.ravel()", "p.reshape(shape)", "G.ravel()", "rng.standard_normal(shape)"
)

STRUCTURES: dict[str, Structure] = {
    "spd": Structure(
        "positive_definite",
        "X = L Lᵀ, the lower triangle of L is free",
        "np.linalg.cholesky(X)[np.tril_indices(len(X))]",
        "triangle(p, shape) @ triangle(p, shape).T",
        f"((G + G.T) @ triangle(p, shape))[{LOW}]",
        "np.eye(shape[0])",
    ),
    "diag": Structure(
        "diagonal",
        "the diagonal is free",
        "X.diagonal()",
        "np.diag(p)",
        "G.diagonal()",
        "np.diag(rng.standard_normal(shape[0]))",
    ),
    "sym": Structure(
        "symmetric",
        "the lower triangle is free",
        "X[np.tril_indices(len(X))]",
        "triangle(p, shape) + np.tril(triangle(p, shape), -1).T",
        f"(G + G.T - np.diag(G.diagonal()))[{LOW}]",
        "symmetric.unpack(rng.standard_normal(shape)[np.tril_indices(shape[0])], shape)",
    ),
    "skew": Structure(
        "skew_symmetric",
        "the strict lower triangle is free",
        "X[np.tril_indices(len(X), -1)]",
        "triangle(p, shape, -1) - triangle(p, shape, -1).T",
        f"(G - G.T)[{BELOW}]",
        f"skew_symmetric.unpack(rng.standard_normal(shape)[{BELOW}], shape)",
    ),
    "tril": Structure(
        "lower_triangular",
        "the lower triangle is free",
        "X[np.tril_indices(len(X))]",
        "triangle(p, shape)",
        f"G[{LOW}]",
        "np.tril(rng.standard_normal(shape))",
    ),
    "positive": Structure(
        "positive",
        "every entry is free above 0",
        "X.ravel()",
        "p.reshape(shape)",
        "G.ravel()",
        "rng.random(shape) + 0.5",
        lower="1e-12",
    ),
}

REFUSED = {
    "orth": "orthogonal matrices are no vector space; steps must stay on the manifold",
    "binary": "entries 0 and 1 cannot change by small steps",
}


def structure_of(x: Expr) -> Structure:
    """The row of a variable."""
    return next((row for fact, row in STRUCTURES.items() if fact in facts_of(x)), FULL)


def refusal(x: Expr) -> str:
    """Why an unknown of this kind cannot be packed, empty where it can."""
    return next((f"{x.attrs[0]}: {why}" for f, why in REFUSED.items() if f in facts_of(x)), "")
