#!/usr/bin/env python3
"""Redraft in GIMP: what GIMP is told of us. GIMP runs this file; the others are its package."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gi

for _name, _version in (
    ("Gegl", "0.4"), ("Babl", "0.1"), ("Gimp", "3.0"), ("GimpUi", "3.0"), ("Gtk", "3.0"),
):  # fmt: skip
    gi.require_version(_name, _version)
from gi.repository import Babl, Gegl, Gimp, GLib, GObject  # noqa: E402

FOLDER = Path(__file__).resolve().parent


def _as_package() -> None:
    """This folder is the package `redraft`, whatever lies beside it among the plug-ins."""
    spec = importlib.util.spec_from_file_location(
        "redraft", FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
    )
    assert spec is not None
    assert spec.loader is not None
    sys.modules["redraft"] = package = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)


_as_package()
from redraft import arguments  # noqa: E402
from redraft.canvas import Canvas  # noqa: E402
from redraft.client import Client  # noqa: E402
from redraft.script import Failed, Script  # noqa: E402

MENU = "<Image>/Filters/Redraft"
WINDOW = "redraft-window"
SHOW = "redraft-window-show"  # only while a window is open: shows it for another picture
PROCEDURES = {
    "redraft-revise": (
        "_Revise…",
        "Revise what is selected",
        "Says what should change in the selection, and gets it back as a new layer with an "
        "editable mask over the untouched picture.",
        arguments.add_to_revise,
    ),
    "redraft-revise-again": (
        "Revise _again…",
        "Make a layer of Redraft's again",
        "Makes the selected layer of Redraft's once more, from the picture as it is now, with "
        "the same wish and the same or another model.",
        arguments.add_to_again,
    ),
    "redraft-history": (
        "_History…",
        "Earlier revisions of this picture",
        "Lists what was revised in this picture, and puts the layers of an earlier revision "
        "into it once more, free of charge.",
        arguments.add_to_history,
    ),
}


class Redraft(Gimp.PlugIn):
    def do_set_i18n(self, name: str) -> bool:
        return False

    def do_quit(self) -> None:
        """GIMP has its answer and has hung up: libgimp would say goodbye once more, and warn."""
        if "-run" in sys.argv:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)

    def do_query_procedures(self) -> list[str]:
        return [*PROCEDURES, WINDOW]

    def do_create_procedure(self, name: str) -> Gimp.Procedure:
        if name == WINDOW:
            procedure = Gimp.Procedure.new(
                self, name, Gimp.PDBProcType.PERSISTENT, run_window, self
            )
            _documented(procedure, "Redraft's window", "Opens it; made for redraft-revise.")
            arguments.add_to_window(procedure)
            return procedure
        label, short, long, add = PROCEDURES[name]
        procedure = Gimp.ImageProcedure.new(self, name, Gimp.PDBProcType.PLUGIN, run, None)
        procedure.set_image_types("*")
        procedure.set_sensitivity_mask(
            Gimp.ProcedureSensitivityMask.DRAWABLE | Gimp.ProcedureSensitivityMask.DRAWABLES
        )
        procedure.set_menu_label(label)
        procedure.add_menu_path(MENU)
        _documented(procedure, short, long)
        add(procedure)
        return procedure


def _documented(procedure: Gimp.Procedure, short: str, long: str) -> None:
    procedure.set_documentation(short, long, procedure.get_name())
    procedure.set_attribution("Redraft", "Redraft, Apache-2.0", "2026")


# --- without a window --------------------------------------------------------------------------


def run(
    procedure: Gimp.Procedure,
    run_mode: Gimp.RunMode,
    image: Gimp.Image,
    drawables: Sequence[Gimp.Drawable],
    config: Gimp.ProcedureConfig,
    data: Any,
) -> Gimp.ValueArray:
    name = procedure.get_name()
    if run_mode == Gimp.RunMode.INTERACTIVE:
        _show(image, name.removeprefix("redraft-").removeprefix("revise-"))
        return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)
    Gegl.init(None)
    _quiet(procedure.get_plug_in())
    canvas = Canvas(Gimp, Gegl, Babl)
    canvas.image = image
    script = Script(canvas, Client(FOLDER))
    last = arguments.remembered() if run_mode == Gimp.RunMode.WITH_LAST_VALS else None
    rows: list[str] = []
    layers: list[Any] = []
    try:
        if name == "redraft-revise":
            layers = script.revise(last or arguments.asked(config), drawables)
        elif name == "redraft-revise-again":
            price = config.get_property("max-price")
            layers = script.revise_again(config.get_property("model"), price, drawables)
        else:
            rows = [_row(one) for one in script.history()]
            revision = config.get_property("revision")
            layers = script.place(revision, drawables) if revision else []
    except Failed as exc:
        error = GLib.Error.new_literal(Gimp.PlugIn.error_quark(), str(exc), 0)
        return procedure.new_return_values(Gimp.PDBStatusType.EXECUTION_ERROR, error)
    values = procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)
    if name == "redraft-history":
        _put(values, 1, GObject.Value(GObject.TYPE_STRV, rows))
    if layers:
        _put(values, values.length() - 1, _as_value(procedure, layers))
    return values


def _put(values: Gimp.ValueArray, at: int, value: GObject.Value) -> None:
    values.remove(at)
    values.insert(at, value)


def _as_value(procedure: Gimp.Procedure, layers: Sequence[Gimp.Layer]) -> GObject.Value:
    """Python cannot make such an array; an argument of the same type can be filled with one."""
    config = procedure.create_config()
    config.set_core_object_array("drawables", layers)
    return GObject.Value(Gimp.core_object_array_get_type(), config.get_property("drawables"))


def _row(revision: Any) -> str:
    states = " ".join(one["state"] for one in revision["variants"])
    return "\t".join([revision["id"], states, revision["label"], revision["title"]])


def _quiet(plug_in: Gimp.PlugIn) -> None:
    """A picture may be closed between two calls: we notice, the artist needs no dialog."""
    plug_in.set_pdb_error_handler(Gimp.PDBErrorHandler.PLUGIN)


# --- the window ---------------------------------------------------------------------------------


def _show(image: Gimp.Image, what: str) -> None:
    """In the window that is open, else in a new one; either is a process of its own."""
    if not image.is_valid():  # closed while this process started
        return
    pdb = Gimp.get_pdb()
    name = SHOW if pdb.procedure_exists(SHOW) else WINDOW
    procedure = pdb.lookup_procedure(name)
    config = procedure.create_config()
    config.set_property("image", image)
    config.set_property("what", what)
    procedure.run(config)


def run_window(
    procedure: Gimp.Procedure, config: Gimp.ProcedureConfig, plug_in: Gimp.PlugIn
) -> Gimp.ValueArray:
    """Until the artist closes the window; whoever called is answered as soon as it is open."""
    from gi.repository import GimpUi, Gtk

    GimpUi.init("redraft")
    Gegl.init(None)
    _quiet(plug_in)
    from redraft.window import Window

    canvas = Canvas(Gimp, Gegl, Babl)
    window = Window(canvas, Client(FOLDER))
    window.show_for(config.get_property("image"), config.get_property("what"))
    _listen(plug_in, window.show_for)
    procedure.persistent_ready()
    plug_in.persistent_enable()
    Gtk.main()
    return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)


def _listen(plug_in: Gimp.PlugIn, show_for: Callable[[Gimp.Image, str], None]) -> None:
    """Lets another process of ours say that the artist called us from another picture."""

    def called(procedure: Gimp.Procedure, config: Gimp.ProcedureConfig, _: Any) -> Any:
        show_for(config.get_property("image"), config.get_property("what"))
        return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)

    show = Gimp.Procedure.new(plug_in, SHOW, Gimp.PDBProcType.TEMPORARY, called, None)
    _documented(show, "Redraft's open window", "Shows it for a picture.")
    arguments.add_to_window(show)
    plug_in.add_temp_procedure(show)


Gimp.main(Redraft.__gtype__, sys.argv)
