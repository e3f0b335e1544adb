"""A judged derivation as people hold it: a mark at each line, the evidence below it, and what it should say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from matcalc.app.guard import guarded
from matcalc.check.written.trying import judge_text
from matcalc.check.written.verdict import Line, Verdict
from matcalc.explain.prose import MARKS_OF_ALIGNMENT, latex_formula, latex_prose, settable

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
            out.append(f"{shown} {line.number:>{width}}  {bare(line.text)}".rstrip())
            out += [" " * (width + 4) + part for part in details(line)]
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
        """A table with a row for each line; formulas are set as mathematics where they were typed as LaTeX."""
        rows = []
        for line in self.lines:
            if line.verdict != "prose":
                parts = (_cell(p) if plain else f"{_instead(line)}: {_shown(p)}" for p, plain in _parts(line))
                said = "; ".join(parts)
                verdict = f"**{line.verdict}**" + (f" {said}" if said else "")
                rows.append(f"| {line.number} | {_shown(line.text)} | {verdict} |")
        return "\n".join(["| line | text | verdict |", "|---|---|---|", *rows, "", *self.notes, self.summary]) + "\n"

    def latex(self) -> str:
        """Paragraphs that need amsmath and amssymb: each line with its verdict, and what is said of it below."""
        out = []
        for line in self.lines:
            if line.verdict != "prose":
                out.append(f"\\noindent\\makebox[2.5em][l]{{{line.number}}}{_set(line.text)}")
                out.append(f"\\quad\\textbf{{{line.verdict}}}\\par")
                for part, plain in _parts(line):
                    below = latex_prose(part) if plain else f"{_instead(line)}: {_set(part)}"
                    out.append(f"{{\\small\\hangindent=2.5em\\hangafter=0\\noindent {below}\\par}}")
        return "\n".join([*out, *(f"\\noindent {latex_prose(said)}\\par" for said in (*self.notes, self.summary))])

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
    found = judge_text(text, objective or None, (declare,) if isinstance(declare, str) else tuple(declare))
    return Judgement(found.lines, found.notes)


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def details(line: Line) -> list[str]:
    """What stands below a line: the verdict where its mark does not say it, why, the example, what it should say."""
    if line.verdict == "prose":
        return []
    out = []
    head = "" if line.verdict in ("holds", "definition") else line.verdict
    if line.explanation and line.verdict != "definition":
        head = f"{head}: {line.explanation}" if head else line.explanation
    if head:
        out += head.split("\n")
    out += _because(line)
    if line.suggestion:
        out.append(f"{_instead(line)}: {bare(line.suggestion)}")
    return out


def _instead(line: Line) -> str:
    return "in general" if line.verdict == "holds if" else "it should say"


def _because(line: Line) -> list[str]:
    """The identities or the evidence of a line, and its example."""
    out = []
    if line.identities:
        out.append("by " + ", ".join(line.identities))
    elif line.verdict in ("holds", "right again") and line.evidence is not None:
        out.append(f"by value ({line.evidence.method})")
    return out + (line.counterexample.split("\n") if line.counterexample else [])


def _parts(line: Line) -> list[tuple[str, bool]]:
    """What is said of a line without carets: prose, and (False) the formula that should stand there."""
    said = [p for p in line.explanation.split("\n") if p and not p.startswith("    ")]
    said = [] if line.verdict == "definition" else said
    parts = [(p.strip(), True) for p in (*said, *_because(line))]
    return [*parts, (line.suggestion, False)] if line.suggestion else parts


def bare(text: str) -> str:
    """A line without the marks of its alignment."""
    return MARKS_OF_ALIGNMENT.sub(" ", text).strip()


def _set(text: str) -> str:
    """A typed formula in a LaTeX text."""
    inside = latex_formula(text)
    return f"$\\displaystyle {inside}$" if settable(inside) else f"\\texttt{{{latex_prose(text)}}}"


def _shown(text: str) -> str:
    """A typed formula in a Markdown table."""
    text = bare(text)
    if "\\" in text and settable(text):
        return "$" + text.replace("\\|", r"\Vert ").replace("|", r"\vert ").replace("\n", " ") + "$"
    return "`" + _cell(text).replace("`", "'") + "`"


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
