"""Makes the parse table that the reader uses, from the grammar, by `python -m matcalc.notation.syntax.tables`.

lark computes the table in its strict mode, which refuses every conflict; reading a formula needs no lark.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

GRAMMAR = Path(__file__).resolve().parents[3] / "grammar"


def table() -> str:
    """The text of grammar/table.py.

    Raises:
        lark.exceptions.GrammarError: the grammar has a conflict.
    """
    import lark

    class NoLexer(lark.lexer.Lexer):  # type: ignore[misc]
        """lark wants a lexer; ours is not needed to make a table."""

        def __init__(self, conf: object) -> None: ...

        def lex(self, lexer_state: Any, parser_state: Any) -> Any: ...

    grammar = (GRAMMAR / "formula.lark").read_text(encoding="utf-8")
    parser: Any = lark.Lark(grammar, parser="lalr", lexer=NoLexer, strict=True)
    parse_table = parser.parser.parser._parse_table
    rules = parser.rules
    number = {rule: i for i, rule in enumerate(rules)}
    order = [parse_table.start_states["start"]]  # states in the order of a walk: the same bytes every time
    for state in order:
        row = parse_table.states[state]
        order += [row[s][1] for s in sorted(row) if row[s][0].name == "Shift" and row[s][1] not in order]
    place = {state: i for i, state in enumerate(order)}
    shifts: list[dict[str, int]] = []
    jumps: list[dict[str, int]] = []
    for state in order:
        row = parse_table.states[state]
        shifts.append({})
        jumps.append({})
        for symbol in sorted(row):
            action, target = row[symbol]
            target = ~number[target] if action.name == "Reduce" else place[target]
            (jumps if symbol.islower() else shifts)[-1][str(symbol)] = target
    listed = [(str(r.origin.name), len(r.expansion), str(r.alias or "")) for r in rules]
    return "\n".join(
        [
            '"""The parse table of formula.lark, written by `python -m matcalc.notation.syntax.tables`."""',
            "",
            "# (left side, length of the right side, action); an empty action hands its only child up",
            "RULES = " + _listed(listed),
            "# for each state: the next state (or ~rule to reduce), and the terminals that lead there",
            "SHIFTS = " + _listed(shifts),
            "# for each state: the next state, and the left sides that lead there",
            "JUMPS = " + _listed(jumps),
            f"END = {place[parse_table.end_states['start']]}",
            "",
        ]
    )


def _listed(rows: list[Any]) -> str:
    return (
        "(\n"
        + "".join(f"    {_grouped(row) if isinstance(row, dict) else repr(row)},\n" for row in rows)
        + ")"
    )


def _grouped(row: dict[str, int]) -> str:
    """A row of the table by what is done: (step, the symbols that ask for it)."""
    steps: dict[int, list[str]] = {}
    for symbol, step in row.items():
        steps.setdefault(step, []).append(symbol)
    return repr(tuple((step, " ".join(symbols)) for step, symbols in steps.items()))


if __name__ == "__main__":
    (GRAMMAR / "table.py").write_text(table(), encoding="utf-8")
