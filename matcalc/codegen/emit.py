"""Stand-alone source for a value and its derivatives: one function, with its docstring and its checks.

The text of the user reaches the source in two ways only: as checked identifiers, and escaped in docstrings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from matcalc.codegen.arguments import Checks, axes_of_argument, differences, dim_text, fixed_by, name_of
from matcalc.codegen.bounds import bounds
from matcalc.codegen.lower import lower
from matcalc.codegen.names import RESERVED, Names, escaped, function_keyword, identifier_for, is_identifier
from matcalc.codegen.numpy import NUMPY
from matcalc.codegen.target import Target, renamed
from matcalc.codegen.writer import TRIVIAL, Writer, is_ours
from matcalc.core.algebra import dimnum, facts_of
from matcalc.core.dims import ONE, Dim
from matcalc.core.tree import Expr, dims_of, walk
from matcalc.errors import UnsupportedError
from matcalc.ir import Program
from matcalc.ir.choose import choose
from matcalc.ir.lowering import as_matrix, half_sum

TARGETS: dict[str, Target] = {"numpy": NUMPY}


@dataclass(frozen=True, slots=True)
class Task:
    """What code is wanted for.

    `parameters` are variables, and dimensions that no array fixes, in the order of the keywords. `gradients`
    are the gradients of a scalar objective, the Jacobians of any other. `conditions` are equations between
    dimensions that are checked at run time, or sentences for the docstring. `texts` has the objective under
    `"objective"` and the derivatives under their variables' names. `names` are names of parts, from the
    derivation. `second` are the results of second order: under `"hessian"` one matrix, under `"hvp"` an array
    for each variable.
    """

    name: str
    objective: Expr
    gradients: tuple[tuple[Expr, Expr], ...]
    parameters: tuple[Expr, ...]
    texts: Mapping[str, str] = field(default_factory=dict)
    conditions: tuple[tuple[Dim, Dim] | str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    names: tuple[tuple[str, Expr], ...] = ()
    second: tuple[str, tuple[Expr, ...]] = ("", ())


def function_name(task: Task, order: int = 1) -> str:
    """The name of the function that `emit` defines."""
    if order == 0 or not task.gradients:
        return "value"
    return "value_and_gradient" if task.objective.is_scalar else "value_and_jacobian"


def program_of(task: Task, order: int = 1) -> Program:
    """The array program of a task, before any choice that needs the whole of it."""
    derivatives = task.gradients if order else ()
    kind, second = task.second
    roots = [
        ("value", task.objective),
        *((name_of(v), g) for v, g in derivatives),
        *((kind, e) for e in second),
    ]
    program = lower(roots, task.names)
    shaped = []
    skew = {name_of(v) for v, g in derivatives if "skew" in facts_of(v) and _inverts_singular(g)}
    for (name, e), (_, x) in zip(roots, program.results, strict=True):
        if name in skew:  # at an odd order the adjugate is symmetric
            x = half_sum("subtract")(e, x)
        is_row = e.shape[0] is ONE and e.shape[1] is not ONE
        shaped.append((name, as_matrix(e, x) if is_row or name == "hessian" else x))
    return Program(tuple(shaped), program.parts)


def _inverts_singular(g: Expr) -> bool:
    """Whether a formula has det(X) X⁻¹, which is there also where X has no inverse."""
    return {"det", "inv"} <= {e.op.name for e in walk(g)}


def emit(task: Task, target: str = "numpy", order: int = 1) -> str:
    """The source of a module that defines one function: the value, with the derivatives where `order` is 1.

    Raises:
        UnsupportedError: the target is unknown, or an operator cannot be computed in it.
    """
    return module(task, target, order).source()


@dataclass(frozen=True, slots=True)
class Module:
    """An emitted module in parts: its headline, its imports, the function with its helpers."""

    headline: str
    imports: tuple[str, ...]
    code: str
    parameters: tuple[Expr, ...]
    python: Mapping[str, str]  # canonical name → keyword
    dims: Mapping[str, str]  # dimension → its name in the code

    def source(self) -> str:
        """The text of the module."""
        return "\n".join([f'"""{self.headline}"""', "", *self.imports, "", "", self.code])


def module(task: Task, target: str = "numpy", order: int = 1) -> Module:
    """The parts of what `emit` writes, for those who put more around it."""
    if target not in TARGETS:
        raise UnsupportedError(
            f"the target {target} is not known", hint=f"one of {', '.join(sorted(TARGETS))}"
        )
    return _Writing(task, TARGETS[target], order).module()


class _Writing:
    """The parts of one emitted module."""

    def __init__(self, task: Task, target: Target, order: int) -> None:
        self.task, self.order = task, order
        self.derivatives = task.gradients if order else ()
        self.function = function_name(task, order)
        formulas = [*(g for _, g in self.derivatives), *task.second[1]]
        self.roots = [task.objective, *formulas]
        self.parameters = _with_free_dims(task, self.roots)
        self.python = {name_of(p): identifier_for(name_of(p), task.aliases) for p in self.parameters}
        clashes = {m: f"{m}_module" for m in target.modules if m in self.python.values()}
        self.target = renamed(target, clashes) if clashes else target
        self.functions = given_functions(*self.roots)
        if clash := {*self.functions} & {*self.python.values()}:
            raise UnsupportedError(f"{clash.pop()} is a variable and the keyword of a function", hint="rename it")
        self.dims = _dim_names(self.parameters, self.python, self.roots, task.conditions)

    def module(self) -> Module:
        """The whole module."""
        body, used = self._body()
        needed = bounds(self.roots, self.task.conditions)
        checks = Checks(self.parameters, self.python, self.dims, self.task.conditions, needed)
        head = checks.written("dtype" in used)
        head_lines = [self.target.rewritten(line) for line in _without_unused(head.lines, body)]
        kept = {h for h in head.helpers if any(f"{h}(" in line for line in head_lines)}
        helpers = self._closure(used | kept)
        code = "\n".join([*head_lines, *body, *helpers])
        imports = [line for m, line in self.target.modules.items() if re.search(rf"(?<![\w.]){m}\.", code)]
        keywords = [*self.python.values(), *self.functions]
        signature = f"*, {', '.join(keywords)}" if keywords else ""
        lines = [f"def {self.function}({signature}):", *_indented([*self._docstring(), *head_lines, *body])]
        text = "\n".join(lines) + "\n" + "".join(f"\n\n{h.strip()}\n" for h in helpers)
        return Module(self._headline(), tuple(imports), text, self.parameters, self.python, self.dims)

    def _body(self) -> tuple[list[str], set[str]]:
        program = choose(program_of(self.task, self.order))
        names = Names(self.python, [*self.dims.values(), *self.target.modules, *self.functions])
        parts = {
            x: name for name, x in reversed(program.parts) if is_identifier(name) and name not in RESERVED
        }
        kind = "grad" if self.task.objective.is_scalar else "jac"
        of = [self.python[name_of(v)] for v, _ in self.derivatives]
        second, formulas = self.task.second
        wishes = [
            "value",
            *(f"{kind}_{v}" for v in of),
            *(f"{second}_{v}" if len(formulas) > 1 else second for v, _ in zip(of, formulas, strict=False)),
        ]
        given = [names.fresh(wish) for wish in wishes]
        first = {x: name for name, (_, x) in reversed(list(zip(given, program.results, strict=True)))
                 if x not in parts and is_ours(x) and x.name not in TRIVIAL}
        writer = Writer(program, self.target, names, self.dims, parts, first)
        results: list[str] = []
        seen: set[object] = set()
        for name, (_, x) in zip(given, program.results, strict=True):
            results.append(writer.result(x, name, x not in seen))
            seen.add(x)
        groups = [results[:1], results[1:len(of) + 1], results[len(of) + 1:]]
        returned = [g[0] if len(g) == 1 else f"({', '.join(g)})" for g in groups if g]
        return [*writer.lines, f"return {', '.join(returned)}"], writer.used

    def _closure(self, used: set[str]) -> list[str]:
        """The helpers that are called, and those that they call."""
        needed = {name for name in self.target.helpers if name in used}
        while True:
            called = set(re.findall(r"\b(_\w+)\(", " ".join(self.target.helpers[name] for name in needed)))
            more = called & self.target.helpers.keys() - needed
            if not more:
                return [text for name, text in self.target.helpers.items() if name in needed]
            needed |= more

    # ── docstring ─────────────────────────────────────────────────────────────────────────────────────────
    def _docstring(self) -> list[str]:
        texts, lines = self.task.texts, [f'"""{self._headline()}', ""]
        f = "f" if self.task.objective.is_scalar else "F"
        if "objective" in texts:
            lines.append(f"    {f} = {escaped(texts['objective'])}")
        for v, _ in self.derivatives:
            if name_of(v) in texts:
                left = f"∂f/∂{name_of(v)}" if f == "f" else f"∂vec(F)/∂vec({name_of(v)})ᵀ"
                lines.append(f"    {escaped(left)} = {escaped(texts[name_of(v)])}")
        if lines[-1]:
            lines.append("")
        if self.parameters:
            lines.append("Shapes: " + ", ".join(self._shape_text(p) for p in self.parameters) + ".")
        if self.functions:
            lines.append(f"Functions of an array, entry by entry: {', '.join(self.functions)}.")
        own = _triangles(self.roots).keys() - dims_of(*self.parameters)
        for c in self.task.conditions:
            if not isinstance(c, str) and own & (c[0].names | c[1].names):
                continue  # says what h = n(n+1)/2 is, which stands in no shape
            lines.append(f"Needed: {escaped(c if isinstance(c, str) else f'{c[0]} = {c[1]}')}.")
        return [*lines, "Raises: ValueError where the shapes do not fit together.", '"""']

    def _headline(self) -> str:
        if not self.derivatives:
            return "The value of the objective."
        variables = escaped(", ".join(name_of(v) for v, _ in self.derivatives))
        kind = "gradient" if self.task.objective.is_scalar else "Jacobian (column-major)"
        more = {
            "": "",
            "hessian": ", then the Hessian over the stacked vecs",
            "hvp": ", then the Hessian times a direction",
        }
        return f"The value and its {kind} with respect to {variables}{more[self.task.second[0]]}."

    def _shape_text(self, p: Expr) -> str:
        name = self.python[name_of(p)]
        if p.op.name == "dimnum":
            return f"{name} an integer"
        lengths = axes_of_argument(p)
        if not lengths:
            return f"{name} a scalar"
        return f"{name} ({escaped(', '.join(map(str, lengths)))}{',' if len(lengths) == 1 else ''})"


def given_functions(*roots: Expr) -> tuple[str, ...]:
    """The keywords of the elementwise functions that were only named: f, and df for its derivative."""
    used = {e.attrs for e in walk(*roots) if e.op.name == "apply"}
    return tuple(function_keyword(str(name), order) for name, order in sorted(used))


def _with_free_dims(task: Task, roots: list[Expr]) -> tuple[Expr, ...]:
    """The parameters, and the dimensions in the formulas that no array's shape fixes."""
    lengths = [d for p in task.parameters for d in p.shape]
    given = fixed_by(lengths, {str(p.attrs[0]) for p in task.parameters if p.op.name == "dimnum"})
    out = list(task.parameters)
    derived = _triangles(roots).keys() | differences(task.conditions, given).keys()
    for n in sorted(dims_of(*task.parameters, *roots) - derived):
        if n not in given:
            out.append(dimnum(Dim.name(n)))
            given = fixed_by(lengths, given | {n})
    return tuple(out)


def _dim_names(parameters: tuple[Expr, ...], python: Mapping[str, str], roots: list[Expr],
               conditions: Iterable[tuple[Dim, Dim] | str]) -> dict[str, str]:
    """Python names for dimensions: their own where it is free; n(n+1)/2 where no array has that length."""
    out = {name_of(p): python[name_of(p)] for p in parameters if p.op.name == "dimnum"}
    taken = {*python.values(), *RESERVED}
    for n in sorted(dims_of(*parameters, *roots) | differences(conditions, set(dims_of(*parameters))).keys()):
        if n not in out:
            name = n if is_identifier(n) and n not in taken else f"dim_{identifier_for(n, {})}"
            while name in taken:
                name += "_"
            out[n] = name
            taken.add(name)
    given = dims_of(*parameters)
    for half, whole in _triangles(roots).items():
        if half not in given:
            n = dim_text(whole, out)
            out[half] = f"(({n}) * ({n} + 1) // 2)" if "+" in n or "*" in n else f"({n} * ({n} + 1) // 2)"
    return out


def _triangles(roots: list[Expr]) -> dict[str, Dim]:
    """The names of the lengths of a vech: n(n+1)/2 for each of them, by its n."""
    found: dict[str, Dim] = {}
    for e in walk(*roots):
        if e.op.name in ("vech", "elimination"):
            n, half = e.args[0].shape[0] if e.args else e.attrs[0], e.shape[0]
        elif e.op.name in ("unvech", "duplication"):
            n, half = e.attrs[0], e.args[0].shape[0] if e.args else e.shape[1]
        else:
            continue
        found |= {name: n for name in half.names if half is Dim.name(name)}
    return found


def _without_unused(head: list[str], body: list[str]) -> list[str]:
    """Names that nothing reads are not given: `n, _ = …` keeps what is read, `_, _ = …` only checks."""
    out: list[str] = []
    for i, line in enumerate(head):
        counted = re.fullmatch(r"(\w+) = _count\(.*", line)
        if counted and not re.search(rf"(?<![\w.\"]){counted[1]}(?![\w\"])", " ".join([*head[i + 1 :], *body])):
            continue
        left, equals, right = line.partition(" = _fit(")
        if equals:
            later = " ".join([*head[i + 1:], *body])
            names = [
                n if re.search(rf"(?<![\w.\"]){n}(?![\w\"])", later) else "_"
                for n in left.rstrip(",").split(", ")
            ]
            left = ", ".join(names) + ("," if left.endswith(",") else "")
            line = f"{left} = _fit({right}" if set(names) != {"_"} else f"_fit({right}"
        out.append(line)
    return out


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]
