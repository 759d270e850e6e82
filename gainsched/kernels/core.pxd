"""The C interface between loops and algorithms: one instant of the loop, and hooks that look at it.

A hook is called once per sample, with the GIL released, and may neither allocate nor fail. It reads and writes the
instant; its private numbers live in `state`, its parameters in `param`. `ABI` grows when the struct changes.
"""
from libc.stdint cimport int64_t, uint8_t

cdef enum:
    ABI = 6
    BLOCK = 4096            # samples per chunk; the clock's multiples of it are where schedules are tabulated


cdef extern from "simd.h" nogil:
    enum: AHEAD             # samples in a lookahead block
    ctypedef void (*slopes_t)(const double *param, const double *power, double *slope, Py_ssize_t m) noexcept nogil
    ctypedef struct ahead_t:
        double top, left, filled, scale
        double g[4]
        double r[4]
    ctypedef struct ahead_complex_t:
        double top, left, filled, scale
        double g[8]
        double r[8]
    ctypedef Py_ssize_t (*ask_t)(void *loop, const double *a, const double *R, const double *slope, const double *d,
                                 double *y, double *e, double *g) noexcept nogil
    double fma_at(int level, double a, double b, double c)
    ctypedef struct kept_t:
        double *gain
        double *weights
        Py_ssize_t gain_in, gain_every, weights_in, weights_every
    ctypedef struct course_t:
        double largest, limit, peak, bound
        const double *mu
        Py_ssize_t mu_stride
        slopes_t slopes
        const double *param
        ask_t ask
        void *loop
        bint stopped
        kept_t *kept
    ctypedef struct simd_t:
        const char *name
        int level
        double (*dot)(const double *a, const double *b, Py_ssize_t n) noexcept nogil
        void (*dot_power)(const double *w, const double *u, Py_ssize_t n, double *y, double *power) noexcept nogil
        void (*axpy)(double *w, const double *v, double g, Py_ssize_t n) noexcept nogil
        void (*scale_axpy)(double *w, const double *v, double b, double g, Py_ssize_t n) noexcept nogil
        void (*axpy_each)(double *w, const double *v, const double *g, double c, double leak,
                          Py_ssize_t n) noexcept nogil
        double (*limit_each)(double *g, const double *wanted, double low, double high, double rate,
                             const double *v, const double *u, Py_ssize_t n) noexcept nogil
        void (*compensate)(double *w, double *p, const double *v, const double *g, double c, double leak,
                           double beta, double a, double b, Py_ssize_t n) noexcept nogil
        void (*exp_each)(double *y, const double *x, Py_ssize_t n) noexcept nogil
        void (*symv_upper)(const double *P, const double *u, double *p, Py_ssize_t n) noexcept nogil
        double (*downdate_upper)(double *P, const double *p, double s, double scale, Py_ssize_t n) noexcept nogil
        void (*rank_one_upper)(double *P, const double *p, double s, Py_ssize_t n) noexcept nogil
        double (*downdate_symv)(double *P, const double *p, double s, double scale, const double *u, double *q,
                                Py_ssize_t n) noexcept nogil
        double (*spread)(const double *u, const double *v, Py_ssize_t n, double *power,
                         double *stretch) noexcept nogil
        void (*cdot_power)(const double *w, const double *u, Py_ssize_t n, double *y, double *power) noexcept nogil
        void (*caxpy_conj)(double *w, const double *v, double re, double im, Py_ssize_t n) noexcept nogil
        void (*signs)(double *out, const double *u, Py_ssize_t n) noexcept nogil
        double (*gap)(const double *a, const double *b, Py_ssize_t n) noexcept nogil
        void (*runs_each)(double *wanted, const double *g, double *sign, double *run, const double *v, double c,
                          double factor, double agree, double disagree, double least, Py_ssize_t n) noexcept nogil
        double (*axpy_turn)(double *w, const double *v, double g, const double *next, Py_ssize_t n) noexcept nogil
        double (*each_turn)(double *w, const double *v, const double *g, double c, double leak, const double *next,
                            Py_ssize_t n) noexcept nogil
        double (*compensate_turn)(double *w, double *p, const double *v, const double *g, double c, double leak,
                                  double beta, double a, double b, const double *next, Py_ssize_t n) noexcept nogil
        double (*row)(const double *w, const double *u, Py_ssize_t n) noexcept nogil
        void (*landed)(double *out, const double *w, const ahead_t *A, const double *u, Py_ssize_t n,
                       Py_ssize_t s) noexcept nogil
        double (*carried)(ahead_t *A, double y, const double *u, Py_ssize_t n, Py_ssize_t s) noexcept nogil
        Py_ssize_t (*course)(ahead_t *A, double *w, const double *u, Py_ssize_t n, Py_ssize_t s, const double *d,
                             double *y, double *e, Py_ssize_t m, course_t *C) noexcept nogil
        double (*one)(ahead_t *A, double *w, double *u, Py_ssize_t n, double x, double d, course_t *C) noexcept nogil
        void (*crow)(const double *w, const double *u, Py_ssize_t n, double *y) noexcept nogil
        void (*clanded)(double *out, const double *w, const ahead_complex_t *A, const double *u, Py_ssize_t n,
                        Py_ssize_t s) noexcept nogil
        void (*correlation)(const double *u, const double *v, Py_ssize_t n, double *r) noexcept nogil
        void (*ccarried)(ahead_complex_t *A, double *y, const double *u, Py_ssize_t n, Py_ssize_t s) noexcept nogil
        Py_ssize_t (*ccourse)(ahead_complex_t *A, double *w, const double *u, Py_ssize_t n, Py_ssize_t s,
                              const double *d, double *y, double *e, Py_ssize_t m, course_t *C) noexcept nogil
        int (*sound)(const double *x, Py_ssize_t n, double largest) noexcept nogil
        void (*turned)(double *out, const double *x, Py_ssize_t n) noexcept nogil
    const simd_t *simd_pick(int baseline)
    ctypedef struct limits_t:
        double low, high, rate


ctypedef double (*hook_t)(instant_t *s) noexcept nogil


cdef struct instant_t:
    # the sample
    int64_t k               # the loop's clock
    double d, y, e          # desired, a-priori output, a-priori error
    double d_im, y_im, e_im  # imaginary parts of complex loops
    double e2               # |e|^2
    bint given              # whether the caller gave d
    bint skipped            # whether this sample updates nothing
    # the regressor: u_{k-i} = u + i * row; the input: x_{k-i} = x + i * channels
    Py_ssize_t n, row, channels
    const double *u
    const double *x
    double power            # |u|^2, where the loop forms it with the output; else negative
    # the correction: w moves along mu c v
    double *w
    double c
    double slope            # c / e, of a filter whose correction is linear in e
    const double *v
    const double *reach     # e falls by mu c v'reach at this sample: what saturation looks at (default u)
    double error            # the error that c corrects (default e; a delayed one for delayed updates)
    double leak             # w shrinks by 1 - mu leak
    Py_ssize_t block        # how many regressors, reach + i * row, the correction is the mean over (default 1)
    bint idle               # the filter holds no correction at this sample: laws are not asked, nothing moves
    # of a least-squares filter: what forgetting laws know, and an update of P that waits for the next sample's P u, to
    # go through P once with it
    double spread           # u'Pu
    double incoming, stretch  # |u|^2, |Pu|^2
    const double *waiting   # the update's direction, or NULL
    double waiting_step, waiting_scale
    # a run knows the next regressor: who moves w may form its output in that pass, and then sets `next` to NULL
    const double *next
    double y_next
    # the gains
    double mu, forgetting
    const double *gains     # one per weight, or NULL
    # private numbers of the filter, and of the law whose turn it is
    const double *param
    double *state
    const double *law_param
    double *law_state
    void *law_object        # what a law of the user's own stands on: a Python object, or a function
    void *raised            # an exception out of a hook that called Python, owned; the engine raises it
    double *scratch         # 2 n doubles for a filter that must form its direction
    double *proposal        # n doubles: the gains a per-weight law proposes
    limits_t limits         # what a bounded law holds its gains within
    double room             # how large |c| pulled may become before saturation cuts it
    double pulled           # sum of gain_i v_i reach_i, which a bounded law finds on the way
    double cut              # what saturation left of a per-weight law's gains at this sample: 1, or less
    hook_t renew            # a covariance law's update of P, or NULL
    # the compensator, which moves w: by each_i (step v_i - shrink w_i), each NULL meaning 1, through its memory
    Py_ssize_t size         # doubles in w
    const double *each
    double step, shrink, beta
    const double *comp_param
    double *memory
    double *moved           # `size` doubles for a correction that must be formed first
    # structures that feed back
    const double *model_param
    double *past            # the regressor being assembled (row 0); row 1 is the previous one
    double feedback         # the output the next regressor sees: d, or y where d is missing
    const simd_t *simd


cdef class Kernel:
    """The hooks of one algorithm. NULL means: the loop's own default."""
    cdef readonly str name
    cdef hook_t regress     # structure: assemble row 0 of `past` from row 1, x and feedback
    cdef hook_t output      # filter: y (default w'u); runs at every sample, also skipped ones
    cdef hook_t compare     # filter: e (default d - y); may replace y and d
    cdef hook_t coefficient  # filter: c of a correction along the regressor itself
    cdef slopes_t slopes    # linear filter: its slopes for several powers at once; NULL: they are 1
    cdef readonly bint linear  # filter: c = slope e, where `coefficient` sets the slope
    cdef hook_t correct     # filter: c, after pointing v (and reach, error) somewhere
    cdef hook_t prepare     # filter: what forgetting laws look at; runs before them, and before `correct`
    cdef hook_t catch_up    # filter: what waits reaches its state; runs before others read that
    cdef hook_t push        # filter: end of every sample, skipped ones included
    cdef hook_t tune        # scalar law: the gain it proposes; law_state[0] is the gain in force
    cdef hook_t shape       # per-weight law: c, after filling `proposal`; law_state[:n] in force
    cdef hook_t settle      # law: after the update, when the gains applied are known
    cdef hook_t renew       # forgetting law: P after this sample; returns K's denominator
    cdef hook_t compensate  # compensator: moves w itself
    cdef readonly bint whole  # per-weight law that redirects v: limits scale all gains by one factor
    cdef readonly bint bounded  # per-weight law that applies its limits itself: fills law_state[:n] and `pulled`
    cdef readonly bint power  # whether |u|^2 is needed before the correction
    cdef readonly bint reads_weights  # law: it looks at w, which must be that of now


cdef Kernel coefficient_kernel(str name, hook_t coefficient)
cdef Kernel linear_kernel(str name, hook_t coefficient, slopes_t slopes=*)
cdef Kernel direction_kernel(str name, hook_t correct)
cdef Kernel plant_kernel(str name, hook_t output, hook_t compare, hook_t correct)
cdef Kernel structure_kernel(str name, hook_t regress)
cdef Kernel scalar_law_kernel(str name, hook_t tune, hook_t settle=*)
cdef Kernel place_law_kernel(str name, hook_t tune)
cdef Kernel weight_law_kernel(str name, hook_t shape, hook_t settle=*)
cdef Kernel bounded_law_kernel(str name, hook_t shape, hook_t settle=*)
cdef Kernel matrix_law_kernel(str name, hook_t shape, hook_t settle=*)
cdef Kernel covariance_law_kernel(str name, hook_t tune, hook_t renew)
cdef Kernel compensator_kernel(str name, hook_t compensate)
