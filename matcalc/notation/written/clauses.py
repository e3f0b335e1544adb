"""The clauses of a row of a derivation: what stands on each side of its relations, and what its left side is.

A left side is a value (`f`, `vec(Y)`, nothing), a differential (`df`, `dX`), a derivative (`∂f/∂X`, `∇_X f`,
`∂vec(f)/∂vec(X)ᵀ`), in LaTeX, Unicode or ASCII. Nothing is read as a formula here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from matcalc.notation.declare import is_declaration
from matcalc.notation.names import canonical
from matcalc.notation.scope import FUNCTIONS
from matcalc.notation.written.rows import CONNECTIVE, RELATION, Row, brace_end

_DEFINES = re.compile(r":=|[≔≡≜]|\\(?:doteq|equiv|triangleq|coloneqq?)(?![A-Za-z])")
_ARROWS = {
    "⇒": re.compile(r"⇒|⟹|=>|(?<![-<])→|\\(?:Rightarrow|Longrightarrow|implies|rightarrow)(?![A-Za-z])"),
    "⇔": re.compile(r"⇔|⟺|<=>|\\(?:Leftrightarrow|Longleftrightarrow|iff)(?![A-Za-z])"),
}
_OTHER = re.compile(r"[≈≤≥≠∝]|(?<![-=<])[<>]=|!=|\\(?:approx|propto|leq?|geq?|neq?)(?![A-Za-z])")
_MEMBER = re.compile(r"∈|\\in(?![A-Za-z])")
_OVERSET = re.compile(
    r"\\(?:overset|stackrel)\s*\{(?P<over>[^{}]*(?:\{[^{}]*\})?[^{}]*)\}\s*\{?\s*(?P<sign>=|\\equiv)\s*\}?|\\mathrel\{\\mathop:\}?\s*="
)
_FONT_RELATION = re.compile(r"\{\s*\\(?:bf|rm|it|boldsymbol|mathbf)(?![A-Za-z])\s*([^{}]*=[^{}]*)\}")
_TEXT = re.compile(r"\\(?:text|mbox|textrm|hbox|intertext)\s*\{([^{}]*)\}")
_UNSEEN = re.compile(
    r"\\(?:tiny|scriptsize|footnotesize|small|normalsize|large|Large|LARGE|huge|Huge|displaystyle|textstyle)(?![A-Za-z])"
    r"|\\(?:left|right|[bB]igg?[lr]?)\s*\.(?!\d)"
)
_STARRED = re.compile(
    r"\s*\^\s*\{?\s*(?:\\(?:star|ast|circ)|[*⋆∗★]|(?:\\(?:rm|text|mathrm))?\s*\{?\s*opt\s*\}?)\s*\}?$"
)
_QUAD = re.compile(r"\\q?quad(?![A-Za-z])")
_TRIM = re.compile(r"^(?:[\s&,;]|\\[,;:! ]|\\q?quad(?![A-Za-z]))+|(?:[\s&,;.]|\\[,;:! ]|\\q?quad(?![A-Za-z]))+$")

DERIVATIVES = frozenset({"gradient", "jacobian", "hessian"})
_PARTIAL = r"(?:\\partial|∂|\{?\\(?:mathrm|rm)\s*\{?d\}?\}?|(?<![A-Za-z\\])d(?![A-Za-z]*\())"
_FRACTION = re.compile(rf"\\[dtc]?frac\s*\{{\s*(?P<p>{_PARTIAL})")
_SLASH = re.compile(
    r"(?:\\partial|∂|d)\s*(?P<two>\^2|²)?\s*(?P<top>(?:\\?[A-Za-z]+\s*\{[^{}]*\}|\\?[^\s/=\\]+|\\[A-Za-z]+)(?:\s*\([^()]*\))?)\s*/\s*"
    r"(?:\\partial|∂|d)\s*(?P<bottom>.+)$"
)
_INSIDE = re.compile(
    r"(?P<fraction>\\[dtc]?frac\s*\{\s*(?:\\partial|∂)[^{}]*(?:\{[^{}]*\}[^{}]*)*\}\s*\{\s*(?:\\partial|∂))"
    r"|∂\w+(?:\([^()]*\))?/∂\w+(?:_\w)?"
)
_NABLA = re.compile(r"(?:\\nabla|∇|\\?grad(?![a-z]))\s*(?P<two>\^\{?2\}?|²)?\s*")
_SHORT = re.compile(r"(?:\\partial|∂)\s*_")
_TRANSPOSED = re.compile(
    r"\s*(?:\^\s*\{?\s*(?:\\(?:top|intercal|prime)|T|⊤|\\(?:mathsf|rm|mathrm)\s*\{?T\}?)\s*\}?|ᵀ|⊤|'|′)\s*$"
)
_ARGUMENTS = re.compile(
    r"^(?P<name>[^()=]+?)\s*(?:\\left|\\[bB]ig+l?)?\s*\((?P<inside>[^()]*?)(?:\\right|\\[bB]ig+r?)?\s*\)$"
)
_BRACKETS = re.compile(r"\\[{}]|\\(?:begin|end|langle|rangle)(?![A-Za-z])|\\.|[()\[\]{}⟨⟩]", re.S)
_OPENING = frozenset({"(", "[", "{", "⟨", "\\{", "\\begin", "\\langle"})
_CLOSING = frozenset({")", "]", "}", "⟩", "\\}", "\\end", "\\rangle"})
_VEC = re.compile(r"\\?(?:operatorname|mathrm|text|mbox|rm)?\s*\{?\s*(?:\\rm\s*)?\\?vec\s*\}?\s*(?P<rest>.+)$")


@dataclass(frozen=True, slots=True)
class Target:
    """What a left side speaks of.

    `kind`: "value", "d", "gradient", "jacobian", "hessian" or "chain" (nothing stands there). `of` is the text
    of the function ("" where it is not named), `by` the variables; `flipped` says that the transpose is meant.
    """

    kind: str
    of: str = ""
    by: tuple[str, ...] = ()
    flipped: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """`sides` related by `=`, from a row; `arrow` is how it follows from the clause before it on the row."""

    row: Row
    text: str
    target: Target
    sides: tuple[str, ...]
    defines: bool = False
    arrow: str = ""
    declares: bool = False
    unread: str = ""  # why the clause is outside what is judged
    alias: str = ""  # a name for the derivative on the left: g = ∂f/∂x = …


_REMARK = re.compile(r"[\s&]*\\(?:text|textrm|textit|mbox)\{\w+ (?:[^{}]|\{[^{}]*\})*\}[\s.,]*")  # words alone


def clauses(row: Row) -> tuple[Clause, ...]:
    """The clauses of a row of mathematics.

    >>> [(c.target.kind, c.sides) for c in clauses(Row(1, "f = X:X, df = 2X:dX", "formula"))]
    [('value', ('X:X',)), ('d', ('2X:dX',))]
    """
    if _REMARK.fullmatch(row.text):
        return ()
    text = _OVERSET.sub(
        lambda m: ":=" if not m["over"] or "def" in m["over"] or "!" not in m["over"] else "=", row.text
    )
    text = _FONT_RELATION.sub(r" \1 ", _UNSEEN.sub(" ", text))
    text = _TEXT.sub(_connective, text if row.latex else CONNECTIVE.sub(r"\\text{\g<0>}", text))
    out: list[Clause] = []
    for arrow, piece in _by_arrows(text):
        parts = _pieces(piece)
        for i, part in enumerate(parts):
            out.append(_clause(row, part, arrow if i == 0 else ""))
            row = out[-1].row  # what stands behind `where` goes on to the end
    return tuple(out)


def _connective(m: re.Match[str]) -> str:
    """Words inside mathematics separate clauses; function names stay."""
    word = m[1].strip()
    if re.fullmatch(r"(?:and|where|or|with|so|hence|thus|for|if|when|since|,|;|\s)+", word):
        return r" \quad " + (r"\where " if "where" in word or "with" in word else "")
    return m[0] if re.fullmatch(r"[A-Za-z]{1,8}", word) else r" \quad "


def _by_arrows(text: str) -> list[tuple[str, str]]:
    """The stretches between ⇒ and ⇔, each with the arrow before it."""
    found = sorted(
        (m.start(), m.end(), sign)
        for sign, p in _ARROWS.items()
        for m in p.finditer(text)
        if _depth(text, m.start()) == 0
    )
    out: list[tuple[str, str]] = []
    place, before = 0, ""
    for a, b, sign in found:
        if text[place:a].strip(" &") or not out:
            out.append((before, text[place:a]))
        place, before = b, sign
    out.append((before, text[place:]))
    return [(s, t) for s, t in out if _trim(t)]


def _depth(text: str, end: int) -> int:
    """How many brackets are open at a place."""
    depth = 0
    for m in _BRACKETS.finditer(text[:end]):
        if m[0] in _OPENING:
            depth += 1
        elif m[0] in _CLOSING:
            depth -= 1
    return max(0, depth)


def _trim(text: str) -> str:
    return _TRIM.sub("", text)


def _pieces(text: str) -> list[str]:
    """The clauses side by side: at wide spaces, commas and semicolons where both neighbours relate something."""
    marks = [
        m
        for m in re.finditer(r"\\q?quad(?![A-Za-z])(?:\s|&|\\q?quad(?![A-Za-z]))*|(?<!\\)[,;]", text)
        if _depth(text, m.start()) == 0
    ]
    out: list[str] = []
    place = 0
    for m in marks:
        before, after = text[place : m.start()], text[m.end() :]
        if _relates(before) and _starts_clause(after):
            out.append(before)
            place = m.end()
    out.append(text[place:])
    return [t for t in map(_trim, out) if t]


def _relates(text: str) -> bool:
    return any(_depth(text, m.start()) == 0 for m in RELATION.finditer(text))


def _starts_clause(text: str) -> bool:
    """Whether a clause begins here: a relation comes with something before it."""
    m = next((m for m in RELATION.finditer(text) if _depth(text, m.start()) == 0), None)
    return m is not None and bool(_trim(text[: m.start()]))


CONDITION = re.compile(r"(?:≠|!=|\\neq?(?![A-Za-z])|\\not\s*=)\s*0\s*$")  # what is assumed, not claimed


def _clause(row: Row, text: str, arrow: str) -> Clause:
    if text.startswith("\\where"):
        text, row = _trim(text[6:]), replace(row, words=row.words + " where")
    shown = text
    equals = [m for m in re.finditer(rf"{_DEFINES.pattern}|(?<![<>!~:])=", text) if _depth(text, m.start()) == 0]
    if not equals and (is_declaration(text) or CONDITION.search(text)):
        return Clause(row, shown, Target("value"), (text,), declares=True, arrow=arrow)
    other = next((m for m in _OTHER.finditer(text) if _depth(text, m.start()) == 0), None)
    if other is not None:
        return Clause(row, shown, Target("value"), (text,), arrow=arrow, unread=f"`{other[0]}` relates no equal things")
    places = [0, *(m.end() for m in equals)]
    ends = [*(m.start() for m in equals), len(text)]
    sides = [_trim(text[a:b]) for a, b in zip(places, ends, strict=True)]
    if len(sides) > 1 and (m := _MEMBER.search(sides[-1])) and _depth(sides[-1], m.start()) == 0:
        sides[-1] = _trim(sides[-1][: m.start()])
    defines = any(_DEFINES.fullmatch(m[0]) for m in equals)
    if len(sides) == 1:
        return Clause(
            row, shown, Target("chain"), (sides[0],), arrow=arrow, unread="" if sides[0] else "nothing stands here"
        )
    if _VARIATION.match(_trim(sides[0])):
        return Clause(row, shown, Target("value", sides[0]), tuple(sides[1:]), arrow=arrow, unread=NOT_A_MARK)
    if _ALONG.match(_trim(sides[0])):
        return Clause(row, shown, Target("value", sides[0]), tuple(sides[1:]), arrow=arrow, unread=NOT_JUDGED)
    aims = [target(side) for side in sides[:2]]
    if aims[1].kind in DERIVATIVES and aims[0].kind == "value" and canonical(sides[0]):
        return Clause(row, shown, aims[1], tuple(sides[2:]), defines, arrow, alias=sides[0])
    return Clause(row, shown, aims[0], tuple(sides[1:]), defines, arrow)


_ALONG = re.compile(r"\(?\s*(?:∇\s*²|∇\s*\^\s*\{?2\}?|\\nabla\s*\^\s*\{?2\}?|Hess)\s*[^\[\]]*\[[^\]]*\]")
_VARIATION = re.compile(r"(?:vec\(|\\operatorname\{vec\}\()?\s*(?:δ|\\delta(?![A-Za-z]))\s*[A-Za-z]")
NOT_A_MARK = "δ in front of a name is not read as a differential; d is, where d is no variable"
NOT_JUDGED = "a Hessian times a direction is not judged; the differential of the gradient, dG = …, is"


def plain_name(text: str) -> str | None:
    """The canonical name that a left side is, arguments in brackets left off.

    >>> plain_name("f(U, V)"), plain_name("A:B"), plain_name("{\\\\cal E}")
    ('f', None, 'E_cal')
    """
    text = text.strip()
    m = _ARGUMENTS.match(text)
    if m is not None and canonical(m["name"]) and all(canonical(x) for x in m["inside"].split(",") if x.strip()):
        text = m["name"]
    name = canonical(text)
    if name is None or name in FUNCTIONS or len(name.split("_")[0]) > 1 and text[:1] not in "\\{":
        return None
    return name


# ── left sides ────────────────────────────────────────────────────────────────────────────────────────────
def target(left: str) -> Target:
    r"""What a left side speaks of.

    >>> target(r"\frac{\partial f}{\partial X}")
    Target(kind='gradient', of='f', by=('X',), flipped=False)
    >>> target("dM").kind, target("").kind
    ('d', 'chain')
    """
    left = _trim(left)
    if not left:
        return Target("chain")
    value = Target("value", _STARRED.sub("", left))
    return _fraction(left) or _slash(left) or _nabla(left) or _differential(left) or value


def _fraction(left: str) -> Target | None:
    m = _FRACTION.match(left)
    if m is None:
        return None
    middle = brace_end(left, left.index("{", m.start()))
    top = left[m.end() : middle - 1]
    start = _skip(left, middle)
    if left[start : start + 1] != "{":
        return None
    end = brace_end(left, start)
    bottom, after = left[start + 1 : end - 1], _trim(left[end:])
    top = _trim(top)
    two = re.match(r"\^\s*\{?2\}?|²", top)
    top = _trim(top[two.end() :]) if two else top
    if not re.match(_PARTIAL, bottom.strip()):
        return None
    flipped = _TRANSPOSED.fullmatch(after) is not None and bool(top)
    if top and after and not flipped:
        return None  # a derivative with something beside it: a product
    return _derivative(top or after, bottom, two is not None, flipped)


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _slash(left: str) -> Target | None:
    m = _SLASH.match(left)
    return _derivative(m["top"], "∂" + m["bottom"], m["two"] is not None) if m else None


def _derivative(top: str, bottom: str, two: bool, flipped: bool = False) -> Target:
    """The target of ∂top/∂bottom."""
    parts = [_trim(p) for p in re.split(_PARTIAL, bottom) if _trim(p)]
    parts = [_trim(re.sub(r"\^\s*\{?2\}?$|²$", "", p)) for p in parts]
    if two or len(parts) > 1:
        by = tuple(_stripped(p)[0] for p in parts)
        return Target("hessian", _stripped(top)[0], by if len(by) == 2 else by * 2)
    by_name, by_flipped, by_vec = _stripped(parts[0] if parts else "")
    of_name, of_flipped, of_vec = _stripped(top)
    if of_vec or by_vec:
        return Target("jacobian", of_name, (by_name,), of_flipped or flipped)
    return Target("gradient", top if not of_flipped else of_name, (by_name,), by_flipped != (of_flipped or flipped))


def stretched(text: str) -> str:
    """The small letter that vec of a capital one is: y for vec(Y); "" for any other text."""
    name, _, vec = _stripped(text)
    plain = plain_name(name) if vec else None
    return plain.lower() if plain and len(plain) == 1 and plain.isupper() else ""


def _stripped(text: str) -> tuple[str, bool, bool]:
    """A name without its transpose and its vec; whether it had them."""
    text = _trim(text)
    flipped = vec = False
    while True:
        if (m := _TRANSPOSED.search(text)) and not vec:
            text, flipped = _trim(text[: m.start()]), True
        elif m := _VEC.match(text):
            text, vec = _trim(m["rest"]), True
        elif text[:1] in "({" and text[-1:] in ")}" and len(text) > 2 and text.count(text[0]) == 1:
            text = _trim(text[1:-1])
        else:
            return text, flipped, vec


def _nabla(left: str) -> Target | None:
    m = _NABLA.match(left) or _SHORT.match(left)
    if m is None:
        return None
    rest = left[m.end() :] if m.re is _NABLA else left[m.end() - 1 :]
    by: tuple[str, ...] = ()
    if rest.startswith("_"):
        word = re.match(
            r"_\s*(?:\\(?:mathbf|boldsymbol|bm|mathrm|vec)\s*\{?\s*(?:\\?[A-Za-z]+)\s*\}?(?:_\w)?|\\[A-Za-z]+(?:_\w)?|\w(?:_\w|\d)?)",
            rest,
        )
        end = brace_end(rest, rest.index("{")) if re.match(r"_\s*\{", rest) else word.end() if word else 2
        inner = rest[1:end].strip()
        inner = inner[1:-1] if inner.startswith("{") and brace_end(inner, 0) == len(inner) else inner
        by, rest = tuple(_trim(x) for x in inner.split(",")), rest[end:]
    elif re.match(r"[ₐ-ₜᵢ-ᵪ]", rest):
        by, rest = (rest[0],), rest[1:]
    two = m.re is _NABLA and m["two"] is not None
    return Target("hessian" if two else "gradient", _trim(rest), by * 2 if two and len(by) == 1 else by)


_STACKED = re.compile(
    r"(?:vec|\\(?:operatorname|mathrm|text)\s*\{\s*vec\s*\}|\\vec)\s*(?:\\left)?\((?P<inside>[^()]*?)(?:\\right)?\)"
)


def _differential(left: str) -> Target | None:
    """`df`, `d\\phi`, `\\mathrm{d}f`, `{\\rm d}f`, `d{\\cal E}`; `vec(dG)`."""
    if stacked := _STACKED.fullmatch(left):
        inside = _differential(stacked["inside"].strip())
        return Target("d", f"vec({inside.of})") if inside is not None else None
    m = re.match(
        r"(?:d|\\(?:mathrm|rm|text|operatorname)\s*\{\s*d\s*\}|\{\s*\\rm\s+d\s*\}|\\d(?![a-z]))\s*(?=[^\s=])", left
    )
    if m is None:
        return None
    rest = re.sub(r"^(?:\\[,;! ]|\s)+", "", left[m.end() :])
    if canonical(rest) is None or re.fullmatch(r"[a-z]{2,}", rest):
        return None
    return Target("d", rest)


def derivatives_in(text: str) -> list[tuple[int, int, Target]]:
    r"""The derivatives that stand inside a formula, each with its place.

    >>> [(a, b, t.of) for a, b, t in derivatives_in(r"\frac{\partial f}{\partial X}:dX")]
    [(0, 29, 'f')]
    """
    found: list[tuple[int, int, Target]] = []
    for m in _INSIDE.finditer(text):
        start, end = m.start(), m.end()
        if m["fraction"]:
            end = brace_end(text, _skip(text, brace_end(text, text.index("{", start))))
        aim = target(text[start:end])
        if aim.kind in DERIVATIVES:
            found.append((start, end, aim))
    return found
