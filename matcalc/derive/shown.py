"""How an answer is shown: in the writer's own names, and with names for repeated parts where it is very long."""

from __future__ import annotations

from dataclasses import dataclass

from matcalc.core.tree import Expr
from matcalc.derive.naming import name_shared, writers_names

LONG = 250  # nodes of an answer, written out, from which repeated parts get names


@dataclass(frozen=True, slots=True)
class Shown:
    """An expression as it is printed, and the names in it that the writer did not introduce."""

    expression: Expr
    where: tuple[tuple[Expr, Expr], ...] = ()


def shown(e: Expr, definitions: tuple[tuple[str, Expr], ...] = (), taken: frozenset[str] = frozenset()) -> Shown:
    """The answer `e` for print.

    The writer's names stand for their definitions; deep compositions, which written out grow exponentially with
    their depth, get names for what they repeat.
    """
    body = writers_names(definitions).fold(e) if definitions else e
    if body.size <= LONG:
        return Shown(body)
    where, body = name_shared(body, {*taken, *(n for n, _ in definitions)})
    return Shown(body, where)
