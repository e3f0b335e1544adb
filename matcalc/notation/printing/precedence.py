"""The one table of precedence, loosest first; the grammar has the same levels and a test compares them."""

from __future__ import annotations

from typing import NamedTuple

SUM, INDEXED, COLON, HADAMARD, KRON, PRODUCT, QUOTIENT, POSTFIX, ATOM = range(9)

LEVELS: tuple[tuple[int, str, str], ...] = (
    (SUM, "+ −", "sum, difference, leading sign"),
    (INDEXED, "∑", "indexed sum; its body is one term"),
    (COLON, ":", "Frobenius product"),
    (HADAMARD, "∘ ⊘", "Hadamard product and quotient"),
    (KRON, "⊗", "Kronecker product"),
    (PRODUCT, "adjacency", "matrix product, scaling"),
    (QUOTIENT, "/", "quotient by a scalar"),
    (POSTFIX, "ᵀ ⁻¹ ^", "transpose, inverse, powers"),
    (ATOM, "x ( ) f( )", "names, numbers, brackets, calls"),
)


class Piece(NamedTuple):
    """A printed expression and the level of its loosest operator."""

    text: str
    level: int
