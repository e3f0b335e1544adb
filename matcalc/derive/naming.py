"""Names for repeated parts, as at a blackboard: R for a residual, W for a weighted one, P for an inverse.

`fold` writes an expression in the names, `unfold` writes it out again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from matcalc.core.algebra import HAD, LIN, T, scale, var
from matcalc.core.dims import ONE
from matcalc.core.tree import Expr, substitute, walk
from matcalc.derive.pullback import reaching

MATRICES = "RWMNPQZXYSTGHKLEFABCDUVJ"
VECTORS = "rwzqpstghkxyvuabcdefmnlj"


@dataclass(frozen=True, slots=True)
class Names:
    """Named parts, each with its leaf and its definition in earlier names, in the order of definition."""

    leaves: tuple[Expr, ...]
    meanings: tuple[Expr, ...]  # written out
    definitions: tuple[Expr, ...]  # in the names before it

    def fold(self, e: Expr) -> Expr:
        """`e` written in the names."""
        return _replace(e, tuple(zip(self.meanings, self.leaves, strict=True)))

    def unfold(self, e: Expr) -> Expr:
        """`e` with every name written out."""
        return substitute(e, dict(zip(self.leaves, self.meanings, strict=True)))


def _replace(e: Expr, pairs: Iterable[tuple[Expr, Expr]]) -> Expr:
    table: dict[Expr, Expr] = {}
    for meaning, leaf in pairs:
        table[meaning] = leaf
        table.setdefault(T(meaning), T(leaf))
        if meaning.op is LIN:
            table.setdefault(scale(-1, meaning), scale(-1, leaf))
            table.setdefault(T(scale(-1, meaning)), scale(-1, T(leaf)))
    return substitute(e, table)


def name_parts(f: Expr, variables: tuple[Expr, ...], given: tuple[tuple[str, Expr], ...], taken: set[str]) -> Names:
    """The names for `f`: those that the writer gave, then one for each residual, Hadamard product and inverse."""
    order = list(walk(f))
    active = reaching(f, variables)
    wanted: dict[Expr, str] = {}
    used = set(taken) | {str(e.attrs[0]) for e in order if e.op.name == "var"}
    for name, meaning in given:
        if meaning in active and meaning.args and meaning not in wanted:
            wanted[meaning] = name
            used.add(name)
    for e in order:
        if e in active and e not in wanted and T(e) not in wanted and _worth_a_name(e, order, wanted):
            name = _letter(e, used)
            if name is None:
                break
            wanted[e] = name
            used.add(name)
    meanings = [e for e in order if e in wanted]
    leaves = [var(wanted[e], e.shape, frozenset({"sym"}) if T(e) is e and not e.is_scalar else frozenset()) for e in meanings]
    definitions = []
    for i, e in enumerate(meanings):
        definitions.append(_replace(e, tuple(zip(meanings[:i], leaves[:i], strict=True))))
    return Names(tuple(leaves), tuple(meanings), tuple(definitions))


def _worth_a_name(e: Expr, order: list[Expr], wanted: dict[Expr, str]) -> bool:
    if e.is_scalar or (e.op is LIN and len(e.args) == 1):
        return False
    parents = [p for p in order if e in p.args]
    if not parents or all(p.op is LIN and len(p.args) > 1 for p in parents):
        return False
    if e.op in (LIN, HAD):
        return not all(p.op.name in ("inv", "pinv") for p in parents)
    return e.op.name in ("inv", "pinv") and bool(e.args[0].args)


def _letter(e: Expr, used: set[str]) -> str | None:
    pool = VECTORS if ONE in e.shape else MATRICES
    if e.op.name in ("inv", "pinv"):
        pool = "P" + pool
    elif e.op is HAD:
        pool = ("w" if ONE in e.shape else "W") + pool
    return next((c for c in pool if c not in used), None)
