"""What a derivation's definitions and its objective mean: read together, so that all dimensions fit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from matcalc.core.dims import ONE, Shape
from matcalc.errors import MatcalcError
from matcalc.notation.read import Reading, read
from matcalc.notation.scope import Scope
from matcalc.notation.source import source
from matcalc.notation.statements import statements
from matcalc.notation.syntax.parser import parse
from matcalc.notation.syntax.surface import names_in
from matcalc.notation.written.book import Book, bounded, declared_in, differentials_in
from matcalc.notation.written.clauses import Clause, plain_name


@dataclass(slots=True)
class Meaning:
    """Definitions, an objective with its title, and declarations, all as text; `dropped` could not be read."""

    definitions: dict[str, str]
    objective: str | None
    title: str
    declare: tuple[str, ...]
    indices: frozenset[str]
    logistic: frozenset[str]
    dropped: dict[str, MatcalcError] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)  # the names that definitions use
    shapes: tuple[str, ...] = ()  # declarations of the variables of the objective, with its names for dimensions

    def book(self, differentials: set[str]) -> Book:
        """The names with what they stand for; `differentials` are the letters that stand after a d.

        Raises:
            MatcalcError: the objective or a declaration is not of the language.
        """
        declared, dims, elementwise = declared_in(list(self.declare))
        self._drop_unreadable(elementwise)
        book = Book(None, declared, dims, elementwise, title=self.title)
        book.indices |= self.indices
        book.logistic = self.logistic
        self.shapes = self._shapes(set(declared))
        reading = self._read()
        if reading is None:
            return book
        book.reading, book.known = reading, dict(reading.known)
        counts = {v.name for v in reading.variables.values() if "dimension" in v.facts}
        book.dims |= reading.scope.dims | counts - self.indices
        book.elementwise |= set(reading.elementwise)
        for name, value in reading.definitions:
            book.define(name, book.meant(value))
        if self.objective is not None:
            book.objective, book.title = book.meant(reading.objective), self.title
            if self.title not in {"", "d", *book.known, *book.names, *book.elementwise}:
                book.define(self.title, book.objective)
        book.differentials = frozenset(differentials)
        book.stretch()
        return book

    def _drop_unreadable(self, elementwise: set[str]) -> None:
        for name, text in list(self.definitions.items()):
            try:
                with bounded(text):
                    src = source(text)
                    self.used |= set(names_in(parse(src, 0, len(src.text), Scope(elementwise=elementwise))))
            except MatcalcError as error:
                self._drop(name, error)

    def _drop(self, name: str, error: MatcalcError) -> None:
        del self.definitions[name]
        self.dropped[name] = error

    def _read(self) -> Reading | None:
        """The problem: definitions that do not go together with the rest are left out, from the last on."""
        while True:
            try:
                return self._try(self.definitions)
            except MatcalcError as error:
                culprit = self._culprit()
                if culprit is None:
                    raise
                if not self._counts(culprit):
                    self._drop(culprit, error)

    def _counts(self, culprit: str) -> bool:
        """Whether a definition can be read where a dimension of the objective stands in it as a number: 2nx."""
        before = dict(list(self.definitions.items())[: list(self.definitions).index(culprit)])
        reading, known = self._try(before), {*self.definitions, *declared_in(list(self.declare))[0]}
        if reading is None or not self.shapes:
            return False
        src = source(self.definitions[culprit])
        letters = names_in(parse(src, 0, len(src.text), reading.scope))
        dims = {n for v in reading.variables.values() for d in v.shape for n in d.names} - {*reading.known, *known}
        counts = tuple(f"{n} ∈ N" for n in sorted({*letters} & dims))
        if not counts:
            return False
        shapes, self.shapes = self.shapes, (*self.shapes, *counts)
        try:
            self._with({**before, culprit: self.definitions[culprit]}, self.shapes)
        except MatcalcError:
            self.shapes = shapes
            return False
        return True

    def _shapes(self, declared: set[str]) -> tuple[str, ...]:
        """The shapes that the objective alone gives to what is not declared."""
        try:
            alone = read(self.objective or "", *self.declare, entrywise=True)
        except MatcalcError:
            return ()
        free = (v for v in alone.variables.values() if v.name not in declared | self.definitions.keys())
        return tuple(declaration(v.name, v.shape) for v in free if "dimension" not in v.facts)

    def _try(self, definitions: dict[str, str]) -> Reading | None:
        """The reading with some definitions; its dimensions have the names of the objective where that is possible."""
        if self.shapes:
            try:
                return self._with(definitions, self.shapes)
            except MatcalcError:
                pass
        return self._with(definitions, ())

    def _with(self, definitions: dict[str, str], shapes: tuple[str, ...]) -> Reading | None:
        texts = [f"{name} := {text}" for name, text in definitions.items()]
        if self.objective is None:
            return read("\n".join(texts), *self.declare, *shapes, entrywise=True) if texts else None
        if self.title in self.used:  # P := Diag(p) for p = softmax(x)
            texts.append(f"{self.title} := {_formula_of(self.objective)}")
        return read(self.objective, *texts, *self.declare, *shapes, entrywise=True)

    def _culprit(self) -> str | None:
        """The first definition with which the problem cannot be read (with those before it)."""
        kept: dict[str, str] = {}
        for name, text in self.definitions.items():
            kept[name] = text
            try:
                self._try(kept)
            except MatcalcError:
                return name
        return None


def declaration(name: str, shape: Shape) -> str:
    """A shape, declared: X ∈ R^{m×n}."""
    m, n = shape
    if m is ONE and n is ONE:
        return f"{name} ∈ R"
    return f"{name} ∈ R^{{{m}}}" if n is ONE else f"{name} ∈ R^{{{m}×{n}}}"


def _formula_of(objective: str) -> str:
    """The formula of an objective, without its name and the definitions before it."""
    found = [s for s in statements(source(objective)) if s.kind in ("objective", "equation")]
    return found[-1].source.text[found[-1].start : found[-1].end] if found else objective


def differentials_of(clauses: Iterable[Clause]) -> set[str]:
    """The names that are differentiated, or in which something is, anywhere in some clauses."""
    found: set[str] = set()
    for clause in clauses:
        named = (*clause.target.by, *((clause.target.of,) if clause.target.kind == "d" else ()))
        found |= {name for name in map(plain_name, named) if name}
        for side in clause.sides:
            found |= differentials_in(side)
    return found
