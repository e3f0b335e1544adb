"""The variables of a problem as people see them: name, kind, shape, structure; every spelling of a name finds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from matcalc.core.algebra import dimnum, facts_of
from matcalc.core.dims import ONE, SCALAR, Dim
from matcalc.core.tree import Expr, dims_of
from matcalc.errors import ShapeError
from matcalc.notation.names import ascii_alias, canonical

STRUCTURES = {"sym": "symmetric", "spd": "symmetric positive definite", "skew": "skew-symmetric", "diag": "diagonal",
              "orth": "orthonormal columns", "tril": "lower triangular", "binary": "entries 0 or 1",
              "sparse": "sparse", "positive": "positive entries"}


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: `kind` is matrix, vector, scalar or dimension; `shape` has one dimension an axis."""

    name: str
    kind: str
    shape: tuple[Dim, ...]
    structure: tuple[str, ...]
    leaf: Expr

    @staticmethod
    def of(leaf: Expr) -> Variable:
        """The variable behind a leaf of the tree."""
        if leaf.op.name == "dimnum":
            return Variable(str(leaf.attrs[0]), "dimension", (), (), leaf)
        rank = 0 if leaf.shape == SCALAR else 1 if leaf.shape[1] is ONE else 2
        kind = ("scalar", "vector", "matrix")[rank]
        return Variable(str(leaf.attrs[0]), kind, leaf.shape[:rank], tuple(facts_of(leaf)), leaf)

    @property
    def alias(self) -> str:
        """The ASCII identifier that stands for the name."""
        return ascii_alias(self.name)

    def __str__(self) -> str:
        shape = "×".join(map(str, self.shape))
        structure = ", ".join(STRUCTURES.get(s, s) for s in self.structure)
        return " ".join(x for x in (self.kind, shape, f"({structure})" if structure else "") if x)

    def record(self) -> dict[str, Any]:
        """The variable as plain values."""
        return {"kind": self.kind, "shape": list(map(str, self.shape)), "structure": list(self.structure),
                "alias": self.alias}


class Variables(Mapping[str, Variable]):
    """Name → variable, in the order of first use; any spelling of a name is accepted.

    >>> from matcalc.core.algebra import var
    >>> v = Variables([Variable.of(var("λ_u", SCALAR))])
    >>> v["lambda_u"].name, v["λ_{u}"].kind, list(v)
    ('λ_u', 'scalar', ['λ_u'])
    """

    __slots__ = ("_rows",)

    def __init__(self, rows: list[Variable]) -> None:
        """Keep the rows, under their canonical names."""
        self._rows = {v.name: v for v in rows}

    def __getitem__(self, spelled: str) -> Variable:
        name = self.resolve(spelled)
        if name is None:
            raise KeyError(spelled)
        return self._rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return "\n".join(f"{name}: {v}" for name, v in self._rows.items())

    def resolve(self, spelled: str) -> str | None:
        """The canonical name that a text spells, None where it is no variable of the problem."""
        if spelled in self._rows:
            return spelled
        for name, row in self._rows.items():
            if spelled == row.alias:
                return name
        name = canonical(spelled) if isinstance(spelled, str) else None
        return name if name in self._rows else None

    def named(self, spelled: str) -> Variable:
        """The variable of that name.

        Raises:
            ShapeError: the problem has no such variable.
        """
        name = self.resolve(spelled)
        if name is None:
            raise ShapeError(f"the problem has no variable {spelled}", hint=f"it has {', '.join(self._rows) or 'none'}")
        return self._rows[name]

    def spellings(self) -> dict[str, str]:
        """Every keyword that a compiled function accepts without asking the reader, with its canonical name."""
        return {spelling: name for name, row in self._rows.items() for spelling in (row.alias, name)}


def free_dimensions(roots: tuple[Expr, ...], leaves: list[Expr]) -> list[Expr]:
    """The dimensions used in values that the shapes of no variable fix, as leaves."""
    shapes = [d for leaf in leaves for d in leaf.shape]
    fixed: set[str] = set()
    found = {""}
    while found:  # in y ∈ R^{mn} n is known once m is
        found = {next(iter(new)) for d in shapes if len(new := d.names - fixed) == 1}
        fixed |= found
    return [dimnum(Dim.name(name)) for name in sorted(dims_of(*roots) - fixed)]
