"""Many instants in a row: the direct block over a plain delay line, and the general one."""
from libc.math cimport fabs, isfinite
from libc.string cimport memcpy

from gainsched.kernels.core cimport instant_t, simd_t
from gainsched.kernels.instant cimport adapt, compare, conclude, factor, landed, predict
from gainsched.kernels.loop cimport RAISE, header_t, loop_t, output_t


cdef inline bint is_direct(const loop_t *L, const double *d, const output_t *out) noexcept nogil:
    """Whether nothing stands between sample and correction: a delay line without gaps, w'u, nothing recorded."""
    return (L.regress == NULL and L.output == NULL and L.compare == NULL and not L.complex and not L.frozen
            and L.policy == RAISE and d != NULL and L.head.stale == 0 and L.head.tainted == 0 and out.gain_every == 0
            and out.weights_every == 0)


cdef inline Py_ssize_t direct_block(loop_t *L, Py_ssize_t m, const double *d, output_t *out,
                                    bint *stopped) noexcept nogil:
    """`block` without its questions, the same operations in the same order; who moves w forms the next output."""
    cdef instant_t *s = &L.s
    cdef header_t *h = L.head
    cdef const simd_t *simd = s.simd
    cdef inline Py_ssize_t j, n = s.n, width = L.line.width
    cdef const double *u = L.line.rows + (L.line.head + m - 1) * width
    cdef double y = simd.dot(s.w, u, n), e, size, peak = h.peak, bound = L.bound
    s.skipped = False
    for j in range(m):
        s.u = s.v = s.reach = s.x = u
        u -= width
        if L.power:
            s.power = simd.dot(s.u, s.u, n)
        e = d[j] - y
        size = fabs(d[j])
        if size > peak:
            peak = size
            bound = L.limit * max(1.0, size)
        out.y[j] = y
        out.e[j] = e
        s.k = h.n + j
        s.d, s.y, s.e, s.e2 = d[j], y, e, e * e
        s.gains = NULL
        s.next = u if j < m - 1 else NULL
        if not (fabs(e) <= bound and isfinite(y) and adapt(L)):
            stopped[0] = True
            L.line.head += m - 1 - j
            m = j + 1
        if L.push != NULL:
            L.push(s)
        if j >= m - 1:
            break
        y = simd.dot(s.w, u, n) if s.next != NULL else s.y_next
    s.next = NULL
    h.n += m
    h.peak = peak
    h.feedback = d[m - 1]
    L.bound = bound
    return m


cdef inline void keep_gain(loop_t *L, double *row) noexcept nogil:
    """The gain of this sample as recorded; a law that made no update says what it has, times its schedule."""
    cdef instant_t *s = &L.s
    cdef double scale
    cdef Py_ssize_t i
    if s.gains == NULL:
        row[0] = s.mu
    elif s.gains == L.gain.state:
        scale = factor(&L.gain, s)
        for i in range(s.n):
            row[i] = scale * s.gains[i]
    else:
        memcpy(row, s.gains, s.n * sizeof(double))


cdef inline void keep(loop_t *L, output_t *out) noexcept nogil:
    """What a run keeps of the sample that has just been done."""
    cdef instant_t *s = &L.s
    cdef Py_ssize_t size = 2 * s.n if L.complex else s.n
    if out.gain_every and L.head.n % out.gain_every == 0:
        keep_gain(L, out.gain)
        out.gain += L.gain.width
    if out.weights_every and L.head.n % out.weights_every == 0:
        if L.ahead != NULL:
            landed(L, out.weights, s.u)
        else:
            memcpy(out.weights, s.w, size * sizeof(double))
        out.weights += size


cdef inline bint instant(loop_t *L, Py_ssize_t ahead, const double *d, output_t *out, Py_ssize_t j) noexcept nogil:
    """Sample j of a block, `ahead` rows behind the newest, and what is kept of it; False where the loop stops."""
    cdef instant_t *s = &L.s
    cdef Py_ssize_t parts = 2 if L.complex else 1
    cdef bint sound
    predict(L, ahead)
    compare(L, d + parts * j if d != NULL else NULL)
    sound = conclude(L)
    out.y[parts * j] = s.y
    out.e[parts * j] = s.e
    if L.complex:
        out.y[parts * j + 1] = s.y_im
        out.e[parts * j + 1] = s.e_im
    if out.skipped != NULL:
        out.skipped[j] = s.skipped
    keep(L, out)
    return sound


cdef inline Py_ssize_t block(loop_t *L, Py_ssize_t m, const double *d, output_t *out,
                             bint *stopped) noexcept nogil:
    """m samples of a line that already holds them; returns how many were done, the stopping one included."""
    cdef inline Py_ssize_t j
    for j in range(m):
        if not instant(L, m - 1 - j, d, out, j):
            stopped[0] = True
            L.line.head += m - 1 - j
            return j + 1
    return m
