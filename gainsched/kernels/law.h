/* A gain law of your own, in C or in anything that gives a C function: hand its address to gainsched.CompiledLaw.
 *
 * The loop calls it once per sample, with Python's lock released, after the filter has formed its correction and
 * before the gain is limited and applied:
 *
 *     w_{k+1} = w_k + mu_k g_k          g = c v: the correction at unit gain (LMS: e u), minus the gradient of e^2/2
 *     e       falls by mu_k g'u         u: the reach (LMS: the regressor)
 *
 * A law may neither fail nor keep the pointers, and whatever it remembers must lie in `memory`: the loop saves that,
 * gives every thread its own, and puts it back when a record is refused. It starts as CompiledLaw's argument says.
 *
 *     k        the loop's clock: samples taken in, from 0
 *     e        the error that the correction is about
 *     g, u     n doubles each, the weights in C order
 *     n        number of weights
 *     params   the numbers given to CompiledLaw, in order
 *     memory   the law's own doubles
 *     gains    in: the gain in force, that of the last update; out: the proposal. One double, or n of them where
 *              CompiledLaw was told per_weight=True (`memory=m` then means m rows of n doubles).
 *
 * The loop keeps the proposal within low, high and rate_limit and bounds the step by the sample's own error; what it
 * applied is what `gains` holds at the next call, so a law that builds on it cannot wind up. A proposal that is not
 * finite ends the run as divergence, with the weights as they were.
 *
 * The name of the capsule is the version: this signature never changes, another one gets another name.
 */
#ifndef GAINSCHED_LAW_H
#define GAINSCHED_LAW_H

#include <stdint.h>

#define GAINSCHED_LAW_V1 "gainsched.law.v1"        /* the name of a PyCapsule that holds a gainsched_law_v1 */

typedef void (*gainsched_law_v1)(int64_t k, double e, const double *g, const double *u, int64_t n,
                                 const double *params, double *memory, double *gains);

#endif
