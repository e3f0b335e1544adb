"""The head of an emitted function: one floating type, shapes checked, dimensions named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from matcalc.codegen.names import escaped
from matcalc.core.dims import ONE, Dim
from matcalc.core.tree import Expr

Axes = tuple[Dim, ...]


@dataclass(slots=True)
class Head:
    """The lines and the helpers they call."""

    lines: list[str] = field(default_factory=list)
    helpers: list[str] = field(default_factory=list)


def axes_of_argument(p: Expr) -> Axes:
    """The shape of an argument: a column is an array of one axis, a declared row a matrix of one row."""
    rows, cols = p.shape
    return (rows, cols) if cols is not ONE else (rows,) if rows is not ONE else ()


def name_of(p: Expr) -> str:
    """The canonical name of a parameter: of a variable, or of a dimension used as a number."""
    return str(p.attrs[0])


class Checks:
    """Writes the head, parameter by parameter."""

    def __init__(self, parameters: tuple[Expr, ...], python: Mapping[str, str], dims: Mapping[str, str],
                 conditions: tuple[tuple[Dim, Dim] | str, ...], bounds: tuple[tuple[Dim, Dim], ...] = ()) -> None:
        self.bounds = bounds
        self.parameters, self.python, self.dims, self.conditions = parameters, python, dims, conditions
        self.arrays = [p for p in parameters if p.op.name == "var" and axes_of_argument(p)]
        self.scalars = [p for p in parameters if p.op.name == "var" and not axes_of_argument(p)]
        self.known: set[str] = set()
        self.head = Head()

    def written(self, needs_dtype: bool) -> Head:
        """The head; `needs_dtype` says whether the body asks for the floating type."""
        for p in self.parameters:
            if p.op.name == "dimnum":
                self._size(p)
        self._types(needs_dtype)
        self._shapes()
        met = set[tuple[Dim, Dim]]()
        for name, (total, rest) in differences(self.conditions, self.known).items():
            python = self.dims[name]
            self._say(f'{python} = _count("{python}", {self.text(total)} - {_operand(self.text(rest))})', "_count")
            self.known.add(name)
            met |= {(Dim.name(name) + rest, total), (total, Dim.name(name) + rest)}
        for c in self.conditions:
            if not isinstance(c, str) and c not in met:
                self._condition(*c)
        for least, d in self.bounds:
            self._bound(least, d)
        return self.head

    def _say(self, line: str, helper: str = "") -> None:
        self.head.lines.append(line)
        if helper and helper not in self.head.helpers:
            self.head.helpers.append(helper)

    def _size(self, p: Expr) -> None:
        name = self.python[name_of(p)]
        self._say(f'{name} = _size("{name}", {name})', "_size")
        self.known.add(name_of(p))

    def _types(self, needs_dtype: bool) -> None:
        names = [self.python[name_of(p)] for p in self.arrays]
        if names:
            given = ", ".join(f"{n}={n}" for n in names)
            self._say(f"{', '.join(names)}{',' if len(names) == 1 else ''} = _arrays({given})", "_arrays")
        if needs_dtype or self.scalars:
            self._say(f"dtype = {names[0]}.dtype" if names else "dtype = np.dtype(float)")
        for p in self.scalars:
            name = self.python[name_of(p)]
            self._say(f'{name} = _scalar("{name}", {name}, dtype)', "_scalar")

    # ── shapes ────────────────────────────────────────────────────────────────────────────────────────────
    def _shapes(self) -> None:
        waiting = []
        for p in sorted(self.arrays, key=lambda p: not all(_is_name(d) for d in axes_of_argument(p))):
            if all(self._is_plain(d) for d in axes_of_argument(p)):
                self._fit(p)
            else:
                waiting.append(p)
        while waiting:
            p = next((p for p in waiting if self._solvable(p)), waiting[0])
            waiting.remove(p)
            self._solve(p)
            self._fit(p)

    def _is_plain(self, d: Dim) -> bool:
        return d.names <= self.known or _is_name(d)

    def _fit(self, p: Expr) -> None:
        """Check one array; the dimensions that it is the first to have get their names."""
        lengths = axes_of_argument(p)
        name = self.python[name_of(p)]
        fresh = [d for d in lengths if not d.names <= self.known and _is_name(d)]
        wanted = ", ".join("None" if not d.names <= self.known else self.text(d) for d in lengths)
        symbols = escaped(f"({', '.join(map(str, lengths))}{',' if len(lengths) == 1 else ''})")
        call = f'_fit("{name}", {name}, "{symbols}", {wanted})'
        left = [
            self.dims[str(d)] if d in fresh and d not in lengths[:i] else "_" for i, d in enumerate(lengths)
        ]
        bound = f"{', '.join(left)}{',' if len(left) == 1 else ''} = " if fresh else ""
        self._say(bound + call, "_fit")
        self.known |= {str(d) for d in fresh}
        if len(fresh) > len(set(fresh)):  # a square matrix with a new dimension
            self._say(f'_fit("{name}", {name}, "{symbols}", {", ".join(self.text(d) for d in lengths)})')

    def _solvable(self, p: Expr) -> bool:
        return any(_split(d, self.known) is not None for d in axes_of_argument(p))

    def _solve(self, p: Expr) -> None:
        """Name a dimension that stands only inside a larger one: N = a·x + b."""
        lengths = axes_of_argument(p)
        name = self.python[name_of(p)]
        symbols = escaped(f"({', '.join(map(str, lengths))}{',' if len(lengths) == 1 else ''})")
        checked = False
        for i, d in enumerate(lengths):
            found = _split(d, self.known)
            if found is None:
                continue
            if not checked:
                self._say(
                    f'_fit("{name}", {name}, "{symbols}", {", ".join("None" for _ in lengths)})', "_fit"
                )
                checked = True
            unknown, factor, degree, rest = found
            total = (
                f"{name}.shape[{i}]"
                if not rest.terms
                else f"({name}.shape[{i}] - {_operand(self.text(rest))})"
            )
            by = self.text(factor)
            divisor = f" // {by}" if factor.is_number else f" // max({by}, 1)"
            value = f"{total}{'' if factor is ONE else divisor}"
            if degree > 1:  # checked below
                root = "0.5" if degree == 2 else f"(1 / {degree})"
                value = f"round({f'({value})' if ' ' in value else value} ** {root})"
            self._say(f"{self.dims[unknown]} = {value}")
            self.known.add(unknown)

    def _condition(self, a: Dim, b: Dim) -> None:
        if not (a.names | b.names) <= self.known:
            return
        a, b = (b, a) if a.is_number else (a, b)
        left, right = self.text(a), self.text(b)
        one, two = (escaped(str(d)).replace("{", "{{").replace("}", "}}") for d in (a, b))
        found = f"{one} is {{{left}}}" + ("" if b.is_number else f" and {two} is {{{right}}}")
        self._say(f"if {left} != {right}:")
        self._say(f'    raise ValueError(f"{one} = {two} is needed, but {found}")')

    def _bound(self, least: Dim, d: Dim) -> None:
        if not (least.names | d.names) <= self.known:
            return
        low, have = self.text(least), self.text(d)
        one, two = (escaped(str(x)).replace("{", "{{").replace("}", "}}") for x in (d, least))
        found = f"but {one} is {{{have}}}" + ("" if least.is_number else f" and {two} is {{{low}}}")
        self._say(f"if {have} < {low}:")
        self._say(f'    raise ValueError(f"{one} must be at least {two}, {found}")')

    def text(self, d: Dim) -> str:
        """A dimension as an integer expression."""
        return dim_text(d, self.dims)


def differences(conditions: Iterable[tuple[Dim, Dim] | str], given: set[str]) -> dict[str, tuple[Dim, Dim]]:
    """The dimensions that a condition fixes as a difference of known ones: l + 1 = n gives l as (n, 1)."""
    known, found = set(given), dict[str, tuple[Dim, Dim]]()
    for c in conditions:
        for left, total in () if isinstance(c, str) else (c, c[::-1]):
            new = left.names - known
            rest = {m: k for m, k in left.terms if not new & set(m)}
            if len(new) == 1 and rest and total.names <= known and left is Dim.name(*new) + Dim(rest):
                known |= new
                found |= {str(*new): (total, Dim(rest))}
    return found


def dim_text(d: Dim, names: Mapping[str, str]) -> str:
    """A dimension as an integer expression over these Python names."""
    terms = []
    for monomial, c in d.terms:
        factors = [names[n] for n in monomial]
        terms.append(" * ".join(([str(c)] if c != 1 or not factors else []) + factors))
    return " + ".join(terms) or "0"


def _operand(text: str) -> str:
    return f"({text})" if "+" in text else text


def _is_name(d: Dim) -> bool:
    return d.terms == (((str(d),), 1),)


def fixed_by(lengths: Iterable[Dim], given: set[str]) -> set[str]:
    """The dimensions that these lengths give, beside the given ones: n of n, of 2n + m where m is known, of n²."""
    lengths = list(lengths)
    known = given | {str(d) for d in lengths if _is_name(d)}
    while (found := next((s for d in lengths if (s := _split(d, known))), None)) is not None:
        known.add(found[0])
    return known


def _split(d: Dim, known: set[str]) -> tuple[str, Dim, int, Dim] | None:
    """d = factor·xᵏ + rest with one unknown x, as (x, factor, k, rest)."""
    unknown = d.names - known
    if len(unknown) != 1:
        return None
    (x,) = unknown
    degrees = {monomial.count(x) for monomial, _ in d.terms} - {0}
    if len(degrees) > 1:
        return None
    factor = {tuple(n for n in monomial if n != x): c for monomial, c in d.terms if x in monomial}
    rest = {monomial: c for monomial, c in d.terms if x not in monomial}
    return x, Dim(factor), degrees.pop(), Dim(rest)
