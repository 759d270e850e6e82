"""Gains over the root of a gradient power. law_state: gains in force (n), gradient powers (n)."""
from gainsched.kernels.core cimport bounded_law_kernel, instant_t, limits_t, simd_t


cdef extern from *:
    """
    #define LAW "_rmsprop.h"
    #include "levels.h"
    #define rmsprop_each(simd, ...) AT_LEVEL(simd, rmsprop)(__VA_ARGS__)
    #define adadelta_each(simd, ...) AT_LEVEL(simd, adadelta)(__VA_ARGS__)
    #define adadelta_moved_each(simd, ...) AT_LEVEL(simd, adadelta_moved)(__VA_ARGS__)
    """
    double rmsprop_each(const simd_t *simd, double *gain, double *power, double *wanted, double rate, double keep,
                        double add, double eps, double c, const double *v, const double *reach,
                        const limits_t *limits, Py_ssize_t n) nogil
    double adadelta_each(const simd_t *simd, double *gain, double *power, double *wanted, const double *moved,
                         double beta, double eps, double c, const double *v, const double *reach,
                         const limits_t *limits, Py_ssize_t n) nogil
    void adadelta_moved_each(const simd_t *simd, const double *gain, double *moved, double beta, double c,
                             const double *v, Py_ssize_t n) nogil


cdef double rmsprop(instant_t *s) noexcept nogil:
    cdef double rate = s.law_param[0], beta = s.law_param[1], eps = s.law_param[2]
    s.pulled = rmsprop_each(s.simd, s.law_state, s.law_state + s.n, s.proposal, rate, beta, 1.0 - beta, eps, s.c, s.v,
                            s.reach, &s.limits, s.n)
    return s.c


cdef double adagrad(instant_t *s) noexcept nogil:
    """The power forgets nothing: a sum."""
    cdef double rate = s.law_param[0], eps = s.law_param[1]
    s.pulled = rmsprop_each(s.simd, s.law_state, s.law_state + s.n, s.proposal, rate, 1.0, 1.0, eps, s.c, s.v,
                            s.reach, &s.limits, s.n)
    return s.c


cdef double adadelta(instant_t *s) noexcept nogil:
    """A third memory: mean squares of the steps taken."""
    s.pulled = adadelta_each(s.simd, s.law_state, s.law_state + s.n, s.proposal, s.law_state + 2 * s.n, s.law_param[0],
                             s.law_param[1], s.c, s.v, s.reach, &s.limits, s.n)
    return s.c


cdef double adadelta_moved(instant_t *s) noexcept nogil:
    adadelta_moved_each(s.simd, s.gains, s.law_state + 2 * s.n, s.law_param[0], s.c, s.v, s.n)
    return 0.0


rmsprop_kernel = bounded_law_kernel("rmsprop", rmsprop)
adagrad_kernel = bounded_law_kernel("adagrad", adagrad)
adadelta_kernel = bounded_law_kernel("adadelta", adadelta, adadelta_moved)
