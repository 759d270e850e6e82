from typing import Any

from gainsched.kernels.engine import Engine

class Stepping:
    _engine: Engine
    _single: bool
    def step(self, x_k: Any, d_k: Any = None) -> Any: ...
