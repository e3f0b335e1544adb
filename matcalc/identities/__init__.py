"""The named identities: one `identity()` each, one file a topic, no algorithm."""

from __future__ import annotations

from matcalc import operators
from matcalc.identities import adjoint, differential, elementwise, inverse, products, structure, vectorised
from matcalc.identities.registry import Identity, named, table, use

assert operators  # imported so that the table of operators is full

__all__ = [
    "Identity",
    "adjoint",
    "differential",
    "elementwise",
    "inverse",
    "named",
    "products",
    "structure",
    "table",
    "use",
    "vectorised",
]
