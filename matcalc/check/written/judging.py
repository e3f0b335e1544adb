"""The judge of a written derivation: every line against the truth, then against the line before it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from matcalc.check.evidence import Evidence
from matcalc.check.written.bench import Bench, Side, along, plain, slope
from matcalc.check.written.truth import Truth, candidates, truth_of
from matcalc.check.written.verdict import Line, Verdict
from matcalc.core.algebra import ZEROS
from matcalc.core.dims import SCALAR, shape_text
from matcalc.core.tree import Expr
from matcalc.errors import MatcalcError, ShapeError
from matcalc.notation.derivation import Item, Written, plain_name
from matcalc.notation.derivation_book import Formula, differentials_in


@dataclass(slots=True)
class Link:
    """One side of a clause with what was found: its formula, its truth, and its verdict."""

    number: int
    text: str
    truth: Truth | None
    formula: Formula | None
    verdict: str
    explanation: str = ""
    evidence: Evidence | None = None
    assumption: str = ""


@dataclass(slots=True)
class Court:
    """The state of judging: what was believed wrongly so far, by kind, and the chain that goes on."""

    written: Written
    bench: Bench
    truth: Truth | None = None  # of the chain that goes on
    links: list[Link] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    wrong: list[Link] = field(default_factory=list)  # wrong links and those that follow from them
    last: Link | None = None  # the last link that was judged

    # ── items ─────────────────────────────────────────────────────────────────────────────────────────────
    def judge(self) -> Verdict:
        """The verdict on every item."""
        for item in self.written.items:
            self.lines.append(self._item(item))
        return Verdict(tuple(self.lines), tuple(self.written.notes))

    def _item(self, item: Item) -> Line:
        number, text = item.row.number, item.text
        if item.role == "prose":
            return Line(number, text, "prose")
        if item.role == "unread":
            self.truth = None
            return Line(number, text, "not read", item.why)
        clause = item.clause
        assert clause is not None
        if item.role == "declaration":
            return Line(number, text, "definition", "declared")
        sides = clause.sides
        if item.role in ("definition", "objective"):
            self._open(item)
            if len(sides) == 1:
                what = "the function" if item.role == "objective" else f"names {item.name}"
                return Line(number, text, "definition", what)
            sides = sides[1:]
        elif clause.target.kind != "chain":
            try:
                self.truth = truth_of(clause.target, self.bench)
            except MatcalcError as error:
                self.truth = None
                return Line(number, text, "not read", first_line(error))
        if self.truth is None:
            return Line(number, text, "not read", "there is no line before it that this goes on")
        if self._is_set(item):
            return Line(number, text, "definition", "set: a condition, not a claim")
        return self._combined(item, [self._link(number, side) for side in sides])

    def _open(self, item: Item) -> None:
        """A definition or the objective opens a chain."""
        book = self.bench.book
        if item.role == "objective" and book.objective is not None:
            self.truth = Truth("value", book.objective, book.objective.shape, item.name)
        else:
            leaf = book.leaf(item.name)
            self.truth = Truth("value", leaf, leaf.shape, item.name) if leaf is not None else None

    def _is_set(self, item: Item) -> bool:
        """`dH = 0`, `∂f/∂s = 0`: what is set, not what is claimed."""
        clause = item.clause
        assert clause is not None and self.truth is not None
        zero = clause.sides[-1].strip() in ("0", r"\mathbf{0}", r"\mathbf 0", r"{\bf 0}")
        return (
            zero
            and len(clause.sides) == 1
            and clause.target.kind in ("d", "gradient")
            and (self.truth.kind != "d" or self.truth.function is not None)
        )

    def _combined(self, item: Item, links: list[Link]) -> Line:
        """The verdict of a line is that of its worst side."""
        order = ("holds", "right again", "holds if", "other objective", "follows", "shapes", "wrong", "not read")
        worst = max(links, key=lambda k: order.index(k.verdict))
        first = next(k for k in links if k.verdict == worst.verdict)
        return Line(
            item.row.number,
            item.text,
            first.verdict,
            first.explanation,
            evidence=first.evidence,
            assumption=first.assumption,
        )

    # ── one side ──────────────────────────────────────────────────────────────────────────────────────────
    def _link(self, number: int, text: str) -> Link:
        truth = self.truth
        assert truth is not None
        link = Link(number, text, truth, None, "")
        try:
            truth = self._read(link, truth)
        except ShapeError as error:
            return self._note(replace(link, verdict="shapes", explanation=first_line(error)))
        except MatcalcError as error:
            return self._note(replace(link, verdict="not read", explanation=first_line(error)))
        formula = link.formula
        assert formula is not None
        unknown = [str(x.attrs[0]) for x in formula.fresh] if truth.kind != "equation" else []
        if unknown:
            names = " and ".join(f"`{n}`" for n in unknown)
            says = f"{names} {'is' if len(unknown) == 1 else 'are'} not known in this derivation"
            return self._note(replace(link, verdict="not read", explanation=says))
        e = formula.expression
        if truth.shape is not None and e.shape != truth.shape and not self.bench.conditions():
            says = f"{truth.what} is {shape_text(truth.shape)}, this is {shape_text(e.shape)}"
            return self._note(replace(link, verdict="shapes", explanation=says))
        return self._note(self._compare(replace(link, truth=truth), truth, e))

    def _read(self, link: Link, truth: Truth) -> Truth:
        """Read the side of a link; for an equation its left side with it."""
        book = self.bench.book
        if truth.kind != "equation":
            link.formula = book.formula(link.text, truth.shape)
            if truth.kind == "gradient" and truth.by is None:
                return self._which(truth, link.formula.expression)
            return truth
        left, link.formula = book.formulas([truth.left, link.text], equal=True)
        if self._is_the_objective(left):
            self.truth = Truth("value", book.objective, left.expression.shape, truth.what)
            link.formula = book.formula(link.text, left.expression.shape)
            return self.truth
        return replace(truth, function=left.expression, shape=left.expression.shape)

    def _is_the_objective(self, left: Formula) -> bool:
        """Whether a left side such as vec(Y) names the objective; then Y has a meaning."""
        book = self.bench.book
        f, e = book.objective, left.expression
        if f is None or book.title or len(left.fresh) != 1 or e.op is not f.op or e.args != left.fresh:
            return False
        book.title = str(left.fresh[0].attrs[0])
        book.define(book.title, f.args[0])
        return True

    def _which(self, truth: Truth, e: Expr) -> Truth:
        """The variable of a gradient that is not named: the one for which it holds, else the first that fits."""
        assert truth.function is not None
        found = candidates(truth.function, e.shape, self.bench)
        if not found:
            raise ShapeError(f"no variable of the function is {shape_text(e.shape)}")
        tried = [replace(truth, by=x, shape=x.shape, what=f"∂f/∂{x.attrs[0]}") for x in found]
        return next((t for t in tried if self.bench.quick(*t.sides(e, self.bench))), tried[0])

    def _compare(self, link: Link, truth: Truth, e: Expr) -> Link:
        """The verdict on a side that was read and has the right shape."""
        evidence = self._evidence(truth, e)
        if not evidence.decided:
            return replace(link, verdict="not read", explanation=f"not decided: {evidence.why}")
        if evidence.ok:
            again = (
                self.last is not None
                and self.last.verdict in ("wrong", "follows", "shapes")
                and truth.kind != "equation"
            )
            return replace(link, verdict="right again" if again else "holds", evidence=evidence)
        if self._follows(truth, e):
            return replace(
                link,
                verdict="follows",
                evidence=evidence,
                explanation=f"it follows from line {self.wrong[-1].number}, which is wrong",
            )
        return replace(link, verdict="wrong", evidence=evidence, explanation=evidence.why)

    def _evidence(self, truth: Truth, e: Expr) -> Evidence:
        """Truth and claim compared; what the derivation never differentiates in may stand still inside a name."""
        a, b, moving = truth.sides(e, self.bench)
        fewer = moving & self.bench.wanted
        if truth.kind == "d" and fewer and fewer != moving:
            if self.bench.quick(a, b, fewer) and not self.bench.quick(a, b, moving):
                return self.bench.compare(a, b, fewer)
        return self.bench.compare(a, b, moving)

    def _note(self, link: Link) -> Link:
        self.links.append(link)
        self.last = link
        if link.verdict in ("wrong", "follows"):
            self.wrong.append(link)
        return link

    # ── what follows from a wrong line ────────────────────────────────────────────────────────────────────
    def _follows(self, truth: Truth, e: Expr) -> bool:
        """Whether a side agrees with a wrong one before it."""
        bench = self.bench
        for before in reversed(self.wrong):
            a, other = before.formula, before.truth
            if a is None or other is None or other.function is not truth.function:
                continue
            pair = self._from(other, a.expression, truth, e)
            if pair is not None and bench.quick(*pair):
                return True
        return False

    def _from(self, other: Truth, a: Expr, truth: Truth, e: Expr) -> tuple[Side, Side, frozenset[Expr]] | None:
        """What a wrong side `a` would make of `truth`, beside the claim `e`."""
        bench = self.bench
        if other.kind == truth.kind:
            if truth.kind == "d":
                return plain(a), plain(e), bench.moving(e)
            if truth.by is other.by and truth.flipped == other.flipped:
                return plain(a), plain(e), bench.moving(a, e)
            return None
        claimed = plain(e)
        moving = bench.moving(e)
        if truth.kind == "gradient" and truth.by is not None:
            claimed, moving = along(e, truth.by, truth.flipped), bench.variables(truth.by)
        if other.kind == "value" and truth.kind in ("d", "gradient"):
            return slope(a), claimed, moving
        if other.kind == "d" and truth.kind == "gradient":
            return plain(a), claimed, moving
        return None


def judged(written: Written) -> Verdict:
    """Judge a derivation that was read."""
    bench = Bench(written.book)
    bench.wanted = differentiated(written, bench)
    return Court(written, bench).judge()


def differentiated(written: Written, bench: Bench) -> frozenset[Expr]:
    """The variables in which a derivation differentiates anywhere: dX stands in a line, or ∂/∂X."""
    names: set[str] = set()
    for item in written.items:
        if item.clause is None:
            continue
        names |= {n for n in map(plain_name, item.clause.target.by) if n}
        for side in item.clause.sides:
            names |= differentials_in(side)
    found = {written.book.known[n] for n in names if n in written.book.known}
    return frozenset(found)


def first_line(error: MatcalcError) -> str:
    """The message of an error without its carets."""
    return str(error).split("\n", 1)[0]


__all__ = ["SCALAR", "ZEROS", "Court", "Link", "judged"]
