"""MIT rule: control u = w'phi, output y = plant * u, sensitivity psi = reference * phi, e = d - y.

param: normalized (0 or 1), alpha, then plant and reference (LTI blocks). State: [position, plant state, reference
state per channel, ring of psi (2 x taps rows)].
"""
from gainsched.kernels.core cimport instant_t, plant_kernel
from gainsched.kernels.lti cimport lti_next, lti_order, lti_step
from gainsched.kernels.ring cimport ring_newest, ring_push


cdef double output(instant_t *s) noexcept nogil:
    cdef const double *plant = s.param + 2
    cdef const double *reference = lti_next(plant)
    cdef double *z = s.state + 1 + lti_order(plant)
    cdef Py_ssize_t c
    for c in range(s.channels):
        s.scratch[c] = lti_step(reference, z, s.x[c])
        z += lti_order(reference)
    ring_push(s.state, z, s.scratch, s.channels, s.n // s.channels)
    s.v = ring_newest(s.state, z, s.channels, s.n // s.channels)
    return s.simd.dot(s.w, s.u, s.n)


cdef double compare(instant_t *s) noexcept nogil:
    s.y = lti_step(s.param + 2, s.state + 1, s.y)
    if not s.given:
        s.d = s.v[0]                       # the reference's answer to the command of this sample
    return s.d - s.y


cdef double correct(instant_t *s) noexcept nogil:
    cdef const double *plant = s.param + 2
    cdef Py_ssize_t ring = 1 + lti_order(plant) + s.channels * lti_order(lti_next(plant))
    s.v = ring_newest(s.state, s.state + ring, s.channels, s.n // s.channels)
    s.reach = s.v
    if s.param[0] != 0.0:
        return s.e / (s.param[1] + s.simd.dot(s.v, s.v, s.n))
    return s.e


kernel = plant_kernel("mitrule", output, compare, correct)
