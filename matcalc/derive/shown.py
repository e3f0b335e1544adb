"""How an answer is shown: in the writer's own names, and with names for repeated parts where it is very long."""

from __future__ import annotations

from dataclasses import dataclass

from matcalc.core.tree import Expr, walk
from matcalc.derive.naming import Names, name_shared, named_leaf
from matcalc.rewrite.shorten import Shortener
from matcalc.rewrite.typed import read

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


def writers_names(definitions: tuple[tuple[str, Expr], ...]) -> Names:
    """The names of the text, each for its definition as typed, as rewritten while reading, and as shortened."""
    leaves: list[Expr] = []
    meanings: list[Expr] = []
    for name, meaning in definitions:
        if not meaning.args or meaning.is_scalar and len(list(walk(meaning))) < 3:
            continue
        leaf = named_leaf(name, meaning)
        typed = read(meaning)
        for form in dict.fromkeys((meaning, typed, Shortener()(typed))):
            leaves.append(leaf)
            meanings.append(form)
    return Names(tuple(leaves), tuple(meanings), tuple(meanings))
