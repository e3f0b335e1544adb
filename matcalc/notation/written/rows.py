"""The rows of a written derivation: LaTeX, plain text and Markdown cut into formulas and prose, with line numbers.

Nothing is read here. Display mathematics is cut at its row breaks, text at its line ends; what is no formula
is prose and is kept, because its words say what the formulas beside it are for (let, where, set).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from itertools import pairwise

from matcalc.notation.characters import FONTS, GREEK
from matcalc.notation.scope import FUNCTIONS

MAX_ROWS = 1_000
_ENVIRONMENTS = (
    r"(?:align|aligned|equation|gather|gathered|split|multline|eqnarray|displaymath|math|flalign|alignat)\*?"
)
_OPENS = re.compile(
    rf"(?P<display>\$\$)|(?P<inline>(?<!\\)\$)|(?P<bracket>(?<!\\)\\\[)|(?P<round>(?<!\\)\\\()"
    rf"|\\begin\s*\{{(?P<environment>{_ENVIRONMENTS})\}}|(?P<eqalign>\\eqalign(?:no)?\s*(?=\{{))"
    rf"|(?P<fence>^[ \t]*(?:```|~~~)[^\n]*\n)",
    re.M,
)
_DISPLAY = re.compile(rf"\$\$|(?<!\\)\\\[|\\begin\s*\{{{_ENVIRONMENTS}\}}|\\eqalign")
_INNER = re.compile(
    rf"\\(?:begin|end)\s*\{{{_ENVIRONMENTS}\}}(?:\s*\{{\d\}})?"
    r"|\\(?:label|tag)\*?\s*\{[^{}]*\}|\\(?:nonumber|notag)(?![A-Za-z])"
)
_EQALIGN = re.compile(r"\\eqalign(?:no)?\s*(?=\{)")
_DEEPER = re.compile(
    r"\\begin\s*\{[^{}]*\}|\\end\s*\{[^{}]*\}|\\[{}]|\\\\(?:\s*\[[^\[\]]{0,8}(?:pt|em|ex|mm|cm)\])?"
    r"|\\cr(?![A-Za-z])|[{}\n]|\\.",
    re.S,
)
RELATION = re.compile(
    r"(?<![<>!~])=|:=|[≔≡≜∈⇒⇔⟹⟺→]|[≈≤≥≠∝><≻]"
    r"|\\(?:doteq|equiv|triangleq|coloneqq?|in|implies|iff|[Rr]ightarrow|Leftrightarrow|Longrightarrow"
    r"|Longleftrightarrow|approx|propto|leq?|geq?|neq?)(?![A-Za-z])"
)
_GOES_ON = re.compile(
    r"(?<![_^])(?<![_^]\s)(?:[-+−*∘⊙⊘⊗·×:=(\[{,&]"
    r"|\\(?:circ|odot|cdot|otimes|times|colon|left\s*[(\[]|,|;|!|quad))\s*$"
)
_CONTINUES = re.compile(r"\s*(?:[+∘⊙⊘⊗·×)\]]|[-−]\s|\\(?:circ|odot|cdot|otimes|right)(?![A-Za-z]))")
_REASON = re.compile(r"(?:\s{2,}|^\s*)\[[A-Za-z][\w, ()/|∘⊗ᵀ⁻¹-]*\]\s*$")
_ALIGNED_TEXT = re.compile(r"&&.*$", re.S)
_COMMENT = re.compile(r"(?<!\\)%[^\n]*$|(?<=\s)#(?!\d)[^\n]*$")
_WORD = re.compile(r"(?<![\\A-Za-z_])[A-Za-z]{2,}(?![A-Za-z_(])(?:[-'’][A-Za-z]+)*")
_KEYWORDS = (
    "let|where|with|given|assume|suppose|define|denote|denoting|set|setting|put|then|thus|hence|so|therefore|and"
    "|now|also|since|because|using|note|recall|finally|next|here|for|if|when|which|gives|giving|we get|we have"
    "|i\\.e\\.|that is|or|but|that|the|from|by|substitute|substituting|solve|claim|fact|answer|gradient"
    "|differential|line|step|solution|question|remark|result|objective|as|to"
)
_KEYWORD = re.compile(rf"(?<=\s)(?:{_KEYWORDS})(?=[\s,;:.]|$)")
_LEAD = re.compile(
    r"\s*(?:[-*+•>]\s+(?=[A-Za-z$\\∂∇=])|#+\s+|\(?\d{1,2}[.)]\s+|\([a-z]\)\s+)?"
    rf"(?P<words>(?:(?:{_KEYWORDS})\b(?!\s*[=(])[\s:,]*)*)",
    re.I,
)
_TRAILING = re.compile(  # M = X − Y denotes …, but i ds + s di has no verb in it
    r"(?P<formula>.*?[^A-Za-z\\\s])\s+"
    r"(?:denotes?\b|holds?\b|(?:be|is|are|has|have)\s+(?!d[A-Za-z]\b)(?:[A-Za-z]{2,}\b|a\s|\w\s*[×x]|\())"
    r".*$"
)
_LABEL = re.compile(r"[A-Za-z][A-Za-z ,'-]{2,40}:\s+|[A-Za-z]{5,}:(?!=)")
_REMARK = re.compile(  # df = 2X:dX, which is the chain rule
    r"(?P<formula>(?:d\\?[A-Za-zΑ-ω]|∂|∇|\\nabla|\\[dt]?frac\s*\{\s*(?:\\partial|∂))[^=]*=.*?)"
    r"(?:[,;.]?\s+(?:which|as|because|since|using|by|from|after|is|and|so|where)\s+(?!d\w\b)[a-z]{2,}\b.*"
    r"|\s+\([a-z]{2,}(?:[ -][a-z]{3,})+\)|\s+(?:--|—)\s+[a-z]{2,}\b.*)"
)
_WORDS_FIRST = re.compile(r"(?:[A-Za-z]{2,}[\s,]+)+(?=\S*\s*(?:=|:=|∈))")
_SENTENCES = re.compile(r"(?<=[.!?;])\s+")
_INLINE = re.compile(r"(?<!\\)\$(?P<dollar>[^$]+)\$|\\\((?P<round>.+?)\\\)|`(?P<code>[^`]+)`")
_COMMANDS = re.compile(r"\\(?:text|mbox|mathrm|operatorname|rm)\s*\{[^{}]*\}|\{\s*\\(?:rm|bf|cal)[^{}]*\}")
CONNECTIVE = re.compile(r"(?<=[\s,;])(?:where|with|and|so|hence|thus|then)(?=\s)")  # between two formulas
_BETWEEN = re.compile(r"[,;:.()\"“”]*\s+(?:[aI]\s+)?[(\"“”]*")  # two words side by side
_INTRODUCES = re.compile(r"\b(?:let|define|denote|where|replace|introduce|notation|name)", re.I)
_NO_WORDS = frozenset(w.lower() for w in (*GREEK, *FUNCTIONS, *FONTS, "over", "elementwise", "argmin", "rank"))


@dataclass(frozen=True, slots=True)
class Row:
    """A stretch of the text: `number` its line, `text` as typed, `words` the prose that leads to it.

    `kind` is "formula" or "prose"; `latex` says that the row stood between the marks of mathematics.
    """

    number: int
    text: str
    kind: str
    words: str = ""
    latex: bool = False


def rows(text: str) -> tuple[Row, ...]:
    r"""The rows of a text in their order.

    >>> [(r.number, r.kind, r.text) for r in rows("This is a try.\nf = X:X\ndf = 2X:dX")]
    [(1, 'prose', 'This is a try.'), (2, 'formula', 'f = X:X'), (3, 'formula', 'df = 2X:dX')]
    """
    return tuple(_Splitter(text).all())


class _Splitter:
    """Walks over a text once; `breaks` are the places where a new line begins."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.breaks = [i for i, c in enumerate(text) if c == "\n"]
        self.out: list[Row] = []
        self.words = ""

    def all(self) -> list[Row]:
        """The rows, numbered."""
        position = done = 0
        while (m := _OPENS.search(self.text, position)) and len(self.out) < MAX_ROWS:
            end, inner_end = self._closing(m)
            if end is None:
                position = m.end()
                continue
            if (m["inline"] or m["round"]) and not self._alone(m.start(), end):
                first = max(done, self.text.rfind("\n", 0, m.start()) + 1)
                self._plain(done, first)
                display = _DISPLAY.search(self.text, end, self._line_end(end))
                position = done = display.start() if display else self._line_end(end)
                self._prose_with_formulas(first, position)
                continue
            self._plain(done, m.start())
            if m["fence"]:
                self._plain(m.end(), inner_end)
            else:
                self._display(m.start() if m["environment"] or m["eqalign"] else m.end(), inner_end)
            position = done = end
        self._plain(done, len(self.text))
        breaks = sorted(set(self.breaks))
        return [replace(r, number=1 + bisect_left(breaks, r.number)) for r in self.out]

    # ── mathematics between its marks ─────────────────────────────────────────────────────────────────────
    def _closing(self, m: re.Match[str]) -> tuple[int | None, int]:
        """The end of what `m` opens (None: it is never closed), and the end of what is inside."""
        text, start = self.text, m.end()
        if m["eqalign"]:
            end = brace_end(text, start)
            return end, end
        if m["environment"]:
            close = text.find("\\end{" + m["environment"] + "}", start)
            end = close + len(m["environment"]) + 6
            return (None, start) if close < 0 else (end, end)
        if m["fence"]:
            fence = re.compile(r"^[ \t]*(?:```|~~~)[ \t]*$", re.M).search(text, start)
            return (fence.end(), fence.start()) if fence else (None, start)
        mark = "$$" if m["display"] else "$" if m["inline"] else "\\]" if m["bracket"] else "\\)"
        close = text.find(mark, start)
        return (close + len(mark), close) if close >= 0 else (None, start)

    def _alone(self, start: int, end: int) -> bool:
        """Whether inline mathematics is all there is on its line."""
        first = self.text.rfind("\n", 0, start) + 1
        before, after = self.text[first:start], self.text[end : self._line_end(end)]
        return not before.strip(" \t>*-•") and not after.strip(" \t.,;:")

    def _line_end(self, position: int) -> int:
        end = self.text.find("\n", position)
        return len(self.text) if end < 0 else end

    def _prose_with_formulas(self, start: int, end: int) -> None:
        """A line of prose; each formula in it that relates two things is a row of its own."""
        line = self.text[start:end]
        shown, place = " ".join(line.split()), 0
        self._add(start, shown, "prose")
        for m in _INLINE.finditer(line):
            inside = m["dollar"] or m["round"] or m["code"]
            if RELATION.search(inside):
                after = re.match(r"\s*(?:denotes?|be)\b", line[m.end() :])
                words = self.words + " " + line[place : m.start()] + (" denote" if after else "")
                self._add(start + m.start(), inside.strip(), "formula", words.strip(), m["code"] is None)
                self.words = ""
            place = m.end()
        self.words = _SENTENCES.split(shown)[-1][-300:]

    def _display(self, start: int, end: int) -> None:
        r"""Rows of display mathematics: at `\\` outside brackets, or at line ends where there is none."""
        body = _INNER.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), self.text[start:end])
        while m := _EQALIGN.search(body):
            close = brace_end(body, m.end())
            inside = " " * (m.end() - m.start() + 1) + body[m.end() + 1 : close - 1] + " "
            body = body[: m.start()] + inside + body[close:]
        cuts = _row_breaks(body)
        hard = any(h for _, _, h in cuts)
        cuts = [c for c in cuts if (c[2] if hard else _starts_claim(body[c[1] :]))]
        place = 0
        for a, b, broken in [*cuts, (len(body), len(body), False)]:
            self._formula(start + place, body[place:a])
            if broken and "\n" not in body[a : _next_ink(body, b)]:
                self.breaks.append(start + a)
            place = b

    def _formula(self, start: int, piece: str) -> None:
        piece = _ALIGNED_TEXT.sub("", piece)
        shown = re.sub(r"(?:\\[,;! ]|\\q?quad|[\s,;.])+$", "", " ".join(piece.split()))
        if not re.sub(r"[\s&{}]|\\(?:q?quad|[,;! ])", "", shown):
            return
        self._add(start + len(piece) - len(piece.lstrip()), shown, "formula", self.words, True)
        if not _INTRODUCES.search(self.words):
            self.words = ""

    # ── text ──────────────────────────────────────────────────────────────────────────────────────────────
    def _plain(self, start: int, end: int) -> None:
        """Lines of text; each is a formula, or prose with perhaps a formula in it."""
        body = self.text[start:end]
        place = 0
        for a, b, hard in [*_row_breaks(body), (len(body), len(body), False)]:
            piece = body[place:a]
            if not hard and a < len(body) and piece.strip() and _goes_on(piece, body[b:]):
                continue
            self._line(start + place, piece)
            if hard and "\n" not in body[a : _next_ink(body, b)]:
                self.breaks.append(start + a)
            place = b

    def _line(self, start: int, piece: str) -> None:
        if "`" in piece.strip("` \n") and any(RELATION.search(m["code"] or "") for m in _INLINE.finditer(piece)):
            return self._prose_with_formulas(start, start + len(piece))
        first = start + len(piece) - len(piece.lstrip())
        bare = _COMMENT.sub("", _REASON.sub("", piece))
        words, formula = formula_in(" ".join(_ALIGNED_TEXT.sub("", bare).split()))
        if formula:
            self._add(first, formula, "formula", (self.words + " " + words).strip())
            self.words = ""
        elif piece.strip():
            shown = " ".join(piece.split())
            self._add(first, shown, "prose")
            self.words = shown[-300:]

    def _add(self, position: int, text: str, kind: str, words: str = "", latex: bool = False) -> None:
        """A row; its position becomes its number at the end."""
        self.out.append(Row(position, text, kind, words, latex))


def _goes_on(piece: str, rest: str) -> bool:
    """Whether a line of text continues on the next one."""
    following = rest.split("\n", 1)[0]
    if not following.strip() or not formula_in(" ".join(piece.split()))[1]:
        return False
    return bool(_GOES_ON.search(piece) or _CONTINUES.match(following) and not RELATION.search(following))


def _starts_claim(rest: str) -> bool:
    return RELATION.search(rest.split("\n", 1)[0]) is not None


def _next_ink(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _row_breaks(body: str) -> list[tuple[int, int, bool]]:
    r"""The row breaks outside brackets and matrices: (start, end, whether it is a `\\`)."""
    out: list[tuple[int, int, bool]] = []
    depth = 0
    for m in _DEEPER.finditer(body):
        mark = m[0]
        if mark.startswith("\\begin") or mark == "{":
            depth += 1
        elif mark.startswith("\\end") or mark == "}":
            depth = max(0, depth - 1)
        elif depth or mark[:2] not in ("\n", "\\\\", "\\c") or mark[:2] == "\\c" and mark != "\\cr":
            continue
        elif not (out and m.start() < out[-1][1]):
            following = re.match(r"[ \t]*\n", body[m.end() :]) if mark != "\n" else None
            out.append((m.start(), m.end() + (following.end() if following else 0), mark != "\n"))
    return out


def brace_end(text: str, start: int) -> int:
    """The place after the brace that closes the one at `start`; the end of the text where none does."""
    depth, i = 0, start
    while i < len(text):
        if text[i] == "\\":
            i += 2
            continue
        depth += (text[i] == "{") - (text[i] == "}")
        i += 1
        if depth == 0:
            return i
    return len(text)


# ── prose ─────────────────────────────────────────────────────────────────────────────────────────────────
def formula_in(line: str) -> tuple[str, str]:
    """The leading words of a line of text, and the formula after them ("" where the line is prose).

    >>> formula_in("Let M = X − WHᵀ."), formula_in("which is what we want"), formula_in("where G := X'X")
    (('Let', 'M = X − WHᵀ'), ('which is what we want', ''), ('where', "G := X'X"))
    """
    line = line.strip("`") if line.count("`") == 2 and line[0] == line[-1] == "`" else line
    m = _LEAD.match(line)
    assert m is not None
    if "`" in line:
        return line, ""
    words, rest = m["words"].strip(" ,:"), re.sub(r"[\s.,;:]+$", "", line[m.end() :])
    if trailing := _TRAILING.match(rest):
        said = trailing["formula"]
        if RELATION.search(said) and not _english(said) and _is_whole(said):
            return f"{words} denote".strip(), said.strip(" ,;.")
    if (label := _LABEL.match(rest)) and _english(label[0]):
        words, rest = f"{words} {label[0].strip()}".strip(), rest[label.end() :]
    if (lead := _WORDS_FIRST.match(rest)) and _english(lead[0]):
        words, rest = f"{words} {lead[0].strip()}".strip(), rest[lead.end() :]
    if (remark := _REMARK.fullmatch(rest)) and not RELATION.search(rest, remark.end("formula")):
        rest = remark["formula"] if _is_whole(remark["formula"]) else rest
    bare = CONNECTIVE.sub(" , ", rest)
    english = [w for w in _english(bare) if not re.match(r"(?:arg)?m(?:in|ax)", w)]
    if RELATION.search(rest) or re.match(r"(?:arg\s*)?(?:minimi|maximi)[sz]e\b", rest):
        return (words, rest) if len(english) < 2 or not _sentence(bare) else (line, "")
    marks = "‖²ᵀ^+*∘" if english and not any(map(str.islower, english)) else "‖|\\()²'ᵀ^+*:∘" if not english else ""
    alone = not words and any(mark in rest for mark in marks)
    return (words, rest) if alone else (line, "")


def _is_whole(formula: str) -> bool:
    """Whether a formula may end here: its brackets are closed, and no operator waits for more."""
    closed = all(formula.count(a) == formula.count(b) for a, b in ("()", "[]", "{}"))
    return closed and not re.search(r"[-+−*/∘⊙⊘⊗·×:=]\s*$", formula)


def _sentence(text: str) -> bool:
    """Whether two words stand side by side, or one is of the commonest: 2Arx + Axrᵀ has letters alone."""
    text = _COMMANDS.sub(" ", text)
    if _KEYWORD.search(text):
        return True
    found = [m for m in _WORD.finditer(text) if m[0].lower() not in _NO_WORDS and not re.fullmatch("d[A-Za-z]", m[0])]
    return any(
        _BETWEEN.fullmatch(text, a.end(), b.start()) and any(w.islower() for w in _english(f"{a[0]} {b[0]}"))
        for a, b in pairwise(found)
    )


def _english(text: str) -> list[str]:
    """The words of a text that are no functions, commands, names or products of letters."""
    return [
        w
        for w in _WORD.findall(_COMMANDS.sub(" ", text))
        if len(w) > 2
        and w.lower() not in _NO_WORDS
        and (w.islower() or w.istitle())
        and re.search(r"[aeiouy]", w.lower())
    ]
