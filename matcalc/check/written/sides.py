"""Judging one side of a line: read it, compare it with the truth, then with what is assumed or went before."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from matcalc.check.evidence import Evidence
from matcalc.check.written import assuming
from matcalc.check.written.assuming import Assumption, Pair
from matcalc.check.written.bench import Bench, plain, zero
from matcalc.check.written.data import Data, equal
from matcalc.check.written.link import Link, derived, first_line, given_text, matrix_functions, moving_in_chain
from matcalc.check.written.minima import Least
from matcalc.check.written.small import shown
from matcalc.check.written.solving import at, closing, on
from matcalc.check.written.truth import Truth, candidates, truth_of
from matcalc.check.written.verdict import GOOD
from matcalc.core.algebra import add, neg, scale
from matcalc.core.dims import SCALAR, shape_text
from matcalc.core.tree import Expr, depends
from matcalc.derive.gradient import gradient
from matcalc.errors import MatcalcError, ShapeError
from matcalc.notation.written.book import Book, Formula, bracket_named, differentials_in
from matcalc.notation.written.clauses import derivatives_in, plain_name
from matcalc.notation.written.families import unequal_sums
from matcalc.notation.written.reader import SENSE, Written

_DOT = re.compile(r"\\cdot(?![A-Za-z])|[·⋅]|\\bullet(?![A-Za-z])|•")


@dataclass(slots=True)
class Sides:
    """The state of judging: the chain that goes on, the sides that were judged, and what is assumed."""

    written: Written
    bench: Bench
    truth: Truth | None = None  # of the chain that goes on
    links: list[Link] = field(default_factory=list)
    held: tuple[Assumption, ...] = ()
    gradients: dict[Expr, Expr] = field(default_factory=dict)  # variables with a gradient, and of what
    zeros: list[tuple[int, Expr, Expr]] = field(default_factory=list)  # gradients set to zero, from which item on
    claimed: list[tuple[int, Expr, Expr]] = field(default_factory=list)  # gradients that an equation may set to zero
    solvable: dict[Expr, bool] = field(default_factory=dict)  # gradients, and whether points are found where they are 0
    index: int = 0  # of the item that is judged
    inside: dict[str, str] = field(default_factory=dict)  # derivatives inside formulas, and what they are called
    data: Data = field(default_factory=Data)  # the numbers that the text gives
    typed: frozenset[Expr] = frozenset()  # the variables whose differentials are typed in the side

    @property
    def book(self) -> Book:
        """The names of the derivation."""
        return self.bench.book

    def _blank(self) -> Bench:
        """A bench on which every letter is free."""
        return Bench(Book(None, {}, set(self.book.dims), set(self.book.elementwise)))

    # ── one side ──────────────────────────────────────────────────────────────────────────────────────────
    def _link(self, number: int, text: str) -> Link:
        """The verdict on a side; where its shapes fit only with A:B for A·B, so it is read."""
        spelled = self._with_derivatives(text)
        link = self._linked(number, text, spelled)
        if link.verdict == "shapes" and _DOT.search(spelled):
            other = self._linked(number, text, _DOT.sub(" : ", spelled))
            return other if other.verdict != "shapes" else link
        return link

    def _with_derivatives(self, text: str) -> str:
        """The text with a name for each ∂f/∂X inside it, and sums over i ≠ j written out."""
        for start, end, spelled in reversed(unequal_sums(text)):
            self.inside[text[start:end]] = spelled
            text = text[:start] + spelled + text[end:]
        for start, end, aim in reversed(derivatives_in(text)):
            try:
                truth = truth_of(aim, self.bench)
            except MatcalcError:
                continue
            if truth.kind != "gradient" or truth.by is None or truth.function is None or truth.by in self.book.values:
                continue
            typed = text[start:end]
            if typed not in self.inside:
                number = len(self.inside) + 1
                self.inside[typed] = f"gradient_{{{number}}}"
                G = gradient(self._expanded(truth.function), truth.by)
                self.book.define(f"gradient_{number}", G.T if truth.flipped else G)
            text = text[:start] + self.inside[typed] + text[end:]
        return text

    def as_typed(self, text: str) -> str:
        """A text that was read, with the derivatives, sums and families in it as they were typed."""
        for typed, name in self.inside.items():
            text = text.replace(name, typed)
        for one in self.written.families:
            text = one.folded(text)
        return text

    def _linked(self, number: int, text: str, spelled: str) -> Link:
        assert self.truth is not None
        link = Link(self.index, number, text, self.truth, spelled="" if spelled == text else spelled)
        if self.truth.kind == "equation" and SENSE.match(self.truth.left) and SENSE.match(text):
            return self._least(link)
        try:
            truth = self._read(link, self.truth)
        except ShapeError as error:
            return self._generally(replace(link, verdict="shapes", explanation=str(error)))
        except MatcalcError as error:
            return replace(link, verdict="not read", explanation=first_line(error))
        formula = link.formula
        assert formula is not None
        self.typed = self.moved_by(link.read_as)
        if len(formula.fresh) == 1 and self._names_a_part(link, str(formula.fresh[0].attrs[0])):
            return self._linked(number, text, spelled)
        if truth.kind != "equation" and formula.fresh:
            names = " and ".join(f"`{x.attrs[0]}`" for x in formula.fresh)
            says = f"{names} {'is' if len(formula.fresh) == 1 else 'are'} not known in this derivation"
            return replace(link, verdict="not read", explanation=says)
        e = formula.expression
        if truth.shape is not None and e.shape != truth.shape and not self.bench.conditions():
            says = f"{truth.what} is {shape_text(truth.shape)}, but `{text}` is {shape_text(e.shape)}"
            return self._generally(replace(link, truth=truth, verdict="shapes", explanation=says))
        return self._compare(replace(link, truth=truth), truth, e)

    def _read(self, link: Link, truth: Truth) -> Truth:
        """Read the side of a link; for an equation its left side with it."""
        if truth.kind != "equation":
            link.formula = self.book.formula(link.read_as, truth.shape)
            if truth.kind == "gradient" and truth.by is None:
                return self._which(truth, link.formula.expression)
            return truth
        left, link.formula = self.book.formulas([truth.left, link.read_as], equal=2)
        if self._is_the_objective(left):
            self.truth = Truth("value", self.book.objective, left.expression.shape, truth.what)
            link.formula = self.book.formula(link.read_as, left.expression.shape)
            return self.truth
        return replace(truth, function=left.expression, shape=left.expression.shape)

    def _names_a_part(self, link: Link, name: str) -> bool:
        """Whether a new letter stands where a bracket stood in the line before: then it names that bracket."""
        before = self.links[-1] if self.links else None
        if before is None or before.formula is None or before.verdict not in GOOD:
            return False
        part = bracket_named(before.text, link.text, name)
        if part is None:
            return False
        try:
            self.book.define(name, self.book.formula(part).expression)
        except MatcalcError:
            return False
        return True

    def _is_the_objective(self, left: Formula) -> bool:
        """Whether a left side such as vec(Y) names the objective; then Y has a meaning."""
        f, e = self.book.objective, left.expression
        if f is None or self.book.title or len(left.fresh) != 1 or e.op is not f.op or e.args != left.fresh:
            return False
        self.book.title = str(left.fresh[0].attrs[0])
        self.book.define(self.book.title, f.args[0])
        return True

    def _which(self, truth: Truth, e: Expr) -> Truth:
        """The variable of a gradient that is not named: the one for which it holds, else the first that fits."""
        assert truth.function is not None
        fitting = candidates(truth.function, e.shape, self.bench)
        if not fitting:
            raise ShapeError(f"no variable of the function is {shape_text(e.shape)}")
        tried = [replace(truth, by=x, shape=x.shape, what=f"∂f/∂{x.attrs[0]}") for x in fitting]
        return next((t for t in tried if self.bench.quick(*t.sides(e, self.bench))), tried[0])

    def _generally(self, link: Link) -> Link:
        """A law such as AB:C = A:CBᵀ may use letters of the problem for any matrices."""
        truth = link.truth
        if truth is None or truth.kind != "equation":
            return link
        blank = self._blank()
        try:
            left, right = blank.book.formulas([truth.left, link.read_as], equal=2)
        except MatcalcError:
            return link
        pair = plain(left.expression), plain(right.expression), blank.moving(left.expression, right.expression)
        if not blank.quick(*pair):
            return link
        says = "its letters read as any matrices, not those of the problem"
        return replace(link, verdict="holds", explanation=says, evidence=blank.compare(*pair), bare=True)

    # ── the verdict on a side that was read ───────────────────────────────────────────────────────────────
    def _compare(self, link: Link, truth: Truth, e: Expr) -> Link:
        if truth.kind == "gradient" and truth.by is not None and truth.function is not None:
            if truth.by not in self.gradients:
                self.gradients[truth.by] = truth.function
                self.claimed.append((self.index, truth.by, truth.function))
        if truth.kind == "closing":
            return self._closing(link, truth, e)
        pairs = self.pairs(truth, e)
        for pair in pairs:
            if self.bench.quick(*pair):
                evidence = self.bench.compare(*pair)
                if evidence.ok:
                    says = "where the gradient is zero" if pair[0].point is not None else ""
                    return replace(link, verdict=self._holds(truth), explanation=says, evidence=evidence, bare=True)
        evidence = self.bench.compare(*pairs[0])
        if evidence.ok or not evidence.decided:
            verdict, why = (self._holds(truth), "") if evidence.ok else ("not read", f"not decided: {evidence.why}")
            return replace(link, verdict=verdict, evidence=evidence, explanation=why, bare=evidence.ok)
        return (
            self._at_data(link, pairs[0])
            or self._given(link, pairs)
            or self._as_matrix_function(link, truth)
            or self._followed(link, truth, e)
            or self._supposed(link, pairs)
            or replace(link, verdict="wrong", evidence=evidence, explanation="both sides differ")
        )

    def _at_data(self, link: Link, pair: Pair) -> Link | None:
        """The verdict at the numbers that the text gives, where it gives them for every letter."""
        sides = self.data.sides(pair, self.bench)
        if sides is None or link.truth is None:
            return None
        variables = self.bench.variables(*pair[0].roots, *pair[1].roots)
        at = f"at {self.data.text(variables)}"
        if equal(*sides):
            return replace(link, verdict="holds", explanation=at, evidence=Evidence(True, "exact", 1, bound=at))
        left, right = map(shown, sides)
        example = f"{at}: {link.truth.what} is {left}, the line gives {right}"
        link = replace(link, verdict="wrong", explanation="both sides differ", counterexample=example)
        for name, other, data in self.data.changed():
            changed = data.sides(pair, self.bench)
            if changed is not None and equal(*changed):
                says = f"it holds for {name} = {other.shown}, not {self.data.given[name].shown} (line {other.number})"
                return replace(link, explanation=says, suggestion=f"{name} = {other.shown}", elsewhere=True)
        return link

    def _least(self, link: Link) -> Link:
        """argmin f = argmin g: whether the two functions are least at the same place."""
        assert link.truth is not None
        under = re.findall(r"_\s*\{([^{}]*)\}", SENSE.match(link.truth.left)[0])  # type: ignore[index]
        names = [plain_name(x) for text in under[-1:] for x in text.split(",")]
        texts = [SENSE.sub("", t, count=1) for t in (link.truth.left, link.read_as)]
        try:
            f, g = (k.expression for k in self.book.formulas(texts, like=SCALAR))
        except MatcalcError as error:
            return replace(link, verdict="not read", explanation=first_line(error))
        unknowns = tuple(x for x in sorted(self.bench.variables(f, g), key=lambda x: x.key) if x.attrs[0] in names)
        if not unknowns:
            return replace(link, verdict="not read", explanation="over which variables? argmin_{x} …")
        least = Least(f, g, unknowns, self.bench, self.data)
        evidence = least.shown()
        if evidence is not None:
            return replace(link, verdict="holds", evidence=evidence, explanation=evidence.bound)
        example = least.refuted()
        if example:
            says = "the two sides are least at different places"
            return replace(link, verdict="wrong", explanation=says, counterexample=example)
        return replace(link, verdict="not read", explanation="not decided: no numbers were found that tell them apart")

    def _as_matrix_function(self, link: Link, truth: Truth) -> Link | None:
        """True where log or exp is read as the function of a matrix, not entry by entry."""
        for text, says in matrix_functions(link.read_as):
            try:
                pairs = self.pairs(truth, self.book.formula(text, truth.shape).expression)
            except MatcalcError:
                continue
            evidence = self.bench.compare(*pairs[0])
            if evidence.ok:
                return replace(link, verdict=self._holds(truth), evidence=evidence, explanation=says, bare=True)
        return None

    def _holds(self, truth: Truth) -> str:
        """`holds`, or `right again` directly after a wrong line of the same matter."""
        last = next((k for k in reversed(self.links) if k.truth is not None and k.truth.kind != "equation"), None)
        wrong = last is not None and last.verdict in ("wrong", "follows", "shapes")
        return "right again" if wrong and truth.kind != "equation" else "holds"

    def moved_by(self, text: str) -> frozenset[Expr]:
        """The variables whose differential stands in a text, directly or through a defined name."""
        leaves = map(self.book.leaf, differentials_in(text))
        return self.bench.variables(*(leaf for leaf in leaves if leaf is not None))

    def pairs(self, truth: Truth, e: Expr) -> list[Pair]:
        """The comparisons that may make a side true: as it stands; with less moving; where a gradient is zero."""
        a, b, moving = truth.sides(e, self.bench)
        moving = moving | self.typed if truth.kind in ("d", "equation") else moving
        pairs = [(a, b, moving)]
        chain = moving_in_chain(self.written.items, self.index, self.book) if truth.kind == "d" else frozenset()
        for fewer in (moving & self.bench.wanted, moving & chain):
            if truth.kind in ("d", "equation") and fewer and all(fewer != some for _, _, some in pairs):
                pairs.append((a, b, fewer))
        named = truth.kind == "value" and truth.function in self.book.values
        if (truth.kind == "equation" or named) and not moving:
            known = self.zeros if named else [*self.claimed, *self.zeros]
            for since, x, f in reversed(known):
                if since <= self.index and x in self.bench.variables(*a.roots, *b.roots) and x not in self.book.values:
                    g = gradient(self._expanded(f), x)
                    s = on(g, x, self.bench)
                    if self._solvable(g, x):
                        pairs.append((at(s, a, g), at(s, b, g), moving))
        return pairs

    def _solvable(self, g: Expr, x: Expr) -> bool:
        """Whether points are found at which a gradient is zero."""
        if g not in self.solvable:
            side = at(on(g, x, self.bench), plain(x), g)
            self.solvable[g] = self.bench.quick(side, side)
        return self.solvable[g]

    def _expanded(self, f: Expr) -> Expr:
        return self.book.values.get(f, f)

    def _given(self, link: Link, pairs: list[Pair]) -> Link | None:
        """True under what is assumed already."""
        for pair in pairs:
            used = assuming.needs(pair, self.bench, self.held)
            if used:
                evidence = self.bench.compare(*pair, facts=assuming.facts_of(used))
                says = given_text(used)
                return replace(link, verdict="holds", evidence=evidence, explanation=says)
        return None

    def _supposed(self, link: Link, pairs: list[Pair]) -> Link | None:
        """True under an assumption that is found by trying; a bare statement of it is no claim."""
        for pair in pairs:
            truth = link.truth
            states = truth is not None and truth.kind == "value" and truth.function is self.book.objective
            found = assuming.found(pair, self.bench, self.held, states)
            if found is None:
                continue
            stated = self._states(link, found)
            found = replace(found, number=link.number, stated=stated)
            self.held = (*self.held, found)
            evidence = self.bench.compare(*pair, facts=assuming.facts_of(self.held))
            if stated:
                return replace(link, verdict="definition", explanation=f"assumed: {found.text}", evidence=evidence)
            return replace(link, verdict="holds if", assumption=found, evidence=evidence, explanation=found.text)
        return None

    def _states(self, link: Link, found: Assumption) -> bool:
        """Whether an equation says nothing but the assumption itself."""
        truth, formula = link.truth, link.formula
        if truth is None or truth.kind != "equation" or formula is None or truth.function is None:
            return False
        residual = add(truth.function, neg(formula.expression))
        return self.bench.variables(residual) == {found.variable} and any(
            self.bench.quick(plain(residual), plain(scale(sign, other)))
            for other in found.residuals(self.book)
            if other.shape == residual.shape
            for sign in (1, -1)
        )

    # ── closing claims ────────────────────────────────────────────────────────────────────────────────────
    def _closing(self, link: Link, truth: Truth, e: Expr) -> Link:
        """`s = …`: a stationary point of the function, or what a condition before it says."""
        x = truth.by
        assert x is not None
        if e is x:
            return replace(link, verdict="holds")
        f = self._expanded(self.gradients.get(x) or self.book.objective or x)
        if f is x or not depends(f, x) or f.shape != SCALAR:
            return replace(link, verdict="not read", explanation=f"nothing says what {truth.what} must satisfy")
        if depends(e, x):
            return self._compare(link, replace(truth, kind="equation", function=x), e)
        self.zeros.append((self.index, x, f))
        pair = self.closing_pairs(truth, e)[0]
        evidence = self.bench.compare(*pair)
        if evidence.ok:
            says = f"the gradient in {x.attrs[0]} is zero there"
            return replace(link, verdict="holds", evidence=evidence, explanation=says, bare=True)
        return (
            self._given(link, [pair])
            or self._supposed(link, [pair])
            or replace(
                link, verdict="wrong", evidence=evidence, explanation=f"the gradient in {x.attrs[0]} is not zero there"
            )
        )

    def closing_pairs(self, truth: Truth, e: Expr) -> list[Pair]:
        """What must be zero where `x = e` closes a derivation."""
        x = truth.by
        assert x is not None
        f = self._expanded(self.gradients.get(x) or self.book.objective or x)
        return [(closing(f, x, e, self.bench), zero(), frozenset((x,)))]

    # ── what follows from a wrong line ────────────────────────────────────────────────────────────────────
    def _followed(self, link: Link, truth: Truth, e: Expr) -> Link | None:
        """A side that agrees with a wrong one before it."""
        for before in reversed(self.links):
            a, other = before.formula, before.truth
            if before.verdict not in ("wrong", "follows") or a is None or other is None:
                continue
            if other.function is not truth.function:
                continue
            pair = derived(self.bench, other, a.expression, truth, e)
            if pair is None:
                continue
            used = () if self.bench.quick(*pair) else assuming.needs(pair, self.bench, self.held)
            if used or self.bench.quick(*pair):
                root = before.source or before
                says = f"it follows from line {root.number}, which is wrong"
                return replace(link, verdict="follows", explanation=says, source=root, given=given_text(used))
        return None
