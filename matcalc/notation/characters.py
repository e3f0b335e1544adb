"""Characters: the many ways to type one symbol, brought to one.

Everything is a row of a table here: Unicode look-alikes, Greek letters by name, LaTeX commands that stand for
a symbol, superscripts and subscripts. Nothing is parsed.
"""

from __future__ import annotations

import unicodedata

_GREEK = """alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν
xi ξ omicron ο pi π rho ρ sigma σ tau τ upsilon υ phi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ
Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω""".split()
GREEK: dict[str, str] = dict(zip(_GREEK[::2], _GREEK[1::2], strict=True))
GREEK_NAMES: dict[str, str] = {letter: name for name, letter in GREEK.items()}
_VARIANTS = {"varepsilon": "ε", "vartheta": "θ", "varrho": "ρ", "varsigma": "ς", "varphi": "φ", "varpi": "π",
             "varkappa": "κ", "ell": "l", "imath": "i", "jmath": "j", "hbar": "h", "digamma": "ϝ"}

SUPERSCRIPTS: dict[int, int] = str.maketrans(
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵀᵗᴴⁿⁱᵏᵐᵖᵃᵇᶜᵈʳˢᵘᵛʷˣʸᶻ⁽⁾˙ᐟ", "0123456789+-TtHnikmpabcdrsuvwxyz()./"
)
SUBSCRIPTS: dict[int, int] = str.maketrans(
    "₀₁₂₃₄₅₆₇₈₉₊₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", "0123456789+-aehijklmnoprstuvxβγρφχ"
)

# Unicode spellings of the symbols of the language; `=` separates a symbol from its spellings.
_SPELLINGS = """
- −–—‐‑‒﹣－⁃
' ’‘′‵ʹ´`ʼ
· ⋅∙∗⁎＊•
× ✕⨯
∘ ⊙◦○⨀
⊗ ⨂
/ ∕⁄÷
‖ ∥‗║
⟨ 〈〈❬
⟩ 〉〉❭
⊤ ⟙
: ∶：ː
* ⋆
"""
COMBINING = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar", "\u0307": "dot",
             "\u0308": "ddot", "\u0306": "breve", "\u030c": "check", "\u20d7": "vec"}
BOLD_ONE = "𝟏"

# LaTeX commands that stand for one symbol of the language.
COMMANDS: dict[str, str] = {
    **GREEK,
    **_VARIANTS,
    "Sigma": "\\Sigma",
    "circ": "∘",
    "odot": "∘",
    "bullet": "·",
    "oslash": "⊘",
    "otimes": "⊗",
    "cdot": "·",
    "times": "×",
    "ast": "·",
    "star": "·",
    "div": "/",
    "top": "⊤",
    "intercal": "⊤",
    "prime": "'",
    "dagger": "†",
    "dag": "†",
    "infty": "∞",
    "colon": ":",
    "|": "‖",
    "Vert": "‖",
    "lVert": "‖(",
    "rVert": "‖)",
    "vert": "|",
    "mid": "|",
    "lvert": "|(",
    "rvert": "|)",
    "langle": "⟨",
    "rangle": "⟩",
    "{": "(",
    "}": ")",
    "lbrace": "(",
    "rbrace": ")",
    "lbrack": "[",
    "rbrack": "]",
    "sum": "∑",
    "in": "∈",
    "geq": "≥",
    "ge": "≥",
    "succ": "≻",
    "succeq": "⪰",
    "gt": ">",
    "lt": "<",
    "Re": "R",
    "coloneqq": ":=",
    "coloneq": ":=",
    "doteq": ":=",
    "triangleq": ":=",
    "equiv": ":=",
    "slash": "/",
    "\\": "¶",
    "cr": "¶",
    "newline": "¶",
    "parallel": "‖",
    "_": "_",
    "setminus": "\\",
    "ldotp": ".",
}
# Commands that only change how a formula looks.
INVISIBLE = frozenset(
    """left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm Bigm middle limits
nolimits displaystyle textstyle scriptstyle quad qquad enspace hfill nonumber notag hspace vspace null strut
mathstrut medspace thinspace thickspace negthinspace allowbreak hskip mathopen mathclose mathbin mathrel
mathord mathinner unicode noindent centering small large phantom , ; : ! > /""".split()
) | {" ", "\n", "\t"}
FONTS = dict.fromkeys(
    """mathbf bm boldsymbol pmb mathit mathsf mathtt mathbb mathds mathbbm bf it sf tt textbf
textit vec vect underline underbar mathnormal mathbfit symbf symbfit textsf texttt mathfrak frak
uvec mat vb""".split(),
    "bold",
)
FONTS |= dict.fromkeys(
    """mathrm text mbox operatorname rm textrm mathop textnormal hbox textup
operatornamewithlimits""".split(),
    "upright",
)
FONTS |= {"mathcal": "cal", "mathscr": "cal", "cal": "cal", "scr": "cal"}
ACCENTS = {
    "hat": "hat",
    "widehat": "hat",
    "tilde": "tilde",
    "widetilde": "tilde",
    "bar": "bar",
    "overline": "bar",
    "dot": "dot",
    "ddot": "ddot",
    "check": "check",
    "breve": "breve",
    "acute": "acute",
    "mathring": "ring",
}


def _table() -> dict[int, str]:
    table = {}
    for line in _SPELLINGS.split("\n"):
        if line:
            table.update({ord(c): line[0] for c in line[2:]})
    table.update({ord(c): BOLD_ONE for c in "𝟏𝟙𝟭"})
    table.update(
        {ord(c): " " for c in "\r\v\f\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f\u00ad\u2061\u2062\u2063"}
    )
    table.update({ord(c): "\n" for c in "\u2028\u2029\x85"})
    table.update(
        {
            0x2254: ":=",
            0x2255: ":=",
            0x225C: ":=",
            0x2250: ":=",
            0x2033: "''",
            0x00BD: "(1/2)",
            0x00BC: "(1/4)",
            0x2153: "(1/3)",
            0x03F5: "ε",
            0x03D5: "φ",
            0x2211: "∑",
            0x2206: "Δ",
            0x1D40: "ᵀ",
            0x22BA: "⊤",
            0x27BE: ":=",
        }
    )
    table.update({c: chr(c) for c in (*SUPERSCRIPTS, *SUBSCRIPTS, *map(ord, COMBINING)) if c > 127})
    return table


class _Characters(dict[int, str]):
    """One character → its spelling in the language; everything not listed by NFKC, accents kept apart."""

    def __missing__(self, code: int) -> str:
        c = chr(code)
        parts = unicodedata.normalize("NFKD", c)
        accent = len(parts) > 1 and parts[0].isalpha() and parts[-1] in COMBINING
        out = parts if accent else unicodedata.normalize("NFKC", c)
        out = "".join(_TABLE.get(ord(x), x) for x in out)
        if len(self) < 5000:
            self[code] = out
        return out


_TABLE = _table()
_CHARACTERS = _Characters(_TABLE)


def clean(text: str) -> tuple[str, list[int] | None]:
    """The text in the characters of the language, and where each of its characters came from.

    The second value is None where the characters are in their old places.

    >>> clean("A ⊙ B − C")
    ('A ∘ B - C', None)
    >>> clean("ŷ")[0] == "y" + chr(0x302)
    True
    """
    if text.isascii() and "\r" not in text and "`" not in text:
        return text, None
    out = text.translate(_CHARACTERS)
    if len(out) == len(text):
        return out, None
    origin: list[int] = []
    for i, c in enumerate(text):
        origin += [i] * len(_CHARACTERS[ord(c)])
    return out, [*origin, len(text)]


def character_name(c: str) -> str:
    """A character as an error message shows it.

    >>> character_name("♥")
    '`♥` (U+2665)'
    """
    return f"`{c}` (U+{ord(c):04X})" if c.isprintable() else f"U+{ord(c):04X}"
