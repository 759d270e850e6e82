/* Variants of a lookahead block's turn: four steps reach w, and the next four rows of the new w are formed; built and
 * timed by measure.py. The windows of successive samples lie one double apart, newest first. */
#include <stddef.h>
#define LEVEL 1
#include "lanes.h"

enum { RELOADED = 0, CARRIED = 1, TWO_CHAINS = 2 };

#define STEPS(W, at)                                                                                     \
    V W = FMA(G0, LOAD(u + (at)), LOAD(w + (at)));                                                       \
    W = FMA(G1, LOAD(u + (at) - 1), W), W = FMA(G2, LOAD(u + (at) - 2), W), W = FMA(G3, LOAD(u + (at) - 3), W); \
    STORE(w + (at), W);
#define ROWS(a, b, c, d, W, at)                                                  \
    a = FMA(W, LOAD(u + (at) - 4), a), b = FMA(W, LOAD(u + (at) - 5), b);        \
    c = FMA(W, LOAD(u + (at) - 6), c), d = FMA(W, LOAD(u + (at) - 7), d);

TARGET static void turn(int variant, double *w, const double *u, ptrdiff_t n, const double *g, double *y) {
    const V G0 = ALL(g[0]), G1 = ALL(g[1]), G2 = ALL(g[2]), G3 = ALL(g[3]);
    V a = ZERO, b = ZERO, c = ZERO, d = ZERO, e = ZERO, f = ZERO, h = ZERO, k = ZERO;
    ptrdiff_t i;
    if (variant == RELOADED)
        for (i = 0; i + 4 <= n; i += 4) {
            STEPS(W, i)
            ROWS(a, b, c, d, W, i)
        }
    if (variant == TWO_CHAINS)
        for (i = 0; i + 8 <= n; i += 8) {
            STEPS(W, i)
            ROWS(a, b, c, d, W, i)
            STEPS(X, i + 4)
            ROWS(e, f, h, k, X, i + 4)
        }
    if (variant == CARRIED) {
        V p = LOAD(u - 4), q = LOAD(u - 5), r = LOAD(u - 6), t = LOAD(u - 7);
        for (i = 0; i + 4 <= n; i += 4) {
            const V P = LOAD(u + i), Q = LOAD(u + i - 1), R = LOAD(u + i - 2), T = LOAD(u + i - 3);
            const V W = FMA(G3, T, FMA(G2, R, FMA(G1, Q, FMA(G0, P, LOAD(w + i)))));
            STORE(w + i, W);
            a = FMA(W, p, a), b = FMA(W, q, b), c = FMA(W, r, c), d = FMA(W, t, d);
            p = P, q = Q, r = R, t = T;
        }
    }
    y[0] = SUM(a + e), y[1] = SUM(b + f), y[2] = SUM(c + h), y[3] = SUM(d + k);
}

/* `blocks` turns along a line of doubles; x is its newest end */
double turns(int variant, const double *x, double *w, ptrdiff_t n, ptrdiff_t blocks) {
    const double g[4] = {1e-9, 1e-9, 1e-9, 1e-9};
    double y[4], total = 0.0;
    for (ptrdiff_t k = 0; k < blocks; k++) {
        turn(variant, w, x - 4 * k, n, g, y);
        total += y[0];
    }
    return total;
}
