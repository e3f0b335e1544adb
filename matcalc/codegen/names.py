"""Names in emitted code: arguments by their canonical names, intermediate arrays by what they are."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping
from fractions import Fraction

from matcalc.ir import Array

RESERVED = frozenset({"np", "linalg", "special", "dtype", *dir(builtins), *keyword.kwlist})
KINDS: dict[str, tuple[str, str]] = {  # operation → names of a matrix, of a vector
    "subtract": ("R E D", "r e d"),
    "add": ("S T B", "s t b"),
    "add_diagonal": ("B D S", "b"),
    "multiply": ("W G H", "w g h"),
    "divide": ("W G H", "w g h"),
    "solve": ("Z K", "z"),
    "cholesky_solve": ("Z K", "z"),
    "lu_solve": ("Z K", "z"),
    "cholesky": ("factor", "factor"),
    "lu": ("factor", "factor"),
    "svd": ("factors", "factors"),
    "eigh": ("factors", "factors"),
    "eigenvector": ("v", "v"),
    "map": ("F E", "f e"),
    "matmul": ("P Q", "p q"),
    "ordered_at_run_time": ("P Q", "p q"),
    "diagonal": ("D", "d"),
    "logsumexp": ("L", "lse"),
    "softmax": ("S", "s"),
    "softmax_pair": ("both", "both"),
    "block": ("B", "b"),
}


FACTORS = ("cholesky", "lu", "svd", "eigh", "softmax_pair")  # no arrays
SPARE = ("T S N L K J H G F E D C B A", "t s e d c b a z q p h g f")


def is_identifier(text: str) -> bool:
    """Whether Python takes the text as a name and keeps it as it is."""
    return (
        text.isidentifier()
        and text[0] != "_"
        and unicodedata.normalize("NFKC", text) == text
        and not keyword.iskeyword(text)
    )


def escaped(text: str) -> str:
    """A text as it may stand in a string: on one line, nothing that ends the string or hides in it."""
    safe = []
    for c in " ".join(text.split()):
        if c in '\\"':
            safe.append("\\" + c)
        elif c.isprintable():
            safe.append(c)
        else:
            safe.append(f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}")
    return "".join(safe)


def identifier_for(name: str, aliases: Mapping[str, str]) -> str:
    """The name itself where Python allows it, else its alias, else letters and digits of it."""
    for text in (name, aliases.get(name, "")):
        if is_identifier(text):
            return text
    ascii_text = "".join(c if c.isascii() and (c.isalnum() or c == "_") else f"_{ord(c):x}" for c in name)
    text = ascii_text if ascii_text[:1].isalpha() else f"v{ascii_text}"
    return text + "_" if keyword.iskeyword(text) else text


def function_keyword(name: str, order: int) -> str:
    """The keyword of an elementwise function that is given, or of its derivative of an order: f, df, d2f.

    >>> [function_keyword("f", order) for order in range(3)]
    ['f', 'df', 'd2f']
    """
    return f"{'d' * (order > 0)}{order if order > 1 else ''}{identifier_for(name, {})}"


class Names:
    """The names of one function, each given once."""

    def __init__(self, arguments: Mapping[str, str], taken: Iterable[str]) -> None:
        self.arguments = dict(arguments)
        self.taken = {*RESERVED, *arguments.values(), *taken}

    def of_input(self, name: str) -> str:
        """The Python name of an argument."""
        return self.arguments[name]

    def fresh(self, wishes: str) -> str:
        """The first of the wished names that is free, else the first with a number."""
        options = wishes.split()
        count = 1
        while True:
            for wish in options if count == 1 else options[:1]:
                name = wish if count == 1 else f"{wish}_{count}"
                if name not in self.taken:
                    self.taken.add(name)
                    return name
            count += 1


def suggested_name(x: Array, texts: Mapping[Array, str]) -> str:
    """Names for an array, the best first: A @ u is Au, a difference R, an inverse A_inv."""
    kind = KINDS.get(x.name, ("T", "t"))
    wishes = (
        kind[0]
        if x.name in FACTORS
        else f"{kind[0]} {SPARE[0]}"
        if x.rank == 2
        else f"{kind[1]} {SPARE[1]}"
        if x.rank == 1
        else _scalar_name(x)
    )
    composed = "".join(_short(texts.get(a, "")) for a in x.args)
    if (
        x.name in ("matmul", "outer")
        and 0 < len(composed) <= 5
        and all(_short(texts.get(a, "")) for a in x.args)
    ):
        return f"{composed} {wishes}"
    if x.name in ("inv", "pinv") and _short(texts.get(x.args[0], "")):
        return f"{_short(texts[x.args[0]])}_{x.name} {wishes}"
    return wishes


def _scalar_name(x: Array) -> str:
    if x.name == "power":
        return {2: "square", Fraction(1, 2): "root"}.get(x.attrs[0], "s")
    return {
        "inner": "dot",
        "sum": "total",
        "norm": "norm",
        "logdet": "logdet",
        "det": "det",
        "trace": "trace",
        "logsumexp": "lse",
    }.get(x.name, "s")


def _short(text: str) -> str:
    """A or A.T as a piece of a name: A or At."""
    found = re.fullmatch(r"([^\W\d_]{1,2}\d?)(\.T)?", text)
    return found[1] + ("t" if found[2] else "") if found else ""
