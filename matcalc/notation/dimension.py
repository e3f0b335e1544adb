"""Dimensions as they are written: `m`, `2n+1`, `mn`, `m×n`, `n(n+1)/2`.

A size keeps the order of its factors and parts, which the core's polynomials do not: equations between sizes
are matched in that order. Solving them is the work of sizes.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from matcalc.notation.names import plain


@dataclass(frozen=True, slots=True, eq=False)
class Product:
    """An ordered product of sizes; `vec` marks the length of vec(X), which is (columns, rows)."""

    factors: tuple[Size, ...]
    order: str = ""  # "vec", "typed" or "" (as ⊗ has them)


@dataclass(frozen=True, slots=True, eq=False)
class Sum:
    """An ordered sum of sizes, less others."""

    parts: tuple[Size, ...]
    minus: tuple[Size, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Triangle:
    """n(n+1)/2, the length of vech of an n×n matrix."""

    side: Size


Size = Any  # int | str | Product | Sum | Triangle | sizes.Var

_TRIANGLE = re.compile(r"(?:1/2)?(\w+)\(\1\+1\)(?:/2)?|\((\w+)\^2\+\2\)/2|\(\w+\+1\)(\w+)/2")
_ATOM = re.compile(r"\d{1,9}|[^\W\d](?:_\w+|\d+)?")
_BY = re.compile(r"×|\\times|,| x |(?<=[\w)])x(?=[\w(])|\bby\b")


def read_shape(text: str, known: set[str]) -> tuple[Size, ...]:
    """The sizes of a shape text, one or two or more.

    Raises:
        ValueError: the text is no shape.

    >>> read_shape("m x n", set()), read_shape("mxn", set()), read_shape("20", set())
    (('m', 'n'), ('m', 'n'), (20,))
    """
    pieces = _BY.split(text)
    if (
        len(pieces) > 2
        and " x " not in text
        and "×" not in text
        and "," not in text
        and "\\times" not in text
    ):
        pieces = [text]
    return tuple(read_size(p, known) for p in pieces)


def read_size(text: str, known: set[str]) -> Size:
    """One size.

    Raises:
        ValueError: the text is no size.
    """
    text = plain(text)
    if len(text) == 1 and text.isalpha() or text in known:
        return text
    if re.search(r"\d{10}", text):
        raise ValueError("this dimension is too large")
    if text.isdigit():
        return int(text)
    if m := _TRIANGLE.fullmatch(text):
        if "/2" in text:
            return Triangle(read_size(m[1] or m[2] or m[3], known))
    if len(text) > 60:
        raise ValueError("this dimension is too long")
    size, rest = _sum(text, known)
    if rest or not text:
        raise ValueError(f"`{text}` is no dimension")
    return size


def _sum(text: str, known: set[str]) -> tuple[Size, str]:
    first, text = _product(text, known)
    plus: list[Size] = [first]
    minus: list[Size] = []
    while text[:1] in ("+", "-"):
        sign = text[0]
        part, text = _product(text[1:], known)
        (plus if sign == "+" else minus).append(part)
    return (first if len(plus) == 1 and not minus else Sum(tuple(plus), tuple(minus))), text


def _product(text: str, known: set[str]) -> tuple[Size, str]:
    factors: list[Size] = []
    while text:
        if factors and text[0] in "*·":
            text = text[1:]
        if text[:1] == "(":
            factor, text = _sum(text[1:], known)
            if text[:1] != ")":
                raise ValueError("a bracket of a dimension is not closed")
            text = text[1:]
        else:
            declared = [k for k in known if len(k) > 1 and text.startswith(k)]
            m = _ATOM.match(text)
            if not declared and m is None:
                break
            word = max(declared, key=len) if declared else m[0] if m else ""
            factor, text = (int(word) if word.isdigit() else word), text[len(word):]
        times = 1
        if m := re.match(r"\^(\d)(?!\d)|\*\*(\d)(?!\d)", text):
            times, text = int(m[1] or m[2]), text[m.end():]
        factors += [factor] * times
    if not factors:
        raise ValueError("a dimension is missing")
    return (factors[0] if len(factors) == 1 else Product(tuple(factors), "typed")), text


def names_of(size: Size) -> set[str]:
    """The names that occur in a size."""
    if isinstance(size, str):
        return {size}
    if isinstance(size, Triangle):
        return names_of(size.side)
    if isinstance(size, Product):
        return set().union(*map(names_of, size.factors))
    if isinstance(size, Sum):
        return set().union(*map(names_of, size.parts + size.minus))
    return set()
