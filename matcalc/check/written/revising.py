"""What only the whole derivation shows: which assumption was a slip, which line states another function.

Then every wrong line gets its counterexample and what it should say.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from matcalc.check.written import assuming
from matcalc.check.written.assuming import Pair
from matcalc.check.written.bench import Bench, plain
from matcalc.check.written.edits import Style, corrected, style_of
from matcalc.check.written.judging import Court
from matcalc.check.written.link import Link, derived
from matcalc.check.written.reasons import origin, read_off, reasons
from matcalc.check.written.screen import Screen, screen
from matcalc.check.written.small import example
from matcalc.check.written.truth import Truth
from matcalc.check.written.verdict import Verdict
from matcalc.core.algebra import add, scale, terms_of
from matcalc.core.tree import Expr, make
from matcalc.derive.gradient import gradient
from matcalc.errors import MatcalcError
from matcalc.notation.printing.printer import text as printed
from matcalc.notation.written.meaning import differentials_of
from matcalc.notation.written.reader import Written

MAX_CORRECTED = 4  # wrong lines for which a correction is searched
MAX_TRIED = 800  # edits that are tried for one derivation
MAX_UNSCREENED = 150  # of those for one line, where floats cannot tell most of them apart


def judged(written: Written, explain: bool = True) -> Verdict:
    """Judge a derivation that was read; without `explain` the verdicts alone."""
    court = _court(written)
    court.hear()
    _slips(court)
    _other_objective(court)
    if explain:
        _correct(court)
        _reasons(court)
    court.retell()
    return Verdict(tuple(court.lines), tuple(written.notes))


def right_until(written: Written) -> int:
    """How many items of a derivation stand before the first that is not right."""
    court = _court(written)
    return next((i for i in range(len(written.items)) if not court.next().ok), len(written.items))


def _court(written: Written) -> Court:
    return Court(written, Bench(written.book, wanted=_differentiated(written)))


def _differentiated(written: Written) -> frozenset[Expr]:
    """The variables in which a derivation differentiates anywhere: dX stands in a line, or ∂/∂X."""
    names = differentials_of(item.clause for item in written.items if item.clause is not None)
    return frozenset(written.book.known[n] for n in names if n in written.book.known)


# ── an assumption that the next line does not share was a slip ────────────────────────────────────────────
def _slips(court: Court) -> None:
    for i, link in enumerate(court.links):
        if link.verdict != "holds if" or link.truth is None or link.formula is None:
            continue
        later = [k for k in court.links[i + 1 :] if k.bare and _same_matter(link, k)]
        if any(_disagree(court, link, k) for k in later):
            _make_wrong(court, i)


def _same_matter(a: Link, b: Link) -> bool:
    return (
        a.truth is not None and b.truth is not None and b.formula is not None and a.truth.function is b.truth.function
    )


def _disagree(court: Court, link: Link, later: Link) -> bool:
    """Whether a later line that needs no assumption contradicts a line that does."""
    assert link.truth and link.formula and later.truth and later.formula
    pair = derived(court.bench, link.truth, link.formula.expression, later.truth, later.formula.expression)
    return pair is not None and not court.bench.quick(*pair)


def _make_wrong(court: Court, i: int) -> None:
    """The line is wrong; what leaned on its assumption follows from it, the next that does not is right again."""
    link = court.links[i]
    assumed = link.assumption
    court.held = tuple(a for a in court.held if a is not assumed)
    link.verdict, link.assumption, link.explanation = "wrong", None, "both sides differ"
    for later in court.links[i + 1 :]:
        if assumed is not None and later.verdict == "holds" and not later.bare and assumed.text in later.explanation:
            later.verdict, later.source = "follows", link
            later.explanation = f"it follows from line {link.number}, which is wrong"
        elif later.bare and _same_matter(link, later):
            if later.verdict == "holds":
                later.verdict = "right again"
            return


# ── a line that states another function ───────────────────────────────────────────────────────────────────
def _other_objective(court: Court) -> None:
    """A wrong value from which what comes after follows is another function than the one stated."""
    for i, link in enumerate(court.links):
        if link.verdict != "wrong" or link.truth is None or link.truth.kind != "value" or link.formula is None:
            continue
        if link.truth.function is not court.book.objective:
            continue
        followers = [k for k in court.links[i + 1 :] if k.source is link and k.truth and k.truth.kind != "value"]
        again = [
            k
            for k in court.links[i + 1 :]
            if k.bare and _same_matter(link, k) and k.truth and k.truth.kind != "value" and _disagree(court, link, k)
        ]
        if followers and not again:
            link.verdict = "other objective"
            link.explanation = other_terms(court, link.formula.expression)
            for k in court.links[i + 1 :]:
                if k.source is link:
                    k.verdict = "holds"
                    k.explanation = ", ".join(filter(None, (f"for the function of line {link.number}", k.given)))


def other_terms(court: Court, e: Expr) -> str:
    """Which terms of a stated function differ from those of the objective."""
    f = court.book.objective
    assert f is not None
    ours = [scale(c, t) for c, t in terms_of(f)]
    theirs = [scale(c, t) for c, t in terms_of(e)]
    for t in list(theirs):
        same = next((o for o in ours if court.bench.quick(plain(o), plain(t))), None)
        if same is not None:
            ours.remove(same)
            theirs.remove(t)
    ours_text, theirs_text = (" + ".join(printed(t) for t in ts) for ts in (ours, theirs))
    if not ours_text:
        return f"it has {theirs_text}, which the stated function has not"
    if not theirs_text:
        return f"it has not {ours_text}, which the stated function has"
    return f"it has {theirs_text} where the stated function has {ours_text}{_gradients(court, ours)}"


def _gradients(court: Court, terms: list[Expr]) -> str:
    """The gradients of what the stated function has."""
    f = add(*terms)
    out = []
    for x in sorted(court.bench.variables(f) & court.bench.wanted, key=lambda x: str(x.attrs[0])):
        try:
            out.append(f"{printed(gradient(f, x))} in {printed(x)}")
        except MatcalcError:
            continue
    return f" (its gradient is {', '.join(out)})" if out else ""


# ── why it holds ──────────────────────────────────────────────────────────────────────────────────────────
def _reasons(court: Court) -> None:
    """The identities that lead to each line that holds from the one before it."""
    for before, link in zip([None, *court.links], court.links, strict=False):
        truth = link.truth
        if link.verdict not in ("holds", "right again") or truth is None or link.formula is None:
            continue
        e = link.formula.expression
        same = before is not None and before.formula is not None and before.truth is not None
        a = before.formula.expression if same and before and before.formula else None
        if truth.kind == "gradient" and truth.by is not None and before is not None and before.truth is not None:
            if before.truth.kind == "d" and a is not None and read_off(a, e, truth.by):
                link.identities = ("gradient/read-off",)
                continue
        goes_on = (
            same
            and before is not None
            and before.truth is not None
            and (
                before.truth.kind == truth.kind
                and before.truth.function is truth.function
                and before.truth.by is truth.by
            )
        )
        start = (
            a
            if goes_on
            else origin(truth, court.bench) or (truth.function if truth.kind in ("value", "equation") else None)
        )
        if start is not None and start.shape == e.shape:
            link.identities = reasons(start, e, court.bench)


# ── what it should say ────────────────────────────────────────────────────────────────────────────────────
@dataclass(slots=True)
class _Right:
    """Whether a corrected text is true."""

    court: Court
    link: Link
    truth: Truth
    screen: Screen | None = None
    tries: int = 0  # comparisons without a screen, which are dear

    def __call__(self, text: str) -> bool:
        court = self.court
        court.bench.edits += 1
        if court.bench.edits > MAX_TRIED:
            return False
        try:
            found = self._read(text)
        except MatcalcError:
            return False
        if found is None:
            return False
        truth, e = found
        pairs = court.closing_pairs(truth, e) if truth.kind == "closing" else court.pairs(truth, e)
        return any(self._holds(pair, truth, first=pair is pairs[0]) for pair in pairs)

    def _read(self, text: str) -> tuple[Truth, Expr] | None:
        """What a text claims, None where its names or its shape are not those of the line."""
        court, truth = self.court, self.truth
        court.typed = court.moved_by(text)
        if truth.kind == "equation" and truth.left:
            left, read = court.book.formulas([truth.left, text], equal=2)
            truth = replace(truth, function=left.expression, shape=left.expression.shape)
        else:
            read = court.book.formula(text, truth.shape)
            if read.fresh:
                return None
        return (truth, read.expression) if read.expression.shape == truth.shape else None

    def _holds(self, pair: Pair, truth: Truth, first: bool) -> bool:
        facts, bench = assuming.facts_of(self.court.held), self.court.bench
        if first and truth.kind != "closing" and truth.function is self.truth.function:
            if self.screen is None and not self.tries:
                self.screen = screen(pair, bench, facts)
            if self.screen is not None:
                if not self.screen.may_be(pair[1], pair[2]):
                    return False
                return any(bench.compare(*pair, facts=f, trials=1).ok for f in ({}, facts)[: 2 if facts else 1])
        self.tries += 1
        if self.tries > MAX_UNSCREENED:
            return False
        return bench.quick(*pair) or bool(facts) and bench.quick(*pair, facts=facts)


def _correct(court: Court) -> None:
    """Counterexample, slip in words and correction for the wrong lines."""
    everything = " ".join(item.text for item in court.written.items)
    style = style_of(everything)
    hidden = {court.book.title, *(name.replace("{", "").replace("}", "") for name in court.inside.values())}
    names = [name for name in (*court.book.known, *court.book.names) if name not in hidden]
    done = 0
    for i, link in enumerate(court.links):
        if link.verdict not in ("wrong", "shapes", "holds if") or link.truth is None or done >= MAX_CORRECTED:
            continue
        if link.counterexample or link.verdict == "holds if" and _leaned_on(link, court.links[i + 1 :]):
            continue  # at the numbers of the text; or an assumption that is meant
        done += 1
        court.index = link.item
        if link.verdict == "wrong":
            _refute(court, link)
        held = court.held
        court.held = tuple(a for a in held if a is not link.assumption)
        _suggest(court, link, link.truth, names, style)
        court.held = held


def _leaned_on(link: Link, later: list[Link]) -> bool:
    """Whether a later line needs the assumption of a line."""
    return link.assumption is not None and any(link.assumption.text in k.explanation for k in later)


def _suggest(court: Court, link: Link, truth: Truth, names: list[str], style: Style) -> None:
    """What a line should say, and the slip in words where it is wrong."""
    try:
        formula = link.formula or court.book.parsed(link.read_as)
        closes = truth.kind in ("closing", "equation") and bool(court.zeros)
        found = corrected(formula, names, style, _Right(court, link, truth), closes)
    except MatcalcError:
        return
    if found is not None:
        link.suggestion, slip = map(court.as_typed, found)
        if link.verdict != "holds if":
            link.explanation = slip if link.verdict == "wrong" else f"{link.explanation}\n{slip}"
    elif link.verdict != "holds if":
        link.suggestion = _ours(court, truth, link, style)


def _refute(court: Court, link: Link) -> None:
    truth = link.truth
    if truth is None or link.formula is None:
        return
    e = link.formula.expression
    court.typed = court.moved_by(link.read_as)
    pairs = court.closing_pairs(truth, e) if truth.kind == "closing" else court.pairs(truth, e)
    pair = pairs[-1] if truth.kind == "equation" else pairs[0]
    found = example(pair, truth, court.bench, assuming.facts_of(court.held))
    if found is not None:
        link.counterexample = found.text(truth.what, truth.kind == "closing")


def _ours(court: Court, truth: Truth, link: Link, style: Style) -> str:
    """The right side by our own derivation, where no small edit of the line makes it right."""
    f = truth.function
    if f is None:
        return ""
    f = court.book.values.get(f, f)
    try:
        if truth.kind == "gradient" and truth.by is not None and truth.by not in court.book.values:
            G = gradient(f, truth.by)
            e = G.T if truth.flipped else G
        elif truth.kind == "d" and f.is_scalar and link.formula is not None:
            moving = sorted(court.bench.moving(link.formula.expression), key=lambda x: str(x.attrs[0]))
            if not moving:
                return ""
            e = add(*(make("frob", gradient(f, x), make("d", x)) for x in moving))
        else:
            return ""
    except MatcalcError:
        return ""
    if not style.latex:
        return printed(e, notation="unicode")
    mark = style.transpose if style.transpose[0] == "^" else r"^\top"
    return printed(e, notation="latex").replace(r"^\top", mark).replace(r"-\top", f"-{mark.strip('^{}')}")
