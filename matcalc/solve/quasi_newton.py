'''The plan of L-BFGS-B: the emitted function, packed unknowns, SciPy's L-BFGS-B, a stated stopping rule.'''

from __future__ import annotations

from matcalc.codegen import Task
from matcalc.codegen.arguments import axes_of_argument, dim_text, name_of
from matcalc.codegen.emit import Module, module
from matcalc.codegen.names import escaped
from matcalc.core.tree import Expr
from matcalc.solve.structures import structure_of

HEAD = '''"""Minimise an objective over {unknowns} by L-BFGS-B.

    f = {objective}

Run it:     python THIS_FILE --data FILE.npz [--out RESULT.npz]
Import it:  result = solve({call})

It stops where the norm of the gradient (with respect to the free parameters) is at most `tolerance` times
that at the start, and says "stationary"; else, at `max_iterations` or where no step makes progress, it says
"not converged". Nothing here shows that a stationary point is a global minimum.
"""

import argparse
from typing import NamedTuple

import numpy as np
{imports}from scipy.optimize import minimize

'''

BODY = '''
class Result(NamedTuple):
    """What came out: the unknowns, the objective there, and how far it can be trusted."""

    values: dict
    value: float
    gradient_norm: float
    status: str  # "stationary" or "not converged"
    why: str
    history: list  # (iteration, value, gradient norm)

    def __repr__(self):
        return f"Result({{', '.join(self.values)}}: {{self.status}}, value {{self.value:.10g}}, {{self.why}})"


class Structure(NamedTuple):
    """How an unknown is packed into free parameters, each at least `lower`."""

    pack: object
    unpack: object
    pull: object  # a gradient with respect to the array as one with respect to the parameters
    start: object
    lower: float


{structures}
UNKNOWNS = {{{unknown_rows}}}
SHAPES = {{{shape_rows}}}
LENGTHS = {{{length_rows}}}


def solve(*, {signature}):
    """Minimise; an unknown that is not given starts at random values from the seed.

    Dimensions that only such unknowns have are given in {sizes_name}, as in {sizes_name}={{"k": 10}}.
    Returns a Result. Raises ValueError where shapes do not fit together.
    """
    return _minimise({{{unknown_items}}}, {{{data_items}}}, {sizes_name} or {{}},
                     {seed_name}, {tolerance_name}, {max_name}, {progress_name})


def _minimise(given, data, sizes, seed, tolerance, max_iterations, progress):
    """The work of solve."""
    start = _start(given, data, sizes, np.random.default_rng(seed))
    shapes = {{name: x.shape for name, x in start.items()}}
    counts = np.cumsum([u.pack(start[name]).size for name, u in UNKNOWNS.items()])[:-1]
    latest = {{}}

    def unpacked(p):
        parts = np.split(p, counts)
        return {{name: u.unpack(part, shapes[name]) for (name, u), part in zip(UNKNOWNS.items(), parts)}}

    def objective(p):
        parts = dict(zip(UNKNOWNS, np.split(p, counts)))
        value, gradients = value_and_gradient(**unpacked(p), **data)
        gradients = gradients if isinstance(gradients, tuple) else (gradients,)
        rows = zip(UNKNOWNS.items(), gradients)
        pulled = [u.pull(np.asarray(g), parts[name], shapes[name]) for (name, u), g in rows]
        gradient = np.concatenate([np.ravel(g) for g in pulled]).astype(float)
        latest.update(p=p.copy(), value=float(value), gradient=gradient)
        return float(value), gradient

    def norm(p, gradient):
        # of the gradient, where no bound holds p
        return float(np.linalg.norm(np.maximum(p - gradient, lower) - p))

    def record(p):
        if not np.array_equal(p, latest["p"]):
            objective(p)
        history.append((len(history), latest["value"], norm(p, latest["gradient"])))
        if progress:
            progress("iteration {{:5d}}  value {{:.10e}}  gradient {{:.3e}}".format(*history[-1]))

    def after_step(intermediate_result):
        record(intermediate_result.x)
        if history[-1][2] <= goal:
            raise StopIteration

    p = np.concatenate([np.ravel(u.pack(start[name])) for name, u in UNKNOWNS.items()]).astype(float)
    lower = np.concatenate([np.full(u.pack(start[name]).size, u.lower) for name, u in UNKNOWNS.items()])
    history = []
    objective(p)
    if not np.isfinite(latest["value"]) or not np.isfinite(latest["gradient"]).all():
        raise ValueError("the objective or its gradient is not finite at the start")
    record(p)
    goal = tolerance * history[0][2]
    found = None
    if history[0][2] > goal:
        bounds = None if np.isneginf(lower).all() else list(zip(lower, [None] * len(p)))
        limits = {{"maxiter": max_iterations, "maxfun": 20 * max_iterations}}
        found = minimize(objective, p, jac=True, method="L-BFGS-B", bounds=bounds, callback=after_step,
                         options={{**limits, "maxcor": 20, "ftol": 0, "gtol": 0}})
        p = found.x
        if bounds is None and history[-1][2] > goal and len(history) <= max_iterations:
            p = _polished(objective, p, goal)
    value, gradient = objective(p)
    reached = norm(p, gradient)
    rounding = 1e-8 * abs(value) / max(1.0, float(np.linalg.norm(p)))
    if reached <= goal:
        status, why = "stationary", f"the gradient norm {{reached:.3e}} is at most {{goal:.3e}}"
    elif len(history) <= max_iterations and reached <= rounding:
        status, why = "stationary", f"the gradient norm {{reached:.3e}} is at the rounding of the value"
    else:
        status = "not converged"
        why = f"the gradient norm {{reached:.3e}} is above {{goal:.3e}} ({{found.message}})"
    return Result(unpacked(p), value, reached, status, why, history)


def _polished(objective, p, goal, steps=200):
    """Barzilai-Borwein steps where the value has no digits left to show progress, but the gradient has."""
    value, gradient = objective(p)
    best, least = p, np.linalg.norm(gradient)
    change = -1e-8 * max(1.0, np.linalg.norm(p)) / max(least, 1e-300) * gradient
    worst = value + 1e-10 * abs(value)
    for _ in range(steps):
        value, after = objective(p + change)
        curvature = change @ (after - gradient)
        if not np.isfinite(value) or value > worst or curvature <= 0:
            break
        p, gradient = p + change, after
        if np.linalg.norm(gradient) < least:
            best, least = p, np.linalg.norm(gradient)
        if least <= goal:
            break
        change = -(change @ change) / curvature * gradient
    return best


def _start(given, data, sizes, rng):
    """The starting values: those given, random ones of the right shape else."""
    lengths = dict(sizes)
    for name, x in {{**given, **data}}.items():
        if x is not None and isinstance(SHAPES[name], str):
            lengths[SHAPES[name]] = int(x)
        elif x is not None:
            lengths.update({{s: n for s, n in zip(SHAPES[name], np.shape(x)) if s is not None}})
    out = {{}}
    for name, x in given.items():
        if x is None:
            try:
                shape = LENGTHS[name](lengths)
            except KeyError as missing:
                raise ValueError(f"the start of {{name}} needs the size {{missing}}: give one") from None
            x = UNKNOWNS[name].start(rng, shape)
        out[name] = np.array(x, float)
    return out


def main():
    """Read the data, solve, print and save."""
    parser = argparse.ArgumentParser(description="Minimise an objective over {unknowns_ascii} by L-BFGS-B.")
    parser.add_argument("--data", required=True, metavar="FILE.npz", help="the data, perhaps a start")
    parser.add_argument("--out", metavar="FILE.npz", help="where to save the unknowns")
    parser.add_argument("--seed", type=int, default=0, help="of the random start")
    parser.add_argument("--size", action="append", default=[], metavar="NAME=N",
                        help="a dimension that no data has")
    parser.add_argument("--tolerance", type=float, default=1e-8)
    parser.add_argument("--max-iterations", type=int, default=1000)
    options = parser.parse_args()
    with np.load(options.data, allow_pickle=False) as file:
        data = {{name: file[name] for name in file.files}}
    sizes = {{name: int(length) for name, length in (text.split("=") for text in options.size)}}
    result = solve(**data, {sizes_name}=sizes, {seed_name}=options.seed, {tolerance_name}=options.tolerance,
                   {max_name}=options.max_iterations, {progress_name}=print)
    print(f"{{result.status}}: {{result.why}}")
    print(f"value {{result.value!r}} after {{len(result.history) - 1}} iterations")
    if options.out:
        np.savez(options.out, **result.values)
    else:
        for name, x in result.values.items():
            print(f"{{name}} =\\n{{x}}")


if __name__ == "__main__":
    main()
'''

TRIANGLE = '''def triangle(p, shape, k=0):
    """The square matrix with the entries p in the lower triangle up to the diagonal k."""
    X = np.zeros(shape)
    X[np.tril_indices(shape[0], k)] = p
    return X


'''

OPTIONS = (
    ("sizes", "None"),
    ("seed", "0"),
    ("tolerance", "1e-8"),
    ("max_iterations", "1000"),
    ("progress", "None"),
)


def script(task: Task) -> str:
    """The script of a task."""
    return _Script(task, module(task)).text()


class _Script:
    """Fills the template."""

    def __init__(self, task: Task, emitted: Module) -> None:
        self.task, self.emitted = task, emitted
        self.unknowns = [x for x, _ in task.gradients]
        taken = set(emitted.python.values())
        self.options = {name: name + "_" * (name in taken) for name, _ in OPTIONS}

    def text(self) -> str:
        """The script."""
        python = self.emitted.python
        names = [python[name_of(x)] for x in self.unknowns]
        data = [p for n, p in python.items() if p not in names]
        imports = "".join(f"{line}\n" for line in self.emitted.imports if line != "import numpy as np")
        head = HEAD.format(unknowns=escaped(", ".join(name_of(x) for x in self.unknowns)), imports=imports,
                           objective=escaped(self.task.texts.get("objective", self.task.name)),
                           call=", ".join([f"{n}=…" for n in names] + [f"{d}={d}" for d in data]))
        signature = [*(f"{n}=None" for n in names), *data, *(f"{self.options[o]}={v}" for o, v in OPTIONS)]
        body = BODY.format(
            signature=", ".join(signature),
            structures=self._structures(),
            data_items=", ".join(f'"{d}": {d}' for d in data),
            unknown_items=", ".join(f'"{n}": {n}' for n in names),
            unknown_rows=", ".join(f'"{python[name_of(x)]}": {structure_of(x).name}' for x in self.unknowns),
            shape_rows=", ".join(
                f'"{python[name_of(p)]}": {self._symbols(p)}' for p in self.emitted.parameters
            ),
            length_rows=", ".join(
                f'"{python[name_of(x)]}": lambda s: {self._lengths(x)}' for x in self.unknowns
            ),
            unknowns_ascii=", ".join(names),
            sizes_name=self.options["sizes"],
            seed_name=self.options["seed"],
            tolerance_name=self.options["tolerance"],
            max_name=self.options["max_iterations"],
            progress_name=self.options["progress"],
        )
        return head + "\n" + self.emitted.code + "\n" + body

    def _structures(self) -> str:
        rows = list(dict.fromkeys(structure_of(x) for x in self.unknowns))
        texts = [
            f"{r.name} = Structure(  # {r.says}\n    lambda X: {r.pack},\n    lambda p, shape: {r.unpack},\n"
            f"    lambda G, p, shape: {r.pull},\n    lambda rng, shape: {r.start},\n    lower={r.lower})\n"
            for r in rows
        ]
        triangle = TRIANGLE if any("triangle(" in t for t in texts) else ""
        return triangle + "\n".join(texts)

    def _symbols(self, p: Expr) -> str:
        """The names of the axes that are dimensions of their own, None for the others."""
        if p.op.name == "dimnum":
            return repr(name_of(p))
        symbols = [str(d) if len(d.terms) == 1 and d.names == {str(d)} else None for d in axes_of_argument(p)]
        return f"({', '.join(map(repr, symbols))}{',' if len(symbols) == 1 else ''})"

    def _lengths(self, x: Expr) -> str:
        names = {n: f"s[{n!r}]" for d in axes_of_argument(x) for n in d.names}
        texts = [dim_text(d, names) for d in axes_of_argument(x)]
        return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"
