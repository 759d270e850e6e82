"""How large the correction of this sample is: what laws ask of it besides c, v and reach themselves."""
from libc.math cimport fabs

from gainsched.kernels.core cimport instant_t
from gainsched.kernels.instant cimport pull


cdef inline double length(const instant_t *s) noexcept nogil:
    """v'v; |u|^2 is at hand where the loop formed it together with the output."""
    return s.power if s.v == s.u and s.power >= 0.0 else s.simd.dot(s.v, s.v, s.n)


cdef inline double fall(const instant_t *s) noexcept nogil:
    """By how much the error falls at unit gain; over |error| it is the loop gain (LMS: |u|^2, NLMS: about 1)."""
    if s.v == s.u and s.reach == s.u and s.block == 1 and s.power >= 0.0:
        return fabs(s.c) * s.power
    return fabs(s.c) * pull(s, s.v)


cdef inline double descent(const instant_t *s, const double *p) noexcept nogil:
    """By how much error^2 / 2 falls along p: minus its gradient, times p (LMS: e u'p)."""
    if s.block == 1:
        return s.error * s.simd.dot(s.reach, p, s.n)
    return s.c * s.simd.dot(s.v, p, s.n)


cdef inline double steepness(const instant_t *s) noexcept nogil:
    """The squared length of that gradient (LMS: e^2 |u|^2)."""
    if s.block > 1:
        return s.c * s.c * length(s)
    if s.reach == s.u and s.power >= 0.0:
        return s.error * s.error * s.power
    return s.error * s.error * s.simd.dot(s.reach, s.reach, s.n)


cdef inline double within_two(double a) noexcept nogil:
    """Steps of a log-gain are bounded by 2: a gain changes by a factor of 7.4 at most. NaN stays NaN."""
    if a > 2.0:
        return 2.0
    return -2.0 if a < -2.0 else a
