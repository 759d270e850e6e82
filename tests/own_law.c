/* Kwong and Johnston's law, and RMSProp's gains, as a user of law.h writes them; the module hands out capsules. */
#include <math.h>

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "law.h"

static void kwong_johnston(int64_t k, double e, const double *g, const double *u, int64_t n,
                           const double *params, double *memory, double *gains)
{
    if (memory[1] != 0.0)
        gains[0] = params[0] * gains[0] + params[1] * memory[0];
    memory[0] = e * e;
    memory[1] = 1.0;
}

static void rmsprop(int64_t k, double e, const double *g, const double *u, int64_t n,
                    const double *params, double *memory, double *gains)
{
    for (int64_t i = 0; i < n; i++) {
        memory[i] = params[1] * memory[i] + (1.0 - params[1]) * g[i] * g[i];
        gains[i] = params[0] / (sqrt(memory[i]) + params[2]);
    }
}

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "own_law", NULL, -1, NULL};

PyMODINIT_FUNC PyInit_own_law(void)
{
    gainsched_law_v1 scalar = kwong_johnston, weights = rmsprop;
    PyObject *m = PyModule_Create(&module);
    PyModule_AddObject(m, "kwong_johnston", PyCapsule_New((void *)scalar, GAINSCHED_LAW_V1, NULL));
    PyModule_AddObject(m, "rmsprop", PyCapsule_New((void *)weights, GAINSCHED_LAW_V1, NULL));
    PyModule_AddObject(m, "other", PyCapsule_New((void *)scalar, "somebody.else.v2", NULL));
    PyModule_AddObject(m, "nameless", PyCapsule_New((void *)scalar, NULL, NULL));
    return m;
}
