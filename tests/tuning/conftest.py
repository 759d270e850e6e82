"""Drawing in tests opens no windows."""

import matplotlib as mpl

mpl.use("Agg")
