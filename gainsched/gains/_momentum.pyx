"""Momentum: p <- beta p + a D, w <- w + b D + p, with (a, b) by kind. memory: p."""
from gainsched.kernels.core cimport compensator_kernel, instant_t


cdef inline double through(instant_t *s, double a, double b) noexcept nogil:
    if s.next == NULL:
        s.simd.compensate(s.w, s.memory, s.v, s.each, s.step, s.shrink, s.beta, a, b, s.size)
        return 0.0
    s.y_next = s.simd.compensate_turn(s.w, s.memory, s.v, s.each, s.step, s.shrink, s.beta, a, b, s.next, s.size)
    s.next = NULL
    return 0.0


cdef double heavy_ball(instant_t *s) noexcept nogil:
    return through(s, 1.0, 0.0)


cdef double nesterov(instant_t *s) noexcept nogil:
    """p is how far the look-ahead point w lies before the iterate x: x+ = w + D, p+ = beta (x+ - x), w+ = x+ + p+."""
    return through(s, s.beta, 1.0)


cdef double gradient_ema(instant_t *s) noexcept nogil:
    return through(s, 1.0 - s.beta, 0.0)


heavy_ball_kernel = compensator_kernel("heavyball", heavy_ball)
nesterov_kernel = compensator_kernel("nesterov", nesterov)
gradient_ema_kernel = compensator_kernel("gradientema", gradient_ema)
