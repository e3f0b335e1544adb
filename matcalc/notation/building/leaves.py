"""Names, numbers and constants: the leaves of a formula."""

from __future__ import annotations

from matcalc.core.algebra import (
    commutation,
    const,
    dimnum,
    duplication,
    elimination,
    eye,
    num,
    ones,
    unit,
    var,
    zeros,
)
from matcalc.core.dims import Dim
from matcalc.core.tree import make
from matcalc.notation.building.builder import RULES, Builder, Declared, Typed
from matcalc.notation.building.terms import Var
from matcalc.notation.dimension import Product, Size, Sum, Triangle
from matcalc.notation.names import split
from matcalc.notation.syntax.surface import Node


def _num(b: Builder, node: Node) -> Typed:
    return Typed(1, 1, lambda: num(node.value), number=True)


def bold_one(b: Builder, node: Node) -> Typed:
    """A vector of ones whose length is inferred."""
    n = Var()
    return Typed(n, 1, lambda: ones((b.dim(n), Dim.of(1))), one=True)


def _name(b: Builder, node: Node) -> Typed:
    name = node.value
    if name in b.definitions:
        return b.definitions[name]
    if name in b.indices:
        raise b.unsupported(
            f"the index {name} as a number is not supported", node, "indices select entries: X[i,j], x_i, e_i"
        )
    if name not in b.variables:
        declared = b.declared.get(name)
        if declared is None and name in b.scope.dims | b.scope.sized and (name in b.numbers or b.closed):
            b.numbers.add(name)
            return Typed(1, 1, lambda: dimnum(b.dim(name)))
        if declared is None and b.closed:
            raise b.parse_error(f"`{name}` is not a name of this problem", node)
        b.variables[name] = _shape_of_new(b, name, declared)
        _note_entry(b, name)
    rows, cols = b.variables[name]
    facts = b.declared[name].facts if name in b.declared else frozenset()
    return Typed(rows, cols, lambda: var(name, (b.dim(rows), b.dim(cols)), facts))


def _note_entry(b: Builder, name: str) -> None:
    """x_1 beside a declared array x is a name of its own, and the reading says so."""
    base, sub = split(name)
    shape = b.declared[base].shape if base in b.declared else None
    if name in b.declared or not sub.isdigit() or shape is None or shape == (1, 1):
        return
    if shape[1] == 1 or len(sub) == 2:
        entry = sub if shape[1] == 1 else ",".join(sub)
        b.note(f"{name} is a name of its own, no entry of {base}: an entry is {base}[{entry}]")


def _shape_of_new(b: Builder, name: str, declared: Declared | None) -> tuple[Size, Size]:
    """The shape of a variable: declared, or by its letter."""
    if declared is not None and declared.shape is not None:
        return declared.shape
    square = declared is not None and declared.facts & {"sym", "spd", "skew", "diag", "tril", "orth"}
    if name in b.scalars and not square:
        return 1, 1
    letter = name[0]
    if letter.isupper() or square or declared is not None and "binary" in declared.facts:
        n = Var()
        return n, (n if square else Var())
    return (1, 1) if "α" <= letter <= "\u03ff" else (Var(), 1)


def _eye(b: Builder, node: Node) -> Typed:
    n = node.value if node.value is not None else Var()
    return Typed(n, n, lambda: eye(b.dim(n)))


def _ones(b: Builder, node: Node) -> Typed:
    rows, cols = node.value
    return Typed(rows, cols, lambda: ones((b.dim(rows), b.dim(cols))))


def _zeros(b: Builder, node: Node) -> Typed:
    rows, cols = node.value
    return Typed(rows, cols, lambda: zeros((b.dim(rows), b.dim(cols))))


def _all_ones(b: Builder, node: Node) -> Typed:
    rows, cols = Var(), Var()
    return Typed(rows, cols, lambda: ones((b.dim(rows), b.dim(cols))))


def _const(b: Builder, node: Node) -> Typed:
    return Typed(1, 1, lambda: const(node.value), number=True)


def _unit(b: Builder, node: Node) -> Typed:
    if node.value in b.moved:
        raise b.unsupported(f"e_{node.value} beside an index with an offset is not supported", node,
                            "write the entries: x_i, x_{i+1}")
    n = b.indices[node.value][0] if node.value in b.indices else Var()
    if isinstance(node.value, (Sum, Product)):
        return Typed(n, 1, lambda: unit(b.dim(node.value), b.dim(n)))
    index = Dim.name(node.value) if isinstance(node.value, str) and node.value not in b.indices else node.value
    return Typed(n, 1, lambda: unit(index, b.dim(n)))


def _commutation(b: Builder, node: Node) -> Typed:
    if len(node.value) != 2:
        raise b.parse_error("K_{m,n} has two dimensions", node)
    m, n = node.value
    size = Product((n, m), "vec")
    return Typed(Product((m, n), "vec"), size, lambda: commutation(b.dim(m), b.dim(n)))


def _duplication(b: Builder, node: Node) -> Typed:
    n = node.value[0]
    half = Triangle(n)
    tall = node.kind == "duplication"
    rows, cols = (Product((n, n)), half) if tall else (half, Product((n, n)))
    return Typed(rows, cols, lambda: (duplication if tall else elimination)(b.dim(n), b.dim(half)))


def _d(b: Builder, node: Node) -> Typed:
    t = _name(b, node)
    return Typed(t.rows, t.cols, lambda: make("d", t.make()))


RULES.update(
    num=_num,
    one=bold_one,
    name=_name,
    eye=_eye,
    ones=_ones,
    zeros=_zeros,
    J=_all_ones,
    const=_const,
    unit=_unit,
    commutation=_commutation,
    duplication=_duplication,
    elimination=_duplication,
    d=_d,
)
