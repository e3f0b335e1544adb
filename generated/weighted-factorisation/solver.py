"""Minimise an objective over W, H by L-BFGS-B.

    f = ∑_{i=1}^{m} ∑_{j=1}^{n} (X_{ij} − (WHᵀ)_{ij})²C_{ij}

Run it:     python THIS_FILE --data FILE.npz [--out RESULT.npz]
Import it:  result = solve(W=…, H=…, C=C, X=X)

It stops where the norm of the gradient (with respect to the free parameters) is at most `tolerance` times
that at the start, and says "stationary"; else, at `max_iterations` or where no step makes progress, it says
"not converged". Nothing here shows that a stationary point is a global minimum.
"""

import argparse
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize


def value_and_gradient(*, C, X, W, H):
    """The value and its gradient with respect to W, H.

        f = ∑_{i=1}^{m} ∑_{j=1}^{n} (X_{ij} − (WHᵀ)_{ij})²C_{ij}
        ∂f/∂W = 2(C∘(WHᵀ − X))H
        ∂f/∂H = 2(C∘(WHᵀ − X))ᵀW

    Shapes: C (m, n), X (m, n), W (m, k), H (n, k).
    Raises: ValueError where the shapes do not fit together.
    """
    C, X, W, H = _arrays(C=C, X=X, W=W, H=H)
    m, n = _fit("C", C, "(m, n)", None, None)
    _fit("X", X, "(m, n)", m, n)
    _, k = _fit("W", W, "(m, k)", m, None)
    _fit("H", H, "(n, k)", n, k)
    R = W @ H.T
    np.subtract(X, R, out=R)
    G = C * R
    value = np.vdot(G, R)
    grad_W = -2 * (G @ H)
    grad_H = -2 * (G.T @ W)
    return value, (grad_W, grad_H)


def _arrays(**given):
    """The arguments as arrays of one type: float32 where all floating ones are that, else float64."""
    arrays = [np.asarray(a) for a in given.values()]
    types = {a.dtype.char for a in arrays}
    if types == {"d"} or types == {"f"}:
        return arrays
    for name, a in zip(given, arrays):
        if a.dtype.kind not in "fiub":
            raise ValueError(f"{name} must hold real numbers, not {a.dtype}")
    single = {a.dtype.char for a in arrays if a.dtype.kind == "f"} == {"f"}
    return [a.astype(np.float32 if single else np.float64, copy=False) for a in arrays]


def _fit(name, array, symbols, *lengths):
    """The shape of an array, which must have these lengths (None: any)."""
    shape = array.shape
    if shape == lengths:
        return shape
    if len(shape) != len(lengths) or [n for n, have in zip(lengths, shape) if n not in (None, have)]:
        needed = symbols if None in lengths else f"{symbols} = {lengths}"
        hint = f"; pass {name}.ravel()" if len(lengths) == 1 and len(shape) == 2 and 1 in shape else ""
        raise ValueError(f"{name} has shape {shape}, but {needed} is needed{hint}")
    return shape


class Result(NamedTuple):
    """What came out: the unknowns, the objective there, and how far it can be trusted."""

    values: dict
    value: float
    gradient_norm: float
    status: str  # "stationary" or "not converged"
    why: str
    history: list  # (iteration, value, gradient norm)

    def __repr__(self):
        return f"Result({', '.join(self.values)}: {self.status}, value {self.value:.10g}, {self.why})"


class Structure(NamedTuple):
    """How an unknown is packed into free parameters, each at least `lower`."""

    pack: object
    unpack: object
    pull: object  # a gradient with respect to the array as one with respect to the parameters
    start: object
    lower: float


full = Structure(  # every entry is free
    lambda X: X.ravel(),
    lambda p, shape: p.reshape(shape),
    lambda G, p, shape: G.ravel(),
    lambda rng, shape: rng.standard_normal(shape),
    lower=-np.inf)

UNKNOWNS = {"W": full, "H": full}
SHAPES = {"C": ('m', 'n'), "X": ('m', 'n'), "W": ('m', 'k'), "H": ('n', 'k')}
LENGTHS = {"W": lambda s: (s['m'], s['k']), "H": lambda s: (s['n'], s['k'])}


def solve(*, W=None, H=None, C, X, sizes=None, seed=0, tolerance=1e-8, max_iterations=1000, progress=None):
    """Minimise; an unknown that is not given starts at random values from the seed.

    Dimensions that only such unknowns have are given in sizes, as in sizes={"k": 10}.
    Returns a Result. Raises ValueError where shapes do not fit together.
    """
    return _minimise({"W": W, "H": H}, {"C": C, "X": X}, sizes or {},
                     seed, tolerance, max_iterations, progress)


def _minimise(given, data, sizes, seed, tolerance, max_iterations, progress):
    """The work of solve."""
    start = _start(given, data, sizes, np.random.default_rng(seed))
    shapes = {name: x.shape for name, x in start.items()}
    counts = np.cumsum([u.pack(start[name]).size for name, u in UNKNOWNS.items()])[:-1]
    latest = {}

    def unpacked(p):
        parts = np.split(p, counts)
        return {name: u.unpack(part, shapes[name]) for (name, u), part in zip(UNKNOWNS.items(), parts)}

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
            progress("iteration {:5d}  value {:.10e}  gradient {:.3e}".format(*history[-1]))

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
        limits = {"maxiter": max_iterations, "maxfun": 20 * max_iterations}
        found = minimize(objective, p, jac=True, method="L-BFGS-B", bounds=bounds, callback=after_step,
                         options={**limits, "maxcor": 20, "ftol": 0, "gtol": 0})
        p = found.x
        if bounds is None and history[-1][2] > goal and len(history) <= max_iterations:
            p = _polished(objective, p, goal)
    value, gradient = objective(p)
    reached = norm(p, gradient)
    rounding = 1e-8 * abs(value) / max(1.0, float(np.linalg.norm(p)))
    if reached <= goal:
        status, why = "stationary", f"the gradient norm {reached:.3e} is at most {goal:.3e}"
    elif len(history) <= max_iterations and reached <= rounding:
        status, why = "stationary", f"the gradient norm {reached:.3e} is at the rounding of the value"
    else:
        status = "not converged"
        why = f"the gradient norm {reached:.3e} is above {goal:.3e} ({found.message})"
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
    for name, x in {**given, **data}.items():
        if x is not None and isinstance(SHAPES[name], str):
            lengths[SHAPES[name]] = int(x)
        elif x is not None:
            lengths.update({s: n for s, n in zip(SHAPES[name], np.shape(x)) if s is not None})
    out = {}
    for name, x in given.items():
        if x is None:
            try:
                shape = LENGTHS[name](lengths)
            except KeyError as missing:
                raise ValueError(f"the start of {name} needs the size {missing}: give one") from None
            x = UNKNOWNS[name].start(rng, shape)
        out[name] = np.array(x, float)
    return out


def main():
    """Read the data, solve, print and save."""
    parser = argparse.ArgumentParser(description="Minimise an objective over W, H by L-BFGS-B.")
    parser.add_argument("--data", required=True, metavar="FILE.npz", help="the data, perhaps a start")
    parser.add_argument("--out", metavar="FILE.npz", help="where to save the unknowns")
    parser.add_argument("--seed", type=int, default=0, help="of the random start")
    parser.add_argument("--size", action="append", default=[], metavar="NAME=N",
                        help="a dimension that no data has")
    parser.add_argument("--tolerance", type=float, default=1e-8)
    parser.add_argument("--max-iterations", type=int, default=1000)
    options = parser.parse_args()
    with np.load(options.data, allow_pickle=False) as file:
        data = {name: file[name] for name in file.files}
    sizes = {name: int(length) for name, length in (text.split("=") for text in options.size)}
    result = solve(**data, sizes=sizes, seed=options.seed, tolerance=options.tolerance,
                   max_iterations=options.max_iterations, progress=print)
    print(f"{result.status}: {result.why}")
    print(f"value {result.value!r} after {len(result.history) - 1} iterations")
    if options.out:
        np.savez(options.out, **result.values)
    else:
        for name, x in result.values.items():
            print(f"{name} =\n{x}")


if __name__ == "__main__":
    main()
