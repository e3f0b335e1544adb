"""Derivations whose differentials are marked δ because d is one of their variables.

Such a text is judged with another letter for the variable and d for the mark; what is said of it has its own letters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from matcalc.check.written.verdict import Verdict
from matcalc.notation.characters import GREEK
from matcalc.notation.scope import FUNCTIONS
from matcalc.notation.written.clauses import NOT_A_MARK
from matcalc.notation.written.reader import Written

_FREE = "qzwhpvutsyrgcba"  # letters that may stand for the variable, the first that is free
_MARK = re.compile(r"(?P<after>(?<=[A-Za-z]))?(?:δ|\\delta(?![A-Za-z]))[ \t]*")
_RUN = re.compile(r"\\[A-Za-z]+|[A-Za-z]+")
_DIFFERENTIAL = re.compile(r"(?<![A-Za-z\\])d(?=[A-Z]|[a-z](?![a-z])|[Α-Ωα-ω]|\\[a-z])")


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters of a derivation in which d is a variable, and the one that stands for it."""

    known: frozenset[str]
    letter: str

    def renamed(self, text: str) -> str:
        """A text with the letter for d, and d for δ."""
        return _MARK.sub(lambda m: "d" if m["after"] is None else " d", self._swapped(text, "d", self.letter))

    def original(self, text: str) -> str:
        """What is said of the renamed text, with δ and d again."""
        return self._swapped(_DIFFERENTIAL.sub("δ", text), self.letter, "d")

    def _swapped(self, text: str, old: str, new: str) -> str:
        """The text with one letter for another, where it stands among letters of the derivation alone."""

        def change(m: re.Match[str]) -> str:
            run = m[0]
            product = run[0] != "\\" and run not in FUNCTIONS and run not in GREEK and {*run} <= {*self.known, old}
            return run.replace(old, new) if product else run

        return _RUN.sub(change, text)


def letters(read: Written, texts: tuple[str, ...]) -> Letters | None:
    """What to rename in a derivation that marks differentials δ; None where it is no such text."""
    names = {*read.book.known, *read.book.names, read.book.title}
    marked = any(item.why == NOT_A_MARK for item in read.items)
    if not marked or "d" not in names or "δ" in names:
        return None
    taken = {c.lower() for text in texts for c in _alone(text)}
    letter = next((c for c in _FREE if c not in taken), "")
    return Letters(frozenset(name[0] for name in names if name), letter) if letter else None


def _alone(text: str) -> set[str]:
    """The letters that stand outside commands and names of functions."""
    runs = (m[0] for m in _RUN.finditer(text))
    return {c for run in runs if run[0] != "\\" and run not in FUNCTIONS for c in run}


def told(verdict: Verdict, by: Letters, typed: list[str]) -> Verdict:
    """A verdict on the renamed text, told with the letters of the text; `typed` are its lines."""
    lines = tuple(
        replace(
            line,
            text=typed[i] if len(typed) == len(verdict.lines) else by.original(line.text),
            explanation=by.original(line.explanation),
            counterexample=by.original(line.counterexample),
            suggestion=by.original(line.suggestion),
            assumption=by.original(line.assumption),
        )
        for i, line in enumerate(verdict.lines)
    )
    return Verdict(lines, tuple(map(by.original, verdict.notes)))
