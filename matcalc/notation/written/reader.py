"""Reading a written derivation: which rows define, which state the objective, which claim something.

The decisions are rows of `_role`, in order. Definitions and the objective are read together, so that their
dimensions are inferred from the whole text; claims are read later, one by one, against them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from matcalc.errors import MatcalcError
from matcalc.notation.declare import MEMBER, RELATION
from matcalc.notation.names import canonical
from matcalc.notation.scope import Scope
from matcalc.notation.source import expanded, source
from matcalc.notation.statements import statements
from matcalc.notation.syntax.parser import parse
from matcalc.notation.syntax.surface import names_in
from matcalc.notation.written.book import Book, bounded, declared_in
from matcalc.notation.written.clauses import CONDITION, Clause, clauses, plain_name, stretched
from matcalc.notation.written.families import Family, decomposition, entry, family, free_indices, written_out
from matcalc.notation.written.meaning import Meaning, differentials_of
from matcalc.notation.written.numerals import numbers
from matcalc.notation.written.rows import Row, rows

SENSE = re.compile(
    r"\s*(?:\\?arg\s*|\\operatorname\*?\s*\{\s*arg\s*\}\s*|\\(?:text|mathrm)\{\s*arg\s*\}\s*)?(?:\\[,;! ]\s*)?"
    r"(?:\\operatorname\*?\s*\{\s*(?:arg\s*)?(?:\\,)?\s*(?:min|max)\s*\}|\\(?:text|mathrm)\{\s*(?:arg\s*)?min\s*\}|\\?(?:min|max)(?:imi[sz]e)?(?![A-Za-z]))"
    r"(?:\s*\\limits)?\s*(?:_\s*(?:\{[^{}]*\}|\w))?\s*"
)
_PART = r"\[(?:[^\[\],]*,)?\s*%s\s*(?:,[^\[\],]*)?\]"  # X[i,:], x[i]
_SOLUTIONS = frozenset({"hat", "star", "opt", "ML", "MLE", "MAP", "LS", "OLS"})  # what a solution is marked by
_ENTRY = re.compile(r"_\{?\s*([ijkl])\s*\}?$")
_SUMMED = r"(?:sum|∑|Σ)_\s*\{?\s*(?:[a-z]\s*,\s*)*%s"
_INTRODUCES = re.compile(
    r"\b(?:let|define|denote|denoting|where|with|abbreviate|introduce|replace|name|notation|for typing|put)\b", re.I
)
_MACROS_ALONE = re.compile(
    r"(?<!\$)\$((?:\s*\\(?:def|(?:re)?newcommand)(?:[^${}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*)+)\$(?!\$)"
)
TITLES = frozenset("f F φ ϕ ψ ξ J L E ℓ E_cal L_cal J_cal F_cal".split())  # what functions are called


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a derivation: a clause with its role, or prose.

    `role`: "prose", "declaration", "definition", "objective", "claim", "data" (numbers for the letter `name`) or
    "unread" (`why` says why).
    """

    row: Row
    role: str
    clause: Clause | None = None
    name: str = ""
    why: str = ""

    @property
    def text(self) -> str:
        """What is judged, as typed."""
        return self.clause.text if self.clause is not None else self.row.text


@dataclass(slots=True)
class Written:
    """A derivation that was read: its items in order, and the book of its names."""

    items: list[Item]
    book: Book
    families: list[Family] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def written(
    text: str,
    objective: str | None = None,
    declare: tuple[str, ...] = (),
    logistic: frozenset[str] = frozenset(),
) -> Written:
    """Read a derivation; `logistic` are elementwise functions that stand for the logistic one.

    Raises:
        MatcalcError: the objective or a declaration that was given is not of the language.

    >>> [i.role for i in written("X := UV' - Y\\nf = X:X\\ndf = 2X:dX").items]
    ['definition', 'objective', 'claim']
    """
    return _Reader(_without_macro_marks(text), objective, declare, logistic).all()


def _without_macro_marks(text: str) -> str:
    """The text with its macros put in; dollar signs around definitions alone would be an empty formula."""
    whole = expanded(text)
    if whole is not text and "$" in text:
        whole = expanded(_MACROS_ALONE.sub(lambda m: m[1], text))
    return whole


class _Reader:
    """Decides the role of every clause, then reads what defines."""

    def __init__(
        self, text: str, objective: str | None, declare: tuple[str, ...], logistic: frozenset[str]
    ) -> None:
        self.objective, self.declare, self.logistic = objective, list(declare), logistic
        self.items: list[Item] = []
        for row in rows(text):
            if row.kind == "prose":
                self.items.append(Item(row, "prose"))
            else:
                found = [c for c in clauses(row) if not _assumes(c)]
                self.items += [Item(row, "claim", c) for c in found] or [Item(row, "prose")]
        self.letters: set[str] = set()
        self.given: set[str] = set()  # names that are defined beside the text
        self.title = ""
        self.indices: set[str] = set()
        self.defined: dict[str, int] = {}
        self.functions: list[str] = []
        self.families: list[Family] = []

    def all(self) -> Written:
        """The derivation."""
        self._declarations()
        self._given()
        self._families()
        self.functions = self._functions()
        for i in range(len(self.items)):
            self._role(i)
        self._bare_objective()
        self._untitled()
        book = self._book()
        return Written(self.items, book, self.families)

    # ── what is given beside the text ─────────────────────────────────────────────────────────────────────
    def _declarations(self) -> None:
        for i, item in enumerate(self.items):
            if item.clause is not None and item.clause.declares and self._is_condition(item.clause.sides[0]):
                self.items[i] = replace(item, role="prose", clause=None)
            elif item.clause is not None and item.clause.declares:
                try:
                    with bounded(item.text):
                        declared_in([item.clause.sides[0]])
                    self.items[i] = replace(item, role="declaration")
                    self.declare.append(item.clause.sides[0])
                except MatcalcError as error:
                    self.items[i] = replace(item, role="unread", why=_first_line(error))
            elif item.clause is not None and all(re.fullmatch(r"[\s?.…]*", side) for side in item.clause.sides):
                self.items[i] = replace(item, role="prose", clause=None)
            elif item.clause is not None and item.clause.unread:
                self.items[i] = replace(item, role="unread", why=item.clause.unread)

    def _is_condition(self, text: str) -> bool:
        """Whether `Ax > 0` says something of a product or formula and does not declare a name."""
        m = RELATION.search(text)
        left = text[: m.start()].strip() if m else ""
        if m is None or MEMBER.search(text):
            return CONDITION.search(text) is not None
        name = canonical(left)
        if name is None or len(name.partition("_")[0]) == 1 or "\\" in left:
            return name is None
        declared = rf"(?:^|[\s,;]){re.escape(left)}\s*(?:∈|\\in\b|in\b)"  # γx > 0 is γ·x > 0 where γx is no name
        return not any(re.search(declared, d) for d in self.declare)

    def _families(self) -> None:
        """Take names with an index out: each is written out where it stands."""
        found = self.families
        known = self.letters | differentials_of(x.clause for x in self.items if x.clause is not None)
        lefts = {x.clause.target.of.strip() for x in self.items if x.clause is not None}
        for i, item in enumerate(self.items):
            if item.clause is None or item.role != "claim":
                continue
            if (split := decomposition(item.clause, lefts)) is not None:
                found += split[0]
                self.declare += split[1]
                self.items[i] = replace(item, role="declaration", why="a decomposition: names its parts")
            elif (one := family(item.clause)) is not None and one.base not in {*known, *(f.base for f in found)}:
                found.append(one)
                self.items[i] = replace(item, role="declaration", why=f"names {one.base}_{one.index}")
        for i, item in enumerate(self.items):
            if item.clause is not None and item.role == "claim":
                clause = entry(written_out(item.clause, found, lefts | self.letters), known)
                self.items[i] = replace(item, clause=clause)
        text = " ".join(s for x in self.items if x.clause for s in (x.clause.target.of, *x.clause.sides))
        self.indices = {
            k for k in free_indices(found) | set("ijkl") if re.search(rf"(?<![A-Za-z])e_\{{?{k}(?![a-z])", text)
        }
        self.indices |= free_indices(found)
        entries = (_ENTRY.search(by) for x in self.items if x.clause for by in x.clause.target.by)
        text += " ".join(f"x[{m[1]}]" for m in entries if m)
        self.declare += [f"{k} ∈ N" for k in "ijkl" if re.search(_PART % k, text) and not re.search(_SUMMED % k, text)]

    def _given(self) -> None:
        """The letters of the objective that was given, and its name."""
        src = source(self.objective or "")
        scope = Scope(elementwise=declared_in(self.declare)[2])
        for s in statements(src):
            if s.kind in ("equation", "objective", "definition"):
                self.letters |= set(names_in(parse(src, s.start, s.end, scope)))
                if s.name and s.kind == "equation":
                    self.title = s.name
        for text in (self.objective or "", *self.declare):
            for s in statements(source(text)):
                if s.kind == "definition":
                    self.given.add(s.name)

    def _functions(self) -> list[str]:
        """Names that are differentiated, those with a partial derivative first."""
        strong, weak = [], []
        used = " ".join(side for i in self.items if i.clause for side in i.clause.sides)
        for item in self.items:
            if item.clause is None or item.role != "claim":
                continue
            t = item.clause.target
            name = plain_name(t.of)
            if name is None:
                continue
            if t.kind in ("gradient", "jacobian", "hessian"):
                strong.append(name)
            elif t.kind == "d" and not re.search(rf"d\s*{re.escape(t.of)}(?![A-Za-z])", used):
                weak.append(name)
        return list(dict.fromkeys([*strong, *weak]))

    # ── roles ─────────────────────────────────────────────────────────────────────────────────────────────
    def _role(self, i: int) -> None:
        item = self.items[i]
        c = item.clause
        if c is None or item.role != "claim" or c.target.kind != "value":
            return
        name = plain_name(c.target.of) or (canonical(c.target.of) if c.defines else None)
        if name is None:
            if self.objective is None and SENSE.match(c.target.of) and not SENSE.match(c.sides[0]):
                self._set_objective(i, plain_name(SENSE.sub("", c.target.of)) or "f")
            elif self.objective is None and (y := stretched(c.target.of)) in self.functions:
                self._set_objective(i, y)  # vec(Y) = …, then ∂y/∂x
            return
        base, _, mark = name.partition("_")
        if mark in _SOLUTIONS and base in self.letters and name not in self.letters:
            self.items[i] = replace(item, clause=replace(c, target=replace(c.target, of=base)))
            return  # the solution of an equation for that letter
        if len(c.sides) == 1 and numbers(c.sides[0]) is not None and self._stands_before(name, i):
            self.items[i] = replace(item, role="data", name=name)
            return
        fresh = name not in self.defined and name != self.title and name not in self.given
        if fresh and self.objective is None and self._is_function(i, name):
            self._set_objective(i, name)
        elif c.defines:
            if fresh:
                self._define(i, name)
        elif (
            fresh
            and _INTRODUCES.search(c.row.words)
            and not (self.objective and name in self.functions and not self.title)
        ):
            self._define(i, name)
        elif fresh and name not in self.letters and not c.arrow:
            if self.objective and not self.title and not self.functions and name in TITLES:
                self.title = name
            elif self.objective and not self.title and not self._inside_vec(name) and self._is_differentiated(name):
                self.title = name
            else:
                self._define(i, name)

    def _inside_vec(self, name: str) -> bool:
        """Whether the objective is vec of something, which a capital letter may name."""
        return name[0].isupper() and (self.objective or "").lstrip().startswith("vec")

    def _is_function(self, i: int, name: str) -> bool:
        if self.functions:
            return name == self._first_function()
        return False

    def _first_function(self) -> str:
        """The first of the names that are differentiated and that a line says what they are."""
        lefts = {plain_name(i.clause.target.of) for i in self.items if i.clause and i.clause.target.kind == "value"}
        return next((n for n in self.functions if n in lefts), "")

    def _is_differentiated(self, name: str) -> bool:
        return name in self.functions or any(
            i.clause and i.clause.target.kind == "d" and plain_name(i.clause.target.of) == name for i in self.items
        )

    def _set_objective(self, i: int, name: str) -> None:
        clause = self.items[i].clause
        assert clause is not None
        self.objective, self.title = f"{name} = {SENSE.sub('', clause.sides[0], count=1)}", name
        self.items[i] = replace(self.items[i], role="objective", name=name)
        self._note_letters(clause.sides[0])

    def _define(self, i: int, name: str) -> None:
        self.defined[name] = i
        self.items[i] = replace(self.items[i], role="definition", name=name)
        clause = self.items[i].clause
        if clause is not None:
            self._note_letters(clause.sides[0])

    def _note_letters(self, text: str) -> None:
        """The letters of a formula are variables from here on, where nothing defines them."""
        self.letters |= _letters(text)

    def _bare_objective(self) -> None:
        """Without a function that is differentiated: the first bare formula, or the last name that nothing uses."""
        if self.objective is not None:
            return
        for i, item in enumerate(self.items):
            c = item.clause
            if c is not None and item.role == "claim" and c.target.kind == "chain" and i == self._first_claim():
                self.objective = c.sides[0]
                self.items[i] = replace(item, role="objective")
                return
        if any(x.clause and x.clause.target.kind in ("d", "gradient", "jacobian", "hessian") for x in self.items):
            used = " ".join(s for x in self.items if x.clause for s in x.clause.sides)
            for name, i in reversed(list(self.defined.items())):
                if not re.search(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z_])", used):
                    del self.defined[name]
                    self._set_objective(i, name)
                    return

    def _untitled(self) -> None:
        """An objective without a name is called what alone is differentiated and nothing else says."""
        taken = self.letters | self.given | self.defined.keys() | self._aliases()
        free = [n for n in self.functions if n not in taken and not self._stands(n.swapcase())]
        if self.objective is not None and not self.title and len(free) == 1:
            self.title = free[0]

    def _stands(self, name: str) -> bool:
        """Whether a letter stands anywhere in the text."""
        return any(re.search(rf"(?<![A-Za-z\\]){re.escape(name)}(?![a-z])", x.text) for x in self.items if x.clause)

    def _stands_before(self, name: str, i: int) -> bool:
        """Whether a letter is one of the objective, or of a formula before: then numbers are a value for it."""
        before = [x.clause for x in self.items[:i] if x.clause is not None and x.role == "claim"]
        return name in self.letters or any(name in _letters(t) for c in before for t in (c.target.of, *c.sides))

    def _aliases(self) -> set[str]:
        return {canonical(x.clause.alias) or "" for x in self.items if x.clause is not None}

    def _first_claim(self) -> int:
        return next((i for i, x in enumerate(self.items) if x.role in ("claim", "objective", "definition")), -1)

    # ── definitions and objective together ────────────────────────────────────────────────────────────────
    def _book(self) -> Book:
        definitions: dict[str, str] = {}
        for name, i in self.defined.items():
            clause = self.items[i].clause
            assert clause is not None
            definitions[name] = clause.sides[0]
        declare, indices = tuple(self.declare), frozenset(self.indices)
        meaning = Meaning(definitions, self.objective, self.title, declare, indices, self.logistic)
        book = meaning.book(differentials_of(x.clause for x in self.items if x.clause is not None))
        for name, error in meaning.dropped.items():
            i = self.defined.pop(name)
            self.items[i] = replace(self.items[i], role="unread", why=_first_line(error))
        return book


def _letters(text: str) -> set[str]:
    """The names in a formula; none where it cannot be read."""
    try:
        with bounded(text):
            src = source(SENSE.sub("", text, count=1))
            return set(names_in(parse(src, 0, len(src.text), Scope())))
    except MatcalcError:
        return set()


def _assumes(clause: Clause) -> bool:
    """Whether a clause behind `where` is a condition: it equates nothing and declares nothing."""
    behind_where = re.search(r"\bwhere\W*$", clause.row.words) is not None
    return behind_where and not clause.declares and not clause.target.of and len(clause.sides) < 2


def _first_line(error: MatcalcError) -> str:
    return str(error).split("\n", 1)[0]
