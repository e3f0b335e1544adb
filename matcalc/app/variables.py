"""The variables of a problem: name, kind, shape, structure; every spelling of a name finds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from matcalc.core.algebra import DIMNUM, dimnum, facts_of
from matcalc.core.dims import ONE, SCALAR, Dim
from matcalc.core.tree import Expr
from matcalc.errors import ShapeError
from matcalc.notation.names import ascii_alias, canonical
from matcalc.notation.read import Reading

SETS = {
    "sym": "Sym({n})",
    "spd": "SPD({n})",
    "skew": "Skew({n})",
    "diag": "Diag({n})",
    "orth": "Orth({n})",
    "tril": "Tril({n})",
}  # fact → the set of the language that declares it


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
        if leaf.op is DIMNUM:
            return Variable(str(leaf.attrs[0]), "dimension", (), (), leaf)
        rank = 0 if leaf.shape == SCALAR else 1 if leaf.shape[1] is ONE else 2
        kind = ("scalar", "vector", "matrix")[rank]
        return Variable(str(leaf.attrs[0]), kind, leaf.shape[:rank], tuple(facts_of(leaf)), leaf)

    @property
    def alias(self) -> str:
        """The ASCII identifier that stands for the name."""
        return ascii_alias(self.name)

    @property
    def axes(self) -> str:
        """The shape of the array to be given: `(m, n)`, `(n,)`, nothing for a number."""
        return f"({', '.join(map(str, self.shape))}{',' * (len(self.shape) == 1)})" if self.shape else ""

    def __str__(self) -> str:
        shape = "×".join(map(str, self.shape))
        return " ".join(x for x in (self.kind, shape, ", ".join(self.structure)) if x)

    @property
    def declaration(self) -> str:
        """The variable as a declaration of the language.

        >>> from matcalc.core.algebra import var
        >>> n = Dim.name("n")
        >>> Variable.of(var("S", (n, n), frozenset({"spd"}))).declaration
        'S ∈ SPD(n)'
        """
        if self.kind == "dimension":
            return f"{self.name} ∈ N"
        sizes = [str(d).replace(" ", "") for d in self.shape]
        size = ",".join(dict.fromkeys(sizes))
        known = [SETS[f].format(n=size) for f in self.structure if f in SETS]
        field = "{0,1}" if "binary" in self.structure else "" if "sparse" in self.structure else "R"
        shape = "×".join(f"({s})" if len(sizes) > 1 and set(s) & {"+", "-"} else s for s in sizes)
        power = "" if not shape else f"^{shape}" if len(shape) == 1 else f"^{{{shape}}}"
        plain = [f"{'Sparse' * ('sparse' in self.structure)}{field}{power}"]
        sets = "; ".join(f"{self.name} ∈ {s}" for s in known or plain)
        return sets + (f"; {self.name} > 0" if "positive" in self.structure else "")

    def record(self) -> dict[str, Any]:
        """The variable as plain values."""
        return {
            "kind": self.kind,
            "shape": list(map(str, self.shape)),
            "structure": list(self.structure),
            "alias": self.alias,
        }


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
        found = canonical(spelled) if isinstance(spelled, str) else None
        return found if found in self._rows else None

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
        """Every keyword that a compiled function takes without asking the reader, with its canonical name."""
        return {spelling: name for name, row in self._rows.items() for spelling in (row.alias, name)}


def variables_of(reading: Reading) -> Variables:
    """The variables of what was read."""
    return Variables([Variable.of(reading.known.get(n) or dimnum(Dim.name(n))) for n in reading.variables])
