"""Several records of one short filter at once, a trial to a vector lane; bit for bit what each gives alone."""
from cpython.exc cimport PyErr_CheckSignals

from gainsched.kernels.ahead cimport ahead_block
from gainsched.kernels.core cimport AHEAD, BLOCK, ahead_t, course_t, simd_t
from gainsched.kernels.engine cimport Engine
from gainsched.kernels.line cimport take_in
from gainsched.kernels.loop cimport LARGEST, loop_t, output_t


cdef extern from *:
    """
    #define LAW "ensemble.h"
    #include "levels.h"
    #define ensemble(simd, ...) AT_LEVEL(simd, ensemble)(__VA_ARGS__)
    """
    enum:
        SHORT
    ctypedef struct trial_t:
        ahead_t *A
        double *w
        const double *u
        const double *d
        double *y
        double *e
        double peak
        Py_ssize_t done
    int ensemble(const simd_t *simd, trial_t *trial, int count, Py_ssize_t n, Py_ssize_t m,
                 const course_t *course) nogil

cdef enum:
    MOST = 8                # records at a time: their delay lines, signals and outputs share the second cache

TOGETHER = MOST
TAPS = SHORT                # to where it measured faster: 2.4 times at 8 weights (3.4 ns against 8.2), 1.3 at 128


cdef struct seat_t:         # one record in its engine
    loop_t *L
    const double *x
    const double *d
    double *y
    double *e
    Py_ssize_t done
    bint stopped


cdef void side_by_side(seat_t **seat, int count, Py_ssize_t m) noexcept nogil:
    """m samples of every record: whole blocks across the lanes, what is left and what left the lanes singly."""
    cdef trial_t trial[MOST]
    cdef course_t course
    cdef output_t out
    cdef loop_t *L = seat[0].L
    cdef Py_ssize_t whole = m - m % AHEAD if L.ahead.filled == 0.0 else 0
    cdef Py_ssize_t done
    cdef int i
    course.largest, course.limit = LARGEST, L.limit
    course.slopes, course.param = L.slopes, L.s.param
    course.mu = L.gain.values + (L.head.n - L.gain.first) * L.gain.stride
    course.mu_stride = L.gain.stride
    for i in range(count):
        L = seat[i].L
        take_in(L, seat[i].x + seat[i].done, m)
        trial[i].A, trial[i].w, trial[i].peak, trial[i].done = L.ahead, L.s.w, L.head.peak, 0
        trial[i].u = L.line.rows + L.line.head + m - 1
        trial[i].d, trial[i].y, trial[i].e = (seat[i].d + seat[i].done, seat[i].y + seat[i].done,
                                              seat[i].e + seat[i].done)
    i = 0
    while i < count - 1 and whole:
        i += ensemble(L.s.simd, trial + i, count - i, L.s.n, whole, &course)
    out.skipped, out.gain, out.weights = NULL, NULL, NULL
    out.gain_every = out.weights_every = 0
    for i in range(count):
        L, done = seat[i].L, trial[i].done
        L.head.n += done
        if done:
            L.head.feedback = trial[i].d[done - 1]
            L.head.peak = trial[i].peak
            L.bound = L.limit * max(1.0, L.head.peak)
        if done < m:
            out.y, out.e = trial[i].y + done, trial[i].e + done
            done += ahead_block(L, m - done, trial[i].d + done, &out, &seat[i].stopped)
        seat[i].done += done


def together(list engines, list x, list d, list y, list e):
    """Run records of one length, each through an engine of its own, all of one loop and from one state.

    The gain is a schedule, the correction linear in the error, the line one of real numbers without gaps; the engines
    are nobody else's. A record that stops ends by itself: its engine says so, and has counted its samples. Signals are
    checked between blocks, as in `Engine.advance`.
    """
    cdef seat_t seats[MOST]
    cdef seat_t *live[MOST]
    cdef bint lent[MOST]
    cdef Engine engine, leader
    cdef const double[::1] signal
    cdef double[::1] place
    cdef Py_ssize_t total = len(y[0]), done = 0, m
    cdef int i, count = len(engines), going
    if count > MOST:
        raise ValueError(f"{count} records at a time; {MOST} fit.")
    for i in range(count):
        engine = engines[i]
        engine.stopped = False
        lent[i] = False
        seats[i].L, seats[i].done, seats[i].stopped = &engine.L, 0, False
        if total:
            signal = x[i]
            seats[i].x = &signal[0]
            signal = d[i]
            seats[i].d = &signal[0]
            place = y[i]
            seats[i].y = &place[0]
            place = e[i]
            seats[i].e = &place[0]
    try:
        while done < total:
            PyErr_CheckSignals()
            going, leader = 0, None
            for i in range(count):
                if seats[i].stopped:
                    continue
                engine = engines[i]
                if leader is None:
                    leader = engine
                    leader.ahead = total - done
                    leader.refill()
                    leader.ahead = 0
                else:                             # one table of gains for all: the leader's, lent
                    engine.L.gain = leader.L.gain
                    lent[i] = True
                live[going] = &seats[i]
                going += 1
            if leader is None:
                break
            m = min(total - done, <Py_ssize_t>(BLOCK - leader.L.head.n % BLOCK))
            if leader.L.ahead.filled != 0.0:      # singly up to where a block begins
                m = min(m, <Py_ssize_t>(AHEAD - leader.L.ahead.filled))
            with nogil:
                side_by_side(live, going, m)
            done += m
    finally:
        for i in range(count):
            engine = engines[i]
            engine.stopped = seats[i].stopped
            if lent[i]:                           # the table goes with its owner: serving again, make one
                engine.L.gain.last = 0
