"""c = e / (eps + |u|^2): the error over the power of the regressor."""
from gainsched.kernels.core cimport instant_t, linear_kernel


cdef inline double slope(double eps, double power) noexcept nogil:
    return 1.0 / (eps + power) if eps + power > 0.0 else 0.0         # eps = 0 and silence: nothing to learn from


cdef void slopes(const double *param, const double *power, double *out, Py_ssize_t m) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(m):
        out[i] = slope(param[0], power[i])


cdef double coefficient(instant_t *s) noexcept nogil:
    s.slope = slope(s.param[0], s.power)
    return s.slope * s.e


kernel = linear_kernel("nlms", coefficient, slopes)
