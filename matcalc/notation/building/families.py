"""Families: x_i ∈ R^n inside a sum over i is a row of a matrix x, as a column; y_i ∈ R an entry of a vector y."""

from __future__ import annotations

from matcalc.errors import UnsupportedError
from matcalc.notation.building.builder import Builder, Declared
from matcalc.notation.building.terms import Var
from matcalc.notation.names import split


def family(name: str, declared: Declared) -> str:
    """What a declared name with an index for a subscript is, where a sum binds that index."""
    _, sub = split(name)
    if not sub.isalpha() or not sub.islower() or len(sub) > 2 or declared.shape is None:
        return ""
    rows, cols = declared.shape
    if rows == cols == 1:
        return "entry"
    return "column" if cols == 1 and len(sub) == 1 else "matrix"


def declare_family(builder: Builder, member: str) -> None:
    """x_i ∈ R inside a sum over i makes x a vector, x_i ∈ R^n the matrix whose rows they are."""
    base, sub = split(member)
    declared = builder.declared[member]
    assert declared.shape is not None
    column = builder.scope.families[member] == "column"
    known = builder.declared.get(base)
    if column and known is not None and known.shape is not None and known.shape[1] == 1:
        raise UnsupportedError(f"{member} is declared as a vector for every {sub}, and {base} as a vector, too",
                               hint=f"the {member} are the rows of a matrix: declare {base} ∈ R^{{m×n}}, or rename it")
    if known is None:
        cols = declared.shape[0] if column else 1 if len(sub) == 1 else Var()
        builder.declared[base] = Declared((Var(), cols), declared.facts & {"positive"})
    if column:
        builder.note(f"{member} is row {sub} of the matrix {base}, as a column")
