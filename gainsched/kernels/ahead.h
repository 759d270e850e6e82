/* The lookahead block of four samples, per instruction set. Inside a block the weights of its start serve:
 *
 *     y_q = w'u_q + sum_{i<q} g_i r_{q-i},      r_j = u_k'u_{k-j}        the same number as w_q'u_q
 *
 * with w_q = w + sum_{i<q} g_i u_i, the weights of sample q. Four corrections then reach w in one pass, which also
 * forms the next four w'u: one load and one store of w where a sample at a time needs four, and no dot product waits
 * for an update. The correlations r_j follow the window in O(1); they are summed afresh now and then, and at once when
 * the power has fallen, for what a burst leaves behind in rounding is large against the signal after it.
 *
 * A row adds in the same order whether one or four are formed, and w takes its steps in the same order whether some or
 * a whole block's are due: so single steps, chunks and runs agree bitwise.
 */
#ifndef GAINSCHED_AHEAD_H
#define GAINSCHED_AHEAD_H

enum { AHEAD = 4 };
#define REFRESH 256                    /* samples between fresh sums: O(n) work each n samples at most */
#define DROP 0.015625                  /* of the largest power since: below it, sum afresh */

/* What stands between the weights of the block's start and those of now; part of the state, so doubles all. */
typedef struct {
    double top;            /* the largest power since the correlations were summed afresh */
    double left;           /* samples until they are summed afresh again; below 0: in a row, as many */
    double filled;         /* how many steps wait */
    double scale;          /* what leakage has left of the block's w: 1, or less */
    double g[AHEAD];       /* the steps that wait, oldest first */
    double r[AHEAD];       /* r_j = u_k'u_{k-j} of the newest sample k; r_0 is its power */
} ahead_t;

/* slope[i] = c / e at power[i], of a filter whose correction is linear in e */
typedef void (*slopes_t)(const double *param, const double *power, double *slope, ptrdiff_t m);

/* The four samples of a block whose steps are up to hooks, from their rows a = w'u, the correlations R[q] of each and
 * the slopes: y, e and the steps g. Returns how many took a step: fewer than four where the next one stops the loop. */
typedef ptrdiff_t (*ask_t)(void *loop, const double *a, const double *R, const double *slope, const double *d,
                           double *y, double *e, double *g);

/* a b + c as the level has it, for code that is compiled for every processor: there the built-in is a library call */
SIMD_INLINE double fma_at(int level, double a, double b, double c) {
#if SIMD_X86
    if (level == 1) {
        __asm__("vfmadd231sd %2, %1, %0" : "+x"(c) : "x"(a), "x"(b));
        return c;
    }
#endif
    (void)level;
    return a * b + c;
}

/* What a run with known gains keeps: where the next row goes, in how many samples, and after how many again. */
typedef struct {
    double *gain, *weights;
    ptrdiff_t gain_in, gain_every, weights_in, weights_every;
} kept_t;

/* The loop around its blocks. */
typedef struct {
    /* known gains: |step| > largest and |e| > bound = limit max(1, largest |d|) are divergence */
    double largest, limit, peak, bound;
    const double *mu;                  /* gains of the samples to come, mu_stride apart */
    ptrdiff_t mu_stride;
    slopes_t slopes;                   /* NULL: 1 */
    const double *param;
    kept_t *kept;                      /* NULL: nothing */
    /* else steps are asked for */
    ask_t ask;
    void *loop;
    int stopped;                       /* the last sample done stopped the loop: it has no step */
} course_t;

#elif defined(SIMD_BODY)
/* ---- the bodies, once per level; u is the window of a sample, u - s that of the next, n doubles each ------------- */

#if LEVEL == 1
#define FMA1(a, b, c) __builtin_fma(a, b, c)
#else
#define FMA1(a, b, c) ((a) * (b) + (c))
#endif
#define PARTS (AHEAD / LANES)

/* The sums of four vectors, each in the order of SUM. */
TARGET SIMD_INLINE void NAME(sums)(V a, V b, V c, V d, double *y) {
#if LANES == 4
    const __m256d t0 = _mm256_hadd_pd((__m256d)a, (__m256d)b), t1 = _mm256_hadd_pd((__m256d)c, (__m256d)d);
    STORE(y, (V)_mm256_permute2f128_pd(t0, t1, 0x20) + (V)_mm256_permute2f128_pd(t0, t1, 0x31));
#else
    y[0] = SUM(a);
    y[1] = SUM(b);
    y[2] = SUM(c);
    y[3] = SUM(d);
#endif
}

/* w'u in one chain, as a row among four has it: four rows hide each other's latency */
TARGET static double NAME(row)(const double *w, const double *u, ptrdiff_t n) {
    V a = ZERO;
    ptrdiff_t i = 0;
    double y;
    for (; i + LANES <= n; i += LANES)
        a = FMA(LOAD(w + i), LOAD(u + i), a);
    y = SUM(a);
    for (; i < n; i++)
        y += w[i] * u[i];
    return y;
}

/* four accumulators take W times the four windows from p on, each s before the last */
#define ROWS(W, p)                        \
    a = FMA(W, LOAD((p)), a);             \
    b = FMA(W, LOAD((p) - s), b);         \
    c = FMA(W, LOAD((p) - 2 * s), c);     \
    f = FMA(W, LOAD((p) - 3 * s), f);

/* y_q = w'(window of sample q), q = 0 .. 3 */
TARGET SIMD_INLINE void NAME(dots)(const double *w, const double *u, ptrdiff_t n, ptrdiff_t s, double *y) {
    V a = ZERO, b = ZERO, c = ZERO, f = ZERO, W;
    ptrdiff_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        W = LOAD(w + i);
        ROWS(W, u + i)
    }
    NAME(sums)(a, b, c, f, y);
    for (; i < n; i++) {
        y[0] += w[i] * u[i];
        y[1] += w[i] * u[i - s];
        y[2] += w[i] * u[i - 2 * s];
        y[3] += w[i] * u[i - 3 * s];
    }
}

/* W = scale w and four steps along the windows from p on; W goes back to w */
#define STEPS(w, p)                       \
    W = FMA(G0, LOAD((p)), S * LOAD(w));  \
    W = FMA(G1, LOAD((p) - s), W);        \
    W = FMA(G2, LOAD((p) - 2 * s), W);    \
    W = FMA(G3, LOAD((p) - 3 * s), W);    \
    STORE(w, W);

/* w <- scale w + sum_q g_q (window of sample q), and y = the next four rows of the new w */
TARGET SIMD_INLINE void NAME(turning)(double *w, double scale, const double *u, ptrdiff_t n, ptrdiff_t s,
                                      const double *g, double *y) {
    const V S = ALL(scale), G0 = ALL(g[0]), G1 = ALL(g[1]), G2 = ALL(g[2]), G3 = ALL(g[3]);
    V a = ZERO, b = ZERO, c = ZERO, f = ZERO, W;
    const double *next = u - AHEAD * s;
    double v;
    ptrdiff_t i = 0;
#if LANES == 4
    /* Windows one sample apart: the next block's at i are this block's at i - 4, still in registers. Five loads for
     * eight multiply-adds instead of nine: the multiply-adds are then the limit (39 ns against 43 at 512 weights). */
    if (s == 1) {
        V p = LOAD(next), q = LOAD(next - 1), r = LOAD(next - 2), t = LOAD(next - 3), P, Q, R, T;
        for (; i + LANES <= n; i += LANES) {
            P = LOAD(u + i);
            Q = LOAD(u + i - 1);
            R = LOAD(u + i - 2);
            T = LOAD(u + i - 3);
            W = FMA(G0, P, S * LOAD(w + i));
            W = FMA(G1, Q, W);
            W = FMA(G2, R, W);
            W = FMA(G3, T, W);
            STORE(w + i, W);
            a = FMA(W, p, a);
            b = FMA(W, q, b);
            c = FMA(W, r, c);
            f = FMA(W, t, f);
            p = P;
            q = Q;
            r = R;
            t = T;
        }
    }
#endif
    for (; i + LANES <= n; i += LANES) {
        STEPS(w + i, u + i)
        ROWS(W, next + i)
    }
    NAME(sums)(a, b, c, f, y);
    for (; i < n; i++) {
        v = scale * w[i] + g[0] * u[i];
        v += g[1] * u[i - s];
        v += g[2] * u[i - 2 * s];
        v += g[3] * u[i - 3 * s];
        w[i] = v;
        y[0] += v * next[i];
        y[1] += v * next[i - s];
        y[2] += v * next[i - 2 * s];
        y[3] += v * next[i - 3 * s];
    }
}

/* out = scale w + the steps that wait; u is the window of the newest of them */
TARGET static void NAME(landed)(double *out, const double *w, const ahead_t *A, const double *u, ptrdiff_t n,
                                ptrdiff_t s) {
    const int count = (int)A->filled;
    const V S = ALL(A->scale);
    V W;
    ptrdiff_t i = 0;
    int q;
    u += (count - 1) * s;
    for (; i + LANES <= n; i += LANES) {
        W = S * LOAD(w + i);
        for (q = 0; q < count; q++)
            W = FMA(ALL(A->g[q]), LOAD(u - q * s + i), W);
        STORE(out + i, W);
    }
    for (; i < n; i++) {
        double v = A->scale * w[i];
        for (q = 0; q < count; q++)
            v += A->g[q] * u[i - q * s];
        out[i] = v;
    }
}

/* The correlations move to the window u, whose first numbers are `newest`: what came in, less what went out. */
TARGET SIMD_INLINE void NAME(roll)(V *r, double *top, double *left, const double *u, V newest, ptrdiff_t n,
                                   ptrdiff_t s) {
    const double *z = u + n;
    double fresh[AHEAD], power;
    int j, fallen;
    ptrdiff_t c;
    if (s == 1) {
        const V X = ALL(u[0]), Z = ALL(z[0]);
        for (j = 0; j < PARTS; j++)
            r[j] = r[j] + FMA(X, j ? LOAD(u + j * LANES) : newest, -(Z * LOAD(z + j * LANES)));
    } else {
        for (j = 0; j < AHEAD; j++) {
            fresh[j] = 0.0;
            for (c = 0; c < s; c++)
                fresh[j] += u[c] * u[c + j * s] - z[c] * z[c + j * s];
        }
        for (j = 0; j < PARTS; j++)
            r[j] = r[j] + LOAD(fresh + j * LANES);
    }
#if LANES == 1
    power = r[0];
#else
    power = r[0][0];
#endif
    fallen = power < DROP * *top;
    if (*left > 1.0 && !fallen) {
        *left -= 1.0;
        *top = power > *top ? power : *top;
        return;
    }
    for (j = 0; j < AHEAD; j++)
        fresh[j] = NAME(row)(u, u + j * s, n);
    for (j = 0; j < PARTS; j++)
        r[j] = LOAD(fresh + j * LANES);
    /* What has left the window stands in the lags for three samples more: they are summed afresh, too. */
    *left = fallen ? 1 - AHEAD : *left < -1.0 ? *left + 1.0 : n > REFRESH ? (double)n : (double)REFRESH;
    *top = fresh[0];
}

/* y of the newest sample, whose row of the block's weights is given; the correlations move to its window. */
TARGET SIMD_INLINE double NAME(carry)(ahead_t *A, double y, const double *u, V newest, ptrdiff_t n, ptrdiff_t s) {
    V r[PARTS];
    int i, j, q = (int)A->filled;
    for (j = 0; j < PARTS; j++)
        r[j] = LOAD(A->r + j * LANES);
    NAME(roll)(r, &A->top, &A->left, u, newest, n, s);
    for (j = 0; j < PARTS; j++)
        STORE(A->r + j * LANES, r[j]);
    y = A->scale * y;
    for (i = 0; i < q; i++)
        y = FMA1(A->g[i], A->r[q - i], y);
    return y;
}

TARGET static double NAME(carried)(ahead_t *A, double y, const double *u, ptrdiff_t n, ptrdiff_t s) {
    return NAME(carry)(A, y, u, LOAD(u), n, s);
}

/* The sample of the window `newest` is kept if its turn has come; `count` steps g wait, its own included. */
TARGET SIMD_INLINE void NAME(keep)(kept_t *K, ahead_t *A, const double *w, const double *newest, ptrdiff_t n,
                                   ptrdiff_t s, const double *g, int count, double mu) {
    if (--K->gain_in == 0) {
        *K->gain++ = mu;
        K->gain_in = K->gain_every;
    }
    if (--K->weights_in == 0) {
        memcpy(A->g, g, count * sizeof(double));
        A->filled = count;
        NAME(landed)(K->weights, w, A, newest, n, s);
        A->filled = 0.0;
        K->weights += n;
        K->weights_in = K->weights_every;
    }
}

/* The weights of a block's end, and the rows of the next block, if there is one. */
TARGET SIMD_INLINE void NAME(end)(ahead_t *A, double *w, const double *u, ptrdiff_t n, ptrdiff_t s, const double *g,
                                  double *rows, int more) {
    if (more && A->scale == 1.0) {
        NAME(turning)(w, 1.0, u, n, s, g, rows);
        return;
    }
    if (more) {
        NAME(turning)(w, A->scale, u, n, s, g, rows);
    } else {
        memcpy(A->g, g, sizeof A->g);
        A->filled = AHEAD;
        NAME(landed)(w, w, A, u - (AHEAD - 1) * s, n, s);
        A->filled = 0.0;
    }
    A->scale = 1.0;
}

#define ROLL(q)                                             \
    NAME(roll)(r, &top, &left, u - q * s, LOAD(u - q * s), n, s); \
    for (j = 0; j < PARTS; j++)                             \
        STORE(R[q] + j * LANES, r[j]);

/* Whole blocks where the gain is known and c = slope e. Stops before a block that is not sound in every sample, as if
 * it had not begun. Returns the samples done. */
TARGET SIMD_INLINE ptrdiff_t NAME(known)(ahead_t *A, double *w, const double *u, ptrdiff_t n, ptrdiff_t s,
                                         const double *d, double *y, double *e, ptrdiff_t m, slopes_t slopes,
                                         course_t *C) {
    const double limit = C->limit, largest = C->largest;
    const ptrdiff_t t = C->mu_stride;
    const double *mu = C->mu;
    double peak = C->peak, top = A->top, left = A->left;
    double a[AHEAD], g[AHEAD], k[AHEAD], R[AHEAD][AHEAD];
    V r[PARTS], before[PARTS];
    ptrdiff_t done = 0;
    int j, q;
    for (j = 0; j < PARTS; j++)
        r[j] = LOAD(A->r + j * LANES);
    NAME(dots)(w, u, n, s, a);
    for (; done + AHEAD <= m; done += AHEAD, u -= AHEAD * s, d += AHEAD, y += AHEAD, e += AHEAD, mu += AHEAD * t) {
        const double top0 = top, left0 = left;
        double y0, y1, y2, y3, e0, e1, e2, e3, p0, p1, p2, p3;
        for (j = 0; j < PARTS; j++)
            before[j] = r[j];
        ROLL(0)
        ROLL(1)
        ROLL(2)
        ROLL(3)
        for (q = 0; q < AHEAD; q++)
            k[q] = mu[q * t];
        if (slopes != NULL) {
            const double power[AHEAD] = {R[0][0], R[1][0], R[2][0], R[3][0]};
            double slope[AHEAD];
            slopes(C->param, power, slope, AHEAD);
            for (q = 0; q < AHEAD; q++)
                k[q] = k[q] * slope[q];
        }
        y0 = a[0];
        e0 = d[0] - y0;
        g[0] = k[0] * e0;
        y1 = FMA1(g[0], R[1][1], a[1]);
        e1 = d[1] - y1;
        g[1] = k[1] * e1;
        y2 = FMA1(g[1], R[2][1], FMA1(g[0], R[2][2], a[2]));
        e2 = d[2] - y2;
        g[2] = k[2] * e2;
        y3 = FMA1(g[2], R[3][1], FMA1(g[1], R[3][2], FMA1(g[0], R[3][3], a[3])));
        e3 = d[3] - y3;
        g[3] = k[3] * e3;
        p0 = fabs(d[0]) > peak ? fabs(d[0]) : peak;
        p1 = fabs(d[1]) > p0 ? fabs(d[1]) : p0;
        p2 = fabs(d[2]) > p1 ? fabs(d[2]) : p1;
        p3 = fabs(d[3]) > p2 ? fabs(d[3]) : p2;
#define SOUND(y, e, g, p) \
    ((fabs(y) <= 1.79769313486231571e308) & (fabs(g) <= largest) & (fabs(e) <= limit * ((p) > 1.0 ? (p) : 1.0)))
        if (!(SOUND(y0, e0, g[0], p0) & SOUND(y1, e1, g[1], p1) & SOUND(y2, e2, g[2], p2) & SOUND(y3, e3, g[3], p3))) {
            for (j = 0; j < PARTS; j++)
                r[j] = before[j];
            top = top0;
            left = left0;
            break;
        }
        peak = p3;
        y[0] = y0, y[1] = y1, y[2] = y2, y[3] = y3;
        e[0] = e0, e[1] = e1, e[2] = e2, e[3] = e3;
        if (C->kept != NULL)
            for (q = 0; q < AHEAD; q++)
                NAME(keep)(C->kept, A, w, u - q * s, n, s, g, q + 1, mu[q * t]);
        NAME(end)(A, w, u, n, s, g, a, done + 2 * AHEAD <= m);
    }
    for (j = 0; j < PARTS; j++)
        STORE(A->r + j * LANES, r[j]);
    A->top = top;
    A->left = left;
    if (peak > C->peak) {
        C->peak = peak;
        C->bound = limit * (peak > 1.0 ? peak : 1.0);
    }
    return done;
}

/* Whole blocks where each step is asked for; the sample that stops the loop is the last one done, and leaves the steps
 * before it waiting. Returns the samples done. */
TARGET SIMD_INLINE ptrdiff_t NAME(asked)(ahead_t *A, double *w, const double *u, ptrdiff_t n, ptrdiff_t s,
                                         const double *d, double *y, double *e, ptrdiff_t m, course_t *C) {
    double a[AHEAD], g[AHEAD], R[AHEAD][AHEAD], top = A->top, left = A->left, tops[AHEAD], lefts[AHEAD];
    double slope[AHEAD] = {1.0, 1.0, 1.0, 1.0};
    V r[PARTS];
    ptrdiff_t done = 0;
    int j, q;
    for (j = 0; j < PARTS; j++)
        r[j] = LOAD(A->r + j * LANES);
    NAME(dots)(w, u, n, s, a);
    for (; done + AHEAD <= m; done += AHEAD, u -= AHEAD * s) {
        ROLL(0)
        tops[0] = top, lefts[0] = left;
        ROLL(1)
        tops[1] = top, lefts[1] = left;
        ROLL(2)
        tops[2] = top, lefts[2] = left;
        ROLL(3)
        tops[3] = top, lefts[3] = left;
        if (C->slopes != NULL) {
            const double power[AHEAD] = {R[0][0], R[1][0], R[2][0], R[3][0]};
            C->slopes(C->param, power, slope, AHEAD);
        }
        q = (int)C->ask(C->loop, a, R[0], slope, d + done, y + done, e + done, g);
        if (q < AHEAD) {
            C->stopped = 1;
            memcpy(A->g, g, q * sizeof(double));
            memcpy(A->r, R[q], sizeof R[q]);
            A->filled = q;
            A->top = tops[q];
            A->left = lefts[q];
            return done + q + 1;
        }
        NAME(end)(A, w, u, n, s, g, a, done + 2 * AHEAD <= m);
    }
    for (j = 0; j < PARTS; j++)
        STORE(A->r + j * LANES, r[j]);
    A->top = top;
    A->left = left;
    return done;
}

TARGET static ptrdiff_t NAME(course)(ahead_t *A, double *w, const double *u, ptrdiff_t n, ptrdiff_t s, const double *d,
                                     double *y, double *e, ptrdiff_t m, course_t *C) {
    if (C->ask != NULL && s == 1)
        return NAME(asked)(A, w, u, n, 1, d, y, e, m, C);
    if (C->ask != NULL)
        return NAME(asked)(A, w, u, n, s, d, y, e, m, C);
    if (s != 1)
        return NAME(known)(A, w, u, n, s, d, y, e, m, C->slopes, C);
    if (C->slopes != NULL)
        return NAME(known)(A, w, u, n, 1, d, y, e, m, C->slopes, C);
    return NAME(known)(A, w, u, n, 1, d, y, e, m, NULL, C);
}

/* One sample x, d of a delay line and a known gain, C->mu[0], as `known` has it in its block; u is where x goes.
 * Returns y; where the sample is not sound, C->stopped is set and no step has joined those that wait. */
TARGET static double NAME(one)(ahead_t *A, double *w, double *u, ptrdiff_t n, double x, double d, course_t *C) {
#if LANES == 4
    /* A vector that holds the number just stored would wait for the store: 3 ns of 20. */
    const __m256d rest = _mm256_permute4x64_pd((__m256d)LOAD(u + 1), 0x90);
    const V newest = (V)_mm256_blend_pd(rest, _mm256_set1_pd(x), 1);
#elif LANES == 2
    const V newest = {x, u[1]};
#else
    const V newest = x;
#endif
    V a = ZERO;
    ptrdiff_t i = 0;
    double y, e, size = fabs(d);
    double slope = 1.0, g;
    int q = (int)A->filled;
    u[0] = x;
    if (n >= LANES)
        a = FMA(LOAD(w), newest, a);
    for (i = n >= LANES ? LANES : 0; i + LANES <= n; i += LANES)
        a = FMA(LOAD(w + i), LOAD(u + i), a);
    y = SUM(a);
    for (; i < n; i++)
        y += w[i] * u[i];
    y = NAME(carry)(A, y, u, newest, n, 1);
    e = d - y;
    if (C->slopes != NULL)
        C->slopes(C->param, A->r, &slope, 1);
    g = C->mu[0] * slope * e;
    if (size > C->peak) {
        C->peak = size;
        C->bound = C->limit * (size > 1.0 ? size : 1.0);
    }
    if (!((fabs(y) <= 1.79769313486231571e308) & (fabs(g) <= C->largest) & (fabs(e) <= C->bound))) {
        C->stopped = 1;
        return y;
    }
    A->g[q] = g;
    A->filled = q + 1;
    if (q + 1 == AHEAD) {
        NAME(landed)(w, w, A, u, n, 1);
        A->filled = 0.0;
        A->scale = 1.0;
    }
    return y;
}
#undef SOUND
#undef ROLL
#undef FMA1
#undef ROWS
#undef STEPS
#undef PARTS
#endif
