"""Sphinx configuration. Nothing is fetched: every table, figure and number is made from the package."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import generate  # noqa: E402

project = "gainsched"
author = copyright = "The gainsched developers"
version = release = installed("gainsched")

extensions = [
    "sphinx.ext.autodoc", "mathml", "numpydoc", "sphinx_gallery.gen_gallery",
    "matplotlib.sphinxext.plot_directive", "myst_parser",
]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"gainsched {version}"
html_static_path = ["_static"]
html_css_files = ["handbook.css"]
html_show_sphinx = False
html_math_renderer = "mathml"

autodoc_typehints = "none"                     # numpydoc's sections say the types
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"
numpydoc_show_class_members = False            # members are documented by autodoc, once
numpydoc_class_members_toctree = False
numpydoc_xref_param_type = False
numpydoc_citation_re = r"a^"                   # references are sentences, not numbered citations
default_role = "obj"                           # `name` in a docstring links where there is something to link to
nitpicky = False

plot_html_show_source_link = False
plot_html_show_formats = False
plot_formats = [("svg", 100)]
plot_rcparams = {"figure.constrained_layout.use": True, "svg.hashsalt": "gainsched", "font.size": 9}
plot_apply_rcparams = True

sphinx_gallery_conf = {
    "examples_dirs": ["../examples"],
    "gallery_dirs": ["gallery"],
    "filename_pattern": r"plot_",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_signature": False,
    "show_memory": False,
    "write_computation_times": False,
    "min_reported_time": 1e9,
    "remove_config_comments": True,
}

generate.everything(HERE / "api" / "generated")
generate.measured(HERE / "api" / "generated")


def setup(app):
    """Filter's and gain's classes print their parameters, not their dataclass machinery."""
    app.connect("autodoc-process-signature", _signature)
    return {"parallel_read_safe": True}


def _signature(app, what, name, obj, options, signature, returns):
    return (generate.signature(obj), None) if what == "class" and hasattr(obj, "parameters") else None
