/* What this core can do at most, at the instruction set that the flags name: LANES doubles per vector. */
typedef double V __attribute__((vector_size(8 * LANES), aligned(8), may_alias));
typedef long long W __attribute__((vector_size(8 * LANES), aligned(8), may_alias));

#define EACH(op) op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9)
#define START(i) V a##i = b + i;
#define STEP(i) a##i = a##i * b + c;
#define ADD(i) + a##i

/* 10 independent chains of multiply-adds: 20 LANES flop a round, as many as are in flight at once and a few more */
double multiply_adds(long rounds, double x, double y) {
    const V b = x - (V){0}, c = y - (V){0};
    V sum;
    EACH(START)
    for (long k = 0; k < rounds; k++) {
        EACH(STEP)
    }
    sum = b EACH(ADD);
    return sum[0];
}

/* one chain: what a result costs whoever waits for it */
double dependent(long rounds, double x, double y) {
    const V b = x - (V){0}, c = y - (V){0};
    V a = b;
    for (long k = 0; k < rounds; k++) {
        STEP()
    }
    return a[0];
}

/* 64 LANES bytes a round out of the n doubles at p; n a multiple of 8 LANES, and small enough for the first cache */
long long loads(const double *p, long n, long rounds) {
    W a[8] = {{0}}, sum;
    for (long k = 0, i = 0; k < rounds; k++) {
        const W *q = (const W *)(p + i);
#define LOAD(j) a[j] ^= q[j];
        LOAD(0) LOAD(1) LOAD(2) LOAD(3) LOAD(4) LOAD(5) LOAD(6) LOAD(7)
        i = i + 8 * LANES < n ? i + 8 * LANES : 0;
    }
    sum = a[0] ^ a[1] ^ a[2] ^ a[3] ^ a[4] ^ a[5] ^ a[6] ^ a[7];
    return sum[0];
}
