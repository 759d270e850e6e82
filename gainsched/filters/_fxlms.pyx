"""v = the regressor filtered by the secondary-path estimate; e = d - s * y.

param: the path, then its estimate (LTI blocks). State: [position, path state, estimate state per channel,
ring of filtered inputs (2 x taps rows): the ring is written twice so that the newest n numbers lie in one piece].
"""
from gainsched.kernels.core cimport instant_t, plant_kernel
from gainsched.kernels.lti cimport lti_next, lti_order, lti_step
from gainsched.kernels.ring cimport ring_newest, ring_push


cdef double output(instant_t *s) noexcept nogil:
    cdef const double *estimate = lti_next(s.param)
    cdef double *z = s.state + 1 + lti_order(s.param)
    cdef Py_ssize_t c
    for c in range(s.channels):
        s.scratch[c] = lti_step(estimate, z, s.x[c])
        z += lti_order(estimate)
    ring_push(s.state, z, s.scratch, s.channels, s.n // s.channels)
    return s.simd.dot(s.w, s.u, s.n)


cdef double compare(instant_t *s) noexcept nogil:
    return s.d - lti_step(s.param, s.state + 1, s.y)


cdef double correct(instant_t *s) noexcept nogil:
    cdef Py_ssize_t ring = 1 + lti_order(s.param) + s.channels * lti_order(lti_next(s.param))
    s.v = ring_newest(s.state, s.state + ring, s.channels, s.n // s.channels)
    s.reach = s.v
    return s.e


kernel = plant_kernel("fxlms", output, compare, correct)
