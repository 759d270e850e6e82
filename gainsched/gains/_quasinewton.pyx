"""Online quasi-Newton matrices B, learned from steps s and the gradient changes y that they make at their own sample.

The sample's gradient is linear in w: moving by s changes c v by -(c / error) v (reach's). Over a block it is the mean
over the block's regressors. law_param: rate, damping, scaling, then reset (dense) or memory (limited), then saturate.
"""
from libc.math cimport fabs, isfinite
from libc.string cimport memcpy, memmove, memset

from gainsched.kernels.core cimport instant_t, matrix_law_kernel
from gainsched.kernels.instant cimport pull


cdef enum:
    RATE = 0
    DAMPING = 1
    SCALING = 2
    RESET = 3
    MEMORY = 3
    BOUNDED = 4
    CONTRACTION = 1000000


cdef inline double curvature(const instant_t *s, double *weight) noexcept nogil:
    """What a unit step along the filter's direction takes off the gradient, |x|^2 for LMS, as weight * v'reach.

    0 where the sample says nothing: silence, or squares and inverses that would leave the range of numbers.
    """
    cdef double total = 0.0
    cdef Py_ssize_t i
    weight[0] = 1.0
    if s.block == 1:
        weight[0] = s.c / s.error if s.error != 0.0 else 0.0
        total = fabs(weight[0] * s.simd.dot(s.v, s.reach, s.n))
    else:
        for i in range(s.block):
            total += s.simd.dot(s.reach + i * s.row, s.reach + i * s.row, s.n) / s.block
    return total if 1e-100 < total < 1e100 else 0.0


cdef inline double forward(instant_t *s, double rate, bint bounded) noexcept nogil:
    """The factor on B: the rate, or less, so that no step carries the error past zero."""
    cdef double step = rate * fabs(s.c) * pull(s, s.v)
    return rate * fabs(s.error) / step if bounded and step > fabs(s.error) else rate


cdef inline bint pair(instant_t *s, double *step, double *y, double weight, double damping, const double *v,
                      double *sy, double *yy) noexcept nogil:
    """step: from direction to the s applied; y = (weight v reach' + damping I) s. False: the pair says nothing."""
    cdef double a = s.mu * s.c
    cdef Py_ssize_t i, n = s.n
    for i in range(n):
        step[i] = a * step[i]
        y[i] = damping * step[i]
    if s.block == 1:
        s.simd.axpy(y, v, weight * s.simd.dot(s.reach, step, n), n)
    else:
        for i in range(s.block):
            s.simd.axpy(y, s.reach + i * s.row, s.simd.dot(s.reach + i * s.row, step, n) / s.block, n)
    sy[0] = s.simd.dot(step, y, n)
    yy[0] = s.simd.dot(y, y, n)
    return sy[0] > 1e-280 and isfinite(yy[0]) and isfinite(1.0 / sy[0])


# The dense matrix. law_state: gains (n), B (n x n, upper triangle), s (n), y (n), v (n), [curvature, weight, seen].

cdef double dense(instant_t *s) noexcept nogil:
    cdef Py_ssize_t i, n = s.n
    cdef double *B = s.law_state + n
    cdef double *step = B + n * n
    cdef double *v = step + 2 * n
    cdef double *known = v + n
    cdef double rate, first
    known[0] = curvature(s, &known[1])
    memcpy(v, s.v, n * sizeof(double))
    s.simd.symv_upper(B, v, step, n)
    if s.simd.dot(v, step, n) < 0.0:      # signals that fade by hundreds of decades: rounding took the sign of B
        memset(B, 0, n * n * sizeof(double))
        known[2] = 0.0
    if known[2] == 0.0:
        first = s.law_param[SCALING] / ((1.0 + s.law_param[DAMPING]) * known[0]) if known[0] > 0.0 else 0.0
        for i in range(n):
            B[i * (n + 1)] = first
        known[2] = 1.0 if known[0] > 0.0 else 0.0
        s.simd.symv_upper(B, v, step, n)
    s.v = step
    rate = forward(s, s.law_param[RATE], s.law_param[BOUNDED] != 0.0)
    for i in range(n):
        s.proposal[i] = rate * B[i * (n + 1)]
    return rate * s.c


cdef inline void secant(instant_t *s, double *B, const double *step, const double *y, double rho) noexcept nogil:
    """B y = s once more: after a strong contraction rounding of the old B is large against what is left."""
    cdef double *r = s.moved
    cdef double ry
    cdef Py_ssize_t i, n = s.n
    s.simd.symv_upper(B, y, r, n)
    for i in range(n):
        r[i] = step[i] - r[i]
    ry = s.simd.dot(r, y, n)
    for i in range(n):                                      # r s' + s r' - rho r'y s s', times rho
        s.simd.axpy(B + i * n + i, step + i, rho * (r[i] - rho * ry * step[i]), n - i)
        s.simd.axpy(B + i * n + i, r + i, rho * step[i], n - i)


cdef double dense_settle(instant_t *s) noexcept nogil:
    """B <- (I - rho s y') B (I - rho y s') + rho s s', as a downdate by B y and an update that keep B positive."""
    cdef Py_ssize_t i, n = s.n
    cdef double *B = s.law_state + n
    cdef double *step = B + n * n
    cdef double *y = step + n
    cdef double *v = y + n
    cdef double *known = v + n
    cdef double *By = s.moved
    cdef double sy, yy, inside, rho, again
    if known[0] == 0.0 or not pair(s, step, y, known[1], s.law_param[DAMPING] * known[0], v, &sy, &yy):
        return 0.0
    s.simd.symv_upper(B, y, By, n)
    inside = max(s.simd.dot(y, By, n), 0.0) + sy
    rho = 1.0 / sy
    s.simd.rank_one_upper(B, By, 1.0 / inside, n)
    for i in range(n):
        By[i] = step[i] - sy / inside * By[i]
    s.simd.rank_one_upper(B, By, -inside * rho * rho, n)
    if inside > CONTRACTION * sy:
        secant(s, B, step, y, rho)
    again = s.law_param[RESET] / ((1.0 + s.law_param[DAMPING]) * known[0])
    for i in range(n):
        B[i * (n + 1)] += again
    return 0.0


# Limited memory. law_state: gains (n), S (m x n) and Y (m x n), newest first, rho (m), s'y / y'y (m), a (m),
# direction (n), v (n), [curvature, weight, pairs, first scale].

cdef double limited(instant_t *s) noexcept nogil:
    """B v by the two-loop recursion, between the mean of the pairs' own scales."""
    cdef Py_ssize_t i, j, n = s.n, m = <Py_ssize_t>s.law_param[MEMORY]
    cdef double *S = s.law_state + n
    cdef double *Y = S + m * n
    cdef double *rho = Y + m * n
    cdef double *scale = rho + m
    cdef double *a = scale + m
    cdef double *direction = a + m
    cdef double *v = direction + n
    cdef double *known = v + n
    cdef double rate, base, along
    cdef Py_ssize_t pairs = <Py_ssize_t>known[2]
    known[0] = curvature(s, &known[1])
    if known[3] == 0.0 and known[0] > 0.0:
        known[3] = s.law_param[SCALING] / ((1.0 + s.law_param[DAMPING]) * known[0])
    base = known[3] if pairs == 0 else 0.0
    for j in range(pairs):
        base += scale[j] / pairs
    memcpy(v, s.v, n * sizeof(double))
    memcpy(direction, v, n * sizeof(double))
    for j in range(pairs):
        a[j] = rho[j] * s.simd.dot(S + j * n, direction, n)
        s.simd.axpy(direction, Y + j * n, -a[j], n)
    for i in range(n):
        direction[i] *= base
    for j in range(pairs - 1, -1, -1):
        s.simd.axpy(direction, S + j * n, a[j] - rho[j] * s.simd.dot(Y + j * n, direction, n), n)
    s.v = direction
    rate = forward(s, s.law_param[RATE], s.law_param[BOUNDED] != 0.0)
    along = s.simd.dot(v, v, n)
    along = s.simd.dot(v, direction, n) / along if along > 0.0 else 0.0
    for i in range(n):                                       # the gain along the direction: every weight's, for limits
        s.proposal[i] = rate * along if along > 0.0 else s.law_state[i]
    return rate * s.c


cdef double limited_settle(instant_t *s) noexcept nogil:
    """The newest pair enters in front, the oldest falls out."""
    cdef Py_ssize_t n = s.n, m = <Py_ssize_t>s.law_param[MEMORY]
    cdef double *S = s.law_state + n
    cdef double *Y = S + m * n
    cdef double *rho = Y + m * n
    cdef double *scale = rho + m
    cdef double *direction = scale + 2 * m
    cdef double *v = direction + n
    cdef double *known = v + n
    cdef double sy, yy
    if known[0] == 0.0 or not pair(s, direction, s.moved, known[1], s.law_param[DAMPING] * known[0], v, &sy, &yy):
        return 0.0
    memmove(S + n, S, (m - 1) * n * sizeof(double))
    memmove(Y + n, Y, (m - 1) * n * sizeof(double))
    memmove(rho + 1, rho, (m - 1) * sizeof(double))
    memmove(scale + 1, scale, (m - 1) * sizeof(double))
    memcpy(S, direction, n * sizeof(double))
    memcpy(Y, s.moved, n * sizeof(double))
    rho[0] = 1.0 / sy
    scale[0] = sy / yy
    known[2] = min(known[2] + 1.0, <double>m)
    return 0.0


dense_kernel = matrix_law_kernel("onlinebfgs", dense, dense_settle)
limited_kernel = matrix_law_kernel("limitedbfgs", limited, limited_settle)
