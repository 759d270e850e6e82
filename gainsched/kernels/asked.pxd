"""The four samples of a lookahead block whose gain or correction is up to hooks: each step needs the error before it.

All four in one call: a call per sample, with its arguments and spills, cost KwongJohnston at 8 taps 20 ns per sample
instead of 16, and the rows between two calls went through memory.
"""
from libc.math cimport fabs, isfinite, sqrt

from gainsched.kernels.block cimport keep
from gainsched.kernels.core cimport AHEAD, ahead_complex_t, ahead_t, fma_at, instant_t
from gainsched.kernels.instant cimport lawful, set_gains
from gainsched.kernels.loop cimport LARGEST, loop_t


cdef inline bint take_step(loop_t *L, bint linear, double slope, double e, double *g) noexcept nogil:
    """The step of a sample, its gain by schedule or law; False where the loop stops."""
    cdef instant_t *s = &L.s
    if linear:
        s.slope = slope
        s.c = slope * e
    else:
        s.c = L.coefficient(s)
    if L.gain.tune == NULL:
        s.mu = L.gain.values[(s.k - L.gain.first) * L.gain.stride]
    elif not lawful(L, fabs(s.c), s.power):
        return False
    g[0] = (s.mu * slope) * e if linear else s.mu * s.c
    if not fabs(g[0]) <= LARGEST:
        return False
    if L.gain.settle != NULL:
        L.gain.settle(s)
    return True


cdef inline void shrunk(loop_t *L, int level, Py_ssize_t q, const double *a, const double *R, double *g,
                        double *row) noexcept nogil:
    """Leakage shrinks the block's weights and the steps before; the rows after sample q are formed again."""
    cdef ahead_t *A = L.ahead
    cdef double shrink = 1.0 - L.s.mu * L.s.leak
    cdef Py_ssize_t i, j
    A.scale *= shrink
    for i in range(q):
        g[i] *= shrink
    for j in range(q + 1, AHEAD):
        row[j] = A.scale * a[j]
        for i in range(q):
            row[j] = fma_at(level, g[i], R[AHEAD * j + j - i], row[j])


cdef inline bint one(loop_t *L, int level, bint linear, Py_ssize_t q, const double *a, const double *R,
                     const double *slope, const double *d, double *y, double *e, double *g,
                     double *row) noexcept nogil:
    """Sample q of a block: its error, its step, and what that does to the rows of the samples after it."""
    cdef instant_t *s = &L.s
    cdef double size = fabs(d[q]), output = row[q], error = d[q] - output
    cdef Py_ssize_t i
    y[q] = output
    e[q] = error
    s.k += 1
    s.u -= s.row
    s.v = s.reach = s.u
    s.d, s.y, s.e, s.e2, s.power = d[q], output, error, error * error, R[AHEAD * q]
    s.error = error
    if size > L.head.peak:
        L.head.peak = size
        L.bound = L.limit * max(1.0, size)
    if not (fabs(error) <= L.bound and isfinite(output)):
        set_gains(L)                      # for the record alone
        return False
    if not take_step(L, linear, slope[q], error, &g[q]):
        return False
    if not linear and s.leak != 0.0:
        shrunk(L, level, q, a, R, g, row)
    if q < 1:
        row[1] = fma_at(level, g[q], R[AHEAD + 1 - q], row[1])
    if q < 2:
        row[2] = fma_at(level, g[q], R[AHEAD * 2 + 2 - q], row[2])
    if q < 3:
        row[3] = fma_at(level, g[q], R[AHEAD * 3 + 3 - q], row[3])
    if L.out.gain_every or L.out.weights_every:
        L.head.n = s.k + 1
        L.ahead.filled = q + 1
        for i in range(q + 1):
            L.ahead.g[i] = g[i]
        keep(L, L.out)
        L.ahead.filled = 0.0
    return True


cdef inline Py_ssize_t four(loop_t *L, int level, bint linear, const double *a, const double *R, const double *slope,
                            const double *d, double *y, double *e, double *g) noexcept nogil:
    cdef double row[4]
    row[0], row[1], row[2], row[3] = a[0], a[1], a[2], a[3]
    if not one(L, level, linear, 0, a, R, slope, d, y, e, g, row):
        return 0
    if not one(L, level, linear, 1, a, R, slope, d, y, e, g, row):
        return 1
    if not one(L, level, linear, 2, a, R, slope, d, y, e, g, row):
        return 2
    if not one(L, level, linear, 3, a, R, slope, d, y, e, g, row):
        return 3
    return AHEAD


cdef inline bint one_complex(loop_t *L, int level, Py_ssize_t q, const double *a, const double *R, double slope,
                             const double *d, double *y, double *e, double *g) noexcept nogil:
    """`one` for complex numbers, whose corrections are linear in the error; the row of sample q is formed here."""
    cdef instant_t *s = &L.s
    cdef ahead_complex_t *A = <ahead_complex_t *>L.ahead
    cdef double re = a[2 * q], im = a[2 * q + 1], size = sqrt(d[2 * q] * d[2 * q] + d[2 * q + 1] * d[2 * q + 1]), step
    cdef const double *r
    cdef Py_ssize_t i
    for i in range(q):
        r = R + 2 * AHEAD * q + 2 * (q - i)
        re = fma_at(level, g[2 * i], r[0], re)
        im = fma_at(level, g[2 * i], r[1], im)
        re = fma_at(level, -g[2 * i + 1], r[1], re)
        im = fma_at(level, g[2 * i + 1], r[0], im)
    s.k += 1
    s.u -= s.row
    s.v = s.reach = s.u
    s.d, s.d_im, s.y, s.y_im, s.e, s.e_im = d[2 * q], d[2 * q + 1], re, im, d[2 * q] - re, d[2 * q + 1] - im
    s.e2, s.power = s.e * s.e + s.e_im * s.e_im, R[2 * AHEAD * q]
    s.error = sqrt(s.e2)
    y[2 * q], y[2 * q + 1], e[2 * q], e[2 * q + 1] = re, im, s.e, s.e_im
    if size > L.head.peak:
        L.head.peak = size
        L.bound = L.limit * max(1.0, size)
    if not (s.error <= L.bound and isfinite(re) and isfinite(im)):
        set_gains(L)                      # for the record alone
        return False
    s.slope = slope
    s.c = slope * s.e
    if not lawful(L, slope * s.error, s.power):
        return False
    step = s.mu * slope
    g[2 * q], g[2 * q + 1] = step * s.e, step * s.e_im
    if not (fabs(g[2 * q]) <= LARGEST and fabs(g[2 * q + 1]) <= LARGEST):
        return False
    if L.gain.settle != NULL:
        L.gain.settle(s)
    if L.out.gain_every or L.out.weights_every:
        L.head.n = s.k + 1
        A.filled = q + 1
        for i in range(2 * q + 2):
            A.g[i] = g[i]
        keep(L, L.out)
        A.filled = 0.0
    return True


cdef inline Py_ssize_t four_complex(loop_t *L, int level, const double *a, const double *R, const double *slope,
                                    const double *d, double *y, double *e, double *g) noexcept nogil:
    cdef Py_ssize_t q
    for q in range(AHEAD):
        if not one_complex(L, level, q, a, R, slope[q], d, y, e, g):
            return q
    return AHEAD


cdef inline Py_ssize_t complex_base(void *loop, const double *a, const double *R, const double *slope, const double *d,
                                    double *y, double *e, double *g) noexcept nogil:
    return four_complex(<loop_t *>loop, 0, a, R, slope, d, y, e, g)


cdef inline Py_ssize_t complex_avx2(void *loop, const double *a, const double *R, const double *slope, const double *d,
                                    double *y, double *e, double *g) noexcept nogil:
    return four_complex(<loop_t *>loop, 1, a, R, slope, d, y, e, g)


cdef inline Py_ssize_t linear_base(void *loop, const double *a, const double *R, const double *slope, const double *d,
                                   double *y, double *e, double *g) noexcept nogil:
    return four(<loop_t *>loop, 0, True, a, R, slope, d, y, e, g)


cdef inline Py_ssize_t linear_avx2(void *loop, const double *a, const double *R, const double *slope, const double *d,
                                   double *y, double *e, double *g) noexcept nogil:
    return four(<loop_t *>loop, 1, True, a, R, slope, d, y, e, g)


cdef inline Py_ssize_t hooked_base(void *loop, const double *a, const double *R, const double *slope, const double *d,
                                   double *y, double *e, double *g) noexcept nogil:
    return four(<loop_t *>loop, 0, False, a, R, slope, d, y, e, g)


cdef inline Py_ssize_t hooked_avx2(void *loop, const double *a, const double *R, const double *slope, const double *d,
                                   double *y, double *e, double *g) noexcept nogil:
    return four(<loop_t *>loop, 1, False, a, R, slope, d, y, e, g)
