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
    SHORT = 64,            /* weights, at most */
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

/* As many trials as there are lanes. */
typedef struct {
    trial_t *trial[LANES];
    V r[AHEAD], top, left, peak;           /* as in ahead_t and course_t, lane by lane */
    V rows[AHEAD];                         /* w'u of the samples of the next block */
    I gone;                                /* lanes whose trial goes on alone */
    V w[SHORT], x[SPAN + SHORT + AHEAD];   /* weights; samples, newest first */
} __attribute__((aligned(64))) NAME(side_t);

/* x_i[j] <-> x_j[i] */
TARGET SIMD_INLINE void NAME(turned)(V *x) {
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
    for (i = 0; i < n; i++)
        S->w[i][lane] = t->w[i];
    for (i = 0; i < AHEAD; i++)
        S->r[i][lane] = t->A->r[i];
    S->top[lane] = t->A->top;
    S->left[lane] = t->A->left;
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
        NAME(turned)(x);
        for (i = 0; i < LANES; i++)
            S->x[at + i] = x[i];
    }
}

/* w <- w + sum_q g_q (window of sample q), where there is a g, and S->rows = four rows of the new w, from `next` on */
TARGET SIMD_INLINE void NAME(turn)(NAME(side_t) *S, const V *u, const V *next, ptrdiff_t n, const V *g) {
    const ptrdiff_t whole = n - n % LANES;
    V part[LANES][AHEAD], W;
    ptrdiff_t i;
    int p, q;
    for (p = 0; p < LANES; p++) {
        V a = ZERO, b = ZERO, c = ZERO, f = ZERO;
        for (i = p; i < whole; i += LANES) {
            W = S->w[i];
            if (g != NULL) {
                W = FMA(g[0], u[i], W);
                W = FMA(g[1], u[i - 1], W);
                W = FMA(g[2], u[i - 2], W);
                W = FMA(g[3], u[i - 3], W);
                S->w[i] = W;
            }
            a = FMA(W, next[i], a);
            b = FMA(W, next[i - 1], b);
            c = FMA(W, next[i - 2], c);
            f = FMA(W, next[i - 3], f);
        }
        part[p][0] = a;
        part[p][1] = b;
        part[p][2] = c;
        part[p][3] = f;
    }
    for (q = 0; q < AHEAD; q++)
#if LANES == 4
        S->rows[q] = (part[0][q] + part[1][q]) + (part[2][q] + part[3][q]);
#else
        S->rows[q] = part[0][q] + part[1][q];
#endif
    for (i = whole; i < n; i++) {
        W = S->w[i];
        if (g != NULL) {
            for (q = 0; q < AHEAD; q++)
                W = W + g[q] * u[i - q];
            S->w[i] = W;
        }
        for (q = 0; q < AHEAD; q++)
            S->rows[q] = S->rows[q] + W * next[i - q];
    }
}

/* The correlations of a block in which a lane sums them afresh: each lane on its own line. */
TARGET static void NAME(fresh)(const NAME(side_t) *S, ptrdiff_t done, ptrdiff_t n, V R[AHEAD][AHEAD], V *top, V *left) {
    double own[AHEAD], tops, lefts;
    V r[PARTS];
    int j, l, q;
    for (l = 0; l < LANES; l++) {
        for (j = 0; j < AHEAD; j++)
            own[j] = S->r[j][l];
        for (j = 0; j < PARTS; j++)
            r[j] = LOAD(own + j * LANES);
        tops = S->top[l];
        lefts = S->left[l];
        for (q = 0; q < AHEAD; q++) {
            NAME(roll)(r, &tops, &lefts, S->trial[l]->u - done - q, n, 1);
            for (j = 0; j < PARTS; j++)
                STORE(own + j * LANES, r[j]);
            for (j = 0; j < AHEAD; j++)
                R[q][j][l] = own[j];
        }
        (*top)[l] = tops;
        (*left)[l] = lefts;
    }
}

/* The block from sample `done` on, whose window is u in S->x; the rows of the next one, if there is one here. */
TARGET SIMD_INLINE void NAME(block)(NAME(side_t) *S, const V *u, ptrdiff_t done, ptrdiff_t n, const course_t *C,
                                    slopes_t slopes, int more) {
    const V bound = ALL(C->limit) * MAX(S->peak, ALL(1.0)), largest = ALL(C->largest);
    V R[AHEAD][AHEAD], r[AHEAD], d[AHEAD], y[AHEAD], e[AHEAD], g[AHEAD], k[AHEAD];
    V top = S->top, left = S->left - ALL((double)AHEAD), peak = S->peak;
    I rare = left <= ZERO, sound = ~(I){0};
    int i, j, q;
    for (j = 0; j < AHEAD; j++)
        r[j] = S->r[j];
    for (q = 0; q < AHEAD; q++) {
        const V X = u[-q], Z = u[n - q];
        for (j = 0; j < AHEAD; j++)
            R[q][j] = r[j] = r[j] + FMA(X, u[j - q], -(Z * u[n + j - q]));
        rare |= r[0] < ALL(DROP) * top;
        top = MAX(r[0], top);
    }
    if (ANY(rare))
        NAME(fresh)(S, done, n, R, &top, &left);
    for (j = 0; j < AHEAD; j += LANES) {
        for (i = 0; i < LANES; i++)
            d[j + i] = LOAD(S->trial[i]->d + done + j);
        NAME(turned)(d + j);
    }
    for (q = 0; q < AHEAD; q++)
        k[q] = ALL(C->mu[(done + q) * C->mu_stride]);
    if (slopes != NULL) {
        double power[AHEAD * LANES], slope[AHEAD * LANES];
        for (q = 0; q < AHEAD; q++)
            STORE(power + q * LANES, R[q][0]);
        slopes(C->param, power, slope, AHEAD * LANES);
        for (q = 0; q < AHEAD; q++)
            k[q] = k[q] * LOAD(slope + q * LANES);
    }
    for (q = 0; q < AHEAD; q++) {
        y[q] = S->rows[q];
        for (i = 0; i < q; i++)
            y[q] = FMA(g[i], R[q][q - i], y[q]);
        e[q] = d[q] - y[q];
        g[q] = k[q] * e[q];
        /* stricter than `known`: an error beyond the bound so far; alone, the trial finds out. An output that is not
         * finite makes such a step. */
        sound &= (ABS(e[q]) <= bound) & (ABS(g[q]) <= largest);
        peak = MAX(ABS(d[q]), peak);
    }
    if (ANY(~(sound | S->gone)))
        for (i = 0; i < LANES; i++)
            if (!sound[i] && !S->gone[i])
                NAME(leave)(S, i, n, done);
    for (j = 0; j < AHEAD; j++)
        S->r[j] = R[AHEAD - 1][j];
    S->top = top;
    S->left = left;
    S->peak = peak;
    for (j = 0; j < AHEAD; j += LANES) {
        NAME(turned)(y + j);
        NAME(turned)(e + j);
        for (i = 0; i < LANES; i++) {
            STORE(S->trial[i]->y + done + j, y[j + i]);
            STORE(S->trial[i]->e + done + j, e[j + i]);
        }
    }
    NAME(turn)(S, u, more ? u - AHEAD : u, n, g);
}

/* m samples, whole blocks of them, of up to `sides` LANES trials; lanes without a trial repeat the first one. */
TARGET SIMD_INLINE void NAME(abreast)(trial_t *trial, int count, ptrdiff_t n, ptrdiff_t m, const course_t *C,
                                      slopes_t slopes, const int sides) {
    NAME(side_t) S[2];
    ptrdiff_t done, first, span;
    int g, l;
    for (g = 0; g < sides; g++)
        for (l = 0; l < LANES; l++)
            NAME(board)(S + g, l, g * LANES + l < count ? trial + g * LANES + l : trial, n);
    for (first = 0; first < m; first += span) {
        span = m - first < SPAN ? m - first : SPAN;
        for (g = 0; g < sides; g++) {
            NAME(lay)(S + g, first + span - 1, span + n + AHEAD - 1);
            NAME(turn)(S + g, NULL, S[g].x + span - 1, n, NULL);
        }
        for (done = 0; done < span; done += AHEAD)
            for (g = 0; g < sides; g++)
                NAME(block)(S + g, S[g].x + span - 1 - done, first + done, n, C, slopes, done + AHEAD < span);
    }
    for (g = 0; g < sides; g++)
        for (l = 0; l < LANES; l++)
            if (!S[g].gone[l])
                NAME(leave)(S + g, l, n, m);
}

/* As many trials as fit side by side; returns how many. */
TARGET static int NAME(ensemble)(trial_t *trial, int count, ptrdiff_t n, ptrdiff_t m, const course_t *C) {
    if (count <= LANES && C->slopes == NULL)
        NAME(abreast)(trial, count, n, m, C, NULL, 1);
    else if (count <= LANES)
        NAME(abreast)(trial, count, n, m, C, C->slopes, 1);
    else if (C->slopes == NULL)
        NAME(abreast)(trial, count, n, m, C, NULL, 2);
    else
        NAME(abreast)(trial, count, n, m, C, C->slopes, 2);
    return count < 2 * LANES ? count : 2 * LANES;
}
#undef PARTS
#else
/* Without vectors, each goes alone. */
static int NAME(ensemble)(trial_t *trial, int count, ptrdiff_t n, ptrdiff_t m, const course_t *C) {
    (void)n, (void)m, (void)C;
    trial->done = 0;
    return count > 0;
}
#endif
