/* Symmetric n x n matrices on their upper triangle, row-major: P u, P - s p p', and both in one pass.
 *
 * Four rows at a time, so that u, p and the product are loaded once for four rows of P. n % 4 rows go singly and first:
 * the columns right of every group of rows are then whole vectors. One body serves all three, so that a product after
 * an update and the two in one pass are the same numbers. Within the 4 x 4 corners on the diagonal the lower half is
 * written, as zeros; elsewhere it is left alone.
 */
#if defined(SIMD_BODY)
#if LANES > 1
#define GROUP 4
/* what counts of a corner's rows: with the diagonal, right of it, the diagonal alone */
#define UPPER(a, j) ((j) >= (a) ? -1LL : 0LL)
#define ROW4(f, a) {f(a, 0), f(a, 1), f(a, 2), f(a, 3)}
#define RIGHT(a, j) ((j) > (a) ? -1LL : 0LL)
#define SAME(a, j) ((j) == (a) ? -1LL : 0LL)
static const long long NAME(upper)[4][4] = {ROW4(UPPER, 0), ROW4(UPPER, 1), ROW4(UPPER, 2), ROW4(UPPER, 3)};
static const long long NAME(right)[4][4] = {ROW4(RIGHT, 0), ROW4(RIGHT, 1), ROW4(RIGHT, 2), ROW4(RIGHT, 3)};
static const long long NAME(same)[4][4] = {ROW4(SAME, 0), ROW4(SAME, 1), ROW4(SAME, 2), ROW4(SAME, 3)};
#define KEEP(x, mask) ((V)((I)(x) & (I)LOAD((const double *)(mask))))
#else
#define GROUP 1
#endif

/* q begins with the first rows: cleared beforehand it would be stored in other pieces than it is loaded in, and wait */
#define SO_FAR(q) (i > 0 ? (V)LOAD(q) : (V)ZERO)

/* without forgetting a pass is a sixth shorter (1.05 us against 1.26 at n = 128): multiply-adds are its limit */
#define SCALED(x) (scaled ? (V)(C * (x)) : (V)(x))
#define DOWN(g, p, x) SCALED(rounded ? (V)((x) + (g) * (p)) : (V)FMA(g, p, x))

/* down: P <- scale (P - s p p'), returns the new trace; multiply: q = P u of the P that is then there. `scaled` is
 * whether scale is not 1, `rounded` whether products are rounded before they are added. */
TARGET SIMD_INLINE double NAME(triangle)(double *P, const double *p, double s, double scale, const double *u,
                                         double *q, ptrdiff_t n, const int down, const int scaled,
                                         const int rounded, const int multiply) {
    const ptrdiff_t odd = GROUP == 1 ? n : n % 4;
    const V C = ALL(scale);
    double trace = 0.0;
    ptrdiff_t i, j;
    for (i = 0; i < odd; i++) {
        double *row = P + i * n;
        const double g = down ? -(s * p[i]) : 0.0, a = multiply ? u[i] : 0.0;
        const V G = ALL(g), A = ALL(a);
        V sum = ZERO, t;
        double total;
        if (down) {
            row[i] = scale * (row[i] + g * p[i]);
            trace += row[i];
        }
        total = multiply ? row[i] * a : 0.0;
        for (j = i + 1; j < odd; j++) {
            if (down)
                row[j] = scale * (row[j] + g * p[j]);
            if (multiply) {
                total += row[j] * u[j];
                q[j] = (i > 0 ? q[j] : 0.0) + row[j] * a;
            }
        }
        for (; j < n; j += LANES) {
            t = LOAD(row + j);
            if (down) {
                t = DOWN(G, LOAD(p + j), t);
                STORE(row + j, t);
            }
            if (multiply) {
                sum = FMA(t, LOAD(u + j), sum);
                STORE(q + j, FMA(t, A, SO_FAR(q + j)));
            }
        }
        if (multiply)
            q[i] = (i > 0 ? q[i] : 0.0) + (total + SUM(sum));
    }
#if LANES > 1
    {
    V diagonal = ZERO;
    for (; i < n; i += 4) {
        double *r0 = P + i * n, *r1 = r0 + n, *r2 = r1 + n, *r3 = r2 + n;
        V G0 = ZERO, G1 = ZERO, G2 = ZERO, G3 = ZERO, A0 = ZERO, A1 = ZERO, A2 = ZERO, A3 = ZERO;
        V s0 = ZERO, s1 = ZERO, s2 = ZERO, s3 = ZERO, t0, t1, t2, t3, p0 = ZERO, u0 = ZERO, h = ZERO, above[4 / LANES];
        if (down) {
            G0 = ALL(-(s * p[i]));
            G1 = ALL(-(s * p[i + 1]));
            G2 = ALL(-(s * p[i + 2]));
            G3 = ALL(-(s * p[i + 3]));
        }
        if (multiply) {
            A0 = ALL(u[i]);
            A1 = ALL(u[i + 1]);
            A2 = ALL(u[i + 2]);
            A3 = ALL(u[i + 3]);
        }
        for (j = 0; j < 4; j += LANES) {
#define CORNER(a)                                                         \
    t##a = LOAD(r##a + i + j);                                            \
    if (down) {                                                           \
        t##a = KEEP(DOWN(G##a, p0, t##a), NAME(upper)[a] + j);             \
        STORE(r##a + i + j, t##a);                                        \
        diagonal = diagonal + KEEP(t##a, NAME(same)[a] + j);              \
    } else {                                                              \
        t##a = KEEP(t##a, NAME(upper)[a] + j);                            \
    }                                                                     \
    if (multiply) {                                                       \
        s##a = FMA(t##a, u0, s##a);                                       \
        h = FMA(KEEP(t##a, NAME(right)[a] + j), A##a, h);                 \
    }
            if (down)
                p0 = LOAD(p + i + j);
            if (multiply) {
                u0 = LOAD(u + i + j);
                h = ZERO;
            }
            CORNER(0)
            CORNER(1)
            CORNER(2)
            CORNER(3)
            above[j / LANES] = h;
        }
        for (j = i + 4; j < n; j += LANES) {
            t0 = LOAD(r0 + j);
            t1 = LOAD(r1 + j);
            t2 = LOAD(r2 + j);
            t3 = LOAD(r3 + j);
            if (down) {
                p0 = LOAD(p + j);
                t0 = DOWN(G0, p0, t0);
                t1 = DOWN(G1, p0, t1);
                t2 = DOWN(G2, p0, t2);
                t3 = DOWN(G3, p0, t3);
                STORE(r0 + j, t0);
                STORE(r1 + j, t1);
                STORE(r2 + j, t2);
                STORE(r3 + j, t3);
            }
            if (multiply) {
                u0 = LOAD(u + j);
                h = FMA(t0, A0, SO_FAR(q + j));
                h = FMA(t1, A1, h);
                h = FMA(t2, A2, h);
                h = FMA(t3, A3, h);
                STORE(q + j, h);
                s0 = FMA(t0, u0, s0);
                s1 = FMA(t1, u0, s1);
                s2 = FMA(t2, u0, s2);
                s3 = FMA(t3, u0, s3);
            }
        }
        if (multiply) {
            double sums[4];
            NAME(sums)(s0, s1, s2, s3, sums);
            for (j = 0; j < 4; j += LANES)
                STORE(q + i + j, SO_FAR(q + i + j) + (above[j / LANES] + LOAD(sums + j)));
        }
    }
    trace += SUM(diagonal);
    }
#endif
    return trace;
}

TARGET static void NAME(symv_upper)(const double *P, const double *u, double *p, ptrdiff_t n) {
    NAME(triangle)((double *)P, NULL, 0.0, 1.0, u, p, n, 0, 0, 0, 1);
}

TARGET static double NAME(downdate_upper)(double *P, const double *p, double s, double scale, ptrdiff_t n) {
    if (scale == 1.0)
        return NAME(triangle)(P, p, s, scale, NULL, NULL, n, 1, 0, 0, 0);
    return NAME(triangle)(P, p, s, scale, NULL, NULL, n, 1, 1, 0, 0);
}

TARGET static void NAME(rank_one_upper)(double *P, const double *p, double s, ptrdiff_t n) {
    NAME(triangle)(P, p, s, 1.0, NULL, NULL, n, 1, 0, 1, 0);
}

TARGET static double NAME(downdate_symv)(double *P, const double *p, double s, double scale, const double *u,
                                         double *q, ptrdiff_t n) {
    if (scale == 1.0)
        return NAME(triangle)(P, p, s, scale, u, q, n, 1, 0, 0, 1);
    return NAME(triangle)(P, p, s, scale, u, q, n, 1, 1, 0, 1);
}

/* The first n % 4 singly: the vectors are those that a product stored, so that they need not wait for memory. */
TARGET static double NAME(spread)(const double *u, const double *v, ptrdiff_t n, double *power, double *stretch) {
    V s0 = ZERO, s1 = ZERO, p0 = ZERO, p1 = ZERO, v0 = ZERO, v1 = ZERO, a, b;
    double s = 0.0, p = 0.0, r = 0.0;
    ptrdiff_t i;
    for (i = 0; i < n % 4; i++) {
        s += u[i] * v[i];
        p += u[i] * u[i];
        r += v[i] * v[i];
    }
    for (; i + 2 * LANES <= n; i += 2 * LANES) {
        a = LOAD(u + i);
        b = LOAD(v + i);
        s0 = FMA(a, b, s0);
        p0 = FMA(a, a, p0);
        v0 = FMA(b, b, v0);
        a = LOAD(u + i + LANES);
        b = LOAD(v + i + LANES);
        s1 = FMA(a, b, s1);
        p1 = FMA(a, a, p1);
        v1 = FMA(b, b, v1);
    }
    for (; i < n; i += LANES) {
        a = LOAD(u + i);
        b = LOAD(v + i);
        s0 = FMA(a, b, s0);
        p0 = FMA(a, a, p0);
        v0 = FMA(b, b, v0);
    }
    s0 = s0 + s1;
    p0 = p0 + p1;
    v0 = v0 + v1;
    *power = p + SUM(p0);
    *stretch = r + SUM(v0);
    return s + SUM(s0);
}
#undef CORNER
#undef DOWN
#undef SCALED
#undef SO_FAR
#undef KEEP
#undef GROUP
#undef UPPER
#undef RIGHT
#undef SAME
#undef ROW4
#endif
