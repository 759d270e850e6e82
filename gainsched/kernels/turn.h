/* The weights move and the next output is formed in one pass, while they are at hand: y = w'next, added up in the order
 * of `dot`, so that a run agrees bitwise with steps, which move first and form the output when the sample comes. One
 * load of w less, and no dot product waits for stores. Included by simd.h once per level.
 */

/* What MOVED(i) makes of the lanes at i, and REST(i) of the weight i behind the last whole lane, times next. */
#define TURN(MOVED, REST)                                        \
    V s0 = ZERO, s1 = ZERO, s2 = ZERO, s3 = ZERO;                \
    ptrdiff_t i = 0;                                             \
    double y;                                                    \
    for (; i + 4 * LANES <= n; i += 4 * LANES) {                 \
        s0 = FMA(MOVED(i), LOAD(next + i), s0);                  \
        s1 = FMA(MOVED(i + LANES), LOAD(next + i + LANES), s1);  \
        s2 = FMA(MOVED(i + 2 * LANES), LOAD(next + i + 2 * LANES), s2); \
        s3 = FMA(MOVED(i + 3 * LANES), LOAD(next + i + 3 * LANES), s3); \
    }                                                            \
    for (; i + LANES <= n; i += LANES)                           \
        s0 = FMA(MOVED(i), LOAD(next + i), s0);                  \
    s0 = (s0 + s1) + (s2 + s3);                                  \
    y = SUM(s0);                                                 \
    for (; i < n; i++) {                                         \
        REST(i);                                                 \
        y += w[i] * next[i];                                     \
    }                                                            \
    return y;

TARGET SIMD_INLINE V NAME(stored)(double *w, V x) {
    STORE(w, x);
    return x;
}

TARGET static double NAME(axpy_turn)(double *w, const double *v, double g, const double *next, ptrdiff_t n) {
    const V G = ALL(g);
#define MOVED(i) NAME(stored)(w + (i), AXPY(i))
#define REST(i) AXPY_REST(i)
    TURN(MOVED, REST)
#undef MOVED
#undef REST
}

TARGET static double NAME(each_turn)(double *w, const double *v, const double *g, double c, double leak,
                                     const double *next, ptrdiff_t n) {
    const V C = ALL(c), M = ALL(-leak);
#define REST(i) EACH_REST(i)
    if (leak == 0.0) {
#define MOVED(i) NAME(stored)(w + (i), EACH_AXPY(i))
        TURN(MOVED, REST)
#undef MOVED
    }
#define MOVED(i) NAME(stored)(w + (i), EACH_LEAKY(i))
    TURN(MOVED, REST)
#undef MOVED
#undef REST
}

/* The lanes of weights with momentum; returns w. `heavy`: no leak, a = 1, b = 0, and three products less. */
TARGET SIMD_INLINE V NAME(momentum)(double *w, double *p, const double *v, const double *g, V C, V M, V BETA, V A,
                                    V B, int heavy) {
    V W = LOAD(w), D = C * LOAD(v), P;
    if (!heavy)
        D = FMA(M, W, D);
    if (g)
        D = D * LOAD(g);
    if (!heavy)
        W = FMA(B, D, W);
    if (!heavy)
        D = A * D;
    P = FMA(BETA, LOAD(p), D);
    STORE(p, P);
    W = W + P;
    STORE(w, W);
    return W;
}

SIMD_INLINE void NAME(momentum_one)(double *w, double *p, double v, double g, double c, double leak, double beta,
                                    double a, double b) {
    const double d = (c * v - leak * *w) * g;
    *p = beta * *p + a * d;
    *w = (b * d + *w) + *p;
}

TARGET static void NAME(compensate)(double *w, double *p, const double *v, const double *g, double c, double leak,
                                    double beta, double a, double b, ptrdiff_t n) {
    const V C = ALL(c), M = ALL(-leak), BETA = ALL(beta), A = ALL(a), B = ALL(b);
    ptrdiff_t i = 0;
    for (; i + LANES <= n; i += LANES)
        NAME(momentum)(w + i, p + i, v + i, g ? g + i : NULL, C, M, BETA, A, B, 0);
    for (; i < n; i++)
        NAME(momentum_one)(w + i, p + i, v[i], g ? g[i] : 1.0, c, leak, beta, a, b);
}

TARGET SIMD_INLINE double NAME(momentum_turn)(double *w, double *p, const double *v, const double *g, double c,
                                              double leak, double beta, double a, double b, const double *next,
                                              ptrdiff_t n, int heavy) {
    const V C = ALL(c), M = ALL(-leak), BETA = ALL(beta), A = ALL(a), B = ALL(b);
#define MOVED(i) NAME(momentum)(w + (i), p + (i), v + (i), g ? g + (i) : NULL, C, M, BETA, A, B, heavy)
#define REST(i) NAME(momentum_one)(w + i, p + i, v[i], g ? g[i] : 1.0, c, leak, beta, a, b)
    TURN(MOVED, REST)
#undef MOVED
#undef REST
}

TARGET static double NAME(compensate_turn)(double *w, double *p, const double *v, const double *g, double c,
                                           double leak, double beta, double a, double b, const double *next,
                                           ptrdiff_t n) {
    if (g == NULL && leak == 0.0 && a == 1.0 && b == 0.0)
        return NAME(momentum_turn)(w, p, v, NULL, c, leak, beta, a, b, next, n, 1);
    if (g == NULL)
        return NAME(momentum_turn)(w, p, v, NULL, c, leak, beta, a, b, next, n, 0);
    return NAME(momentum_turn)(w, p, v, g, c, leak, beta, a, b, next, n, 0);
}
#undef TURN
