"""Parts that are the blocks of an even grid: people write C₁₁ and C₂₁ with a note, not C[1:m, 1:n].

This is a style for reading; it does not parse back, so it is asked for and never the default.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from matcalc.core.algebra import VAR
from matcalc.core.dims import Dim
from matcalc.core.tree import Expr, walk

MAX_BLOCKS = 9  # so that C₁₂ can be read


@dataclass(frozen=True, slots=True)
class Grids:
    """Part → name of its block (`C_21`), and a note for each matrix: `Cᵢⱼ: the m×n blocks of C`."""

    names: dict[Expr, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


NO_GRIDS = Grids()


def grids(*roots: Expr) -> Grids:
    """The matrices below `roots` all of whose parts are blocks of one even grid."""
    parts: dict[Expr, list[Expr]] = {}
    taken = {e.attrs[0] for e in walk(*roots) if e.op is VAR}
    for e in walk(*roots):
        if e.op.name == "part":
            parts.setdefault(e.args[0], []).append(e)
    names: dict[Expr, str] = {}
    notes: list[str] = []
    for matrix, found in parts.items():
        places = [_place(e) for e in found]
        sizes = {e.shape for e in found}
        if matrix.op is not VAR or None in places or len(sizes) > 1 or "_" in (name := str(matrix.attrs[0])):
            continue
        blocks = {e: f"{name}_{p}" for e, p in zip(found, places, strict=True)}
        if taken.isdisjoint(blocks.values()):
            names |= blocks
            height, width = found[0].shape
            notes.append(f"{name}ᵢⱼ: the {height}×{width} blocks of {name}")
    return Grids(names, tuple(notes))


def _place(e: Expr) -> str | None:
    top, height, left, width = cast("tuple[Dim, Dim, Dim, Dim]", e.attrs)
    rows, columns = e.args[0].shape
    i, j = _multiple(top, height), _multiple(left, width)
    even = _multiple(rows, height) is not None and _multiple(columns, width) is not None
    return f"{i + 1}{j + 1}" if i is not None and j is not None and even else None


def _multiple(total: Dim, part: Dim) -> int | None:
    """k with total = k·part, None where there is none up to the largest that is printed."""
    return next((k for k in range(MAX_BLOCKS + 1) if Dim.of(k) * part is total), None)
