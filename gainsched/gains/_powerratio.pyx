"""Gains out of ratios of powers, over the loop gain of the sample itself: they mean the same to every filter."""
from libc.math cimport fabs, sqrt

from gainsched.kernels.core cimport instant_t, scalar_law_kernel
from gainsched.kernels.correction cimport fall


cdef double npvss(instant_t *s) noexcept nogil:
    """mu = (1 - sigma_v / sigma_e) / (eps + loop gain). law_state: gain in force, error power."""
    cdef double noise = s.law_param[0], alpha = s.law_param[1], eps = s.law_param[2]
    cdef double *m = s.law_state
    cdef double size = fabs(s.error), falls = fall(s), root
    m[1] = alpha * m[1] + (1.0 - alpha) * size * size
    if not falls > 0.0:
        return m[0]                                   # nothing to correct: the gain stays as it is
    if not m[1] > noise:
        return 0.0
    root = sqrt(m[1])
    return (root - sqrt(noise)) / root * (size / (eps * size + falls))      # product of quotients: neither divides by 0


cdef double valin_collings(instant_t *s) noexcept nogil:
    """mu = min(eta sigma_y^2 / sigma_e^2, rate) / (eps + loop gain), eta the regression of error on output power.

    law_state: gain in force; error and output power; the same without their means; their correlation, the output
    power's variance; samples that taught something.
    """
    cdef double rate = s.law_param[0], alpha = s.law_param[1], beta = s.law_param[2]
    cdef double *m = s.law_state
    cdef double size = fabs(s.error), falls = fall(s), error = m[1], output = m[2], eta, part = rate
    m[1] = alpha * m[1] + (1.0 - alpha) * size * size
    m[2] = alpha * m[2] + (1.0 - alpha) * s.y * s.y
    m[3] = alpha * m[3] + (m[1] - error)
    m[4] = alpha * m[4] + (m[2] - output)
    if m[2] < m[1]:
        beta *= m[2] / m[1]
    m[5] = (1.0 - beta) * m[5] + beta * m[3] * m[4]
    m[6] = (1.0 - beta) * m[6] + beta * m[4] * m[4]
    if not falls > 0.0:
        return m[0]
    m[7] += 1.0
    if m[7] > s.law_param[3] * s.n:                   # until then, output and error say nothing about each other
        eta = min(max(m[5] / m[6], 0.0), 1.0) if m[6] > 0.0 else 1.0
        if eta * m[2] < rate * m[1]:                  # asked before dividing: the power of a tiny error may round to 0
            part = eta * m[2] / m[1]
    return part * size / (s.law_param[4] * size + falls)


npvss_kernel = scalar_law_kernel("npvss", npvss)
valin_collings_kernel = scalar_law_kernel("valincollings", valin_collings)
