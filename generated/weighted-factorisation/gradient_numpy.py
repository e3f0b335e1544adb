"""The value and its gradient with respect to W, H."""

import numpy as np


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
