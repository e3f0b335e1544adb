"""Quotients: what may stand below the line of a fraction."""

from __future__ import annotations

from matcalc.notation.building.builder import Builder, Part, Typed
from matcalc.notation.syntax.surface import Node, names_in

_LETTERS_OF_DIMENSIONS = "mnkpqdlrtN"


def dimensions_below(b: Builder, x: Node) -> None:
    """An undeclared letter that is a dimension elsewhere is that dimension in a denominator: 1/n Σᵢ₌₁ⁿ."""
    names = names_in(x)
    dims = b.scope.dims | b.scope.sized
    known = b.declared.keys() | b.definitions.keys() | b.variables.keys() | b.numbers
    if names and all(n in dims and n not in known for n in names):
        b.numbers.update(names)
        b.note(f"in the denominator `{b.text(x)}`, {', '.join(names)} is the dimension")


def divided_by_array(b: Builder, node: Node, below: list[Part]) -> Typed:
    """A product over an array: entry by entry where a text is read as on paper, else refused with a hint."""
    if b.scope.entrywise:
        return _entrywise(b, node)
    x, t = next((x, t) for x, t in below if not t.is_scalar)
    hint = "⊘ (or ./) divides entry by entry; for a matrix write its inverse, A^{-1}"
    loose = [n for n in names_in(x) if n not in b.declared and n[0] in _LETTERS_OF_DIMENSIONS]
    if loose and names_in(x) == loose and x.kind in ("name", "product"):
        hint = f"declare {loose[0]} ∈ N for a dimension, {loose[0]} ∈ R for a number"
    elif t.rows == 1:
        hint = "the whole denominator stands in brackets: x'Ax/(x' x)"
    raise b.clash(("only a scalar can be divided by", b.source, ((x, t),), hint))


def _entrywise(b: Builder, node: Node) -> Typed:
    """What stands above and below the line, divided entry by entry."""
    above, below = ([x for x, s in zip(node.args, node.value, strict=True) if s == sign] for sign in (1, -1))
    b.note(f"the quotient `{b.text(node)}` is taken entry by entry")
    return b.infer(Node("had", (_joined(above, node), _joined(below, node)), (1, -1), node.start, node.end))


def _joined(factors: list[Node], node: Node) -> Node:
    if len(factors) < 2:
        return factors[0] if factors else Node("num", value=1, start=node.start, end=node.start)
    return Node("product", tuple(factors), (1,) * len(factors), factors[0].start, factors[-1].end)
