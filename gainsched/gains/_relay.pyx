"""Relays: a measured quantity beyond a dead band switches the gain by a factor, at most once per window.

Both keep the gain they want apart from the gain in force: a single burst that saturates the gain does not switch it.
A gain that was out of reach during a whole window is given up (anti-windup).
"""
from libc.math cimport fabs, log, sqrt
from libc.string cimport memcpy

from gainsched.kernels.core cimport instant_t, scalar_law_kernel
from gainsched.kernels.correction cimport descent, length, steepness


cdef inline bint turns(double *m, double span) noexcept nogil:
    """Count a sample; whether it ends a window. m: gain in force, gain wanted, largest in force, samples."""
    m[2] = max(m[2], m[0])
    m[3] += 1.0
    if m[3] < span:
        return False
    m[1] = min(m[1], m[2])
    m[2] = m[3] = 0.0
    return True


cdef double relay(instant_t *s) noexcept nogil:
    """law_param: measure (0 correlation, 1 power), band, factor, dwell.

    law_state: four of `turns`, sum of readings, long power, last c and |c v|, last v (n; correlation alone).
    """
    cdef double *m = s.law_state
    cdef double dwell = s.law_param[3], reading, norms
    if s.law_param[0] == 0.0:
        norms = sqrt(steepness(s)) * m[7]
        if norms > 0.0:
            m[4] += m[6] * descent(s, m + 8) / norms
    else:
        m[4] += s.error * s.error
    if turns(m, dwell):
        reading = m[4] / dwell
        m[4] = 0.0
        if s.law_param[0] != 0.0:
            norms = reading
            if m[5] == 0.0:
                m[5] = norms
            reading = log(m[5] / norms) if norms > 0.0 and m[5] > 0.0 else 0.0
            m[5] += 0.25 * (norms - m[5])
        if reading > s.law_param[1]:
            m[1] *= s.law_param[2]
        elif reading < -s.law_param[1]:
            m[1] /= s.law_param[2]
    return m[1]


cdef double keep_correction(instant_t *s) noexcept nogil:
    if s.law_param[0] == 0.0:
        s.law_state[6] = s.c
        s.law_state[7] = fabs(s.c) * sqrt(length(s))
        memcpy(s.law_state + 8, s.v, s.n * sizeof(double))
    return 0.0


cdef double plateau(instant_t *s) noexcept nogil:
    """law_param: factor, patience, window, threshold, cooldown.

    law_state: four of `turns`, sum of e^2, best reading (negative: none), bad readings, readings left to wait.
    """
    cdef double *m = s.law_state
    cdef double reading
    if not fabs(s.error) > 0.0:
        return m[1]                                   # silence proves nothing
    m[4] += s.error * s.error
    if turns(m, s.law_param[2]):
        reading = m[4] / s.law_param[2]
        m[4] = 0.0
        m[6] += 1.0
        if m[5] < 0.0 or reading < m[5] - s.law_param[3] * fabs(m[5]):
            m[5] = reading
            m[6] = 0.0
        if m[7] > 0.0:
            m[7] -= 1.0
            m[6] = 0.0
        if m[6] >= s.law_param[1]:
            m[1] *= s.law_param[0]
            m[6] = 0.0
            m[7] = s.law_param[4]
    return m[1]


relay_kernel = scalar_law_kernel("relay", relay, keep_correction)
plateau_kernel = scalar_law_kernel("plateau", plateau)
