"""Judging a text: as it stands, else with the objective's letters called what the derivation calls them."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import permutations

from matcalc.check.written.revising import judged
from matcalc.check.written.verdict import Verdict
from matcalc.core.dims import ONE, Dim
from matcalc.errors import MatcalcError
from matcalc.notation.derivation import Written, written
from matcalc.notation.derivation_book import differentials_in

MAX_RENAMED = 3


def judge_text(text: str, objective: str | None = None, declare: tuple[str, ...] = ()) -> Verdict:
    """Judge a written derivation.

    Raises:
        MatcalcError: the objective or a declaration that was given is not of the language.
    """
    read = written(text, objective, declare)
    verdict = judged(read)
    if objective is None or all(line.verdict != "not read" for line in verdict.lines):
        return verdict
    return _renamed(read, verdict, text, objective, declare)


def _renamed(read: Written, verdict: Verdict, text: str, objective: str, declare: tuple[str, ...]) -> Verdict:
    """The verdict where letters of the objective that the text never uses stand for letters that only it uses."""
    known, names = read.book.known, read.book.names
    found = differentials_in(" ".join(s for i in read.items if i.clause for s in i.clause.sides))
    theirs = sorted(n for n in found if n not in known and n not in names and n != read.book.title)
    claims = " ".join(i.text for i in read.items if i.role == "claim")
    ours = [n for n in known if not re.search(rf"(?<![A-Za-z\\_]){re.escape(n)}(?![a-z_\d])", claims)]
    best, chosen_one = verdict, None
    if not 0 < len(theirs) <= min(MAX_RENAMED, len(ours)) or len(ours) > MAX_RENAMED + 1:
        return verdict
    for chosen in permutations(ours, len(theirs)):
        by = dict(zip(chosen, theirs, strict=True))
        shapes = tuple(_declared(by[n], read.book.known[n].shape) for n in chosen)
        texts = [_replaced(t, by) for t in (objective, text, *declare)]
        try:
            candidate = written(texts[1], texts[0], (*texts[2:], *shapes))
            other = judged(candidate, explain=False)
        except MatcalcError:
            continue
        if _rank(other) < _rank(best):
            said = ", ".join(f"{new} is the objective's {old}" for old, new in by.items())
            best, chosen_one = Verdict(other.lines, (*other.notes, f"read so that {said}")), candidate
    if chosen_one is not None:
        again = judged(chosen_one)
        lines = (replace(a, text=b.text) for a, b in zip(again.lines, verdict.lines, strict=True))
        best = Verdict(tuple(lines), best.notes)
    return best


def _rank(verdict: Verdict) -> tuple[int, int]:
    count = [line.verdict for line in verdict.lines]
    return count.count("not read") + count.count("shapes"), sum(not line.ok for line in verdict.lines)


def _replaced(text: str, by: dict[str, str]) -> str:
    names = "|".join(sorted(map(re.escape, by), key=len, reverse=True))
    return re.sub(rf"(?<![A-Za-z\\_])(?:{names})(?![a-z_\d])", lambda m: by[m[0]], text)


def _declared(name: str, shape: tuple[Dim, Dim]) -> str:
    m, n = shape
    if m is ONE and n is ONE:
        return f"{name} ∈ R"
    return f"{name} ∈ R^{{{m}}}" if n is ONE else f"{name} ∈ R^{{{m}×{n}}}"
