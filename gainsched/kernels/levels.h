/* A law's header, once per instruction set: #define LAW "its name.h", then include this. */
#include "simd.h"
#define LEVEL 0
#include "lanes.h"
#include "each.h"
#include LAW
#undef LEVEL
#if SIMD_X86
#define LEVEL 1
#include "lanes.h"
#include "each.h"
#include LAW
#undef LEVEL
#endif
#define LEVEL -1
#include "lanes.h"
#undef LEVEL
#undef LAW
