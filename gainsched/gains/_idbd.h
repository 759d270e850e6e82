/* Meta-gains: each gain moves by the correlation of the gradient g = c v with a trace of what it did. Included by
 * levels.h once per level. `slope` is dc/de, so that slope v reach is how fast a weight's gradient falls as it moves
 * (LMS: u^2); a decay 1 - gain slope v reach is held within [0, 1].
 */

/* The part of a step of a log-gain; the whole step is at most 2. */
TARGET SIMD_INLINE V NAME(clipped)(V step, double part) {
    return MIN(ALL(2.0 * part), MAX(ALL(-2.0 * part), step));
}

TARGET SIMD_INLINE V NAME(decay)(V gain, V curvature) {
    return MIN(ALL(1.0), MAX(ZERO, ALL(1.0) - gain * curvature));
}

/* gain = own exp(part of the step meta g h); returns sum gain_i v_i reach_i */
TARGET static double NAME(idbd)(double *gain, const double *own, const double *h, double part, double meta, double c,
                                const double *v, const double *reach, const limits_t *limits, ptrdiff_t n) {
    const limits_t L = *limits;
    V sum = ZERO;
    EACH(n,                                                   /* passes this short overlap: 10 % faster than one */
        PUT(gain, NAME(clipped)(ALL(part * meta * c) * TAKE(v) * TAKE(h), part));
    );
    EACH(n,
        const V mu = BOUND(gain, NAME(grown)(TAKE(own), TAKE(gain)), &L);
        sum = FMA(mu * TAKE(v), TAKE(reach), sum);
    );
    return SUM(sum);
}

/* h <- h [1 - used slope v reach] + used g, with the gains that moved the weights */
TARGET static void NAME(idbd_trace)(const double *used, double *h, double slope, double c, const double *v,
                                    const double *reach, ptrdiff_t n) {
    EACH(n,
        const V D = TAKE(v), mu = TAKE(used), X = ALL(slope) * D * TAKE(reach);
        PUT(h, FMA(TAKE(h), NAME(decay)(mu, X), mu * (ALL(c) * D)));
    );
}

/* own = gain / cut: the gain without what saturation took off it; both memories in one pass */
TARGET static void NAME(idbd_moved)(const double *gain, const double *used, double *own, double *h, double uncut,
                                    double slope, double c, const double *v, const double *reach, ptrdiff_t n) {
    EACH(n,
        const V D = TAKE(v), mu = TAKE(used), X = ALL(slope) * D * TAKE(reach);
        PUT(h, FMA(TAKE(h), NAME(decay)(mu, X), mu * (ALL(c) * D)));
        PUT(own, ALL(uncut) * TAKE(gain));
    );
}

/* scale <- max(|g h|, scale + own slope v reach (|g h| - scale) / tau); wanted = own exp(meta g h / scale),
 * where `wanted` may be `own`, and `drive` holds n doubles between the passes; returns sum wanted_i v_i reach_i */
TARGET static double NAME(autostep)(const double *own, double *wanted, double *scale, double *drive, const double *h,
                                    double meta, double tau, double slope, double c, const double *v,
                                    const double *reach, ptrdiff_t n) {
    V sum = ZERO;
    EACH(n,
        const V D = TAKE(v), t = ALL(c) * D * TAKE(h), size = ABS(t), N = TAKE(scale);
        const V rate = ALL(slope / tau) * D * TAKE(reach) * TAKE(own);
        const V M = MAX(size, FMA(rate, size - N, N));
        PUT(scale, M);
        PUT(drive, SELECT(M > ZERO, t, M) / SELECT(M > ZERO, M, ALL(1.0)));
    );
    EACH(n,
        const V mu = PUT(wanted, NAME(grown)(TAKE(own), ALL(meta) * TAKE(drive)));
        sum = FMA(mu * TAKE(v), TAKE(reach), sum);
    );
    return SUM(sum);
}

/* gain = scale wanted within its limits; returns sum gain_i v_i reach_i */
TARGET static double NAME(scaled)(double *gain, const double *wanted, double scale, const double *v,
                                  const double *reach, const limits_t *limits, ptrdiff_t n) {
    const limits_t L = *limits;
    V sum = ZERO;
    EACH(n,
        const V mu = BOUND(gain, ALL(scale) * TAKE(wanted), &L);
        sum = FMA(mu * TAKE(v), TAKE(reach), sum);
    );
    return SUM(sum);
}

/* wanted = p exp(part of the step meta g h), within 1e-30 .. 1e30; returns sum wanted_i v_i reach_i */
TARGET static double NAME(k1)(const double *p, double *wanted, const double *h, double part, double meta, double c,
                              const double *v, const double *reach, ptrdiff_t n) {
    V sum = ZERO;
    EACH(n,
        PUT(wanted, NAME(clipped)(ALL(part * meta * c) * TAKE(v) * TAKE(h), part));
    );
    EACH(n,
        const V P = PUT(wanted, MIN(ALL(1e30), MAX(ALL(1e-30), NAME(grown)(TAKE(p), TAKE(wanted)))));
        sum = FMA(P * TAKE(v), TAKE(reach), sum);
    );
    return SUM(sum);
}

/* h <- (h + used g) [1 - used slope v reach]; p = total gain, so that a gain held by its limits takes p along */
TARGET static void NAME(k1_moved)(const double *gain, const double *used, double *p, double *h, double total,
                                  double slope, double c, const double *v, const double *reach, ptrdiff_t n) {
    EACH(n,
        const V D = TAKE(v), mu = TAKE(used);
        PUT(h, FMA(mu, ALL(c) * D, TAKE(h)) * NAME(decay)(mu, ALL(slope) * D * TAKE(reach)));
        PUT(p, ALL(total) * TAKE(gain));
    );
}

/* sum p_i X_i and sum X_i^2, X = slope v reach: the slope is large where the others are small */
TARGET static void NAME(k2_sums)(const double *p, double slope, const double *v, const double *reach, double *first,
                                 double *second, ptrdiff_t n) {
    V a = ZERO, b = ZERO;
    EACH(n,
        const V X = ALL(slope) * TAKE(v) * TAKE(reach);
        a = FMA(TAKE(p), X, a);
        b = FMA(X, X, b);
    );
    *first = SUM(a);
    *second = SUM(b);
}

/* wanted = p exp(pace v reach) within 1e-30 .. 1e30; returns sum wanted_i v_i reach_i */
TARGET static double NAME(k2)(const double *p, double *wanted, double pace, const double *v, const double *reach,
                              ptrdiff_t n) {
    V sum = ZERO;
    EACH(n,
        const V X = TAKE(v) * TAKE(reach), step = NAME(clipped)(ALL(pace) * X, 1.0);
        const V P = PUT(wanted, MIN(ALL(1e30), MAX(ALL(1e-30), NAME(grown)(TAKE(p), step))));
        sum = FMA(P, X, sum);
    );
    return SUM(sum);
}

TARGET static void NAME(k2_moved)(const double *gain, double *p, double total, ptrdiff_t n) {
    EACH(n, PUT(p, ALL(total) * TAKE(gain)););
}

/* gain = own [1 + part meta g t] within 1/2 .. e^2 times; returns sum gain_i v_i reach_i */
TARGET static double NAME(smd)(double *gain, const double *own, const double *t, double part, double meta, double c,
                               const double *v, const double *reach, const limits_t *limits, ptrdiff_t n) {
    const limits_t L = *limits;
    V sum = ZERO;
    EACH(n,
        const V D = TAKE(v), growth = MIN(ALL(6.38905609893065), MAX(ALL(-0.5), ALL(meta * c) * D * TAKE(t)));
        const V mu = BOUND(gain, FMA(TAKE(own), ALL(part) * growth, TAKE(own)), &L);
        sum = FMA(mu * D, TAKE(reach), sum);
    );
    return SUM(sum);
}

/* t <- decay t + used v push, own as in idbd_moved */
TARGET static void NAME(smd_moved)(const double *gain, const double *used, double *own, double *t, double uncut,
                                   double decay, double push, const double *v, ptrdiff_t n) {
    EACH(n,
        PUT(t, FMA(TAKE(used), ALL(push) * TAKE(v), ALL(decay) * TAKE(t)));
        PUT(own, ALL(uncut) * TAKE(gain));
    );
}

/* gain = own + part up where g agrees in sign with its average, own (1 - part down) where not */
TARGET static double NAME(deltabar)(double *gain, const double *own, const double *average, double part, double up,
                                    double down, double c, const double *v, const double *reach,
                                    const limits_t *limits, ptrdiff_t n) {
    const limits_t L = *limits;
    const double rise = part * up, left = 1.0 - part * down;
    V sum = ZERO;
    EACH(n,
        const V D = TAKE(v), both = ALL(c) * D * TAKE(average), G = TAKE(own);
        const V mu = BOUND(gain, SELECT(both > ZERO, G + ALL(rise), SELECT(both < ZERO, G * ALL(left), G)), &L);
        sum = FMA(mu * D, TAKE(reach), sum);
    );
    return SUM(sum);
}

/* average <- (1 - theta) g + theta average, own as in idbd_moved */
TARGET static void NAME(deltabar_moved)(const double *gain, double *own, double *average, double uncut, double theta,
                                        double c, const double *v, ptrdiff_t n) {
    EACH(n,
        PUT(average, FMA(ALL((1.0 - theta) * c), TAKE(v), ALL(theta) * TAKE(average)));
        PUT(own, ALL(uncut) * TAKE(gain));
    );
}
