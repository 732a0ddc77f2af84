"""From the saved answer to the kept layer: repeatable for nothing, as often as the artist likes."""

from __future__ import annotations

import json

from bridge.admit import Opened
from bridge.engines.base import Engine
from bridge.errors import Conflict
from bridge.history import History, VariantRow, as_json
from bridge.pieces import ALL_TILES, read
from bridge.revise import layer_for, layer_header, patch_for, patch_of_tiles
from bridge.wire import LayerHeader


def finish(history: History, row: VariantRow, opened: Opened, engine: Engine) -> None:
    """Composes the variant's saved answer and keeps the layer, its recipe and report."""
    if (row.media_type or "").startswith("video/"):
        from bridge.film.poster import finish_film

        finish_film(history, row, opened)
        return
    kept = history.revision(row.revision)
    raw, media_type = history.files.get(row.answer or ""), row.media_type or ""
    request, job = opened.request, opened.job
    how = request.choice, request.edge, kept.passes
    if media_type == ALL_TILES:
        came = {number: piece for number, piece in read(raw).items() if piece.media_type}
        tiles = {number: engine.decode(one.raw, one.media_type) for number, one in came.items()}
        patch = patch_of_tiles(job, tiles, *how)
    else:
        patch = patch_for(job, engine.decode(raw, media_type), *how)
    layer = layer_for(job, patch)
    grouped = len(history.variants(row.revision)) > 1
    header = layer_header(
        layer, patch, opened.order, job, request, row.revision, kept.title, grouped
    )
    offer = patch.offer.sentence if patch.offer else None
    history.move(
        row.revision,
        row.number,
        "composed",
        edge=row.edge,
        layer=as_json(header.model_dump(mode="json") | {"offer": offer}),
        patch=history.files.put(layer.patch),
        mask=history.files.put(layer.mask),
        error=None,
    )


def kept_layer(
    history: History, revision: str, number: int
) -> tuple[LayerHeader, dict[str, bytes]]:
    """The layer as it goes to the host; Conflict while it is not composed."""
    row = history.variant(revision, number)
    if not (row.layer and row.patch and row.mask):
        raise Conflict("This variant has no layer yet; wait until it is composed.")
    header = json.loads(row.layer)
    for ours in ("offer", "film"):
        header.pop(ours, None)
    parts = {"patch": history.files.get(row.patch), "mask": history.files.get(row.mask)}
    return LayerHeader.model_validate(header), parts
