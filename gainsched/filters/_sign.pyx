"""Relay updates: the sign of the error, of the data, of both; sgn(0) = 0."""
from gainsched.kernels.core cimport coefficient_kernel, direction_kernel, instant_t


cdef inline double sgn(double a) noexcept nogil:
    return <double>((a > 0.0) - (a < 0.0))


cdef inline void point_at_signs(instant_t *s) noexcept nogil:
    s.simd.signs(s.scratch, s.u, s.n)
    s.v = s.scratch


cdef double sign_error(instant_t *s) noexcept nogil:
    return sgn(s.e)


cdef double sign_data(instant_t *s) noexcept nogil:
    point_at_signs(s)
    return s.e


cdef double sign_sign(instant_t *s) noexcept nogil:
    point_at_signs(s)
    return sgn(s.e)


error_kernel = coefficient_kernel("signerrorlms", sign_error)
data_kernel = direction_kernel("signdatalms", sign_data)
both_kernel = direction_kernel("signsignlms", sign_sign)
