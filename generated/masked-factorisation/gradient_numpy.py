"""The value and its gradient with respect to U, V."""

import numpy as np


def value_and_gradient(*, M, Y, U, V, λ_u, λ_v):
    """The value and its gradient with respect to U, V.

        f = λ_u‖U‖² + λ_v‖V‖² + ‖M∘(Y − UVᵀ)‖²
        ∂f/∂U = 2(λ_uU + (M∘(UVᵀ − Y))V)
        ∂f/∂V = 2(λ_vV + (M∘(UVᵀ − Y))ᵀU)

    Shapes: M (m, n), Y (m, n), U (m, k), V (n, k), λ_u a scalar, λ_v a scalar.
    Raises: ValueError where the shapes do not fit together.
    """
    M, Y, U, V = _arrays(M=M, Y=Y, U=U, V=V)
    dtype = M.dtype
    λ_u = _scalar("λ_u", λ_u, dtype)
    λ_v = _scalar("λ_v", λ_v, dtype)
    m, n = _fit("M", M, "(m, n)", None, None)
    _fit("Y", Y, "(m, n)", m, n)
    _, k = _fit("U", U, "(m, k)", m, None)
    _fit("V", V, "(n, k)", n, k)
    R = U @ V.T
    np.subtract(Y, R, out=R)
    W = M * R
    value = λ_u * np.vdot(U, U) + λ_v * np.vdot(V, V) + np.vdot(W, W)
    grad_U = 2 * (λ_u * U - W @ V)
    grad_V = 2 * (λ_v * V - W.T @ U)
    return value, (grad_U, grad_V)


def _arrays(**given):
    """The arguments as arrays of one type: float32 where all floating ones are that, else float64."""
    arrays = {name: np.asarray(a) for name, a in given.items()}
    for name, a in arrays.items():
        if a.dtype.kind not in "fiub":
            raise ValueError(f"{name} must hold real numbers, not {a.dtype}")
    single = {a.dtype for a in arrays.values() if a.dtype.kind == "f"} == {np.dtype(np.float32)}
    dtype = np.float32 if single else np.float64
    return [a.astype(dtype, copy=False) for a in arrays.values()]


def _scalar(name, x, dtype):
    """A number of this type."""
    if np.ndim(x):
        raise ValueError(f"{name} has shape {np.shape(x)}, but a scalar is needed")
    return dtype.type(x)


def _fit(name, array, symbols, *lengths):
    """The shape of an array, which must have these lengths (None: any)."""
    shape = array.shape
    if len(shape) != len(lengths) or any(want not in (have, None) for want, have in zip(lengths, shape)):
        needed = symbols if None in lengths else f"{symbols} = {lengths}"
        hint = f"; pass {name}.ravel()" if len(lengths) == 1 and len(shape) == 2 and 1 in shape else ""
        raise ValueError(f"{name} has shape {shape}, but {needed} is needed{hint}")
    return shape
