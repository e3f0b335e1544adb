"""The table of identities: name, both sides over metavariables, when it holds, where it is used.

Uses: `read` (rewrites what was typed before it is differentiated), `shorten` (makes an answer shorter),
`move` (moves a factor across the colon; cited by the derivation), `differential` (replaces a differential).
"""

from __future__ import annotations

from dataclasses import dataclass

from matcalc.core.algebra import META
from matcalc.core.dims import ONE, Dim, Shape
from matcalc.core.tree import Expr, node


@dataclass(frozen=True, slots=True)
class Identity:
    """left = right for all values of the metavariables that satisfy `given`."""

    name: str
    left: Expr
    right: Expr
    use: str  # one purpose, or several with spaces between
    says: str
    source: str
    given: str


_TABLE: dict[str, Identity] = {}


def identity(name: str, left: Expr, right: Expr, *, use: str, says: str, source: str = "", given: str = "") -> Identity:
    """Enter an identity.

    Raises:
        ValueError: the name is taken.
    """
    if name in _TABLE:
        raise ValueError(f"identity {name} is defined twice")
    _TABLE[name] = row = Identity(name, left, right, use, says, source, given)
    return row


def table() -> tuple[Identity, ...]:
    """All identities, in the order of the files."""
    return tuple(_TABLE.values())


def named(name: str) -> Identity:
    """The identity of this name."""
    return _TABLE[name]


def use(purpose: str) -> tuple[Identity, ...]:
    """The rows that serve one purpose."""
    return tuple(row for row in _TABLE.values() if purpose in row.use.split())


def metavariable(name: str, shape: str | Shape) -> Expr:
    """A metavariable such as A of shape m×n.

    >>> metavariable("A", "m,n").shape
    (m, n)
    """
    if isinstance(shape, str):
        rows, columns = (_dimension(part) for part in shape.split(","))
    else:
        rows, columns = shape
    return node(META, (), (name,), (rows, columns))


def _dimension(text: str) -> Dim:
    product = ONE
    for part in text.split("*"):
        product = product * (Dim.of(int(part)) if part.isdigit() else Dim.name(part))
    return product
