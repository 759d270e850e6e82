/* The lookahead block of ahead.h for complex numbers, interleaved re im: n weights are 2 n doubles, windows lie s
 * doubles apart, and
 *
 *     y_q = w'u_q + sum_{i<q} g_i r_{q-i},      r_j = sum_m u_k[m] conj(u_{k-j}[m]),      w <- w + sum_q g_q conj(u_q)
 *
 * A product takes two multiplications per vector (interleaved.h). In rows the parts of W are swapped, once for four
 * windows; in steps the sum of four is: a shuffle for eight multiply-adds. Complex filters know no leakage: the scale
 * stays 1.
 */
#ifndef GAINSCHED_AHEAD_COMPLEX_H
#define GAINSCHED_AHEAD_COMPLEX_H

/* As ahead_t, whose head it shares. */
typedef struct {
    double top, left, filled, scale;
    double g[2 * AHEAD], r[2 * AHEAD];
} ahead_complex_t;

#elif defined(SIMD_BODY)

#if LEVEL == 1
#define FMA1(a, b, c) __builtin_fma(a, b, c)
#else
#define FMA1(a, b, c) ((a) * (b) + (c))
#endif

/* y += g r, of complex numbers. Explicit multiply-adds: left to itself, gcc 12 rounded a product and its sum
 * differently where a loop was unrolled. */
#define GAINED(y, g, r)                                       \
    (y)[0] = FMA1((g)[0], (r)[0], (y)[0]);                    \
    (y)[1] = FMA1((g)[0], (r)[1], (y)[1]);                    \
    (y)[0] = FMA1(-(g)[1], (r)[1], (y)[0]);                   \
    (y)[1] = FMA1((g)[1], (r)[0], (y)[1]);

/* one weight takes `count` steps along the windows from p on */
TARGET SIMD_INLINE void NAME(climb)(double *out, const double *w, const double *p, ptrdiff_t s, const double *g,
                                    int count) {
    double re = 0.0, im = 0.0;
    int q;
    for (q = 0; q < count; q++, p -= s) {
        re = FMA1(g[2 * q], p[0], re);
        im = FMA1(g[2 * q + 1], p[0], im);
        re = FMA1(g[2 * q + 1], p[1], re);
        im = FMA1(-g[2 * q], p[1], im);
    }
    out[0] = w[0] + re;
    out[1] = w[1] + im;
}

#if LANES > 1
/* lanes of w u summed into re are those of the real part with the sign of every other one changed */
#if LANES == 4
#define EVEN(x) ((x) * (V){1.0, -1.0, 1.0, -1.0})
#define CONJUGATE(x) ((V){(x), -(x), (x), -(x)})
#else
#define EVEN(x) ((x) * (V){1.0, -1.0})
#define CONJUGATE(x) ((V){(x), -(x)})
#endif
#endif

/* w'u in one chain */
TARGET static void NAME(crow)(const double *w, const double *u, ptrdiff_t n, double *y) {
    ptrdiff_t i = 0;
    y[0] = y[1] = 0.0;
#if LANES > 1
    {
        V re = ZERO, im = ZERO, W, P;
        for (; i + LANES <= 2 * n; i += LANES) {
            W = LOAD(w + i);
            P = LOAD(u + i);
            re = FMA(W, P, re);
            im = FMA(SWAP(W), P, im);
        }
        re = EVEN(re);
        y[0] = SUM(re);
        y[1] = SUM(im);
    }
#endif
    for (; i < 2 * n; i += 2) {
        GAINED(y, w + i, u + i)
    }
}

#if LANES > 1
/* the accumulators of four rows, and what they come to */
#define CROWS(W, p)                                           \
    P = LOAD((p));                                            \
    re0 = FMA(W, P, re0);                                     \
    im0 = FMA(SWAP(W), P, im0);                               \
    P = LOAD((p) - s);                                        \
    re1 = FMA(W, P, re1);                                     \
    im1 = FMA(SWAP(W), P, im1);                               \
    P = LOAD((p) - 2 * s);                                    \
    re2 = FMA(W, P, re2);                                     \
    im2 = FMA(SWAP(W), P, im2);                               \
    P = LOAD((p) - 3 * s);                                    \
    re3 = FMA(W, P, re3);                                     \
    im3 = FMA(SWAP(W), P, im3);
#define CSUMS(y)                                              \
    NAME(sums)(EVEN(re0), im0, EVEN(re1), im1, (y));          \
    NAME(sums)(EVEN(re2), im2, EVEN(re3), im3, (y) + 4);
#else
#define CSUMS(y) memset((y), 0, 2 * AHEAD * sizeof(double));
#endif

/* y_q = w'(window of sample q), q = 0 .. 3 */
TARGET SIMD_INLINE void NAME(cdots)(const double *w, const double *u, ptrdiff_t n, ptrdiff_t s, double *y) {
    ptrdiff_t i = 0;
    int q;
#if LANES > 1
    V re0 = ZERO, im0 = ZERO, re1 = ZERO, im1 = ZERO, re2 = ZERO, im2 = ZERO, re3 = ZERO, im3 = ZERO, W, P;
    for (; i + LANES <= 2 * n; i += LANES) {
        W = LOAD(w + i);
        CROWS(W, u + i)
    }
#endif
    CSUMS(y)
    for (; i < 2 * n; i += 2)
        for (q = 0; q < AHEAD; q++) {
            GAINED(y + 2 * q, w + i, u + i - q * s)
        }
}

/* w <- w + sum_q g_q conj(window of sample q), and y = the next four rows of the new w */
TARGET SIMD_INLINE void NAME(cturning)(double *w, const double *u, ptrdiff_t n, ptrdiff_t s, const double *g,
                                       double *y) {
    const double *next = u - AHEAD * s;
    ptrdiff_t i = 0;
    int q;
#if LANES > 1
    const V A0 = CONJUGATE(g[0]), A1 = CONJUGATE(g[2]), A2 = CONJUGATE(g[4]), A3 = CONJUGATE(g[6]);
    const V B0 = ALL(g[1]), B1 = ALL(g[3]), B2 = ALL(g[5]), B3 = ALL(g[7]);
    V re0 = ZERO, im0 = ZERO, re1 = ZERO, im1 = ZERO, re2 = ZERO, im2 = ZERO, re3 = ZERO, im3 = ZERO, A, B, W, P;
    for (; i + LANES <= 2 * n; i += LANES) {
        P = LOAD(u + i);
        A = FMA(A0, P, ZERO);
        B = FMA(B0, P, ZERO);
        P = LOAD(u + i - s);
        A = FMA(A1, P, A);
        B = FMA(B1, P, B);
        P = LOAD(u + i - 2 * s);
        A = FMA(A2, P, A);
        B = FMA(B2, P, B);
        P = LOAD(u + i - 3 * s);
        A = FMA(A3, P, A);
        B = FMA(B3, P, B);
        W = LOAD(w + i) + (A + SWAP(B));
        STORE(w + i, W);
        CROWS(W, next + i)
    }
#endif
    CSUMS(y)
    for (; i < 2 * n; i += 2) {
        NAME(climb)(w + i, w + i, u + i, s, g, AHEAD);
        for (q = 0; q < AHEAD; q++) {
            GAINED(y + 2 * q, w + i, next + i - q * s)
        }
    }
}

/* out = w + the steps that wait; u is the window of the newest of them */
TARGET static void NAME(clanded)(double *out, const double *w, const ahead_complex_t *A, const double *u, ptrdiff_t n,
                                 ptrdiff_t s) {
    const int count = (int)A->filled;
    ptrdiff_t i = 0;
    u += (count - 1) * s;
#if LANES > 1
    for (; i + LANES <= 2 * n; i += LANES) {
        V along = ZERO, across = ZERO, P;
        int q;
        for (q = 0; q < count; q++) {
            P = LOAD(u - q * s + i);
            along = FMA(CONJUGATE(A->g[2 * q]), P, along);
            across = FMA(ALL(A->g[2 * q + 1]), P, across);
        }
        STORE(out + i, LOAD(w + i) + (along + SWAP(across)));
    }
#endif
    for (; i < 2 * n; i += 2)
        NAME(climb)(out + i, w + i, u + i, s, A->g, count);
}

/* sum_m u[m] conj(v[m]) */
TARGET static void NAME(correlation)(const double *u, const double *v, ptrdiff_t n, double *r) {
    ptrdiff_t i = 0;
    r[0] = r[1] = 0.0;
#if LANES > 1
    {
        V re = ZERO, im = ZERO, P, Q;
        for (; i + LANES <= 2 * n; i += LANES) {
            P = LOAD(u + i);
            Q = LOAD(v + i);
            re = FMA(P, Q, re);
            im = FMA(SWAP(P), Q, im);              /* ui vr, ur vi */
        }
        im = EVEN(im);
        r[0] = SUM(re);
        r[1] = SUM(im);
    }
#endif
    for (; i < 2 * n; i += 2) {
        r[0] = FMA1(u[i + 1], v[i + 1], FMA1(u[i], v[i], r[0]));
        r[1] = FMA1(-u[i], v[i + 1], FMA1(u[i + 1], v[i], r[1]));
    }
}

/* The correlations move to the window u: what came in, less what went out; now and then they are summed afresh. */
TARGET SIMD_INLINE void NAME(croll)(double *r, double *top, double *left, const double *u, ptrdiff_t n, ptrdiff_t s) {
    const double *z = u + 2 * n;
    int j, fallen;
    ptrdiff_t c;
#if LANES > 1
    if (s == 2) {
        const V X = CONJUGATE(u[0]), XI = ALL(u[1]), Z = CONJUGATE(z[0]), ZI = ALL(z[1]);
        V P, Q;
        for (j = 0; j < 2 * AHEAD; j += LANES) {
            P = LOAD(u + j);
            Q = LOAD(z + j);
            STORE(r + j, LOAD(r + j) + (FMA(X, P, XI * SWAP(P)) - FMA(Z, Q, ZI * SWAP(Q))));
        }
    } else
#endif
    for (j = 0; j < AHEAD; j++)
        for (c = 0; c < s; c += 2) {
            const double *a = u + c + j * s, *b = z + c + j * s;
            r[2 * j] += FMA1(u[c], a[0], u[c + 1] * a[1]) - FMA1(z[c], b[0], z[c + 1] * b[1]);
            r[2 * j + 1] += FMA1(u[c + 1], a[0], -(u[c] * a[1])) - FMA1(z[c + 1], b[0], -(z[c] * b[1]));
        }
    fallen = r[0] < DROP * *top;
    if (*left > 1.0 && !fallen) {
        *left -= 1.0;
        *top = r[0] > *top ? r[0] : *top;
        return;
    }
    for (j = 0; j < AHEAD; j++)
        NAME(correlation)(u, u + j * s, n, r + 2 * j);
    *left = fallen ? 1 - AHEAD : *left < -1.0 ? *left + 1.0 : n > REFRESH ? (double)n : (double)REFRESH;
    *top = r[0];
}

/* y of the newest sample, where y holds its row of the block's weights; the correlations move to its window. */
TARGET static void NAME(ccarried)(ahead_complex_t *A, double *y, const double *u, ptrdiff_t n, ptrdiff_t s) {
    const int q = (int)A->filled;
    int i;
    NAME(croll)(A->r, &A->top, &A->left, u, n, s);
    for (i = 0; i < q; i++) {
        GAINED(y, A->g + 2 * i, A->r + 2 * (q - i))
    }
}

/* As `keep` of ahead.h. */
TARGET SIMD_INLINE void NAME(ckeep)(kept_t *K, ahead_complex_t *A, const double *w, const double *newest, ptrdiff_t n,
                                    ptrdiff_t s, const double *g, int count, double mu) {
    if (--K->gain_in == 0) {
        *K->gain++ = mu;
        K->gain_in = K->gain_every;
    }
    if (--K->weights_in == 0) {
        memcpy(A->g, g, 2 * count * sizeof(double));
        A->filled = count;
        NAME(clanded)(K->weights, w, A, newest, n, s);
        A->filled = 0.0;
        K->weights += 2 * n;
        K->weights_in = K->weights_every;
    }
}

/* The weights of a block's end, and the rows of the next block, if there is one. */
TARGET SIMD_INLINE void NAME(cend)(ahead_complex_t *A, double *w, const double *u, ptrdiff_t n, ptrdiff_t s,
                                   const double *g, double *rows, int more) {
    if (more) {
        NAME(cturning)(w, u, n, s, g, rows);
        return;
    }
    memcpy(A->g, g, sizeof A->g);
    A->filled = AHEAD;
    NAME(clanded)(w, w, A, u - (AHEAD - 1) * s, n, s);
    A->filled = 0.0;
}

/* Whole blocks where the gain is known and c = slope e. Stops before a block that may not be sound in every sample, as
 * if it had not begun: squares are compared, with room for their rounding, and single samples judge exactly. */
TARGET SIMD_INLINE ptrdiff_t NAME(cknown)(ahead_complex_t *A, double *w, const double *u, ptrdiff_t n, ptrdiff_t s,
                                          const double *d, double *y, double *e, ptrdiff_t m, course_t *C) {
    const double floor = C->peak > 1.0 ? C->peak : 1.0, most = 0.99 * (C->limit * floor) * (C->limit * floor);
    const double allowed = most < C->largest * C->largest ? most : C->largest * C->largest;
    const ptrdiff_t t = C->mu_stride;
    const double *mu = C->mu;
    double highest = C->peak * C->peak, top = A->top, left = A->left;
    double a[2 * AHEAD], g[2 * AHEAD], r[2 * AHEAD], R[AHEAD][2 * AHEAD];
    double power[AHEAD], slope[AHEAD] = {1.0, 1.0, 1.0, 1.0};
    double sizes = 0.0;
    ptrdiff_t done = 0;
    int i, q, whole;
    memcpy(r, A->r, sizeof r);
    NAME(cdots)(w, u, n, s, a);
    for (; done + AHEAD <= m; done += AHEAD, u -= AHEAD * s, d += 2 * AHEAD, y += 2 * AHEAD, e += 2 * AHEAD,
                              mu += AHEAD * t) {
        const double top0 = top, left0 = left, sizes0 = sizes;
        double before[2 * AHEAD], Y[2 * AHEAD], E[2 * AHEAD];
        memcpy(before, r, sizeof r);
        for (q = 0; q < AHEAD; q++) {
            NAME(croll)(r, &top, &left, u - q * s, n, s);
            memcpy(R[q], r, sizeof r);
            power[q] = r[0];
        }
        if (C->slopes != NULL)
            C->slopes(C->param, power, slope, AHEAD);
        whole = 1;
        for (q = 0; q < AHEAD; q++) {
            const double k = mu[q * t] * slope[q], *goal = d + 2 * q, size = goal[0] * goal[0] + goal[1] * goal[1];
            double at[2] = {a[2 * q], a[2 * q + 1]};
            for (i = 0; i < q; i++) {
                GAINED(at, g + 2 * i, R[q] + 2 * (q - i))
            }
            Y[2 * q] = at[0];
            Y[2 * q + 1] = at[1];
            E[2 * q] = goal[0] - at[0];
            E[2 * q + 1] = goal[1] - at[1];
            g[2 * q] = k * E[2 * q];
            g[2 * q + 1] = k * E[2 * q + 1];
            sizes = size > sizes ? size : sizes;
            whole &= (E[2 * q] * E[2 * q] + E[2 * q + 1] * E[2 * q + 1] <= allowed) & (fabs(g[2 * q]) <= C->largest)
                     & (fabs(g[2 * q + 1]) <= C->largest);
        }
        if (!whole) {
            memcpy(r, before, sizeof r);
            top = top0;
            left = left0;
            sizes = sizes0;
            break;
        }
        memcpy(y, Y, sizeof Y);
        memcpy(e, E, sizeof E);
        if (C->kept != NULL)
            for (q = 0; q < AHEAD; q++)
                NAME(ckeep)(C->kept, A, w, u - q * s, n, s, g, q + 1, mu[q * t]);
        NAME(cend)(A, w, u, n, s, g, a, done + 2 * AHEAD <= m);
    }
    memcpy(A->r, r, sizeof r);
    A->top = top;
    A->left = left;
    if (sizes > highest && sqrt(sizes) > C->peak) {
        C->peak = sqrt(sizes);
        C->bound = C->limit * (C->peak > 1.0 ? C->peak : 1.0);
    }
    return done;
}

/* Whole blocks where each step is asked for, as `asked` of ahead.h. */
TARGET SIMD_INLINE ptrdiff_t NAME(casked)(ahead_complex_t *A, double *w, const double *u, ptrdiff_t n, ptrdiff_t s,
                                          const double *d, double *y, double *e, ptrdiff_t m, course_t *C) {
    double a[2 * AHEAD], g[2 * AHEAD], R[AHEAD][2 * AHEAD], power[AHEAD], tops[AHEAD], lefts[AHEAD];
    double slope[AHEAD] = {1.0, 1.0, 1.0, 1.0};
    ptrdiff_t done = 0;
    int q;
    NAME(cdots)(w, u, n, s, a);
    for (; done + AHEAD <= m; done += AHEAD, u -= AHEAD * s) {
        for (q = 0; q < AHEAD; q++) {
            NAME(croll)(A->r, &A->top, &A->left, u - q * s, n, s);
            memcpy(R[q], A->r, sizeof R[q]);
            power[q] = A->r[0];
            tops[q] = A->top;
            lefts[q] = A->left;
        }
        if (C->slopes != NULL)
            C->slopes(C->param, power, slope, AHEAD);
        q = (int)C->ask(C->loop, a, R[0], slope, d + 2 * done, y + 2 * done, e + 2 * done, g);
        if (q < AHEAD) {
            C->stopped = 1;
            memcpy(A->g, g, 2 * q * sizeof(double));
            memcpy(A->r, R[q], sizeof R[q]);
            A->filled = q;
            A->top = tops[q];
            A->left = lefts[q];
            return done + q + 1;
        }
        NAME(cend)(A, w, u, n, s, g, a, done + 2 * AHEAD <= m);
    }
    return done;
}

TARGET static ptrdiff_t NAME(ccourse)(ahead_complex_t *A, double *w, const double *u, ptrdiff_t n, ptrdiff_t s,
                                      const double *d, double *y, double *e, ptrdiff_t m, course_t *C) {
    if (C->ask != NULL && s == 2)
        return NAME(casked)(A, w, u, n, 2, d, y, e, m, C);
    if (C->ask != NULL)
        return NAME(casked)(A, w, u, n, s, d, y, e, m, C);
    if (s == 2)
        return NAME(cknown)(A, w, u, n, 2, d, y, e, m, C);
    return NAME(cknown)(A, w, u, n, s, d, y, e, m, C);
}
#undef FMA1
#undef GAINED
#undef EVEN
#undef CONJUGATE
#undef CROWS
#undef CSUMS
#endif
