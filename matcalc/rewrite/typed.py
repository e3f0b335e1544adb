"""The first phase: what was typed, rewritten by named identities into forms that are easy to differentiate."""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.core.tree import Expr
from matcalc.rewrite import blocks, hollow, indexed, kronecker, masks, roots
from matcalc.rewrite.engine import Procedure, normalise
from matcalc.rewrite.step import Step

TABLES: tuple[Mapping[str, tuple[Procedure, ...]], ...] = (
    blocks.READ, indexed.READ, kronecker.READ, masks.READ, roots.READ, hollow.READ)
PROCEDURES = {head: tuple(row for table in TABLES for row in table.get(head, ())) for table in TABLES for head in table}


def read(e: Expr, trace: list[Step] | None = None) -> Expr:
    """Exotic products lifted, blocks multiplied out, indexed sums in matrix form, stable forms recognised.

    Raises:
        UnsupportedError: an indexed sum has no matrix form.
    """
    return normalise(e, "read", PROCEDURES, trace)
