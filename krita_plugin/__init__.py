"""Redraft in Krita: a docker, its actions, and nothing that another machine could not run."""

try:
    import krita  # noqa: F401  # only Krita has it; tests look at the other files without it
except ImportError:
    pass
else:
    from .plugin import register

    register()
