"""What each procedure takes and gives, documented for GIMP's procedure browser."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gi.repository import Gimp, GObject

from .kept import Reference
from .script import Asked

FLAGS = GObject.ParamFlags.READWRITE
LAST_KEY = "redraft-last"  # a parasite of GIMP itself: what the window was asked last
ANY_SEED = -1
AUTO = -1
SOURCES = (
    ("layer", "This layer"),
    ("below", "This layer and below"),
    ("visible", "The visible picture"),
)


def add_to_revise(procedure: Gimp.Procedure) -> None:
    text, number = procedure.add_string_argument, procedure.add_int_argument
    text(
        "prompt",
        "_What should change",
        "What should change, in words; several lines give several looks. "
        "Empty with a selection: remove what is selected",
        "",
        FLAGS,
    )
    _add_model(procedure, "The model, by its id as “redraft models” lists it; empty: choose one")
    text("purpose", "_Purpose", "What a model is chosen for, when none is named", "", FLAGS)
    text("helper", "_Helper", "The id of a prompt helper, such as remove, light or text", "", FLAGS)
    text("how-far", "How _far", "touch, clear or free; empty: as the helper has it", "", FLAGS)
    text("keep", "_Keep", "What must stay, ids with commas, such as palette,identity", "", FLAGS)
    text("options", "_Options", "Of the helper, as name=value, one a line", "", FLAGS)
    text("tier", "_Size", "A size the model offers by name; empty: the usual one", "", FLAGS)
    sources = Gimp.Choice.new()
    for at, (id, label) in enumerate(SOURCES):
        sources.add(id, at, label, "")
    procedure.add_choice_argument(
        "source", "_Source", "What the model sees and what the result covers", sources, "layer",
        FLAGS,
    )  # fmt: skip
    number("variants", "_Variants", "How many variants; each is charged", 1, 8, 1, FLAGS)
    number(
        "grow", "_Grow", "Pixels outside the selection that may change, too; 0: none",
        0, 500, 0, FLAGS,
    )  # fmt: skip
    number(
        "feather", "Soft e_dge", "How soft the edge of the result is, in pixels; -1: fits its size",
        AUTO, 500, AUTO, FLAGS,
    )  # fmt: skip
    procedure.add_boolean_argument(
        "outline", "May change the ou_tline", "On a transparent layer: find the outline anew",
        False, FLAGS,
    )  # fmt: skip
    procedure.add_boolean_argument(
        "whole", "W_hole selection", "Show everything the model painted inside the selection",
        False, FLAGS,
    )  # fmt: skip
    text(
        "wish", "Shown _as",
        "What kind of change it is: local, light, style or new; empty: read from the answer",
        "", FLAGS,
    )  # fmt: skip
    text(
        "references", "_References",
        "Picture files that show what is meant, one a line, as many as the model takes", "", FLAGS,
    )  # fmt: skip
    number(
        "seed", "S_eed", "The same number gives the same result; -1: any", -1, 2**31 - 1, -1, FLAGS
    )
    _add_price(procedure)
    _add_layers(procedure)


def add_to_again(procedure: Gimp.Procedure) -> None:
    _add_model(procedure, "Another model, by its id; empty: the one the layer was made with")
    _add_price(procedure)
    _add_layers(procedure)


def add_to_history(procedure: Gimp.Procedure) -> None:
    procedure.add_string_argument(
        "revision",
        "_Revision",
        "The id of a revision whose layers are put into the picture once more, free; "
        "empty: only list the revisions",
        "",
        FLAGS,
    )
    procedure.add_string_array_return_value(
        "revisions", "Revisions", "One for each: id, state, model and title, with tabs", FLAGS
    )
    _add_layers(procedure)


def add_to_window(procedure: Gimp.Procedure) -> None:
    procedure.add_image_argument("image", "Image", "The picture to revise", False, FLAGS)
    procedure.add_string_argument("what", "What", "revise, again or history", "revise", FLAGS)


def asked(config: Gimp.ProcedureConfig) -> Asked:
    """What a script's arguments ask for."""
    value = config.get_property
    keep = [word.strip() for word in value("keep").split(",") if word.strip()]
    options = dict(line.split("=", 1) for line in value("options").splitlines() if "=" in line)
    references = [line.strip() for line in value("references").splitlines() if line.strip()]
    choice = {
        "model": value("model"),
        "purpose": value("purpose"),
        "prompt": value("prompt"),
        "helper": value("helper"),
        "how_far": value("how-far"),
        "keep": keep,
        "options": options,
        "tier": value("tier"),
        "variants": value("variants"),
        "references": len(references),
    }
    seed, feather = value("seed"), value("feather")
    edge = {
        "grow_px": value("grow"),
        "feather_px": None if feather == AUTO else feather,
        "whole": value("whole"),
        "outline": value("outline"),
        "wish": value("wish"),
    }
    return Asked(
        choice,
        edge,
        value("source"),
        None if seed == ANY_SEED else seed,
        value("max-price"),
        references,
    )


def remember(asked: Asked, references: Sequence[Reference]) -> None:
    """For “repeat”: at most at the price it has now, with the references that are files.

    Kept by GIMP, for all pictures.
    """
    files = [one.place for one in references if one.kind == "file"]
    choice = {**asked.choice, "references": len(files)}
    kept = json.dumps({**vars(asked), "choice": choice, "references": files}).encode()
    Gimp.attach_parasite(Gimp.Parasite.new(LAST_KEY, Gimp.PARASITE_PERSISTENT, kept))


def remembered() -> Asked | None:
    """What the window was asked last; None when it never was."""
    kept = Gimp.get_parasite(LAST_KEY)
    if kept is None:
        return None
    try:
        fields: Mapping[str, Any] = json.loads(bytes(kept.get_data()))
        return Asked(**fields)
    except (ValueError, TypeError):  # of another version
        return None


def _add_model(procedure: Gimp.Procedure, says: str) -> None:
    procedure.add_string_argument("model", "_Model", says, "", FLAGS)


def _add_price(procedure: Gimp.Procedure) -> None:
    procedure.add_double_argument(
        "max-price", "Ma_x price", "USD that this call may cost at most; 0: only what is free",
        0.0, 1000.0, 0.0, FLAGS,
    )  # fmt: skip


def _add_layers(procedure: Gimp.Procedure) -> None:
    procedure.add_core_object_array_return_value(
        "layers", "Layers", "The new layers, by variant", Gimp.Layer.__gtype__, FLAGS
    )
