"""Lists the compiled extensions: every .pyx of the package, rebuilt when a .pxd or .h it may include has changed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

PACKAGE = Path("gainsched")
SHARED = sorted(str(path) for ending in ("*.pxd", "*.h") for path in PACKAGE.rglob(ending))

# No -march and no fast-math: wheels run everywhere and isfinite means what it says. Contraction stays off so that
# every path rounds alike; the AVX2 bodies write their fma.
if sys.platform == "win32":
    FLAGS, LIBRARIES = ["/O2", "/fp:precise"], []
else:
    FLAGS, LIBRARIES = ["-O3", "-ffp-contract=off", "-Wno-psabi"], ["m"]

extensions = [
    Extension(
        ".".join(path.with_suffix("").parts),
        [str(path)],
        include_dirs=[str(PACKAGE / "kernels")],
        depends=SHARED,
        extra_compile_args=FLAGS,
        libraries=LIBRARIES,
    )
    for path in sorted(PACKAGE.rglob("*.pyx"))
]

setup(
    ext_modules=cythonize(
        extensions,
        nthreads=0 if sys.platform in ("win32", "darwin") else min(4, os.cpu_count() or 1),
        build_dir="build/cython",
        compiler_directives={
            "language_level": 3,
            "boundscheck": False,
            "wraparound": False,
            "cdivision": True,
            "initializedcheck": False,
            "embedsignature": True,
        },
    ),
)
