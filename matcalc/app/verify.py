"""A judged derivation as people hold it: a mark at each line, the evidence below it, and what it should say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from matcalc.app.guard import guarded
from matcalc.check.written.trying import judge_text
from matcalc.check.written.verdict import Line, Verdict
from matcalc.explain.prose import latex_prose

MARKS = {
    "holds": "✓",
    "right again": "✓",
    "holds if": "~",
    "wrong": "✗",
    "shapes": "✗",
    "other objective": "✗",
    "follows": "↓",
    "not read": "?",
    "definition": ":",
    "prose": " ",
}
PLAIN = str.maketrans({"✓": "+", "✗": "x", "↓": "v"})
COLOURS = {"✓": "32", "~": "33", "✗": "31", "↓": "33", "?": "35"}


@dataclass(frozen=True, slots=True)
class Judgement(Verdict):
    """The verdict on a derivation, with ways to write it."""

    def __str__(self) -> str:
        return self.write()

    def __repr__(self) -> str:
        return self.write()

    def write(self, *, colour: bool = False, plain: bool = False) -> str:
        """The lines with their marks; with `plain` the marks are ASCII."""
        width = len(str(max((line.number for line in self.lines), default=1)))
        out: list[str] = []
        for line in self.lines:
            mark = MARKS[line.verdict].translate(PLAIN) if plain else MARKS[line.verdict]
            shown = f"\x1b[{COLOURS[MARKS[line.verdict]]}m{mark}\x1b[0m" if colour and mark.strip(" :") else mark
            out.append(f"{shown} {line.number:>{width}}  {line.text}".rstrip())
            out += [" " * (width + 4) + part for part in _details(line)]
        return "\n".join([*out, *self.notes, self.summary])

    @property
    def summary(self) -> str:
        """One sentence about the whole."""
        claims = self.claims
        skipped = sum(line.verdict == "prose" for line in self.lines)
        prose = f"; {_count(skipped, 'line')} of prose skipped" if skipped else ""
        if not claims:
            return f"no line claims anything{prose}"
        if self.first is None:
            return f"{_count(len(claims), 'line')} checked, every one holds{prose}"
        good = sum(line.ok for line in claims)
        said = f"{good} of {_count(len(claims), 'line')} hold"
        return f"{said}; the first that does not is line {self.first_wrong}{prose}"

    def markdown(self) -> str:
        """A table with a row for each line."""
        rows = [
            f"| {line.number} | {_cell(line.text)} | **{line.verdict}** {_cell('; '.join(_details(line, False)))} |"
            for line in self.lines
            if line.verdict != "prose"
        ]
        return "\n".join(["| line | text | verdict |", "|---|---|---|", *rows, "", self.summary]) + "\n"

    def latex(self) -> str:
        """A `tabular` that needs amsmath alone; formulas are set as typed."""
        rows = []
        for line in self.lines:
            if line.verdict != "prose":
                said = latex_prose("; ".join([line.verdict, *_details(line, said=False)]))
                rows.append(f"{line.number} & \\verb{_delimited(line.text)} & {said} \\\\")
        return "\n".join([r"\begin{tabular}{rlp{0.5\linewidth}}", *rows, r"\end{tabular}", latex_prose(self.summary)])

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def record(self) -> dict[str, Any]:
        """The object that --json prints."""
        return {
            "ok": self.ok,
            "first_wrong": self.first_wrong,
            "explanation": self.explanation,
            "suggestion": self.suggestion,
            "notes": list(self.notes),
            "lines": [_line_record(line) for line in self.lines],
        }


@guarded
def verify(text: str, objective: str | None = None, declare: Iterable[str] = ()) -> Judgement:
    """Judge a written derivation, line by line.

    The text is LaTeX, plain or Markdown; the objective is given, or the first line that says what the function is.

    >>> v = verify('''f = ‖Ax − b‖²
    ... df = 2(Ax − b):A dx
    ... ∂f/∂x = −2A'(Ax − b)''')
    >>> v.ok, v.first_wrong
    (False, 3)

    Raises:
        ParseError: the text is no text, or the objective that is given is not of the language.
    """
    found = judge_text(text, objective, (declare,) if isinstance(declare, str) else tuple(declare))
    return Judgement(found.lines, found.notes)


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _details(line: Line, said: bool = True) -> list[str]:
    """What stands below a line: the verdict where its mark does not say it, why, the example, what it should say."""
    if line.verdict == "prose":
        return []
    out = []
    head = "" if not said or line.verdict in ("holds", "definition") else line.verdict
    if line.explanation and line.verdict != "definition":
        head = f"{head}: {line.explanation}" if head else line.explanation
    if head:
        out += head.split("\n")
    if line.identities:
        out.append("by " + ", ".join(line.identities))
    elif line.verdict in ("holds", "right again") and line.evidence is not None:
        out.append(f"by value ({line.evidence.method})")
    out += line.counterexample.split("\n") if line.counterexample else []
    if line.suggestion:
        out.append(f"it should say: {line.suggestion}")
    return out


def _line_record(line: Line) -> dict[str, Any]:
    evidence = line.evidence
    return {
        "number": line.number,
        "text": line.text,
        "verdict": line.verdict,
        "explanation": line.explanation,
        "assumption": line.assumption,
        "identities": list(line.identities),
        "counterexample": line.counterexample,
        "suggestion": line.suggestion,
        "evidence": {"method": evidence.method, "trials": evidence.trials, "bound": evidence.bound}
        if evidence
        else None,
    }


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _delimited(text: str) -> str:
    """A text between a character that it does not have."""
    mark = next(c for c in '|!+;/@#~^"' if c not in text or c == '"')
    return f"{mark}{text.replace(mark, ' ')}{mark}"
