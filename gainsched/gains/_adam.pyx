"""Laws with momentum: s.v is redirected to it. law_state: gains in force (n), momentum (n), power or peak (n), more."""
from gainsched.kernels.core cimport bounded_law_kernel, instant_t, limits_t, simd_t


cdef extern from *:
    """
    #define LAW "_adam.h"
    #include "levels.h"
    #define adam_each(simd, ...) AT_LEVEL(simd, adam)(__VA_ARGS__)
    #define adamax_each(simd, ...) AT_LEVEL(simd, adamax)(__VA_ARGS__)
    #define lion_each(simd, ...) AT_LEVEL(simd, lion)(__VA_ARGS__)
    """
    double adam_each(const simd_t *simd, double *gain, double *mean, double *power, double *peak, double *ahead,
                     double *wanted, double rate, double b1, double b2, double eps, double fill, double along,
                     double across, double c, const double *v, const double *reach, const limits_t *limits,
                     Py_ssize_t n) nogil
    double adamax_each(const simd_t *simd, double *gain, double *mean, double *peak, double rate, double b1, double b2,
                       double eps, double c, const double *v, const double *reach, const limits_t *limits,
                       Py_ssize_t n) nogil
    double lion_each(const simd_t *simd, double *gain, double *mean, double *sign, double rate, double b1, double b2,
                     double c, const double *v, const double *reach, const limits_t *limits, Py_ssize_t n) nogil


cdef inline double lacks(double *missing, double beta) noexcept nogil:
    """missing <- beta missing; zero once 1 - missing is 1, before it gets so small that processors slow down."""
    missing[0] = beta * missing[0] if missing[0] > 1e-30 else 0.0
    return missing[0]


cdef inline double root_mean(instant_t *s, double *peak, double *ahead, double fill, double along,
                             double across) noexcept nogil:
    """One pass of Adam's kind; s.v then is the momentum, or what looks ahead along it."""
    cdef double *gain = s.law_state
    cdef double *mean = gain + s.n
    s.pulled = adam_each(s.simd, gain, mean, mean + s.n, peak, ahead, s.proposal, s.law_param[0], s.law_param[1],
                         s.law_param[2], s.law_param[3], fill, along, across, s.c, s.v, s.reach, &s.limits, s.n)
    s.v = mean if ahead == NULL else ahead
    return 1.0


cdef double adam(instant_t *s) noexcept nogil:
    """The tail of the state: beta1^t, beta2^t, what is still missing in the two averages."""
    cdef double *missing = s.law_state + 3 * s.n
    root_mean(s, NULL, NULL, 1.0 - lacks(missing + 1, s.law_param[2]), 0.0, 0.0)
    return 1.0 / (1.0 - lacks(missing, s.law_param[1]))


cdef double amsgrad(instant_t *s) noexcept nogil:
    """The largest power so far behind the power; nothing is missing in it."""
    return root_mean(s, s.law_state + 3 * s.n, NULL, 1.0, 0.0, 0.0)


cdef double nadam(instant_t *s) noexcept nogil:
    """The direction beta1 m/(1 - beta1^(t+1)) + (1 - beta1) g/(1 - beta1^t) behind the power, then what is missing."""
    cdef double *ahead = s.law_state + 3 * s.n
    cdef double *missing = ahead + s.n
    cdef double b1 = s.law_param[1]
    cdef double left = lacks(missing, b1)
    return root_mean(s, NULL, ahead, 1.0 - lacks(missing + 1, s.law_param[2]), b1 / (1.0 - b1 * left),
                     (1.0 - b1) / (1.0 - left))


cdef double adamax(instant_t *s) noexcept nogil:
    cdef double *mean = s.law_state + s.n
    cdef double *missing = mean + 2 * s.n
    s.pulled = adamax_each(s.simd, s.law_state, mean, mean + s.n, s.law_param[0], s.law_param[1], s.law_param[2],
                           s.law_param[3], s.c, s.v, s.reach, &s.limits, s.n)
    s.v = mean
    return 1.0 / (1.0 - lacks(missing, s.law_param[1]))


cdef double lion(instant_t *s) noexcept nogil:
    """The signs behind the momentum."""
    cdef double *mean = s.law_state + s.n
    s.pulled = lion_each(s.simd, s.law_state, mean, mean + s.n, s.law_param[0], s.law_param[1], s.law_param[2], s.c,
                         s.v, s.reach, &s.limits, s.n)
    s.v = mean + s.n
    return 1.0


adam_kernel = bounded_law_kernel("adam", adam)
amsgrad_kernel = bounded_law_kernel("amsgrad", amsgrad)
nadam_kernel = bounded_law_kernel("nadam", nadam)
adamax_kernel = bounded_law_kernel("adamax", adamax)
lion_kernel = bounded_law_kernel("lion", lion)
