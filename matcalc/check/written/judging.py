"""The judge of a written derivation: every line against the truth, then against the line before it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from matcalc.check.written.bench import plain
from matcalc.check.written.data import Given
from matcalc.check.written.link import Condition, Link, first_line, implied
from matcalc.check.written.sides import Sides
from matcalc.check.written.truth import Truth, truth_of
from matcalc.check.written.verdict import Line
from matcalc.derive.gradient import gradient
from matcalc.errors import MatcalcError
from matcalc.notation.written.clauses import Target, plain_name
from matcalc.notation.written.numerals import numbers
from matcalc.notation.written.reader import Item

ORDER = ("holds", "right again", "definition", "holds if", "other objective", "follows", "shapes", "wrong", "not read")
SETS_TO_ZERO = re.compile(
    r"\b(?:zero|vanish|stationar|optim|solv|critical|minimi[sz]|normal eq|first[- ]order)|= ?0\b", re.I
)
_ENTRY = re.compile(r"(.+)_\{?\s*([ijkl])\s*\}?")
ZEROS = frozenset({"0", r"\mathbf{0}", r"\mathbf 0", r"{\bf 0}", r"\boldsymbol{0}"})


@dataclass(slots=True)
class Court(Sides):
    """The state of judging, with the verdict on each line and a condition before an arrow."""

    lines: list[Line] = field(default_factory=list)
    condition: Condition | None = None

    def __post_init__(self) -> None:
        for item in self.written.items:
            rows = numbers(item.clause.sides[0]) if item.role == "data" and item.clause is not None else None
            if rows is not None:
                self.data.given[item.name] = Given(rows, item.row.number, item.text)

    def hear(self) -> None:
        """Judge every item in order."""
        for _ in range(len(self.written.items)):
            self.next()

    def next(self) -> Line:
        """Judge the next item."""
        self.index = len(self.lines)
        self.lines.append(self._item(self.written.items[self.index]))
        return self.lines[-1]

    def _item(self, item: Item) -> Line:
        number, text = item.row.number, item.text
        if SETS_TO_ZERO.search(item.row.words if item.clause is not None else text):
            known = {x for _, x, _ in self.zeros}
            self.zeros += [(self.index, x, f) for x, f in self.gradients.items() if x not in known]
        if item.role == "prose":
            return Line(number, text, "prose")
        if item.role == "unread" or item.clause is None:
            self.truth = None
            return Line(number, text, "not read", item.why)
        if item.role == "declaration":
            return Line(number, text, "definition", item.why or "declared")
        if item.role == "data":
            return Line(number, text, "definition", f"numbers for {item.name}")
        sides = item.clause.sides
        if item.role in ("definition", "objective"):
            self._open(item)
            if len(sides) == 1:
                what = "the function" if item.role == "objective" else f"names {item.name}"
                return Line(number, text, "definition", what)
            sides = sides[1:]
        elif item.clause.target.kind != "chain":
            try:
                self.truth = self._entry(item.clause.target) or truth_of(item.clause.target, self.bench)
            except MatcalcError as error:
                self.truth = None
                return Line(number, text, "not read", first_line(error))
            if item.clause.alias:
                self._alias(item.clause.alias, self.truth)
                if not sides:
                    return Line(number, text, "definition", f"names {self.truth.what}")
        if self.truth is None:
            return Line(number, text, "not read", "there is no line before it that this goes on")
        if said := self._set(item):
            return Line(number, text, "definition", said)
        before = len(self.links)
        if self.condition is not None and item.clause.arrow and self.truth.kind in ("equation", "closing"):
            self.links.append(
                implied(Link(self.index, number, sides[0], self.truth), self.condition, item.clause.arrow)
            )
            return self._combined(item, self.links[before:])
        for side in sides:
            if side.strip() in ZEROS and self.truth.kind == "gradient" and len(self.links) > before:
                self._stationary(self.truth)  # … = 2A'(Ax − b) = 0
            else:
                self.links.append(self._link(number, side))
        if not item.clause.arrow:
            self.condition = None
        return self._combined(item, self.links[before:])

    def _open(self, item: Item) -> None:
        """A definition or the objective opens a chain."""
        leaf = self.book.leaf(item.name)
        if item.role == "objective" and self.book.objective is not None:
            self.truth = Truth("value", self.book.objective, self.book.objective.shape, item.name)
        else:
            self.truth = Truth("value", leaf, leaf.shape, item.name) if leaf is not None else None

    def _entry(self, aim: Target) -> Truth | None:
        """∂f/∂s_j for a vector s: the j-th entry of its gradient."""
        m = _ENTRY.fullmatch(aim.by[0].strip()) if aim.kind == "gradient" and aim.by else None
        if m is None or self.book.leaf(plain_name(aim.by[0]) or "") is not None:
            return None
        whole = truth_of(replace(aim, by=(m[1],)), self.bench)
        if whole.kind != "gradient" or whole.function is None or whole.by is None:
            return None
        name = f"gradient_{{{len(self.inside) + 1}}}"
        self.inside[f"∂{aim.of}/∂{m[1]}"] = name
        self.book.define(name.replace("{", "").replace("}", ""), gradient(self._expanded(whole.function), whole.by))
        self.gradients.setdefault(whole.by, whole.function)
        return Truth("equation", None, None, f"∂{aim.of}/∂{aim.by[0]}", left=f"{name}[{m[2]}]")

    def _alias(self, name: str, truth: Truth) -> None:
        """g = ∂f/∂x: a name for the gradient."""
        plain_one = plain_name(name)
        if truth.kind == "gradient" and truth.by is not None and truth.function is not None and plain_one:
            if self.book.leaf(plain_one) is None and truth.by not in self.book.values:
                G = gradient(self._expanded(truth.function), truth.by)
                self.book.define(plain_one, G.T if truth.flipped else G)
                self.book.stretch()

    def _set(self, item: Item) -> str:
        """`dH = 0`, `∂f/∂s = 0`, an equation before an arrow: what is set, not what is claimed."""
        clause, truth = item.clause, self.truth
        assert clause is not None and truth is not None
        if len(clause.sides) == 1 and clause.sides[0].strip() in ZEROS and clause.target.kind in ("d", "gradient"):
            self._stationary(truth)
            return f"sets {truth.what} to zero"
        if self._before_an_arrow() and truth.kind == "equation" and len(clause.sides) == 1:
            for bench in (self.bench, self._blank()):
                try:
                    left, right = bench.book.formulas([truth.left, clause.sides[0]], equal=2)
                except MatcalcError:
                    continue
                if bench.quick(plain(left.expression), plain(right.expression)):
                    return ""
                self.condition = Condition(truth.left, clause.sides[0], bench)
                return "a condition, from which the rest of the line is judged"
        return ""

    def _stationary(self, truth: Truth) -> None:
        if truth.kind == "gradient" and truth.by is not None and truth.function is not None:
            self.gradients[truth.by] = truth.function
            self.zeros.append((self.index, truth.by, truth.function))

    def _before_an_arrow(self) -> bool:
        items = self.written.items
        following = items[self.index + 1] if self.index + 1 < len(items) else None
        return following is not None and following.clause is not None and bool(following.clause.arrow)

    def _combined(self, item: Item, links: list[Link]) -> Line:
        """The verdict of a line is that of its worst side."""
        worst = max(links, key=lambda k: ORDER.index(k.verdict)).verdict
        k = next(k for k in links if k.verdict == worst)
        identities = tuple(dict.fromkeys(i for link in links for i in link.identities))
        assumption = k.assumption.text if k.assumption else ""
        suggestion = k.suggestion if k.elsewhere else _within(item, k)
        return Line(
            item.row.number,
            item.text,
            k.verdict,
            k.explanation,
            identities,
            k.counterexample,
            suggestion,
            assumption,
            k.evidence,
        )

    def retell(self) -> None:
        """Write the lines anew from their links, after verdicts were revised."""
        for i, item in enumerate(self.written.items):
            links = [k for k in self.links if k.item == i]
            if links:
                self.lines[i] = self._combined(item, links)


def _within(item: Item, k: Link) -> str:
    """The whole line with what a side should say."""
    if not k.suggestion or k.text in item.text:
        return item.text.replace(k.text, k.suggestion) if k.suggestion else ""
    left, equals, _ = item.text.partition("=")
    return f"{left}{equals} {k.suggestion}" if equals else k.suggestion
