"""Gains that descend the squared error, by how the weights depend on the gain.

law_state: the gain in force, one number, then a vector of n doubles: the last correction (Mathews-Xie), the exact
derivative of the weights (Benveniste), a leaky sum (Ang-Farhang). The gain used at a sample knows that sample's error.
"""
from libc.math cimport fabs
from libc.string cimport memcpy

from gainsched.kernels.core cimport instant_t, scalar_law_kernel
from gainsched.kernels.correction cimport descent, fall


cdef double mathews_xie(instant_t *s) noexcept nogil:
    """mu_k = mu_{k-1} + meta e_k r_k'(c_{k-1} v_{k-1}); law_state[1] is c_{k-1}, the vector v_{k-1}."""
    return s.law_state[0] + s.law_param[0] * s.law_state[1] * descent(s, s.law_state + 2)


cdef double keep_correction(instant_t *s) noexcept nogil:
    s.law_state[1] = s.c
    memcpy(s.law_state + 2, s.v, s.n * sizeof(double))
    return 0.0


cdef double along_sensitivity(instant_t *s) noexcept nogil:
    """mu_k = mu_{k-1} + meta e_k r_k'psi_k; law_state[1] keeps e_k r_k'psi_k for the second half."""
    s.law_state[1] = descent(s, s.law_state + 2)
    return s.law_state[0] + s.law_param[0] * s.law_state[1]


cdef inline bint is_void(const instant_t *s) noexcept nogil:
    """Whether one sample asked for a change of the loop gain by more than its whole stable range, 2.

    The sensitivity is a derivative: such a step is out of its reach. After a burst of 120 dB it would stay twelve
    decades too large, throw the gain from limit to limit, and with it the weights.
    """
    return fabs(s.law_param[0] * s.law_state[1]) * fall(s) > 2.0 * fabs(s.error)


cdef double benveniste(instant_t *s) noexcept nogil:
    """psi_{k+1} = psi_k + c v - mu_k (c / e) (r'psi) v: the derivative of w_{k+1} to a gain that never changed."""
    cdef double e2 = s.error * s.error
    cdef double damping = s.mu * s.law_state[1] / e2 if e2 > 0.0 else 0.0
    if is_void(s):
        s.simd.scale_axpy(s.law_state + 2, s.v, 0.0, s.c, s.n)
    else:
        s.simd.axpy(s.law_state + 2, s.v, s.c * (1.0 - damping), s.n)
    return 0.0


cdef double ang_farhang(instant_t *s) noexcept nogil:
    """psi_{k+1} = alpha psi_k + c v."""
    s.simd.scale_axpy(s.law_state + 2, s.v, 0.0 if is_void(s) else s.law_param[1], s.c, s.n)
    return 0.0


mathews_xie_kernel = scalar_law_kernel("mathewsxie", mathews_xie, keep_correction)
benveniste_kernel = scalar_law_kernel("benveniste", along_sensitivity, benveniste)
ang_farhang_kernel = scalar_law_kernel("angfarhang", along_sensitivity, ang_farhang)
