"""Builds every ``.pyx`` of the package; a new algorithm needs no entry here.

Touching any ``.pxd`` or ``.h`` rebuilds whatever may include it. NumPy is not needed: the kernels see plain pointers.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

PACKAGE = Path("gainsched")
SHARED = sorted(path.as_posix() for ending in ("*.pxd", "*.h") for path in PACKAGE.rglob(ending))

# No -march and no fast-math: one wheel runs everywhere, and isfinite means what it says. Contraction is off so that
# every path rounds alike; the AVX2 instantiation writes its fma explicitly. -g0: debug tables are half of a wheel.
UNIX_FLAGS = ["-O3", "-g0", "-ffp-contract=off", "-fvisibility=hidden", "-Wno-psabi"]
MSVC_FLAGS = ["/O2", "/fp:precise"]

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": False,
    "wraparound": False,
    "cdivision": True,
    "initializedcheck": False,
    "embedsignature": True,
}


class BuildKernels(build_ext):
    """Translates only when something is compiled, so that metadata and source archives see the .pyx alone."""

    def finalize_options(self) -> None:
        super().finalize_options()
        if self.parallel is None:
            self.parallel = os.cpu_count() or 1

    def run(self) -> None:
        from Cython.Build import cythonize

        pending = [Extension(ext.name, list(ext.sources), depends=ext.depends) for ext in self.extensions]
        translated = cythonize(
            pending,
            nthreads=2 if sys.platform == "linux" else 0,    # spawned workers would run this file again
            build_dir="build/cython",
            compiler_directives=DIRECTIVES,
        )
        sources = {ext.name: ext.sources for ext in translated}
        for ext in self.extensions:
            ext.sources = sources[ext.name]
        super().run()

    def build_extensions(self) -> None:
        msvc = self.compiler.compiler_type == "msvc"
        for ext in self.extensions:
            ext.extra_compile_args = MSVC_FLAGS if msvc else UNIX_FLAGS
            ext.libraries = [] if sys.platform == "win32" else ["m"]
        super().build_extensions()


setup(
    ext_modules=[
        Extension(
            ".".join(path.with_suffix("").parts),
            [path.as_posix()],
            include_dirs=[(PACKAGE / "kernels").as_posix(), path.parent.as_posix()],
            depends=SHARED,
        )
        for path in sorted(PACKAGE.rglob("*.pyx"))
    ],
    cmdclass={"build_ext": BuildKernels},
)
