"""The documentation's lists of operators and identities, written from the tables.

`python -m matcalc.explain.tables` writes docs/operators.md and docs/identities.md; a test compares them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from matcalc import operators
from matcalc.core.tree import OPS, Op, make
from matcalc.errors import UnsupportedError
from matcalc.identities import Identity, table
from matcalc.identities.registry import metavariable
from matcalc.notation.printing.precedence import LEVELS
from matcalc.notation.printing.printer import text

assert operators  # imported because it fills the table
DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
WRITTEN = "Written from the {} by `python -m matcalc.explain.tables`; not edited by hand."
KINDS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("Linear operators", ("linear", "multilinear"),
     "A linear operator is differentiated by its adjoint L* alone: G:L(dX) = L*(G):dX."),
    ("Matrix functions and other non-linear operators", ("nonlinear", "function"),
     "A non-linear operator has a differential, which is linear in dX; of a matrix function f the derivative "
     "under a trace is given, d tr f(X) = f′(X)ᵀ:dX."),
    ("Elementwise functions", ("elementwise",), "d f(X) = f′(X)∘dX; each also acts on scalars."),
)
OPERATOR_COLUMNS = ("typed", "is", "shapes", "derivative", "where")
IDENTITY_COLUMNS = ("name", "identity", "in words", "given", "source")
USES = {"read": "rewrites what was typed before it is differentiated", "shorten": "makes an answer shorter",
        "move": "moves a factor across the colon", "differential": "replaces a differential"}
LETTERS = "XYZ"


# ── operators ─────────────────────────────────────────────────────────────────────────────────────────────
def operators_page() -> str:
    """docs/operators.md."""
    levels = [(f"`{symbols}`", says) for _, symbols, says in LEVELS]
    parts = ["# Operators", WRITTEN.format("table of operators"),
             "## Precedence, loosest first", _rows(("operator", "meaning"), levels)]
    for title, kinds, introduction in KINDS:
        ops = [op for op in OPS.values() if op.kind in kinds and op.spellings]
        parts += [f"## {title}", introduction, _rows(OPERATOR_COLUMNS, map(_operator, ops))]
    return "\n\n".join(parts) + "\n"


def _operator(op: Op) -> tuple[str, ...]:
    names = ", ".join(f"`{s}`" for s in op.spellings)
    shapes = op.signature.text.replace("->", " → ").replace("*", "·") if op.signature else ""
    place = "X − Y" if op.name in ("max", "min") else "X"
    places = tuple(says.format(place) for says in (op.domain, op.smooth) if says)
    return names, op.says, shapes, derivative(op), "; ".join(filter(None, (*places, op.source)))


def derivative(op: Op) -> str:
    """The row that an operator is differentiated by, as text; empty where it has none.

    >>> derivative(OPS["tr"]), derivative(OPS["inv"]), derivative(OPS["sin"])
    ('GI_n', '−X⁻¹dX X⁻¹', 'cos(X)')
    """
    if op.signature is None:
        return ""
    letters = [metavariable(c, shape) for c, shape in zip(LETTERS, op.signature.arguments, strict=False)]
    if op.derivative is not None:
        return text(op.derivative(*letters))
    if op.differential is not None:
        try:
            return text(op.differential(tuple(letters), tuple(make("d", x) for x in letters)))
        except UnsupportedError as refusal:
            return refusal.message
    G = metavariable("G", op.signature.value)
    return "; ".join(text(adjoint(G, *letters)) for adjoint in op.adjoint)


# ── identities ────────────────────────────────────────────────────────────────────────────────────────────
def identities_page() -> str:
    """docs/identities.md."""
    parts = ["# Identities", WRITTEN.format("table of identities"),
             "Every row is tested by value at random points of its declared domain."]
    for use, says in USES.items():
        listed = [row for row in table() if use in row.use.split()]
        if listed:
            parts += [f"## Use: {use}", f"A row here {says}."]
            parts.append(_rows(IDENTITY_COLUMNS, map(_identity, listed)))
    return "\n\n".join(parts) + "\n"


def _identity(row: Identity) -> tuple[str, ...]:
    return f"`{row.name}`", equation(row), row.says, row.given, row.source


def equation(row: Identity) -> str:
    """Both sides of an identity as text."""
    return f"{text(row.left)} = {text(row.right)}"


def identities_text() -> str:
    """The table of identities as plain lines: name, both sides, conditions, source."""
    lines = []
    for row in table():
        given = f"  given {row.given}" if row.given else ""
        source = f"  [{row.source}]" if row.source else ""
        lines += [row.name, f"    {equation(row)}{given}", f"    {row.says}{source}"]
    return "\n".join(lines)


# ── writing ───────────────────────────────────────────────────────────────────────────────────────────────
def _rows(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


PAGES: dict[str, Callable[[], str]] = {"operators.md": operators_page, "identities.md": identities_page}


def write(folder: Path = DOCS) -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
