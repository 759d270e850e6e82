"""What a running loop is made of: header, gains, delay lines, outputs; all memory belongs to the engine."""
from libc.stdint cimport int64_t, uint8_t

from gainsched.kernels.core cimport ahead_t, course_t, hook_t, instant_t, slopes_t


cdef extern from *:
    """
    /* Squares of larger numbers overflow: such inputs count as non-finite, such updates as divergence. */
    #define GAINSCHED_LARGEST 1e150
    """
    const double LARGEST "GAINSCHED_LARGEST"


cdef enum:                  # what a non-finite input means
    RAISE = 0
    SKIP = 1
    HOLD = 2
    PROPAGATE = 3


cdef struct header_t:       # the first fields of every state record
    int64_t n               # samples taken in
    int64_t stale           # samples until updates resume after a missing value
    int64_t tainted         # a non-finite input has entered under "propagate"
    int64_t pending         # predict was called, correct was not
    double peak             # largest |d| so far
    double feedback         # output the next regressor sees
    double y, y_im          # the pending prediction


cdef struct port_t:         # where a gain comes from
    const double *values    # values[(k - first) * stride] at clock k; of a law: the factor on its gain, or NULL
    Py_ssize_t stride
    Py_ssize_t width        # 1, or n for one gain per weight
    int64_t first, last     # the clock range that `values` covers
    hook_t tune
    hook_t shape
    hook_t settle
    bint whole              # limits scale all gains of a per-weight law by one factor
    bint bounded            # a per-weight law that applies its limits itself
    const double *param
    double *state
    void *object            # handed to the hook as law_object
    double low, high, rate_limit
    bint saturate


cdef struct line_t:         # rows newest first: row i is sample k - i
    double *rows
    uint8_t *marks          # 1 where the row holds a substitute for a missing value
    Py_ssize_t width        # doubles per row
    Py_ssize_t depth        # rows that belong to the state
    Py_ssize_t capacity, head


cdef struct output_t:       # what a run wants to keep, by sample
    double *y
    double *e
    uint8_t *skipped
    double *gain
    double *weights
    int64_t gain_every, weights_every


cdef struct loop_t:
    instant_t s
    header_t *head
    port_t gain, forgetting, beta
    line_t line, past
    hook_t regress, output, compare, coefficient, correct, prepare, catch_up, push, compensate
    slopes_t slopes
    course_t course
    output_t *out           # of the run in lookahead blocks that is under way
    # the lookahead block whose weights s.w are (of a complex loop the head of an ahead_complex_t); where it is NULL,
    # s.w are the weights of now
    ahead_t *ahead
    bint power, linear, complex, frozen
    int policy
    Py_ssize_t mark_lag, mark_span, d_span
    double limit, bound
