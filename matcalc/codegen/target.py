"""What a target is: a table of how it writes each array operation.

A `Form` is a template with one slot an argument, the precedence of the whole and the least precedence that
each argument needs to stand without brackets. Attributes fill the slots that are named `{a}`, `{b}` …
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

ANY, SUM, MATMUL, PRODUCT, SIGN, POWER, ATOM = 0, 5, 6, 7, 8, 9, 10


@dataclass(frozen=True, slots=True)
class Form:
    """How an operation is written."""

    template: str
    precedence: int = ATOM
    needs: tuple[int, ...] = (ANY, ANY, ANY)


@dataclass(frozen=True, slots=True)
class Target:
    """A table of names; `helpers` are small functions that are written into the module where they are used.

    `modules` maps the short name of a module in the templates to its import line. `entrywise` is the column
    of the operators' rows that has the names of entrywise functions.
    """

    name: str
    forms: Mapping[str, Form]
    helpers: Mapping[str, str]
    modules: Mapping[str, str]
    entrywise: str
    updates_in_place: bool = False
    functions: Mapping[str, str] = field(default_factory=dict)
    rewritten: Callable[[str], str] = str  # how the short names of modules are written in this function


def infix(symbol: str, level: int) -> Form:
    """A binary operator that associates to the left."""
    return Form(f"{{0}} {symbol} {{1}}", level, (level, level + 1))


def call(function: str, arguments: int = 1) -> Form:
    """A function call."""
    return Form(f"{function}({', '.join(f'{{{i}}}' for i in range(arguments))})")


def method(text: str) -> Form:
    """An attribute or method of the first argument."""
    return Form("{0}" + text, ATOM, (ATOM, ANY, ANY))


def renamed(target: Target, modules: Mapping[str, str]) -> Target:
    """The target with other short names for its modules, for functions whose arguments have those names."""
    def new(text: str) -> str:
        for old, short in modules.items():
            text = re.sub(rf"\b{old}\.", f"{short}.", text)
        return text

    forms = {name: replace(form, template=new(form.template)) for name, form in target.forms.items()}
    imports = {
        modules[name]: f"{line.removesuffix(f' as {name}')} as {modules[name]}"
        for name, line in target.modules.items()
        if name in modules
    }
    kept = {name: line for name, line in target.modules.items() if name not in modules}
    return replace(
        target,
        forms=forms,
        helpers={name: new(text) for name, text in target.helpers.items()},
        functions={name: new(text) for name, text in target.functions.items()},
        modules=kept | imports,
        rewritten=new,
    )
