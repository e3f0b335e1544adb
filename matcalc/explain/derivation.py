"""A derivation to read: Unicode as at a blackboard, a LaTeX `align*`, Markdown.

One list of rows is made from the lines; the writers only differ in how they lay the rows out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from matcalc.derive.derivation import Derivation, Line
from matcalc.explain.prose import latex_prose
from matcalc.explain.reasons import says
from matcalc.notation.layout import EMPTY, Layout
from matcalc.notation.printing.blocks import NO_GRIDS, grids
from matcalc.notation.printing.printer import text
from matcalc.notation.printing.spelling import NOTATIONS

REASON_COLUMN = 64  # reasons stand in one column, unless a formula reaches further
_PARTIAL = re.compile(r"∂(.+?)/∂(.+)$")


@dataclass(frozen=True, slots=True)
class Row:
    """One line in one notation; an empty left side goes on the chain of equalities before it."""

    left: str
    relation: str
    right: str
    reasons: tuple[str, ...]


def rows(d: Derivation, layout: Layout = EMPTY, notation: str = "unicode", blocks: bool = False) -> tuple[Row, ...]:
    """The lines of a derivation in one notation; with `blocks`, C₁₁ stands for C[1:m, 1:n] of a named matrix C."""
    known = Layout({**layout.orders, **d.orders})
    style = grids(*(line.expression for line in d.lines)) if blocks and notation != "plain" else NO_GRIDS
    notes = {note.partition("ᵢⱼ")[0]: note for note in style.notes}
    names = frozenset(line.left for line in d.lines)
    out: list[Row] = []
    before = ""
    for line in d.lines:
        left = "" if line.left == before and line.relation == "=" else left_side(line.left, names, notation)
        note = (notes[line.left],) if line.relation == ":=" and line.left in notes else ()
        out.append(Row(left, line.relation, text(line.expression, known, notation, style), (*_reasons(line), *note)))
        before = line.left
    return tuple(out)


def _reasons(line: Line) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(s.identity for s in line.steps))
    return (*names, line.note) if line.note else names


def left_side(left: str, names: frozenset[str], notation: str) -> str:
    """`f`, `df`, `∂f/∂U` or a name in a notation.

    >>> left_side("∂f/∂λ_u", frozenset({"f"}), "latex")
    '\\\\frac{\\\\partial f}{\\\\partial \\\\lambda_{u}}'
    """
    n = NOTATIONS[notation]
    if match := _PARTIAL.match(left):
        f, x = map(n.variable, match.groups())
        if n.stacked:
            return n.fraction(f"\\partial {f}", f"\\partial {x}")
        return f"d{f}/d{x}" if notation == "plain" else f"∂{f}/∂{x}"
    if left[:1] == "d" and left[1:] in names:
        return "d" + n.variable(left[1:])
    return n.variable(left)


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
    return "\n".join([*out, *_where(d)])


def _where(d: Derivation) -> list[str]:
    return [f"where {'; '.join(d.conditions)}"] if d.conditions else []


def latex(d: Derivation, layout: Layout = EMPTY) -> str:
    r"""An `align*` environment that needs amsmath alone; each line names its identities on the right."""
    lines = rows(d, layout, "latex", blocks=True)
    body = []
    for row in lines:
        relation = ":=" if row.relation == ":=" else "="
        reason = f" && \\text{{{latex_prose('[' + ', '.join(row.reasons) + ']')}}}" if row.reasons else ""
        body.append(f"{row.left} &{relation} {row.right}{reason}".lstrip())
    for condition in _where(d):
        body.append(f"&\\phantom{{=}} \\text{{{latex_prose(condition)}}}")
    return "\\begin{align*}\n" + " \\\\\n".join(body) + "\n\\end{align*}"


def markdown(d: Derivation, layout: Layout = EMPTY) -> str:
    """The derivation as display mathematics, its identities listed below with what they say."""
    names = tuple(dict.fromkeys(s.identity for line in d.lines for s in line.steps))
    listed = [f"- `{name}`: {says(name)}" if says(name) else f"- `{name}`" for name in names]
    parts = ["$$\n" + latex(d, layout).replace("align*", "aligned") + "\n$$"]
    if listed:
        parts.append("\n".join(listed))
    parts += [f"*{condition}*" for condition in _where(d)]
    return "\n\n".join(parts) + "\n"


def _width(line: str) -> int:
    return sum(1 for c in line if not unicodedata.combining(c))


def _pad(line: str, width: int) -> str:
    return line + " " * (width - _width(line))
