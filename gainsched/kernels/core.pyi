class Kernel:
    """The hooks of one algorithm, as compiled functions."""

    name: str
    power: bool
    whole: bool
    bounded: bool
    reads_weights: bool
    linear: bool
    along_regressor: bool
    def __init__(self, name: str) -> None: ...
