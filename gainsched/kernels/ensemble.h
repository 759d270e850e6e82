/* Trials across lanes: records of one short filter through its lookahead blocks at once, a trial to a lane. A short row
 * spends most of its time at its ends, and a block's equations are one number after another; side by side, both fill
 * the lanes.
 *
 * A lane does what ahead.h does with a record alone, in that order: a row adds at its positions i mod LANES, joins them
 * as SUM does, then adds the weights that are left over. What is rare is left to ahead.h itself, on the trial's own
 * delay line: fresh sums of the correlations, and all that follows a block that may not be sound.
 * Included by levels.h once per level.
 */
#ifndef GAINSCHED_ENSEMBLE_H
#define GAINSCHED_ENSEMBLE_H

enum {
    SHORT = 128,           /* weights, at most */
    SPAN = 256             /* samples laid side by side at a time: they stay in the nearest cache */
};

/* One record on its way. */
typedef struct {
    ahead_t *A;
    double *w;
    const double *u;       /* window of the next sample on the trial's delay line; that of the one after it is u - 1 */
    const double *d;
    double *y, *e;
    double peak;
    ptrdiff_t done;        /* samples done side by side */
} trial_t;
#endif

#if LANES > 1
#define PARTS (AHEAD / LANES)

/* As many trials as there are lanes. Two of these, block by block in turn, measured no faster than one. */
typedef struct {
    trial_t *trial[LANES];
    const double *d[LANES];
    double *y[LANES], *e[LANES];
    V r[AHEAD], top, left, peak;           /* as in ahead_t and course_t, lane by lane, where the block begins */
    V rows[AHEAD];                         /* w'u of its samples */
    V R[AHEAD][AHEAD], tops, lefts;        /* r of its samples; top and left where it ends */
    I gone;                                /* lanes whose trial goes on alone */
    V w[SHORT];
    V none[2 * AHEAD], x[SPAN + SHORT + AHEAD];      /* samples, newest first; none where the next would be */
} __attribute__((aligned(64))) NAME(side_t);

/* x_i[j] <-> x_j[i] */
TARGET SIMD_INLINE void NAME(transposed)(V *x) {
#if LANES == 4
    const __m256d p = (__m256d)x[0], q = (__m256d)x[1], r = (__m256d)x[2], s = (__m256d)x[3];
    const __m256d a = _mm256_unpacklo_pd(p, q), b = _mm256_unpackhi_pd(p, q);
    const __m256d c = _mm256_unpacklo_pd(r, s), d = _mm256_unpackhi_pd(r, s);
    x[0] = (V)_mm256_permute2f128_pd(a, c, 0x20);
    x[1] = (V)_mm256_permute2f128_pd(b, d, 0x20);
    x[2] = (V)_mm256_permute2f128_pd(a, c, 0x31);
    x[3] = (V)_mm256_permute2f128_pd(b, d, 0x31);
#else
    const V a = {x[0][0], x[1][0]}, b = {x[0][1], x[1][1]};
    x[0] = a;
    x[1] = b;
#endif
}

/* A trial takes its lane, or leaves it where a block would begin. */
TARGET static void NAME(board)(NAME(side_t) *S, int lane, trial_t *t, ptrdiff_t n) {
    ptrdiff_t i;
    S->trial[lane] = t;
    S->d[lane] = t->d;
    S->y[lane] = t->y;
    S->e[lane] = t->e;
    for (i = 0; i < n; i++)
        S->w[i][lane] = t->w[i];
    for (i = 0; i < AHEAD; i++)
        S->R[AHEAD - 1][i][lane] = t->A->r[i];
    S->tops[lane] = t->A->top;
    S->lefts[lane] = t->A->left;
    S->peak[lane] = t->peak;
    S->gone[lane] = 0;
}

TARGET static void NAME(leave)(NAME(side_t) *S, int lane, ptrdiff_t n, ptrdiff_t done) {
    trial_t *t = S->trial[lane];
    ptrdiff_t i;
    for (i = 0; i < n; i++)
        t->w[i] = S->w[i][lane];
    for (i = 0; i < AHEAD; i++)
        t->A->r[i] = S->r[i][lane];
    t->A->top = S->top[lane];
    t->A->left = S->left[lane];
    t->peak = S->peak[lane];
    t->done = done;
    S->gone[lane] = -1;
}

/* The trials' delay lines from `newest` samples before u on, side by side; rows >= LANES of them. */
TARGET SIMD_INLINE void NAME(lay)(NAME(side_t) *S, ptrdiff_t newest, ptrdiff_t rows) {
    V x[LANES];
    ptrdiff_t k, at;
    int i;
    for (k = 0; k < rows; k += LANES) {
        at = k < rows - LANES ? k : rows - LANES;
        for (i = 0; i < LANES; i++)
            x[i] = LOAD(S->trial[i]->u - newest + at);
        NAME(transposed)(x);
        for (i = 0; i < LANES; i++)
            S->x[at + i] = x[i];
    }
}

/* w <- w + sum_q g_q (window of sample q), where there is a g, and S->rows = the rows of the next four samples with it.
 * Two neighboring weights at a time fill the registers and share their loads: 11 for 16 multiply-adds instead of 18. */
TARGET SIMD_INLINE void NAME(turn)(NAME(side_t) *S, const V *u, ptrdiff_t n, const V *g) {
    const ptrdiff_t whole = n - n % LANES;
    V rows[AHEAD], U, W, T;
    ptrdiff_t i;
    int p, q;
    for (p = 0; p < LANES; p += 2) {
        V a = ZERO, b = ZERO, c = ZERO, f = ZERO, s = ZERO, t = ZERO, v = ZERO, z = ZERO;
        for (i = p; i < whole; i += LANES) {
            const V *x = u + i;
            W = S->w[i];
            T = S->w[i + 1];
            if (g != NULL) {
                T = FMA(g[0], x[1], T);
                U = x[0];
                W = FMA(g[0], U, W);
                T = FMA(g[1], U, T);
                U = x[-1];
                W = FMA(g[1], U, W);
                T = FMA(g[2], U, T);
                U = x[-2];
                W = FMA(g[2], U, W);
                T = FMA(g[3], U, T);
            }
            U = x[-3];
            if (g != NULL) {
                W = FMA(g[3], U, W);
                S->w[i] = W;
                S->w[i + 1] = T;
            }
            s = FMA(T, U, s);
            U = x[-4];
            a = FMA(W, U, a);
            t = FMA(T, U, t);
            U = x[-5];
            b = FMA(W, U, b);
            v = FMA(T, U, v);
            U = x[-6];
            c = FMA(W, U, c);
            z = FMA(T, U, z);
            f = FMA(W, x[-7], f);
        }
        rows[0] = p == 0 ? a + s : rows[0] + (a + s);
        rows[1] = p == 0 ? b + t : rows[1] + (b + t);
        rows[2] = p == 0 ? c + v : rows[2] + (c + v);
        rows[3] = p == 0 ? f + z : rows[3] + (f + z);
    }
    for (i = whole; i < n; i++) {
        W = S->w[i];
        if (g != NULL) {
            for (q = 0; q < AHEAD; q++)
                W = W + g[q] * u[i - q];
            S->w[i] = W;
        }
        for (q = 0; q < AHEAD; q++)
            rows[q] = rows[q] + W * u[i - AHEAD - q];
    }
    for (q = 0; q < AHEAD; q++)
        S->rows[q] = rows[q];
}

/* The correlations of a block in which a lane may sum them afresh: each lane on its own line. */
TARGET static void NAME(fresh)(NAME(side_t) *S, ptrdiff_t done, ptrdiff_t n) {
    double own[AHEAD], top, left;
    V r[PARTS];
    int j, l, q;
    for (l = 0; l < LANES; l++) {
        for (j = 0; j < AHEAD; j++)
            own[j] = S->r[j][l];
        for (j = 0; j < PARTS; j++)
            r[j] = LOAD(own + j * LANES);
        top = S->top[l];
        left = S->left[l];
        for (q = 0; q < AHEAD; q++) {
            NAME(roll)(r, &top, &left, S->trial[l]->u - done - q, LOAD(S->trial[l]->u - done - q), n, 1);
            for (j = 0; j < PARTS; j++)
                STORE(own + j * LANES, r[j]);
            for (j = 0; j < AHEAD; j++)
                S->R[q][j][l] = own[j];
        }
        S->tops[l] = top;
        S->lefts[l] = left;
    }
}

/* A block has ended: the next begins there. */
TARGET SIMD_INLINE void NAME(onward)(NAME(side_t) *S) {
    int j;
    for (j = 0; j < AHEAD; j++)
        S->r[j] = S->R[AHEAD - 1][j];
    S->top = S->tops;
    S->left = S->lefts;
}

/* The correlations of the block from sample `done` on, whose window is u. */
TARGET SIMD_INLINE void NAME(correlate)(NAME(side_t) *S, const V *u, ptrdiff_t done, ptrdiff_t n) {
    V r[AHEAD], low, high;
    int j, q;
    NAME(onward)(S);
    for (j = 0; j < AHEAD; j++)
        r[j] = S->r[j];
    low = high = S->top;
    for (q = 0; q < AHEAD; q++) {
        const V X = u[-q], Z = u[n - q];
        for (j = 0; j < AHEAD; j++) {
            r[j] = r[j] + FMA(X, u[j - q], -(Z * u[n + j - q]));
            if (j <= q || q == AHEAD - 1)
                S->R[q][j] = r[j];
        }
        low = MIN(r[0], low);
        high = MAX(r[0], high);
    }
    S->tops = high;
    S->lefts = S->left - ALL((double)AHEAD);
    /* the power may have fallen, or it is time */
    if (ANY((low < ALL(DROP) * high) | (S->lefts <= ZERO)))
        NAME(fresh)(S, done, n);
}

/* Trials whose block is not sound leave before it. */
TARGET static __attribute__((noinline)) void NAME(part)(NAME(side_t) *S, I sound, ptrdiff_t n, ptrdiff_t done) {
    int l;
    for (l = 0; l < LANES; l++)
        if (!sound[l] && !S->gone[l])
            NAME(leave)(S, l, n, done);
}

/* The equations of the block from sample `done` on, which gives its steps g. */
TARGET SIMD_INLINE void NAME(solve)(NAME(side_t) *S, V *g, ptrdiff_t done, ptrdiff_t n, const course_t *C,
                                    slopes_t slopes) {
    const V bound = ALL(C->limit) * MAX(S->peak, ALL(1.0));
    V d[AHEAD], y[AHEAD], e[AHEAD], k[AHEAD], error = ZERO, step = ZERO;
    I sound;
    int i, j, q;
    for (j = 0; j < AHEAD; j += LANES) {
        for (i = 0; i < LANES; i++)
            d[j + i] = LOAD(S->d[i] + done + j);
        NAME(transposed)(d + j);
    }
    for (q = 0; q < AHEAD; q++)
        k[q] = ALL(C->mu[(done + q) * C->mu_stride]);
    if (slopes != NULL) {
        double power[AHEAD * LANES], slope[AHEAD * LANES];
        for (q = 0; q < AHEAD; q++)
            STORE(power + q * LANES, S->R[q][0]);
        slopes(C->param, power, slope, AHEAD * LANES);
        for (q = 0; q < AHEAD; q++)
            k[q] = k[q] * LOAD(slope + q * LANES);
    }
    for (q = 0; q < AHEAD; q++) {
        y[q] = S->rows[q];
        for (i = 0; i < q; i++)
            y[q] = FMA(g[i], S->R[q][q - i], y[q]);
        e[q] = d[q] - y[q];
        g[q] = k[q] * e[q];
        error = MAX(error, ABS(e[q]));               /* what is not a number is none to the end of the block */
        step = MAX(step, ABS(g[q]));
    }
    /* Stricter than `known`, which looks at a bound that grows with d: alone, the trial finds out. An output that is
     * not finite makes such a step. */
    sound = (error <= bound) & (step <= ALL(C->largest));
    if (ANY(~(sound | S->gone)))
        NAME(part)(S, sound, n, done);
    for (q = 0; q < AHEAD; q++)
        S->peak = MAX(ABS(d[q]), S->peak);
    for (j = 0; j < AHEAD; j += LANES) {
        NAME(transposed)(y + j);
        for (i = 0; i < LANES; i++) {
            STORE(S->y[i] + done + j, y[j + i]);
            STORE(S->e[i] + done + j, LOAD(S->d[i] + done + j) - y[j + i]);
        }
    }
}

/* m samples, whole blocks of them; lanes without a trial repeat the first one. */
TARGET SIMD_INLINE void NAME(abreast)(trial_t *trial, int count, ptrdiff_t n, ptrdiff_t m, const course_t *C,
                                      slopes_t slopes) {
    NAME(side_t) S;
    V g[AHEAD];
    ptrdiff_t done, first, span;
    int l;
    memset(&S, 0, sizeof S);
    for (l = 0; l < LANES; l++)
        NAME(board)(&S, l, l < count ? trial + l : trial, n);
    for (first = 0; first < m; first += span) {
        const V *u;
        span = m - first < SPAN ? m - first : SPAN;
        NAME(lay)(&S, first + span - 1, span + n + AHEAD - 1);
        u = S.x + span - 1;
        NAME(turn)(&S, u + AHEAD, n, NULL);
        for (done = first; done < first + span; done += AHEAD, u -= AHEAD) {
            NAME(correlate)(&S, u, done, n);
            NAME(solve)(&S, g, done, n, C, slopes);
            NAME(turn)(&S, u, n, g);
        }
    }
    NAME(onward)(&S);
    for (l = 0; l < LANES; l++)
        if (!S.gone[l])
            NAME(leave)(&S, l, n, m);
}

/* As many trials as there are lanes; returns how many. Lanes that are half empty pay only where rows are shortest. */
TARGET static int NAME(ensemble)(trial_t *trial, int count, ptrdiff_t n, ptrdiff_t m, const course_t *C) {
    if (2 * count <= LANES && n > 32)
        return count;
    if (C->slopes == NULL)
        NAME(abreast)(trial, count, n, m, C, NULL);
    else
        NAME(abreast)(trial, count, n, m, C, C->slopes);
    return count < LANES ? count : LANES;
}
#undef PARTS
#else
/* Without vectors, each goes alone. */
static int NAME(ensemble)(trial_t *trial, int count, ptrdiff_t n, ptrdiff_t m, const course_t *C) {
    (void)trial, (void)n, (void)m, (void)C;
    return count;
}
#endif
