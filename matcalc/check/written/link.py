"""One side of a line with what was found of it; and equations that an arrow ties to the one before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from matcalc.check.evidence import Evidence
from matcalc.check.written.assuming import Assumption, Pair
from matcalc.check.written.bench import Bench, along, plain, slope
from matcalc.check.written.solving import at, on
from matcalc.check.written.truth import Truth
from matcalc.core.algebra import add, neg, terms_of
from matcalc.core.tree import Expr
from matcalc.errors import MatcalcError, ShapeError
from matcalc.notation.written.book import Book, Formula, differentials_in
from matcalc.notation.written.reader import Item

MATRIX_FUNCTIONS = (
    (re.compile(r"(?:\\(?:log|ln)|(?<![A-Za-z\\])(?:log|ln))(?![A-Za-z])"), "logm", "the logarithm"),
    (re.compile(r"(?:\\exp|(?<![A-Za-z\\])exp)(?![A-Za-z])"), "expm", "the exponential"),
)


@dataclass(slots=True)
class Link:
    """One side of a clause with what was found: its formula, its truth, and its verdict."""

    item: int
    number: int
    text: str
    truth: Truth | None
    formula: Formula | None = None
    verdict: str = ""
    explanation: str = ""
    evidence: Evidence | None = None
    assumption: Assumption | None = None
    source: Link | None = None  # the wrong link that it follows from
    given: str = ""  # the assumptions that it leans on, in words
    bare: bool = False  # whether it was found true without any assumption
    suggestion: str = ""
    elsewhere: bool = False  # whether the suggestion is about another line
    counterexample: str = ""
    identities: tuple[str, ...] = ()
    spelled: str = ""  # the text as it is read, where that is not as it was typed

    @property
    def read_as(self) -> str:
        """The text that is read."""
        return self.spelled or self.text


@dataclass(frozen=True, slots=True)
class Condition:
    """An equation before an arrow, over the letters of a bench."""

    left: str
    right: str
    bench: Bench


def given_text(used: tuple[Assumption, ...]) -> str:
    """The assumptions that a line leans on, in words."""
    said = ", ".join(a.text + ("" if a.stated else f" (line {a.number})") for a in used)
    return f"given {said}" if used else ""


def first_line(error: MatcalcError) -> str:
    """The message of an error without its carets."""
    return str(error).split("\n", 1)[0]


def implied(link: Link, given: Condition, arrow: str) -> Link:
    """The verdict on an equation after an arrow: it holds where the one before it does, for ⇔ also the other way."""
    truth, bench = link.truth, given.bench
    assert truth is not None
    try:
        texts = [given.left, given.right, truth.left or truth.what, link.text]
        p, q, r, t = (k.expression for k in bench.book.formulas(texts, equal=2))
    except MatcalcError as error:
        return replace(
            link, verdict="shapes" if isinstance(error, ShapeError) else "not read", explanation=first_line(error)
        )
    forward = _where(bench, (p, q), (r, t))
    back = _where(bench, (r, t), (p, q)) if arrow == "⇔" else forward
    if forward is not None and back is not None:
        return replace(
            link,
            verdict="holds",
            evidence=forward,
            explanation=f"{arrow}: each solves the other" if arrow == "⇔" else "",
        )
    says = "it does not follow" if forward is None else "only ⇒ holds, not ⇐"
    return replace(link, verdict="wrong", explanation=says)


def _where(bench: Bench, given: tuple[Expr, Expr], claimed: tuple[Expr, Expr]) -> Evidence | None:
    """The evidence that an equation holds where another does, solved for the first variable that allows it."""
    residual = add(given[0], neg(given[1]))
    alone = {t for _, t in terms_of(residual)}
    found = sorted(bench.variables(residual), key=lambda x: (x not in alone, str(x.attrs[0])))
    for x in found[:3]:
        solver = on(residual, x, bench)
        evidence = bench.compare(at(solver, plain(claimed[0]), residual), at(solver, plain(claimed[1]), residual))
        if evidence.decided:
            return evidence if evidence.ok else None
    return None


def derived(bench: Bench, other: Truth, a: Expr, truth: Truth, e: Expr) -> Pair | None:
    """What a side `a` before would make of `truth`, beside the claim `e`."""
    if other.kind == truth.kind:
        if truth.kind == "d":
            return plain(a), plain(e), bench.moving(e)
        if truth.by is other.by and truth.flipped == other.flipped:
            return plain(a), plain(e), bench.moving(a, e)
        return None
    claimed, moving = plain(e), bench.moving(e)
    if truth.kind == "gradient" and truth.by is not None:
        claimed, moving = along(e, truth.by, truth.flipped), bench.variables(truth.by)
    if other.kind == "value" and truth.kind in ("d", "gradient"):
        return slope(a), claimed, moving
    if other.kind == "d" and truth.kind == "gradient":
        return plain(a), claimed, moving
    return None


def moving_in_chain(items: list[Item], index: int, book: Book) -> frozenset[Expr]:
    """The variables whose own differentials stand in the chain of a line: the others are constant all along it."""
    first = last = index
    while first > 0 and _goes_on(items[first]):
        first -= 1
    while last + 1 < len(items) and _goes_on(items[last + 1]):
        last += 1
    sides = [side for item in items[first : last + 1] if item.clause for side in item.clause.sides]
    leaves = (book.leaf(name) for side in sides for name in differentials_in(side))
    return frozenset(leaf for leaf in leaves if leaf is not None and leaf not in book.values)


def _goes_on(item: Item) -> bool:
    return item.role == "prose" if item.clause is None else item.clause.target.kind == "chain"


def matrix_functions(text: str) -> Iterator[tuple[str, str]]:
    """A text in which log or exp is the function of a matrix, and that said in words."""
    for pattern, name, says in MATRIX_FUNCTIONS:
        changed = pattern.sub(rf"\\operatorname{{{name}}}", text)
        if changed != text:
            yield changed, f"{says} is that of a matrix"
