/* The arithmetic of every loop, written once over vectors of LANES doubles and instantiated per instruction set:
 * 2 lanes (SSE2, NEON: the baseline), 4 lanes (AVX2 + FMA, chosen at import where the processor has it), 1 lane
 * (compilers without vector types). Sums run in the same order for a given level whatever the caller does, so
 * that step, chunks and whole runs agree bitwise. No -march, no fast-math: contraction is off and fma explicit.
 */
#ifndef GAINSCHED_SIMD_H
#define GAINSCHED_SIMD_H
#include "lanes.h"
#include "ahead.h"
#include "ahead_complex.h"

typedef struct {
    const char *name;
    int level;                                                /* 0 the baseline, 1 AVX2 + FMA */
    /* sum a_i b_i */
    double (*dot)(const double *a, const double *b, ptrdiff_t n);
    /* y = w'u and |u|^2 in one pass */
    void (*dot_power)(const double *w, const double *u, ptrdiff_t n, double *y, double *power);
    /* w += g v */
    void (*axpy)(double *w, const double *v, double g, ptrdiff_t n);
    /* w = b w + g v */
    void (*scale_axpy)(double *w, const double *v, double b, double g, ptrdiff_t n);
    /* w_i = (1 - leak g_i) w_i + c g_i v_i: one gain per weight */
    void (*axpy_each)(double *w, const double *v, const double *g, double c, double leak, ptrdiff_t n);
    /* g_i <- wanted_i within [low, high] and within `rate` of what it was; returns sum g_i v_i u_i. NaN stays NaN. */
    double (*limit_each)(double *g, const double *wanted, double low, double high, double rate, const double *v,
                         const double *u, ptrdiff_t n);
    /* D_i = g_i (c v_i - leak w_i), g NULL: all 1;  p <- beta p + a D, w <- w + b D + p: momentum of every kind */
    void (*compensate)(double *w, double *p, const double *v, const double *g, double c, double leak, double beta,
                       double a, double b, ptrdiff_t n);
    /* y_i = exp(x_i), x_i taken within [-700, 700]; within 1.5 units of the last place, NaN stays NaN */
    void (*exp_each)(double *y, const double *x, ptrdiff_t n);
    /* p = P u from the upper triangle of the row-major n x n matrix P */
    void (*symv_upper)(const double *P, const double *u, double *p, ptrdiff_t n);
    /* P <- scale (P - s p p') on the upper triangle; returns the new trace */
    double (*downdate_upper)(double *P, const double *p, double s, double scale, ptrdiff_t n);
    /* P <- P - s p p', each product rounded before it is added: what cancels leaves 0, not a remainder of either sign */
    void (*rank_one_upper)(double *P, const double *p, double s, ptrdiff_t n);
    /* both: P <- scale (P - s p p'), then q = P u; the same numbers in one pass over P */
    double (*downdate_symv)(double *P, const double *p, double s, double scale, const double *u, double *q,
                            ptrdiff_t n);
    /* returns u'v; |u|^2 and |v|^2 beside it */
    double (*spread)(const double *u, const double *v, ptrdiff_t n, double *power, double *stretch);
    /* complex, interleaved re im: y = w'u (no conjugate), power = |u|^2; and w += g conj(v) */
    void (*cdot_power)(const double *w, const double *u, ptrdiff_t n, double *y, double *power);
    void (*caxpy_conj)(double *w, const double *v, double re, double im, ptrdiff_t n);
    /* out_i = sgn(u_i), sgn(0) = 0 */
    void (*signs)(double *out, const double *u, ptrdiff_t n);
    /* sum (a_i - b_i)^2 */
    double (*gap)(const double *a, const double *b, ptrdiff_t n);
    /* runs of the sign of c v_i: run counts equal signs above 0, changes below; wanted_i = g_i, times `factor` after
     * `agree` equal ones, over it after `disagree` changes (not below `least`); either begins a new run */
    void (*runs_each)(double *wanted, const double *g, double *sign, double *run, const double *v, double c,
                      double factor, double agree, double disagree, double least, ptrdiff_t n);
    /* w moves as in axpy, axpy_each, compensate; returns w'next, added up as in dot */
    double (*axpy_turn)(double *w, const double *v, double g, const double *next, ptrdiff_t n);
    double (*each_turn)(double *w, const double *v, const double *g, double c, double leak, const double *next,
                        ptrdiff_t n);
    double (*compensate_turn)(double *w, double *p, const double *v, const double *g, double c, double leak,
                              double beta, double a, double b, const double *next, ptrdiff_t n);
    /* the lookahead block, see ahead.h: one row w'u, w with all that waits, y of the newest sample from its row, a
     * course of whole blocks, and one sample */
    double (*row)(const double *w, const double *u, ptrdiff_t n);
    void (*landed)(double *out, const double *w, const ahead_t *A, const double *u, ptrdiff_t n, ptrdiff_t s);
    double (*carried)(ahead_t *A, double y, const double *u, ptrdiff_t n, ptrdiff_t s);
    ptrdiff_t (*course)(ahead_t *A, double *w, const double *u, ptrdiff_t n, ptrdiff_t s, const double *d, double *y,
                        double *e, ptrdiff_t m, course_t *C);
    double (*one)(ahead_t *A, double *w, double *u, ptrdiff_t n, double x, double d, course_t *C);
    /* the same for complex numbers, see ahead_complex.h; y is given and returned as re, im */
    void (*crow)(const double *w, const double *u, ptrdiff_t n, double *y);
    void (*clanded)(double *out, const double *w, const ahead_complex_t *A, const double *u, ptrdiff_t n, ptrdiff_t s);
    void (*correlation)(const double *u, const double *v, ptrdiff_t n, double *r);     /* u'v, v conjugated */
    void (*ccarried)(ahead_complex_t *A, double *y, const double *u, ptrdiff_t n, ptrdiff_t s);
    ptrdiff_t (*ccourse)(ahead_complex_t *A, double *w, const double *u, ptrdiff_t n, ptrdiff_t s, const double *d,
                         double *y, double *e, ptrdiff_t m, course_t *C);
    /* signals on their way in: all |x_i| <= largest; a reversed copy */
    int (*sound)(const double *x, ptrdiff_t n, double largest);
    void (*turned)(double *out, const double *x, ptrdiff_t n);
} simd_t;

/* What a law's gains are held within. */
typedef struct {
    double low, high, rate;
} limits_t;

#define SIMD_BODY
#define LEVEL 0
#include "simd.h"
#undef LEVEL
#if SIMD_X86
#define LEVEL 1
#include "simd.h"
#undef LEVEL
#endif
#define LEVEL -1
#include "lanes.h"
#undef LEVEL
#undef SIMD_BODY

/* The best level of this processor, or the baseline where it is forced. */
SIMD_INLINE const simd_t *simd_pick(int baseline) {
#if SIMD_X86
    __builtin_cpu_init();
    if (!baseline && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return &simd_avx2;
#endif
    (void)baseline;
    return &simd_base;
}

#elif defined(SIMD_BODY)
/* ---- the bodies, once per level ------------------------------------------------------------------------- */
#include "lanes.h"

TARGET static double NAME(dot)(const double *a, const double *b, ptrdiff_t n) {
    V s0 = ZERO, s1 = ZERO, s2 = ZERO, s3 = ZERO;             /* four chains hide the latency of the add */
    ptrdiff_t i = 0;
    double s;
    for (; i + 4 * LANES <= n; i += 4 * LANES) {
        s0 = FMA(LOAD(a + i), LOAD(b + i), s0);
        s1 = FMA(LOAD(a + i + LANES), LOAD(b + i + LANES), s1);
        s2 = FMA(LOAD(a + i + 2 * LANES), LOAD(b + i + 2 * LANES), s2);
        s3 = FMA(LOAD(a + i + 3 * LANES), LOAD(b + i + 3 * LANES), s3);
    }
    for (; i + LANES <= n; i += LANES)
        s0 = FMA(LOAD(a + i), LOAD(b + i), s0);
    s0 = (s0 + s1) + (s2 + s3);
    s = SUM(s0);
    for (; i < n; i++)
        s += a[i] * b[i];
    return s;
}

TARGET static void NAME(dot_power)(const double *w, const double *u, ptrdiff_t n, double *y, double *power) {
    V s0 = ZERO, s1 = ZERO, s2 = ZERO, s3 = ZERO, p0 = ZERO, p1 = ZERO, p2 = ZERO, p3 = ZERO, u0, u1, u2, u3;
    ptrdiff_t i = 0;
    double s, p;
    for (; i + 4 * LANES <= n; i += 4 * LANES) {              /* as many loads as dot, so at no more than its price */
        u0 = LOAD(u + i);
        u1 = LOAD(u + i + LANES);
        u2 = LOAD(u + i + 2 * LANES);
        u3 = LOAD(u + i + 3 * LANES);
        s0 = FMA(LOAD(w + i), u0, s0);
        s1 = FMA(LOAD(w + i + LANES), u1, s1);
        s2 = FMA(LOAD(w + i + 2 * LANES), u2, s2);
        s3 = FMA(LOAD(w + i + 3 * LANES), u3, s3);
        p0 = FMA(u0, u0, p0);
        p1 = FMA(u1, u1, p1);
        p2 = FMA(u2, u2, p2);
        p3 = FMA(u3, u3, p3);
    }
    for (; i + LANES <= n; i += LANES) {
        u0 = LOAD(u + i);
        s0 = FMA(LOAD(w + i), u0, s0);
        p0 = FMA(u0, u0, p0);
    }
    s0 = (s0 + s1) + (s2 + s3);
    p0 = (p0 + p1) + (p2 + p3);
    s = SUM(s0);
    p = SUM(p0);
    for (; i < n; i++) {
        s += w[i] * u[i];
        p += u[i] * u[i];
    }
    *y = s;
    *power = p;
}

#define AXPY(i) FMA(G, LOAD(v + (i)), LOAD(w + (i)))
#define AXPY_REST(i) w[i] += g * v[i]
TARGET static void NAME(axpy)(double *w, const double *v, double g, ptrdiff_t n) {
    const V G = ALL(g);
    ptrdiff_t i = 0;
    for (; i + LANES <= n; i += LANES)
        STORE(w + i, AXPY(i));
    for (; i < n; i++)
        AXPY_REST(i);
}

TARGET static void NAME(scale_axpy)(double *w, const double *v, double b, double g, ptrdiff_t n) {
    const V B = ALL(b), G = ALL(g);
    ptrdiff_t i = 0;
    for (; i + LANES <= n; i += LANES)
        STORE(w + i, FMA(G, LOAD(v + i), B * LOAD(w + i)));
    for (; i < n; i++)
        w[i] = b * w[i] + g * v[i];
}

#define EACH_AXPY(i) FMA(C * LOAD(g + (i)), LOAD(v + (i)), LOAD(w + (i)))
#define EACH_LEAKY(i) FMA(C * LOAD(g + (i)), LOAD(v + (i)), FMA(M * LOAD(g + (i)), LOAD(w + (i)), LOAD(w + (i))))
#define EACH_REST(i) w[i] = (w[i] - leak * g[i] * w[i]) + c * g[i] * v[i]
TARGET static void NAME(axpy_each)(double *w, const double *v, const double *g, double c, double leak, ptrdiff_t n) {
    const V C = ALL(c), M = ALL(-leak);
    ptrdiff_t i = 0;
    if (leak == 0.0)
        for (; i + LANES <= n; i += LANES)
            STORE(w + i, EACH_AXPY(i));
    for (; i + LANES <= n; i += LANES)
        STORE(w + i, EACH_LEAKY(i));
    for (; i < n; i++)
        EACH_REST(i);
}

TARGET static double NAME(limit_each)(double *g, const double *wanted, double low, double high, double rate,
                                      const double *v, const double *u, ptrdiff_t n) {
    const V LOW = ALL(low), HIGH = ALL(high), RATE = ALL(rate);
    const int slow = rate <= 1.79769313486231571e308;         /* finite */
    V s0 = ZERO, G, W;
    ptrdiff_t i = 0;
    double s, a;
    for (; i + LANES <= n; i += LANES) {
        W = MIN(HIGH, MAX(LOW, LOAD(wanted + i)));            /* NaN stays NaN */
        if (slow) {
            G = LOAD(g + i);
            W = MIN(G + RATE, MAX(G - RATE, W));
        }
        STORE(g + i, W);
        s0 = FMA(W * LOAD(v + i), LOAD(u + i), s0);
    }
    s = SUM(s0);
    for (; i < n; i++) {
        a = wanted[i];
        a = a < low ? low : a;
        a = a > high ? high : a;
        a = a < g[i] - rate ? g[i] - rate : a;
        a = a > g[i] + rate ? g[i] + rate : a;
        g[i] = a;
        s += a * v[i] * u[i];
    }
    return s;
}

TARGET static void NAME(exp_each)(double *y, const double *x, ptrdiff_t n) {
    double rest[LANES] = {0};
    ptrdiff_t i = 0;
    for (; i + LANES <= n; i += LANES)
        STORE(y + i, NAME(exp)(LOAD(x + i)));
    if (i < n) {
        memcpy(rest, x + i, (n - i) * sizeof(double));
        STORE(rest, NAME(exp)(LOAD(rest)));
        memcpy(y + i, rest, (n - i) * sizeof(double));
    }
}

#include "interleaved.h"

TARGET static void NAME(signs)(double *out, const double *u, ptrdiff_t n) {
    const V ONE = ALL(1.0);
    ptrdiff_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        const V X = LOAD(u + i);
        STORE(out + i, SELECT(X > ZERO, ONE, SELECT(X < ZERO, -ONE, ZERO)));
    }
    for (; i < n; i++)
        out[i] = (double)((u[i] > 0.0) - (u[i] < 0.0));
}

TARGET static double NAME(gap)(const double *a, const double *b, ptrdiff_t n) {
    V s0 = ZERO, s1 = ZERO, d0, d1;
    ptrdiff_t i = 0;
    double s;
    for (; i + 2 * LANES <= n; i += 2 * LANES) {
        d0 = LOAD(a + i) - LOAD(b + i);
        d1 = LOAD(a + i + LANES) - LOAD(b + i + LANES);
        s0 = FMA(d0, d0, s0);
        s1 = FMA(d1, d1, s1);
    }
    for (; i + LANES <= n; i += LANES) {
        d0 = LOAD(a + i) - LOAD(b + i);
        s0 = FMA(d0, d0, s0);
    }
    s0 = s0 + s1;
    s = SUM(s0);
    for (; i < n; i++)
        s += (a[i] - b[i]) * (a[i] - b[i]);
    return s;
}

TARGET static void NAME(runs_each)(double *wanted, const double *g, double *sign, double *run, const double *v,
                                   double c, double factor, double agree, double disagree, double least,
                                   ptrdiff_t n) {
    const double shrink = 1.0 / factor;
    const V C = ALL(c), FACTOR = ALL(factor), SHRINK = ALL(shrink), LEAST = ALL(least), ONE = ALL(1.0);
    const V AGREE = ALL(agree), DISAGREE = ALL(-disagree);
    V D, S, R, W, LOW, DOWN;
    ptrdiff_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        D = C * LOAD(v + i);
        S = LOAD(sign + i);
        R = LOAD(run + i);
        R = SELECT(D * S > ZERO, SELECT(R > ZERO, R + ONE, ONE),
                   SELECT(D * S < ZERO, SELECT(R < ZERO, R - ONE, -ONE), R));
        W = LOAD(g + i);
        LOW = SELECT(LEAST < W, LEAST, W);
        DOWN = W * SHRINK;
        DOWN = SELECT(DOWN > LOW, DOWN, LOW);
        STORE(wanted + i, SELECT(R >= AGREE, W * FACTOR, SELECT(R <= DISAGREE, DOWN, W)));
        STORE(run + i, SELECT(R >= AGREE, ZERO, SELECT(R <= DISAGREE, ZERO, R)));
        STORE(sign + i, SELECT(D > ZERO, ONE, SELECT(D < ZERO, -ONE, S)));
    }
    for (; i < n; i++) {
        const double d = c * v[i], a = d * sign[i], low = least < g[i] ? least : g[i], down = g[i] * shrink;
        double r = run[i];
        r = a > 0.0 ? (r > 0.0 ? r + 1.0 : 1.0) : a < 0.0 ? (r < 0.0 ? r - 1.0 : -1.0) : r;
        wanted[i] = r >= agree ? g[i] * factor : r <= -disagree ? (down > low ? down : low) : g[i];
        run[i] = r >= agree || r <= -disagree ? 0.0 : r;
        sign[i] = d > 0.0 ? 1.0 : d < 0.0 ? -1.0 : sign[i];
    }
}

#include "turn.h"
#include "ahead.h"
#include "ahead_complex.h"
#include "triangle.h"
#include "signals.h"

static const simd_t NAME(simd) = {
    SIMD_LEVEL, LEVEL, NAME(dot), NAME(dot_power), NAME(axpy), NAME(scale_axpy), NAME(axpy_each), NAME(limit_each),
    NAME(compensate), NAME(exp_each), NAME(symv_upper), NAME(downdate_upper), NAME(rank_one_upper),
    NAME(downdate_symv), NAME(spread), NAME(cdot_power), NAME(caxpy_conj), NAME(signs), NAME(gap), NAME(runs_each),
    NAME(axpy_turn), NAME(each_turn), NAME(compensate_turn), NAME(row), NAME(landed), NAME(carried), NAME(course),
    NAME(one), NAME(crow), NAME(clanded), NAME(correlation), NAME(ccarried), NAME(ccourse), NAME(sound), NAME(turned),
};
#undef AXPY
#undef AXPY_REST
#undef EACH_AXPY
#undef EACH_LEAKY
#undef EACH_REST
#endif
