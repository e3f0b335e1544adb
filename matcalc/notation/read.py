"""Reading a text: its statements, the shapes of everything in it, and the objective as an expression."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from matcalc import operators
from matcalc.core.algebra import UNIT, VAR, facts_of, var
from matcalc.core.dims import SCALAR, Dim, Shape
from matcalc.core.tree import Expr, walk
from matcalc.errors import MatcalcError, ParseError, Place, UnsupportedError
from matcalc.notation.building import pieces as _pieces
from matcalc.notation.building import powers as _powers
from matcalc.notation.building.builder import Builder, Declared, Typed
from matcalc.notation.building.families import declare_family, family
from matcalc.notation.building.reach import state_products, state_reach
from matcalc.notation.building.sizes import Mismatch
from matcalc.notation.building.terms import find
from matcalc.notation.declare import declarations
from matcalc.notation.dimension import Product, Size, names_of
from matcalc.notation.dimension import Sum as SumSize
from matcalc.notation.names import ascii_alias
from matcalc.notation.reading import Reading, Variable
from matcalc.notation.scope import Scope
from matcalc.notation.source import Source, source
from matcalc.notation.statements import Statement, statements
from matcalc.notation.syntax.parser import parse
from matcalc.notation.syntax.surface import Node, names_in, names_through

__all__ = ["Reading", "Variable", "read", "read_expression"]
assert operators and _pieces and _powers  # imported for what they register
_DECLARATIONS = "X ∈ R^{m×n}, X ∈ Sym(n), x > 0, f elementwise"
_DECLARE = "declare the shapes, so that they fit as they stand"


def read(text: str, *declare: str, entrywise: bool = False) -> Reading:
    """Read a problem: its text and any number of declarations; `entrywise` as in `Scope`.

    Raises:
        ParseError: the text is not of the language.
        ShapeError: its parts do not go together.
        UnsupportedError: it asks for what the engine does not do.

    >>> r = read("‖A x − b‖²")
    >>> {v.name: v.shape for v in r.variables.values()}
    {'A': (m, n), 'x': (n, 1), 'b': (m, 1)}
    """
    try:
        return _read(text, declare, entrywise)
    except ZeroDivisionError:
        raise ParseError("division by zero", Place(str(text), 0, 1)) from None
    except (RecursionError, OverflowError):
        raise UnsupportedError("the formula is nested too deeply", hint="name its parts: X := …") from None
    except ValueError as problem:
        raise UnsupportedError(f"this cannot be built: {problem}", hint=_DECLARE) from None


def _read(text: str, declare: tuple[str, ...], entrywise: bool) -> Reading:
    sources = [source(text), *map(source, declare)]
    found = [s for src in sources for s in statements(src)]
    scope, declared, counts = _declare(found)
    scope.entrywise = entrywise
    objective, defined = _objective(found, sources[0])
    scope.add(s.name for s in defined)
    builder = Builder(scope, declared, numbers=counts)
    builder.sizes.used |= scope.dims
    surfaces = {s.name: (s, parse(s.source, s.start, s.end, scope)) for s in defined}
    main = parse(objective.source, objective.start, objective.end, scope)
    for member in sorted(scope.used):
        declare_family(builder, member)
    for tree in [main, *(t for _, t in surfaces.values())]:
        builder.scalars |= _exponent_letters(tree, scope)
    _define(builder, surfaces)
    builder.source = objective.source
    state_reach(builder, main)
    used = {n for tree in (main, *(t for _, t in surfaces.values())) for n in names_in(tree)}
    for name in surfaces:
        if name not in used:
            builder.note(f"{name} is defined and not used")
    typed = builder.infer(main)
    state_products(builder, main)
    conditions = _solve(builder)
    expression = typed.make()
    partial = tuple(builder.typed.partial)  # of the objective alone
    definitions = tuple((name, builder.definitions[name].make()) for name in builder.definitions)
    known = {
        name: var(
            name, (builder.dim(r), builder.dim(c)), declared[name].facts if name in declared else frozenset()
        )
        for name, (r, c) in builder.variables.items()
    }
    conditions += [c for c in builder.sizes.conditions if c not in conditions]
    scope.dims |= scope.sized | {n for e in known.values() for d in e.shape for n in d.names}
    typed_names = names_through(main, {name: tree for name, (_, tree) in surfaces.items()})
    variables = _variables(expression, known, typed_names, builder)
    over = tuple(name for name in objective.over)
    _check_over(objective, variables, definitions)
    stand_ins = builder.sizes.stand_ins()
    assumptions = [*builder.notes, *(stand_ins.get(c) or f"{c[0]} = {c[1]} must hold" for c in conditions)]
    return Reading(text, expression, objective.name or "f", variables, definitions, over, objective.sense,
                   tuple(assumptions), tuple(conditions), frozenset(scope.elementwise), scope, known,
                   builder.typed.layout(builder.sizes.spelled(), partial), builder.sizes.triangles,
                   builder.sizes.differences)


def _declare(found: list[Statement]) -> tuple[Scope, dict[str, Declared], set[str]]:
    """The declarations of all statements, merged by name."""
    scope = Scope()
    declared: dict[str, Declared] = {}
    counts: set[str] = set()
    for s in found:
        if s.kind != "declaration":
            continue
        for d in declarations(s.source, s.start, s.end, counts):
            if d.count:
                counts.add(d.name)
            elif d.function:
                scope.elementwise.add(d.name)
            else:
                old = declared.get(d.name, Declared())
                if old.shape and d.shape and repr(old.shape) != repr(d.shape) and not old.facts ^ d.facts:
                    raise s.source.error(
                        f"`{d.name}` is declared twice, with different shapes", d.start, d.end
                    )
                declared[d.name] = Declared(d.shape or old.shape, old.facts | d.facts)
    scope.add(declared)
    scope.families |= {n: kind for n, d in declared.items() if (kind := family(n, d))}
    scope.dims |= counts
    for known in declared.values():
        for size in known.shape or ():
            scope.dims |= names_of(size)
            scope.numbers |= {str(size)} if isinstance(size, int) and size > 1 else set()
    return scope, declared, counts


def _objective(found: list[Statement], main: Source) -> tuple[Statement, list[Statement]]:
    """The statement that is the objective, and the definitions."""
    defined = [s for s in found if s.kind == "definition"]
    equations = [s for s in found if s.kind == "equation"]
    bare = [s for s in found if s.kind == "objective"]
    if len(bare) > 1:
        b = bare[1]
        if b.source is not main:
            raise b.source.error("this declares nothing", b.start, b.end, _DECLARATIONS)
        raise b.source.error(
            "this is a second objective",
            b.start,
            b.end,
            "a line that goes on ends with an operator or an open bracket; a name is defined by X := …",
        )
    if bare:
        chosen = bare[0]
    elif equations or defined:
        rest = equations or defined
        used = {s.name: _words(s) for s in found if s.kind != "declaration"}
        sinks = [s for s in rest if not any(s.name in w for n, w in used.items() if n != s.name)]
        chosen = (
            sinks[-1] if len(sinks) == 1 or sinks and not equations else rest[0] if not sinks else sinks[0]
        )
        if len(sinks) > 1 and equations:
            b = sinks[1]
            raise b.source.error("this is a second objective", b.start, b.end, "a name is defined by X := …")
    else:
        says = (
            "the text declares names but has no objective"
            if found
            else "there is no formula here"
        )
        raise main.error(says, len(main.text) - len(main.text.lstrip()), len(main.text.rstrip()))
    named = {}
    for s in [*defined, *equations]:
        if s is not chosen:
            if s.name in named:
                raise s.source.error(f"`{s.name}` is defined twice", s.start, s.end)
            named[s.name] = s
    return chosen, list(named.values())


def _words(s: Statement) -> set[str]:
    """The names of a formula that is not read yet: every definition's name that could occur in it."""
    try:
        return set(names_in(parse(s.source, s.start, s.end, Scope())))
    except MatcalcError:
        return set()


def _exponent_letters(tree: Node, scope: Scope) -> set[str]:
    """Undeclared letters that are exponents, or bases of exponents that are letters."""
    out: set[str] = set()
    stack = [tree]
    while stack:
        node = stack.pop()
        stack.extend(node.args)
        if node.kind == "powof":
            base, exponent = node.args
            plain = _plain_names(exponent)
            if plain is not None:
                out |= plain
                if plain and base.kind == "name":
                    out.add(base.value)
    return {n for n in out if n not in scope.names}


def _plain_names(node: Node) -> set[str] | None:
    """The names of a formula of names, numbers and signs alone; None for any other."""
    if node.kind == "name":
        return {node.value}
    if node.kind in ("num", "sum", "product", "neg", "group"):
        inner = [_plain_names(a) for a in node.args]
        return None if any(i is None for i in inner) else set().union(*(i for i in inner if i))
    return None


def _define(builder: Builder, surfaces: dict[str, tuple[Statement, Node]]) -> None:
    """Infer the definitions, each after those that it uses."""
    done: set[str] = set()
    path: list[str] = []

    def visit(name: str) -> None:
        if name in done:
            return
        s, tree = surfaces[name]
        if name in path:
            raise s.source.error(f"`{name}` is defined by itself", s.start, s.end)
        if len(path) > 200:
            raise UnsupportedError("too many definitions inside one another", s.source.place(s.start, s.end))
        path.append(name)
        for used in names_in(tree):
            if used in surfaces:
                visit(used)
        path.pop()
        builder.source = s.source
        state_reach(builder, tree)
        builder.definitions[name] = _once(builder.infer(tree))
        state_products(builder, tree)
        done.add(name)

    for name in surfaces:
        visit(name)


def _once(t: Typed) -> Typed:
    """The same formula, made only once."""
    made: list[Expr] = []

    def build() -> Expr:
        if not made:
            made.append(t.make())
        return made[0]

    return replace(t, make=build, number=False, one=False)


def _solve(builder: Builder) -> list[tuple[Dim, Dim]]:
    """Solve the sizes, name what is free; gives the conditions that are left."""
    try:
        waiting = builder.sizes.solve()
    except Mismatch as clash:
        raise builder.clash(clash.where) from None
    builder.sizes.name_free([s for pair in builder.variables.values() for s in pair], builder.taken())
    out: list[tuple[Dim, Dim]] = []
    try:
        for a, b, _ in waiting:
            builder.sizes.name_triangle(a, b)
        for a, b, _ in waiting:
            pair = (builder.dim(a), builder.dim(b))
            if pair[0] is not pair[1] and pair not in out and pair[::-1] not in out:
                out.append(pair)
    except ValueError as problem:
        raise UnsupportedError(str(problem)) from None
    for number, product in (pair[::d] for pair in out for d in (1, -1)):
        if number.is_number and len(product.terms) == 1 and not product.is_number:
            builder.sizes.written.setdefault(int(number), product)
    for a, _, (_, src, operands, _) in builder.sizes.matched:
        texts = []
        for node, _ in operands:
            place = src.place(node.start, node.end)
            texts.append(f"`{place.text[place.start: place.end]}`")
        how = "part by part" if type(find(a)) is SumSize else "factor by factor"
        builder.note(f"the sizes of {' and '.join(texts)} are matched {how}")
    return out


def _variables(expression: Expr, known: dict[str, Expr], typed: set[str], builder: Builder) -> dict[str, Variable]:
    """The typed variables in the order of the text, cancelled ones too; then the dimensions that nothing fixes."""
    nodes = list(walk(expression))
    leaves = {str(e.attrs[0]): e for e in nodes if e.op is VAR}
    cancelled = {n: e for n, e in known.items() if n in typed and n not in leaves}
    for name in cancelled:
        builder.note(f"{name} cancels: the value does not depend on it")
    leaves |= cancelled
    order = [n for n in builder.variables if n in leaves]
    out = {n: Variable(n, leaves[n].shape, frozenset(facts_of(leaves[n])), ascii_alias(n)) for n in order}
    bound = {e.attrs[0] for e in nodes if e.op.name == "isum"}
    used = {
        n for e in nodes for d in (*e.shape, *(a for a in e.attrs if isinstance(a, Dim))) for n in d.names
    }
    used |= {i for e in nodes if e.op is UNIT and isinstance(i := e.attrs[0], str) and i not in bound}
    for (total, taken), rest in reversed(builder.sizes.differences.items()):
        used |= total.names | taken.names if rest.names & used else frozenset()
    derived = {
        n for d in [*builder.sizes.triangles.values(), *builder.sizes.differences.values()] for n in d.names
    }
    for name in sorted(used - derived - _fixed(v.shape for v in out.values())):
        out[name] = Variable(name, SCALAR, frozenset({"dimension"}), ascii_alias(name))
    return out


def _fixed(shapes: Iterable[Shape]) -> set[str]:
    """The dimension names that arrays of these shapes determine."""
    fixed: set[str] = set()
    axes = [d for shape in shapes for d in shape]
    progress = True
    while progress:
        progress = False
        for d in axes:
            new = d.names - fixed
            if len(new) == 1:
                fixed |= new
                progress = True
    return fixed


def _check_over(
    objective: Statement, variables: dict[str, Variable], definitions: tuple[tuple[str, Expr], ...]
) -> None:
    for name in objective.over:
        if objective.sense and name not in variables and not any(name == d for d, _ in definitions):
            raise objective.source.error(
                f"`{name}` does not occur in the objective", objective.start, objective.end
            )


# ── further formulas of a problem ─────────────────────────────────────────────────────────────────────────
def read_expression(text: str, reading: Reading, *, differentials: bool = False) -> Expr:
    """A further formula with the names and dimensions of a problem: a typed gradient, a line of a derivation.

    With `differentials`, `dX` is the differential of X, a node `d`.

    Raises:
        MatcalcError: the text is no formula of this problem.

    >>> r = read("‖A x − b‖²")
    >>> read_expression("2A'(Ax - b)", r).shape
    (n, 1)
    """
    try:
        return _read_expression(text, reading, differentials)
    except ZeroDivisionError:
        raise ParseError("division by zero", Place(str(text), 0, 1)) from None
    except (RecursionError, OverflowError):
        raise UnsupportedError("the formula is nested too deeply", hint="name its parts: X := …") from None
    except ValueError as problem:
        raise UnsupportedError(
            f"this cannot be built: {problem}", hint="declare the shapes, so that they fit as they stand"
        ) from None


def _read_expression(text: str, reading: Reading, differentials: bool) -> Expr:
    src = source(text)
    old = reading.scope
    scope = Scope(dims=set(old.dims), elementwise=set(old.elementwise), differentials=differentials)
    scope.numbers = {str(d) for e in reading.known.values() for d in e.shape if d.is_number}
    scope.add(reading.known)
    scope.add(name for name, _ in reading.definitions)
    declared = {n: Declared((_as_size(e.shape[0]), _as_size(e.shape[1])), frozenset(facts_of(e)))
                for n, e in reading.known.items()}
    builder = Builder(scope, declared, source=src, closed=True)
    builder.sizes.used |= scope.dims
    builder.sizes.triangles.update(reading.triangles)
    builder.sizes.differences.update(reading.differences)
    for name, e in reading.definitions:
        builder.definitions[name] = Typed(_as_size(e.shape[0]), _as_size(e.shape[1]), _constant(e))
    typed = builder.infer(parse(src, 0, len(src.text), scope))
    _solve(builder)
    return typed.make()


def _constant(e: Expr) -> Any:
    return lambda: e


def _as_size(d: Dim) -> Size:
    """A dimension of the core as a size."""
    if d.is_number:
        return int(d)
    parts: list[Size] = []
    for monomial, c in d.terms:
        factors = (*((c,) if c != 1 else ()), *monomial)
        parts.append(factors[0] if len(factors) == 1 else Product(factors, "typed"))
    return parts[0] if len(parts) == 1 else SumSize(tuple(parts))
