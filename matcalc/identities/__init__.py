"""The named identities: one `identity()` each, one file a topic, no algorithm."""

from __future__ import annotations

from matcalc.identities.registry import Identity, named, table, use
from matcalc.identities import adjoint, differential, elementwise, inverse, products, structure, vectorised  # noqa: E402,I001

__all__ = ["Identity", "adjoint", "differential", "elementwise", "inverse", "named", "products", "structure", "table", "use", "vectorised"]
