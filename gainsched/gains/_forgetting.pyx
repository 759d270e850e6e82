"""Forgetting factors that follow the error. law_state[0] is the factor in force, as the loop applied it."""
from libc.math cimport fabs, sqrt

from gainsched.kernels.core cimport instant_t, scalar_law_kernel


cdef double fortescue(instant_t *s) noexcept nogil:
    """law_state[1:3]: |e|^2 and u'Pu of the last sample; law_state[3] tells the first. What they say acts now."""
    cdef double f = s.law_state[0]
    if s.law_state[3] != 0.0:
        f = 1.0 - s.law_state[1] / ((1.0 + max(s.law_state[2], 0.0) / f) * s.law_param[0])
    else:
        s.law_state[3] = 1.0
    s.law_state[1] = s.e2
    s.law_state[2] = s.spread
    return f


cdef double variable(instant_t *s) noexcept nogil:
    """law_state[1:4]: powers of e over the short window, of u'Pu over it, of e over the long one."""
    cdef double a = 1.0 / (s.law_param[0] * s.n), b = 1.0 / (s.law_param[1] * s.n)
    cdef double *power = s.law_state + 1
    cdef double sigma_e, sigma_q, sigma_v
    power[0] += a * (s.e2 - power[0])
    power[1] += a * (s.spread * s.spread - power[1])
    power[2] += b * (s.e2 - power[2])
    sigma_e, sigma_q, sigma_v = sqrt(power[0]), sqrt(power[1]), sqrt(power[2])
    if sigma_e <= s.law_param[2] * sigma_v:
        return 1.0
    return sigma_q * sigma_v / (s.law_param[3] + fabs(sigma_e - sigma_v))


fortescue_kernel = scalar_law_kernel("fortescue", fortescue)
variable_kernel = scalar_law_kernel("variableforgetting", variable)
