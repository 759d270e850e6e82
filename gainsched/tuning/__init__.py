"""From a specification or a recording to a gain: closed forms, optimal schedules, search, comparison, ensembles."""

__all__: list[str] = []
