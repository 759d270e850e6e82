"""A second, independent writing of every algorithm: plain NumPy, slow, one equation per line.

Nothing here imports the package. A mirror reads only the attributes of the specification it is given, so that an
error would have to be made twice, by two routes, to go unseen.

    mirror(filter, x, d, gain, forgetting, missing_x=None, missing_d=None, w0=None) -> (y, e, w)      filters
    mirror(law, filter, x, d) -> (y, e, w, gain)                                                      laws, on LMS
    value(schedule, k) -> float                                                                       schedules

`gain` holds the values in use, (T,) or (T, \\*w.shape) for one per weight; `forgetting` is (T,). Masks are (T,),
True where a cell is missing; a sample is then skipped as ``nonfinite="skip"`` says.
"""
