"""Many instants in a row: the general block, and two direct ones where nothing but c and the gains is asked."""
from libc.math cimport fabs, isfinite
from libc.string cimport memcpy

from gainsched.kernels.core cimport instant_t, simd_t
from gainsched.kernels.instant cimport compare, conclude, excess, factor, move, predict, shaped, tuned
from gainsched.kernels.loop cimport LARGEST, RAISE, header_t, loop_t, output_t, port_t


cdef inline bint is_plain(const loop_t *L, const double *d, const output_t *out) noexcept nogil:
    """Whether nothing but c and the gains is asked at each sample: a correction along the delay line, all d given."""
    return (L.coefficient != NULL and L.regress == NULL and L.output == NULL and L.compare == NULL and L.push == NULL
            and L.compensate == NULL and L.forgetting.tune == NULL and not L.complex and not L.frozen
            and L.policy == RAISE and d != NULL and L.head.stale == 0 and L.head.tainted == 0
            and out.weights_every == 0)


cdef inline bint is_direct(const loop_t *L) noexcept nogil:
    """Whether a plain loop has one gain for all weights."""
    return L.gain.shape == NULL and L.gain.settle == NULL and L.gain.width == 1


cdef inline double chosen(loop_t *L, double e) noexcept nogil:
    """The gain of a scalar law at this sample, once c is known: the same steps as in `adapt`."""
    cdef instant_t *s = &L.s
    cdef port_t *gain = &L.gain
    cdef double scale = factor(gain, s), step
    gain.state[0] = tuned(gain, s)
    s.mu = scale * gain.state[0]
    if gain.saturate:
        step = s.mu * fabs(s.c) * fabs(s.power)
        if step > 2.0 * fabs(e):
            s.mu *= excess(s, step)
            gain.state[0] = s.mu / scale
    return s.mu


cdef inline Py_ssize_t direct_block(loop_t *L, Py_ssize_t m, const double *d, output_t *out,
                                    bint *stopped) noexcept nogil:
    """`block` without its questions, the same operations in the same order; the lookahead loop belongs here.

    Measured at 8 taps: 31 ns per sample of a run, against 40 through `block`; with a scalar law 34, against 46.
    """
    cdef instant_t *s = &L.s
    cdef header_t *h = L.head
    cdef const simd_t *simd = s.simd
    cdef inline Py_ssize_t j, n = s.n, width = L.line.width
    cdef const double *u = L.line.rows + (L.line.head + m) * width
    cdef const double *mu = L.gain.values
    cdef double *w = s.w
    cdef double y, e, size, step, peak = h.peak, bound = L.bound
    cdef bint sound = True, law = L.gain.tune != NULL
    if not law:
        mu = mu + (h.n - L.gain.first) * L.gain.stride
    s.block = 1
    for j in range(m):
        u -= width
        s.u = u
        if L.power:
            simd.dot_power(w, u, n, &y, &s.power)
        else:
            y = simd.dot(w, u, n)
        e = d[j] - y
        size = fabs(d[j])
        if size > peak:
            peak = size
            bound = L.limit * max(1.0, size)
        out.y[j] = y
        out.e[j] = e
        s.e = e
        if law:
            s.k = h.n + j
            s.v = s.reach = u
            s.error = e
            s.e2 = e * e
            s.c = L.coefficient(s)
            step = chosen(L, e) * s.c
        else:
            s.mu = mu[j * L.gain.stride]
            step = s.mu * L.coefficient(s)
        sound = fabs(e) <= bound and isfinite(y) and fabs(step) <= LARGEST
        if out.gain_every and (h.n + j + 1) % out.gain_every == 0:
            out.gain[0] = s.mu
            out.gain += 1
        if not sound:
            stopped[0] = True
            L.line.head += m - 1 - j
            m = j + 1
            break
        if s.leak != 0.0:
            simd.scale_axpy(w, u, 1.0 - s.mu * s.leak, step, n)
        else:
            simd.axpy(w, u, step, n)
    h.n += m
    h.peak = peak
    h.feedback = d[m - 1]
    L.bound = bound
    return m


cdef inline Py_ssize_t shaped_block(loop_t *L, Py_ssize_t m, const double *d, output_t *out,
                                    bint *stopped) noexcept nogil:
    """A plain loop under a law with one gain per weight: `block` without its questions, the same operations.

    Measured at 32 taps under RMSProp: 65 ns per sample of a run, against 73 through `block`.
    """
    cdef instant_t *s = &L.s
    cdef header_t *h = L.head
    cdef port_t *gain = &L.gain
    cdef const simd_t *simd = s.simd
    cdef inline Py_ssize_t j, n = s.n, width = L.line.width
    cdef const double *u = L.line.rows + (L.line.head + m) * width
    cdef double *w = s.w
    cdef double y, e, size, step
    cdef bint sound = True
    s.block = 1
    s.given = True
    s.e_im = s.d_im = 0.0
    for j in range(m):
        u -= width
        s.x = s.u = s.v = s.reach = u
        s.k = h.n + j
        if L.power:
            simd.dot_power(w, u, n, &y, &s.power)
        else:
            y = simd.dot(w, u, n)
        s.d = d[j]
        e = s.d - y
        size = fabs(s.d)
        if size > h.peak:
            h.peak = size
            L.bound = L.limit * max(1.0, size)
        out.y[j] = s.y = y
        out.e[j] = s.e = s.error = e
        s.e2 = e * e
        s.gains = NULL
        step = 0.0
        sound = fabs(e) <= L.bound and isfinite(y)
        if sound:
            s.c = L.coefficient(s)
            sound = shaped(L)
            step = s.mu * s.c
            sound = sound and fabs(step) <= LARGEST
        if out.gain_every and (s.k + 1) % out.gain_every == 0:
            if s.gains != NULL:
                memcpy(out.gain, s.gains, n * sizeof(double))
            else:
                out.gain[0] = s.mu
            out.gain += gain.width
        if not sound:
            stopped[0] = True
            L.line.head += m - 1 - j
            m = j + 1
            break
        move(L, step, 0.0)
        if gain.settle != NULL:
            s.law_param = gain.param
            s.law_state = gain.state
            s.law_object = gain.object
            gain.settle(s)
    h.n += m
    h.feedback = d[m - 1]
    return m


cdef inline Py_ssize_t block(loop_t *L, Py_ssize_t m, const double *d, output_t *out,
                             bint *stopped) noexcept nogil:
    """m samples of a line that already holds them; returns how many were done, the stopping one included."""
    cdef instant_t *s = &L.s
    cdef inline Py_ssize_t j, parts = 2 if L.complex else 1
    cdef bint sound
    for j in range(m):
        predict(L, m - 1 - j)
        compare(L, d + parts * j if d != NULL else NULL)
        sound = conclude(L)
        out.y[parts * j] = s.y
        out.e[parts * j] = s.e
        if L.complex:
            out.y[parts * j + 1] = s.y_im
            out.e[parts * j + 1] = s.e_im
        if out.skipped != NULL:
            out.skipped[j] = s.skipped
        if out.gain_every and L.head.n % out.gain_every == 0:
            if s.gains != NULL:
                memcpy(out.gain, s.gains, s.n * sizeof(double))
            else:
                out.gain[0] = s.mu
            out.gain += L.gain.width
        if out.weights_every and L.head.n % out.weights_every == 0:
            memcpy(out.weights, s.w, parts * s.n * sizeof(double))
            out.weights += parts * s.n
        if not sound:
            stopped[0] = True
            L.line.head += m - 1 - j
            return j + 1
    return m
