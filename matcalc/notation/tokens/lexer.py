"""The tokens of a formula: everything that depends on what stands beside it is settled here.

Names by longest match, which bar opens and which closes, whether `[` is a part or a block, how far a
denominator goes. After this the grammar has no choice left. Words are read in words.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from matcalc.errors import MatcalcError
from matcalc.notation.characters import (
    BOLD_ONE,
    COMBINING,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    character_name,
)
from matcalc.notation.dimension import Size, names_of, read_shape
from matcalc.notation.hints import CHARACTERS, TYPED, dot_hint
from matcalc.notation.scope import Scope
from matcalc.notation.source import Source
from matcalc.notation.syntax.surface import Node
from matcalc.notation.tokens import arguments, brackets, constants, exponents, latex, sums, words
from matcalc.notation.tokens.subscripts import index_items, subscript

MAX_SCRIPTS = 12
_NUMBER = re.compile(r"(?:\d+(?:\.(?=\d)\d*|\.(?![*/^'A-Za-z]))?|\.\d+)(?:[eE][+-]?\d+)?")
_TRANSPOSED = re.compile(r"\.?['′’ᵀᵗ⊤]|\^\s*\{?\s*(?:T|⊤|\\top|\\intercal|\\mathsf)")  # after a 1: a row of ones
_DRAWN_FROM = re.compile(r"~\s*(?:[A-Z][a-z]*|\\math(?:cal|rm|bb)\s*\{?[A-Z]\}?)\s*\(")  # x ~ N(0, 1)
_FROBENIUS = re.compile(r"_(?:F|\{\s*(?:\\(?:mathrm|text|rm)\s*\{?\s*)?F\s*\}{1,2})(?![A-Za-z0-9])")  # ⟨A, B⟩_F
_SPACE = re.compile(r"(?:[ \t\n~]|\\[,;:!> ]|\\q?quad(?![A-Za-z]))+")
_OPERATORS = {"+": "PLUS", "-": "MINUS", "∘": "HAD", "⊘": "HDIV", "⊗": "KRON", "·": "TIMES", "*": "TIMES",
              "×": "TIMES", "@": "TIMES", "/": "SLASH", ":": "COLON"}
_DOTTED = {"*": "HAD", "/": "HDIV", "·": "HAD"}
_ENDS_OPERAND = frozenset({"ATOM", "POST", "RPAR", "RBLOCK", "NCLOSE", "BCLOSE", "ACLOSE"})


class Token(NamedTuple):
    """A terminal of the grammar with its value and its place."""

    terminal: str
    value: Any
    start: int
    end: int


class Lexer:
    """Tokens of `source.text[start:end]`; `tokens()` gives them all."""

    def __init__(self, source: Source, start: int, end: int, scope: Scope, depth: int = 0) -> None:
        if depth > MAX_SCRIPTS:
            raise source.error("exponents inside exponents, too deep to read", start)
        self.depth = depth
        self.source, self.text, self.end, self.scope = source, source.text, end, scope
        self.position = start
        self.indices: set[str] = set()
        self.unused: dict[str, int] = {}  # indices that no subscript behind a place holds
        self.out: list[Token] = []
        self.stack: list[brackets.Opened] = []
        self.operand = False  # whether the last token ends an operand
        self.denominator = 0  # 1: right after a slash, 2: inside a denominator that is a name
        self.call = False  # whether the next bracket belongs to a function
        self.pending = 0  # arguments that \frac or \sqrt still wants
        self.latex = "\\" in self.text[start:end]

    # ── the loop ──────────────────────────────────────────────────────────────────────────────────────────
    def tokens(self) -> list[Token]:
        """All tokens.

        Raises:
            ParseError: a character or a word outside the language, a bracket without its partner.
        """
        text, end = self.text, self.end
        while self.position < end:
            c = text[self.position]
            if c in " \n\t" or c == "~" and not _DRAWN_FROM.match(text, self.position, end):
                self.position += 1
            elif self.pending and c != "{":
                self._short_argument()
            elif c.isalpha() and c not in _SYMBOLS:
                words.word(self)
            elif _NUMBER.match(text, self.position, end):
                self._number()
            else:
                handler = _SYMBOLS.get(c)
                if handler is None:
                    raise self.error(
                        f"{character_name(c)} is no character of the language",
                        self.position,
                        hint=CHARACTERS.get(c, TYPED),
                    )
                handler(self, c)
        if self.stack:
            top = self.stack[-1]
            shown = {"norm": "‖", "bars": "|", "<": "⟨"}.get(top.kind, text[top.start])
            raise self.error(f"`{shown}` is opened here and never closed", top.start)
        return arguments.ended(self.out, self.text)

    def error(self, message: str, start: int, end: int | None = None, hint: str = "") -> Exception:
        """A ParseError at a place of the text."""
        return self.source.error(message, start, end, hint)

    def inside(self, start: int, end: int, operand: bool = False) -> list[Token]:
        """The tokens of an exponent or another stretch that is read on its own."""
        inner = Lexer(self.source, start, end, self.scope, self.depth + 1)
        inner.indices, inner.operand = self.indices, operand
        return inner.tokens()

    def peek(self, start: int) -> Token | None:
        """The first token of the word at a place."""
        inner = Lexer(self.source, start, self.end, self.scope, self.depth + 1)
        inner.indices = self.indices
        try:
            if self.text[start] in "\\{":
                _SYMBOLS[self.text[start]](inner, self.text[start])
            else:
                words.word(inner)
        except MatcalcError:
            return None
        return inner.out[0] if inner.out else None

    @staticmethod
    def token(terminal: str, value: Any, start: int, end: int) -> Token:
        """A token."""
        return Token(terminal, value, start, end)

    def emit(self, terminal: str, value: Any, start: int, end: int) -> None:
        """Add a token and move on behind it."""
        self.out.append(Token(terminal, value, start, end))
        self.operand = terminal in _ENDS_OPERAND
        self.position = end
        if terminal == "SLASH":
            self.denominator = 1
        elif terminal != "POST" and not (terminal == "MINUS" and self.denominator == 1):
            self.denominator = 0

    def atom(self, node: Node, name: bool = True) -> None:
        """Add an operand; names side by side go on a denominator."""
        continues = 0
        if name and self.denominator and not self.latex:
            adjacent = bool(self.out) and self.out[-1].end == node.start
            continues = 2 if self.denominator == 1 or adjacent else 0
            if continues and self.denominator == 2:
                self.out.append(Token("JUXT", None, node.start, node.start))
        self.emit("ATOM", node, node.start, node.end)
        self.denominator = continues

    def skip_space(self, position: int) -> int:
        """The place after spaces (and LaTeX spacing)."""
        while m := _SPACE.match(self.text, position, self.end):
            position = m.end()
        return position

    def rest_is_bracket(self, position: int) -> bool:
        """Whether an opening bracket follows, spaces and sizes aside."""
        position = self.skip_space(position)
        while m := re.compile(r"\\(?:left|[bB]igg?l?)(?![A-Za-z])\s*").match(self.text, position, self.end):
            position = m.end()
        return (
            self.text.startswith(("(", "[", "{", r"\{", r"\lbrace", r"\lbrack"), position)
            and position < self.end
        )

    def sizes(self, text: str, start: int, end: int) -> tuple[Size, ...]:
        """The sizes that a subscript spells."""
        try:
            found = read_shape(text, self.scope.dims)
            self.scope.sized.update(*map(names_of, found))
            return found
        except ValueError as problem:
            raise self.error(str(problem), start, end) from None

    def function(self, what: object, start: int, end: int, call: bool) -> None:
        """A function with a bracket or without one."""
        if not call:
            at = self.skip_space(end)
            c = self.text[at: at + 1] if at < self.end else ""
            if c and (c in "^_" or c > "\x7f" and ord(c) in SUPERSCRIPTS):
                name = self.text[start:end]
                raise self.error("a function takes no exponent or subscript here", at,
                                 hint=f"write ({name}(x))^2 for the square of {name}(x)")
        self.emit("FUNC" if call else "BARE", what, start, end)
        self.call = call

    @staticmethod
    def handler(symbol: str) -> Handler | None:
        """What reads a symbol."""
        return _SYMBOLS.get(symbol)

    def _root_sign(self, c: str) -> None:
        start = self.position
        self.function("sqrt", start, start + 1, self.rest_is_bracket(start + 1))

    # ── numbers ───────────────────────────────────────────────────────────────────────────────────────────
    def _number(self) -> None:
        start = self.position
        m = _NUMBER.match(self.text, start, self.end)
        assert m is not None
        if len(m[0]) > 40:
            raise self.error("this number has too many digits", start, m.end())
        mantissa, _, exponent = m[0].lower().partition("e")
        if exponent and abs(int(exponent)) > 300:
            raise self.error("this number is too large or too small", start, m.end())
        if m[0] in ("0", "1") and constants.sized_constant(self, start, m.end(), m[0]):
            return
        value = Fraction(mantissa.rstrip(".")) * Fraction(10) ** int(exponent or 0)
        last = self.out[-1] if self.out else None
        if (
            last
            and self.operand
            and last.terminal == "ATOM"
            and last.value.kind == "num"
            and last.value.value != 1
            and not (m[0] == "1" and _TRANSPOSED.match(self.text, m.end()))
        ):
            raise self.error(
                "two numbers side by side",
                last.start,
                m.end(),
                "columns of a block are separated by commas: [1, 0; 0, 1]"
                if brackets.in_block(self)
                else "a product of numbers needs a sign: 2·3",
            )
        number = int(value) if value.denominator == 1 else value
        self.atom(Node("num", value=number, start=start, end=m.end()), name=False)

    def _bold_one(self, c: str) -> None:
        if not constants.sized_constant(self, self.position, self.position + 1, "1"):
            self.atom(Node("one", start=self.position, end=self.position + 1))

    # ── operators ─────────────────────────────────────────────────────────────────────────────────────────
    def _operator(self, c: str) -> None:
        start = self.position
        if c == "*" and self.text.startswith("**", start):
            exponents.exponent(self, start, start + 2)
        elif c == ":" and self.stack and self.stack[-1].kind == "part":
            self.emit("RANGE", None, start, start + 1)
        elif c == ":" and self.text.startswith(":=", start):
            raise self.error("`:=` defines a name and stands after the name alone", start, start + 2)
        elif c == "-" and self.operand and brackets.in_block(self) and (
                self.text[start - 1: start] == " " and self.text[start + 1: start + 2].isdigit()
                and self.out[-1].terminal == "ATOM" and self.out[-1].value.kind == "num"):
            raise self.error("is this one entry or two?", self.out[-1].start, start + 2,
                             "columns of a block are separated by commas: [1, -1]")
        else:
            self.emit(_OPERATORS[c], None, start, start + 1)

    def _dot(self, c: str) -> None:
        start = self.position
        following = self.text[start + 1: start + 2] if start + 1 < self.end else ""
        if following in _DOTTED:
            self.emit(_DOTTED[following], None, start, start + 2)
        elif following == "^":
            exponents.exponent(self, start, start + 2, elementwise=True)
        elif following == "'":
            self.emit("POST", ("T",), start, start + 2)
        elif following == "T" and self.operand and not self.text[start + 2: start + 3].isalnum():
            self.emit("POST", ("T",), start, start + 2)
        else:
            raise self.error(
                "a dot here is no operator of the language", start, hint=dot_hint(self.text, start)
            )

    def _prime(self, c: str) -> None:
        if not self.operand:
            raise self.error("`'` transposes what stands before it, and nothing does", self.position)
        self.emit("POST", ("T",), self.position, self.position + 1)

    def _postfix_sign(self, c: str) -> None:
        """X† and X⊤ without a ^."""
        if not self.operand:
            raise self.error(f"`{c}` needs something before it", self.position)
        self.emit("POST", ("T",) if c == "⊤" else ("pinv",), self.position, self.position + 1)

    def _caret(self, c: str) -> None:
        exponents.exponent(self, self.position, self.position + 1)

    def _superscript(self, c: str) -> None:
        exponents.superscript(self)

    def _comma(self, c: str) -> None:
        self.emit("COMMA", None, self.position, self.position + 1)

    def _separator(self, c: str) -> None:
        """`;` and `\\\\` end a row of a block; elsewhere `\\\\` is only a line break."""
        if brackets.in_block(self):
            self.emit("SEMI", None, self.position, self.position + 1)
        elif c == "¶":
            self.position += 1
        else:
            raise self.error("`;` separates the rows of a block or two statements", self.position)

    def _ampersand(self, c: str) -> None:
        if brackets.in_block(self):
            self._comma(c)
        else:
            self.position += 1

    def _underscore(self, c: str) -> None:
        start = self.position
        if self.operand and self.out[-1].terminal in ("RPAR", "RBLOCK") and c not in COMBINING and c != "∞":
            sub, end = subscript(self, "", start)
            items = (sub,) if sub.isdigit() else index_items(sub, self.indices)
            if items:
                self.emit("POST", ("part", items), start, end)
                return
        if self.operand and self.out[-1].terminal == "ACLOSE" and (m := _FROBENIUS.match(self.text, start, self.end)):
            self.position = m.end()
            return
        hint = (
            "a subscript follows a name: X_1, P_{in}" if not self.operand else "index with brackets: X[i,j]"
        )
        raise self.error("a subscript cannot stand here", start, hint=hint)

    def _equals(self, c: str) -> None:
        raise self.error("`=` cannot stand inside a formula", self.position,
                         hint="X := … defines a name, f = … names the objective, each on a line of its own")

    def _short_argument(self) -> None:
        """The single character that \\frac or \\sqrt takes where no brace stands."""
        self.pending -= 1
        start = self.position
        m = re.compile(r"\\[A-Za-z]+|.", re.S).match(self.text, start, self.end)
        assert m is not None
        inner = self.inside(start, m.end())
        self.out += [Token("LPAR", None, start, start), *inner]
        self.emit("RPAR", None, m.end(), m.end())


Handler = Callable[[Lexer, str], None]
_SYMBOLS: dict[str, Handler] = {
    **dict.fromkeys(_OPERATORS, Lexer._operator),
    ".": Lexer._dot,
    "'": Lexer._prime,
    "†": Lexer._postfix_sign,
    "⊤": Lexer._postfix_sign,
    "^": Lexer._caret,
    ",": Lexer._comma,
    ";": Lexer._separator,
    "¶": Lexer._separator,
    "&": Lexer._ampersand,
    "_": Lexer._underscore,
    "=": Lexer._equals,
    **dict.fromkeys("([{", brackets.opening),
    **dict.fromkeys(")]}", brackets.closing),
    "|": brackets.single_bar,
    "‖": brackets.double_bar,
    **dict.fromkeys("⟨<⟩>", brackets.angle),
    "\\": latex.command,
    BOLD_ONE: Lexer._bold_one,
    "∑": sums.sum_sign,
    **{chr(c): Lexer._superscript for c in SUPERSCRIPTS if c > 127},
    **{chr(c): Lexer._underscore for c in SUBSCRIPTS if c > 127},
    **dict.fromkeys(COMBINING, Lexer._underscore),
    "√": Lexer._root_sign,
    "∞": Lexer._underscore,
}
