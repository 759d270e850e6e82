"""Scalar variable step sizes. law_state[0] is the gain in force; the loop writes back what it applied."""
from gainsched.kernels.core cimport instant_t, scalar_law_kernel


cdef double kwong_johnston(instant_t *s) noexcept nogil:
    """mu_{k+1} = alpha mu_k + gamma e_k^2; law_state[1] is the last |e|^2, law_state[2] tells the first sample."""
    cdef double mu = s.law_state[0]
    if s.law_state[2] != 0.0:
        mu = s.law_param[0] * mu + s.law_param[1] * s.law_state[1]
    s.law_state[1] = s.e2
    s.law_state[2] = 1.0
    return mu


cdef double aboulnasr_mayyas(instant_t *s) noexcept nogil:
    """p_k = beta p + (1-beta) e_k e_{k-1}, mu_{k+1} = alpha mu_k + gamma p_k^2. law_state: gain, p, last e, seen."""
    cdef double alpha = s.law_param[0], beta = s.law_param[1], gamma = s.law_param[2]
    cdef double mu = s.law_state[0], p = s.law_state[1]
    if s.law_state[3] != 0.0:
        mu = alpha * mu + gamma * p * p
    s.law_state[1] = beta * p + (1.0 - beta) * s.e * s.law_state[2]
    s.law_state[2] = s.e
    s.law_state[3] = 1.0
    return mu


kwong_johnston_kernel = scalar_law_kernel("kwongjohnston", kwong_johnston)
aboulnasr_mayyas_kernel = scalar_law_kernel("aboulnasrmayyas", aboulnasr_mayyas)
