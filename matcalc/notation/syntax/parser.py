"""Tokens to surface tree: an iterative LALR driver over the saved table, and what each rule builds.

The driver never recurses, so the depth of a text cannot overflow Python's stack here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matcalc.grammar import table
from matcalc.notation.scope import Scope
from matcalc.notation.source import Source
from matcalc.notation.syntax.surface import MAX_DEPTH, Node
from matcalc.notation.tokens.lexer import Lexer, Token

_OPERAND = "a name, a number or a bracket"
_WORDS = {
    "ATOM": _OPERAND,
    "RPAR": "a closing bracket",
    "RBLOCK": "`]`",
    "NCLOSE": "a closing `‖`",
    "BCLOSE": "a closing `|`",
    "ACLOSE": "`⟩`",
    "COMMA": "a comma",
    "PLUS": "an operator",
    "$END": "the end",
    "LPAR": _OPERAND,
}
_SHOWN = {
    "PLUS": "+",
    "MINUS": "-",
    "COLON": ":",
    "HAD": "∘",
    "HDIV": "⊘",
    "KRON": "⊗",
    "TIMES": "*",
    "SLASH": "/",
}
END, RULES = table.END, table.RULES
_SHIFTS: list[dict[str, int]] = [{} for _ in table.SHIFTS]  # filled state by state: start-up stays light
_SETTLED: dict[tuple[int, str, str], int] = {}


def parse(source: Source, start: int, end: int, scope: Scope) -> Node:
    """The surface tree of a formula.

    Raises:
        ParseError: the text is no formula; the message says what was expected.
    """
    tokens = Lexer(source, start, end, scope).tokens()
    tokens.append(Token("$END", None, end, end))
    states: list[int] = [0]
    values: list[Any] = [None]
    for token in tokens:
        terminal = token[0]
        while states[-1] != END:
            step = (_SHIFTS[states[-1]] or _shifts(states[-1])).get(terminal)
            if step is None:
                raise _failure(source, states[-1], token, tokens)
            if step >= 0:
                states.append(step)
                values.append(token.value if terminal == "ATOM" else token)
                break
            left, length, action = RULES[~step]
            if length == 1:
                if action:
                    values[-1] = _ACTIONS[action](source, values[-1])
                states.pop()
            else:
                given = values[-length:]
                del values[-length:], states[-length:]
                values.append(_ACTIONS[action](source, *given))
            states.append(_settle(states[-1], left, terminal))
    tree: Node = values[1]
    return tree


def _shifts(state: int) -> dict[str, int]:
    if not _SHIFTS[state]:
        _SHIFTS[state] = _row(table.SHIFTS[state])
    return _SHIFTS[state]


def _row(grouped: tuple[tuple[int, str], ...]) -> dict[str, int]:
    return {symbol: step for step, symbols in grouped for symbol in symbols.split()}


def _settle(below: int, left: str, terminal: str) -> int:
    """The state after a reduction, straight through rules that only hand their child up."""
    key = (below, left, terminal)
    state = _SETTLED.get(key)
    if state is None:
        jumps = _row(table.JUMPS[below])
        state = jumps[left]
        while (step := _shifts(state).get(terminal)) is not None and step < 0:
            upper, length, action = RULES[~step]
            if length != 1 or action:
                break
            state = jumps[upper]
        _SETTLED[key] = state
    return state


def _failure(source: Source, state: int, token: Token, tokens: list[Token]) -> Exception:
    expected: dict[str, None] = {}
    for terminal in _shifts(state):
        if terminal in _WORDS:
            expected.setdefault(_WORDS[terminal])
    if _OPERAND in expected:
        expected = {_OPERAND: None}
    words = [*expected] or ["something else"]
    text = " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
    before = tokens[tokens.index(token) - 1] if tokens.index(token) else None
    if token.terminal == "$END":
        place = (before.start, before.end) if before else (token.start, token.start + 1)
        what = "the formula ends too early" if before else "there is no formula here"
        return source.error(f"{what}: {text} must follow" if before else what, *place)
    found = source.text[token.start: max(token.end, token.start + 1)]
    hint = ""
    if token.terminal == "COMMA" and before is not None:
        hint = "an entry or a part is written with square brackets: X[1,:]"
        marks = [t.terminal for t in tokens[: tokens.index(token)]]
        if marks.count("LPAR") == marks.count("RPAR"):
            hint = "one text has one objective; declarations may follow after a semicolon"
    if token.terminal in _SHOWN and before is not None and before.terminal in _SHOWN:
        found = f"{_SHOWN[token.terminal]}` after `{_SHOWN[before.terminal]}"
    return source.error(f"`{found}` cannot stand here; {text} is expected", token.start, token.end, hint)


# ── what the rules build ──────────────────────────────────────────────────────────────────────────────────
def _spanning(source: Source, kind: str, args: Any, value: Any, first: Any, last: Any) -> Node:
    node = Node(kind, args, value, first.start, last.end)
    if node.depth > MAX_DEPTH:
        raise source.error("the formula is nested too deeply", first.start)
    return node


def _chain(kind: str, mark: Any) -> Callable[..., Node]:
    """An n-ary node: `value` has one mark for each argument (a sign, or the sign before it)."""

    def grow(source: Source, left: Node, *rest: Any) -> Node:
        if kind != "sum" and _is_signed(source, left):
            return _spanning(source, "neg", (grow(source, left.args[0], *rest),), None, left, rest[-1])
        right = rest[-1]
        if left.kind == kind and type(left.args) is list:
            left.args.append(right)
            left.value.append(mark)
            left.end, left.depth = right.end, max(left.depth, right.depth + 1)
            return left
        return _spanning(source, kind, [left, right], [_FIRST[kind], mark], left, right)

    return grow


_FIRST = {"sum": 1, "had": 1, "kron": 1, "product": 1}


def _is_signed(source: Source, x: Node) -> bool:
    """Whether a minus without brackets stands before x: −(A − B)C is −((A − B)C)."""
    return x.kind == "neg" and source.text[x.start] == "-"


def _colon(source: Source, a: Node, sign: Token, b: Node) -> Node:
    if _is_signed(source, a):
        return _spanning(source, "neg", (_colon(source, a.args[0], sign, b),), None, a, b)
    return _spanning(source, "frob", (a, b), None, a, b)


def _negate(source: Source, sign: Token, x: Node) -> Node:
    if x.kind == "neg":
        return _spanning(source, "group", x.args, None, sign, x)
    if x.kind == "num":
        return Node("num", value=-x.value, start=sign.start, end=x.end)
    return _spanning(source, "neg", (x,), None, sign, x)


def _group(source: Source, opened: Token, x: Node, closed: Token) -> Node:
    """A bracket closes the lists inside it; a number in brackets is not `1` standing for a vector."""
    if type(x.args) is list:
        x.args, x.value = tuple(x.args), tuple(x.value)
        x.start, x.end = opened.start, closed.end
        return x
    if x.kind == "num" or x.kind == "name":
        return Node(
            "group" if x.kind == "num" else "name",
            (x,) if x.kind == "num" else (),
            x.value,
            opened.start,
            closed.end,
        )
    x.start, x.end = opened.start, closed.end
    return x


_TWO_SIGNS = {("inv", "T"): (("pow", -1), ("T",)), ("pinv", "T"): (("pinv",), ("T",))}


def _postfix(source: Source, x: Node, token: Token) -> Node:
    for sign in _TWO_SIGNS.get(token.value, (token.value,)):
        x = _one_postfix(source, x, sign, token)
    return x


def _one_postfix(source: Source, x: Node, sign: tuple[Any, ...], token: Token) -> Node:
    if sign == ("T",) and x.kind == "T":
        inner: Node = x.args[0]
        return _spanning(source, "group", (inner,), None, x, token)
    kind, *value = sign
    return _spanning(source, kind, (x,), value[0] if value else None, x, token)


def _power(source: Source, base: Node, sign: Token, exponent: Node, end: Token) -> Node:
    return _spanning(source, sign.value + "of", (base, exponent), None, base, end)


def _call(source: Source, name: Token, opened: Token, arguments: Any, closed: Token) -> Node:
    return _spanning(source, "call", tuple(arguments), name.value, name, closed)


def _items(source: Source, x: Node, opened: Token, items: list[Any], closed: Token) -> Node:
    return _spanning(source, "part", (x,), tuple(items), x, closed)


_ACTIONS: dict[str, Callable[..., Any]] = {
    "plus": _chain("sum", 1), "minus": _chain("sum", -1), "colon": _colon,
    "hadamard": _chain("had", 1), "quotient": _chain("had", -1), "kron": _chain("kron", 1),
    "juxtapose": _chain("product", 1), "times": _chain("product", 1), "over": _chain("product", -1),
    "negate": _negate, "positive": lambda source, sign, x: x, "group": _group,
    "postfix": _postfix, "power": _power, "part": _items, "call": _call,
    "bare": lambda source, name, x: _spanning(source, "call", (x,), name.value, name, x),
    "call_empty": lambda source, name, a, b: _spanning(source, "call", (), name.value, name, b),
    "indexed_sum": lambda source, sign, body: _spanning(source, "isum", (body,), sign.value, sign, body),
    "norm": lambda source, a, x, b: _spanning(source, "norm", (x,), b.value, a, b),
    "weighted_norm": lambda source, a, x, s, w, b: _spanning(source, "wnorm", (x, w), None, a, b),
    "bars": lambda source, a, x, b: _spanning(source, "bars", (x,), None, a, b),
    "inner": lambda source, a, x, s, y, b: _spanning(source, "frob", (x, y), None, a, b),
    "block": lambda source, a, rows, b: _spanning(
        source, "block", tuple(x for row in rows for x in row), tuple(map(len, rows)), a, b),
    "fraction": lambda source, f, a, x, b, c, y, e: _spanning(source, "product", (x, y), (1, -1), f, e),
    "first": lambda source, x: [x], "more": lambda source, xs, sign, x: [*xs, x],
    "item_one": lambda source, x: ("one", x), "item_all": lambda source, x: ("all",),
    "item_range": lambda source, x, sign, y: ("range", x, y),
}
