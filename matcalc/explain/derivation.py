"""A derivation to read: Unicode as at a blackboard, a LaTeX `align*`, Markdown.

One list of rows is made from the lines; the writers only differ in how they lay the rows out.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from matcalc.derive.blackboard import Derivation, Line
from matcalc.explain.conditions import needs, sentence
from matcalc.explain.headings import left_side
from matcalc.explain.prose import latex_prose
from matcalc.explain.reasons import says
from matcalc.notation.layout import EMPTY, Layout
from matcalc.notation.printing.blocks import NO_GRIDS, grids
from matcalc.notation.printing.printer import text

REASON_COLUMN = 64  # reasons stand in one column, unless a formula reaches further


@dataclass(frozen=True, slots=True)
class Row:
    """One line in one notation; an empty left side goes on the chain of equalities before it."""

    line: Line
    left: str
    relation: str
    right: str
    reasons: tuple[str, ...]


def rows(d: Derivation, layout: Layout = EMPTY, notation: str = "unicode", blocks: bool = False) -> tuple[Row, ...]:
    """The lines of a derivation in one notation; with `blocks`, C₁₁ stands for C[1:m, 1:n] of a named matrix C."""
    known = replace(layout, orders={**layout.orders, **d.orders})
    style = grids(*(line.expression for line in d.lines)) if blocks and notation != "plain" else NO_GRIDS
    notes = {note.partition("ᵢⱼ")[0]: note for note in style.notes}
    names = frozenset(line.left for line in d.lines)
    out: list[Row] = []
    before = ""
    for line in d.lines:
        goes_on = line.left == before and line.relation == "="
        right = text(line.expression, known, notation, style)
        if goes_on and out[-1].right == right:  # what differs is not seen: steps but those of form join the line before
            steps = tuple(step for step in line.steps if step.phase != "shorten")
            line = replace(out[-1].line, steps=out[-1].line.steps + steps, note=out[-1].line.note or line.note)
            out[-1] = replace(out[-1], line=line, reasons=_reasons(line))
            continue
        note = (notes[line.left],) if line.relation == ":=" and line.left in notes else ()
        left = "" if goes_on else left_side(line.left, names, notation, known.mark)
        out.append(Row(line, left, line.relation, right, (*_reasons(line), *note)))
        before = line.left
    return tuple(out)


def _reasons(line: Line) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(s.identity for s in line.steps))
    return (*names, line.note) if line.note else names


# ── writers ───────────────────────────────────────────────────────────────────────────────────────────────
def blackboard(d: Derivation, layout: Layout = EMPTY, notation: str = "unicode") -> str:
    """Aligned text: left side, relation, right side, and the identities in a column on the right."""
    lines = rows(d, layout, notation, blocks=True)
    left = max(_width(r.left) for r in lines)
    relation = max(len(r.relation) for r in lines)
    formulas = [f"{_pad(r.left, left)} {r.relation:>{relation}} {r.right}" for r in lines]
    widths = [_width(f) for f, r in zip(formulas, lines, strict=True) if r.reasons]
    column = max((w for w in widths if w <= REASON_COLUMN), default=0) + 2
    out = []
    for formula, row in zip(formulas, lines, strict=True):
        reason = f"[{', '.join(row.reasons)}]" if row.reasons else ""
        if reason and _width(formula) + 2 > column:
            out += [formula, " " * column + reason]
        else:
            out.append((_pad(formula, column) + reason).rstrip() if reason else formula)
    return "\n".join([*out, *_where(d, layout, notation)])


def _where(d: Derivation, layout: Layout, notation: str) -> list[str]:
    """The line of conditions, if there are any."""
    listed = [sentence(need, layout, notation) for need in needs(layout, d.functions, d.answers, d.moving)]
    if notation == "latex":
        return [r"\text{where } " + r";\; ".join(listed)] if listed else []
    return [f"where {'; '.join(listed)}"] if listed else []


def latex(d: Derivation, layout: Layout = EMPTY) -> str:
    r"""An `align*` environment that needs amsmath alone; each line names its identities on the right."""
    lines = rows(d, layout, "latex", blocks=True)
    body = []
    for row in lines:
        relation = ":=" if row.relation == ":=" else "="
        reason = f" && \\text{{{latex_prose('[' + ', '.join(row.reasons) + ']')}}}" if row.reasons else ""
        body.append(f"{row.left} &{relation} {row.right}{reason}".lstrip())
    body += [f"& {condition}" for condition in _where(d, layout, "latex")]
    return "\\begin{align*}\n" + " \\\\\n".join(body) + "\n\\end{align*}"


def markdown(d: Derivation, layout: Layout = EMPTY) -> str:
    """The derivation as display mathematics, its identities listed below with what they say."""
    names = tuple(dict.fromkeys(s.identity for row in rows(d, layout, "latex") for s in row.line.steps))
    listed = [f"- `{name}`: {says(name)}" if says(name) else f"- `{name}`" for name in names]
    parts = ["$$\n" + latex(d, layout).replace("align*", "aligned") + "\n$$"]
    if listed:
        parts.append("\n".join(listed))
    return "\n\n".join(parts) + "\n"


def _width(line: str) -> int:
    return sum(1 for c in line if not unicodedata.combining(c))


def _pad(line: str, width: int) -> str:
    return line + " " * (width - _width(line))
