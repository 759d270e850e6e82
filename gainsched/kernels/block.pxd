"""Many instants in a row: lookahead blocks, the direct block over a plain delay line, and the general one."""
from libc.math cimport NAN, fabs, isfinite
from libc.string cimport memcpy

from gainsched.kernels.core cimport AHEAD, BLOCK, course_t, instant_t, simd_t
from gainsched.kernels.instant cimport adapt, ahead_step, compare, conclude, factor, land, predict
from gainsched.kernels.line cimport open_rows, take_in
from gainsched.kernels.loop cimport LARGEST, RAISE, header_t, loop_t, output_t


cdef inline bint is_direct(const loop_t *L, const double *d, const output_t *out) noexcept nogil:
    """Whether nothing stands between sample and correction: one along a delay line without gaps, nothing recorded."""
    return (L.coefficient != NULL and L.regress == NULL and L.output == NULL and L.compare == NULL and L.push == NULL
            and L.forgetting.tune == NULL and not L.complex and not L.frozen and L.policy == RAISE and d != NULL
            and L.head.stale == 0 and L.head.tainted == 0 and out.gain_every == 0 and out.weights_every == 0)


cdef inline double ask(void *loop, double d, double y, double e, double power) noexcept nogil:
    """The step of one sample of a lookahead block whose gain or correction is up to a hook; NaN where it stops."""
    cdef loop_t *L = <loop_t *>loop
    cdef instant_t *s = &L.s
    cdef double size = fabs(d), step
    s.k = L.head.n
    s.v = s.reach = s.u
    s.d, s.y, s.e, s.e2, s.power = d, y, e, e * e, power
    if size > L.head.peak:
        L.head.peak = size
        L.bound = L.limit * max(1.0, size)
    L.head.n += 1
    if not (fabs(e) <= L.bound and isfinite(y)):
        return NAN
    step = ahead_step(L)
    if s.leak != 0.0:
        L.course.shrink = 1.0 - s.mu * s.leak
    s.u -= s.row
    return step


cdef inline void set_course(loop_t *L) noexcept nogil:
    """A course of known gains from the next sample on."""
    cdef course_t *course = &L.course
    course.ask = NULL
    course.largest, course.shrink, course.stopped = LARGEST, 1.0, False
    course.slopes, course.param = L.slopes, L.s.param
    course.limit, course.peak, course.bound = L.limit, L.head.peak, L.bound
    course.mu = L.gain.values + (L.head.n - L.gain.first) * L.gain.stride
    course.mu_stride = L.gain.stride


cdef inline bint single(loop_t *L, double x, double d) noexcept nogil:
    """One sample of one channel in a lookahead block whose gain is known: `conclude` without its questions."""
    cdef instant_t *s = &L.s
    cdef header_t *h = L.head
    cdef double *u = open_rows(&L.line, 1)
    L.line.marks[L.line.head] = 0
    s.u = u
    set_course(L)
    s.y = s.simd.one(L.ahead, s.w, u, s.n, x, d, &L.course)
    s.d, s.e = d, d - s.y
    h.peak, L.bound = L.course.peak, L.course.bound
    h.feedback = d
    h.n += 1
    if L.course.stopped:
        land(L, u + 1)
    return not L.course.stopped


cdef inline Py_ssize_t whole_blocks(loop_t *L, Py_ssize_t m, const double *d, double *y, double *e,
                                    bint *stopped) noexcept nogil:
    """Whole lookahead blocks of the m samples from s.u on; may end before a block that is not sound."""
    cdef instant_t *s = &L.s
    cdef header_t *h = L.head
    cdef course_t *course = &L.course
    cdef Py_ssize_t done
    if L.linear and L.gain.tune == NULL:
        set_course(L)
    else:
        course.largest, course.shrink, course.stopped = LARGEST, 1.0, False
        course.ask, course.loop = ask, L
        s.gains = NULL
    done = s.simd.course(L.ahead, s.w, s.u, s.n, s.row, d, y, e, m, course)
    if course.ask == NULL:
        h.n += done
        h.peak, L.bound = course.peak, course.bound
    elif course.stopped:
        s.u = L.line.rows + (L.line.head + m - done) * L.line.width
        land(L, s.u + s.row)
        stopped[0] = True
    if done:
        h.feedback = d[done - 1]
    return done


cdef inline Py_ssize_t ahead_block(loop_t *L, Py_ssize_t m, const double *d, output_t *out,
                                   bint *stopped) noexcept nogil:
    """m samples in lookahead blocks; the samples of a begun block, of the last one, of an unsound one go singly."""
    cdef instant_t *s = &L.s
    cdef Py_ssize_t j = 0, done, single = 0
    while j < m and not stopped[0]:
        if single == 0 and L.ahead.filled == 0.0 and m - j >= AHEAD:
            s.u = L.line.rows + (L.line.head + m - 1 - j) * L.line.width
            done = whole_blocks(L, m - j, d + j, out.y + j, out.e + j, stopped)
            j += done
            single = AHEAD if m - j >= AHEAD else 0
            continue
        predict(L, m - 1 - j)
        compare(L, d + j)
        stopped[0] = not conclude(L)
        out.y[j] = s.y
        out.e[j] = s.e
        j += 1
        single = max(single - 1, 0)
    if stopped[0]:
        L.line.head += m - j
    return j


cdef inline Py_ssize_t direct_block(loop_t *L, Py_ssize_t m, const double *d, output_t *out,
                                    bint *stopped) noexcept nogil:
    """`block` without its questions, the same operations in the same order."""
    cdef instant_t *s = &L.s
    cdef header_t *h = L.head
    cdef const simd_t *simd = s.simd
    cdef inline Py_ssize_t j, n = s.n, width = L.line.width
    cdef const double *u = L.line.rows + (L.line.head + m) * width
    cdef double *w = s.w
    cdef double y, e, size, peak = h.peak, bound = L.bound
    for j in range(m):
        u -= width
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
        s.k = h.n + j
        s.d, s.y, s.e, s.e2 = d[j], y, e, e * e
        s.u = s.v = s.reach = u
        s.gains = NULL
        if fabs(e) <= bound and isfinite(y) and adapt(L):
            continue
        stopped[0] = True
        L.line.head += m - 1 - j
        m = j + 1
        break
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
            keep_gain(L, out.gain)
            out.gain += L.gain.width
        if out.weights_every and L.head.n % out.weights_every == 0:
            if L.ahead != NULL:
                s.simd.landed(out.weights, s.w, L.ahead, s.u, s.n, s.row)
            else:
                memcpy(out.weights, s.w, parts * s.n * sizeof(double))
            out.weights += parts * s.n
        if not sound:
            stopped[0] = True
            L.line.head += m - 1 - j
            return j + 1
    return m


cdef inline Py_ssize_t piece(loop_t *L, const double *x, const double *d, Py_ssize_t done, Py_ssize_t left,
                             output_t *out, bint *stopped) noexcept nogil:
    """The samples from x on, up to the end of the clock's block; d and outputs belong to the record, `done` in it."""
    cdef Py_ssize_t parts = 2 if L.complex else 1, used
    cdef Py_ssize_t m = min(left, <Py_ssize_t>(BLOCK - L.head.n % BLOCK))
    cdef const double *goal = d + parts * done if d != NULL else NULL
    take_in(L, x, m)
    if not is_direct(L, goal, out):
        used = block(L, m, goal, out, stopped)
    elif L.ahead != NULL:
        used = ahead_block(L, m, goal, out, stopped)
    else:
        used = direct_block(L, m, goal, out, stopped)
    out.y += parts * used
    out.e += parts * used
    if out.skipped != NULL:
        out.skipped += used
    return used
