/* Complex numbers, interleaved re im re im. With SWAP (im re im re) the product w u takes two multiplications per vector,
 * (wr ur, wi ui) and (wr ui, wi ur), whose lanes are put together at the end: twice the scalar code at 128 weights.
 * Included by simd.h once per level.
 */
#if LANES == 4
#define RE(x) (((x)[0] - (x)[1]) + ((x)[2] - (x)[3]))
#elif LANES == 2
#define RE(x) ((x)[0] - (x)[1])
#endif

TARGET static void NAME(cdot_power)(const double *w, const double *u, ptrdiff_t n, double *y, double *power) {
    double re = 0.0, im = 0.0, p = 0.0;
    ptrdiff_t i = 0;
#if LANES > 1
    V r0 = ZERO, r1 = ZERO, i0 = ZERO, i1 = ZERO, p0 = ZERO, p1 = ZERO, u0, u1, w0, w1;
    for (; i + 2 * LANES <= 2 * n; i += 2 * LANES) {
        u0 = LOAD(u + i);
        u1 = LOAD(u + i + LANES);
        w0 = LOAD(w + i);
        w1 = LOAD(w + i + LANES);
        r0 = FMA(w0, u0, r0);
        r1 = FMA(w1, u1, r1);
        i0 = FMA(w0, SWAP(u0), i0);
        i1 = FMA(w1, SWAP(u1), i1);
        p0 = FMA(u0, u0, p0);
        p1 = FMA(u1, u1, p1);
    }
    for (; i + LANES <= 2 * n; i += LANES) {
        u0 = LOAD(u + i);
        w0 = LOAD(w + i);
        r0 = FMA(w0, u0, r0);
        i0 = FMA(w0, SWAP(u0), i0);
        p0 = FMA(u0, u0, p0);
    }
    r0 = r0 + r1;
    i0 = i0 + i1;
    p0 = p0 + p1;
    re = RE(r0);
    im = SUM(i0);
    p = SUM(p0);
#endif
    for (; i < 2 * n; i += 2) {
        re += w[i] * u[i] - w[i + 1] * u[i + 1];
        im += w[i] * u[i + 1] + w[i + 1] * u[i];
        p += u[i] * u[i] + u[i + 1] * u[i + 1];
    }
    y[0] = re;
    y[1] = im;
    *power = p;
}

TARGET static void NAME(caxpy_conj)(double *w, const double *v, double re, double im, ptrdiff_t n) {
    ptrdiff_t i = 0;
#if LANES > 1
    const double signs[4] = {re, -re, re, -re};
    const V CONJ = LOAD(signs), IM = ALL(im);
    V X;
    for (; i + LANES <= 2 * n; i += LANES) {
        X = LOAD(v + i);
        STORE(w + i, FMA(IM, SWAP(X), FMA(CONJ, X, LOAD(w + i))));
    }
#endif
    for (; i < 2 * n; i += 2) {
        const double a = v[i], b = v[i + 1];
        w[i] += re * a + im * b;
        w[i + 1] += im * a - re * b;
    }
}
#undef RE
