"""Judging a text: as it stands, else by another reading of its letters where that makes more of it right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import permutations

from matcalc.check.written.marks import letters, told
from matcalc.check.written.revising import judged, right_until
from matcalc.check.written.verdict import Verdict
from matcalc.errors import MatcalcError
from matcalc.notation.names import canonical
from matcalc.notation.written.book import differentials_in
from matcalc.notation.written.meaning import declaration
from matcalc.notation.written.reader import Written, written

MAX_RENAMED = 3
_FUNCTION = re.compile(r"(?<![A-Za-z\\_{])(?:\\(?:sigma|phi|psi|rho|theta)|[fghsσφψρθ])(?![A-Za-z_])")
_PRIME = re.compile(r"\s*(?:'|′|’|\^\s*\\prime|\^\s*\{\s*\\prime\s*\})")
_BRACKET = re.compile(r"(?:\s|\\[,!]|\\left|\\[bB]igg?l?)*\(")


@dataclass(frozen=True, slots=True)
class Given:
    """A derivation as it was given; `logistic` are functions that are the logistic one."""

    text: str
    objective: str | None
    declare: tuple[str, ...]
    logistic: frozenset[str] = frozenset()

    def read(self) -> Written:
        """The derivation, read."""
        return written(self.text, self.objective, self.declare, self.logistic)


def judge_text(text: str, objective: str | None = None, declare: tuple[str, ...] = ()) -> Verdict:
    """Judge a written derivation.

    Raises:
        MatcalcError: the objective or a declaration that was given is not of the language.
    """
    given = Given(text, objective, declare)
    try:
        read = given.read()
    except MatcalcError as error:
        return _first_readable(given, error)
    if (by := letters(read, (text, objective or "", *declare))) is not None:
        renamed = judge_text(by.renamed(text), objective and by.renamed(objective), tuple(map(by.renamed, declare)))
        return told(renamed, by, [item.text for item in read.items])
    said, read = _farthest(given, read)
    verdict = judged(read)
    verdict = Verdict(verdict.lines, (*verdict.notes, *said))
    if all(line.verdict != "not read" for line in verdict.lines):
        return verdict
    return _best(verdict, _renamed(read, given))


def _farthest(given: Given, read: Written) -> tuple[tuple[str, ...], Written]:
    """The reading with which a text is right for longest, else with which less is wrong; what it takes for granted."""
    said: tuple[str, ...] = ()
    reached = -1
    for says, other in _with_functions(given):
        reached = right_until(read) if reached < 0 else reached
        if reached == len(read.items):
            break
        try:
            candidate = other.read()
        except MatcalcError:
            continue
        theirs = right_until(candidate)
        if theirs > reached or theirs == reached and _wrong(candidate) < _wrong(read):
            reached, said, read = theirs, (says,), candidate
    return said, read


def _wrong(read: Written) -> tuple[int, int]:
    return _rank(judged(read, explain=False))


def _rank(verdict: Verdict) -> tuple[int, int]:
    count = [line.verdict for line in verdict.lines]
    return count.count("not read") + count.count("shapes"), sum(not line.ok for line in verdict.lines)


def _best(verdict: Verdict, others: Iterator[tuple[str, Given]]) -> Verdict:
    """The verdict, or that of the reading with which most of the text is right, told about the text as typed."""
    best, chosen = verdict, None
    for says, other in others:
        try:
            found = judged(other.read(), explain=False)
        except MatcalcError:
            continue
        if _rank(found) < _rank(best):
            best, chosen = found, (says, other)
    if chosen is None:
        return verdict
    says, other = chosen
    again = judged(other.read())
    lines = tuple(replace(a, text=b.text) for a, b in zip(again.lines, verdict.lines, strict=True))
    return Verdict(lines, (*again.notes, says))


def _first_readable(given: Given, error: MatcalcError) -> Verdict:
    """The verdict by the first reading that can be read.

    Raises:
        MatcalcError: there is none.
    """
    for says, other in _with_functions(given):
        try:
            found = judged(other.read())
        except MatcalcError:
            continue
        return Verdict(found.lines, (*found.notes, says))
    raise error


# ── letters that name functions ───────────────────────────────────────────────────────────────────────────
def _with_functions(given: Given) -> Iterator[tuple[str, Given]]:
    """Readings in which a letter that always stands before a bracket is a function."""
    places: dict[str, list[tuple[bool, bool]]] = {}
    for text in (given.text, given.objective or "", *given.declare):
        for m in _FUNCTION.finditer(text):
            prime = _PRIME.match(text, m.end())
            called = _BRACKET.match(text, prime.end() if prime else m.end()) is not None
            places.setdefault(canonical(m[0]) or "", []).append((called, called and prime is not None))
    for name, found in places.items():
        if not all(called for called, _ in found):
            continue
        other = replace(given, declare=(*given.declare, f"{name} elementwise"))
        if name == "σ":
            yield "σ(…) is read as the logistic function", replace(other, logistic=frozenset({name}))
        if any(primed for _, primed in found):
            yield f"{name} is read as an elementwise function", other


# ── letters that the objective calls otherwise ────────────────────────────────────────────────────────────
def _renamed(read: Written, given: Given) -> Iterator[tuple[str, Given]]:
    """Readings in which letters of the objective that the text never uses stand for letters that only it uses."""
    known, names = read.book.known, read.book.names
    found = differentials_in(" ".join(s for i in read.items if i.clause for s in i.clause.sides))
    theirs = sorted(n for n in found if n not in known and n not in names and n != read.book.title)
    claims = " ".join(i.text for i in read.items if i.role == "claim")
    ours = [n for n in known if not re.search(rf"(?<![A-Za-z\\_]){re.escape(n)}(?![a-z_\d])", claims)]
    if not 0 < len(theirs) <= min(MAX_RENAMED, len(ours)) or len(ours) > MAX_RENAMED + 1:
        return
    for chosen in permutations(ours, len(theirs)):
        by = dict(zip(chosen, theirs, strict=True))
        shapes = tuple(declaration(by[n], known[n].shape) for n in chosen)
        text, *declare = (_replaced(t, by) for t in (given.text, *given.declare))
        objective = None if given.objective is None else _replaced(given.objective, by)
        said = ", ".join(f"{new} is the {old} of the objective or the definitions" for old, new in by.items())
        yield f"read so that {said}", replace(given, text=text, objective=objective, declare=(*declare, *shapes))


def _replaced(text: str, by: dict[str, str]) -> str:
    names = "|".join(sorted(map(re.escape, by), key=len, reverse=True))
    return re.sub(rf"(?<![A-Za-z\\_])(?:{names})(?![a-z_\d])", lambda m: by[m[0]], text)
