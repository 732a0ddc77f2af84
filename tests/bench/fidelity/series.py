"""What is tried: every row of the table, on how many trials, and which claim it counts for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tests.bench.fidelity.pictures import names
from tests.bench.fidelity.rendering import Rendering
from tests.bench.fidelity.scenes import Scene

# Where colours are the wish, a cast of the model's own could not be told from it by anyone: these
# rows have none, and rows "with a cast" say beside the lines what one costs.
WISHED = Rendering(cast=0.0)
CAST = "with a cast"
BENT = {"bend": 0.8}


LOOKED = ("night", "snow", "oil", "enhance")


@dataclass(frozen=True, slots=True)
class Row:
    """drift: how its registration is judged: rigid, warp, repainted, or beside the lines.

    aside: counts for no line of colour; reported by itself.
    """

    scene: Scene
    trials: int
    drift: str = "rigid"
    aside: bool = False


def _local() -> tuple[Row, ...]:
    free = Scene("typical, nothing selected", margin=None)
    return (
        Row(Scene("typical"), 36),
        Row(Scene("typical, 16 bit", bits=16), 6),
        Row(Scene("typical, 4 MP", scale=2.0), 6),
        Row(Scene("typical, 24 MP", scale=4.8), 2),
        Row(free, 24),
        Row(Scene("strong cast", look=Rendering(cast=0.25)), 18),
        Row(replace(free, name="strong cast, nothing selected", look=Rendering(cast=0.25)), 18),
        Row(Scene("lighting drift", look=Rendering(light=0.15)), 18),
        Row(replace(free, name="lighting, nothing selected", look=Rendering(light=0.15)), 12),
        Row(Scene("smooth warp 1.5 px", drift={"bend": 1.5}), 24, "warp"),
        Row(Scene("warp, nothing selected", margin=None, drift={"bend": 1.5}), 12, "warp"),
        Row(Scene("soft, JPEG 75", look=Rendering(soft=1.2, quality=75)), 12),
        Row(Scene("repainted textures", look=Rendering(retexture=0.5)), 12, "repainted"),
        Row(Scene("edit of 60 %", edit=0.6, margin=0.05), 12),
        Row(replace(free, name="edit of 60 %, nothing selected", edit=0.6), 12),
        Row(Scene("at the border", place="border"), 18),
        Row(Scene("tight lasso", margin=0.0), 12),
        Row(Scene("shadow outside", shadow=True), 24),
        Row(Scene("perspective", drift={"tilt": 0.08}), 12),
        Row(Scene("cropped by 8 %, 40 px", drift={"zoom": 0.08, "shift": 40, "turn": 2}), 12),
        Row(Scene("zoom 1.3, turned 8", drift={"zoom": 0.3, "turn": 8, "shift": 40}), 12),
        Row(Scene("low texture", of="smooth"), 12),
        Row(Scene("line art", of="line art"), 8),
        Row(Scene("flat pixel art", of="flat art"), 8),
        Row(Scene("label, small print", of="label"), 8),
    )


def _others() -> tuple[Row, ...]:
    return (
        Row(Scene("unrelated", answer="unrelated"), 12, ""),
        Row(Scene("mirrored", answer="mirrored"), 12, ""),
        Row(Scene("re-composed", answer="recomposed"), 12, ""),
        Row(Scene("unrelated, nothing selected", answer="unrelated", margin=None), 6, ""),
        Row(_whole("relight 4 MP", "relight", wish="light", scale=2.0, drift=BENT), 8, "slight"),
        Row(_whole("relight 24 MP", "relight", wish="light", scale=4.8, drift=BENT), 4, "slight"),
        *(Row(_whole(look, look), 6, "") for look in LOOKED),
        *(Row(_whole(f"{look}, wish read", look, wish=None), 3, "") for look in LOOKED),
        Row(_cast("relight", wish="light", scale=2.0, drift=BENT), 6, "slight", aside=True),
        *(Row(_cast(look), 3, "", aside=True) for look in LOOKED),
    )


def _cast(look: str, **more: Any) -> Scene:
    return replace(_whole(f"{look}, {CAST}", look, **more), look=Rendering())


def _whole(name: str, look: str, **more: Any) -> Scene:
    """A wish for the whole picture, nothing selected."""
    return Scene(name, whole=look, look=WISHED, margin=None, **{"wish": "style", **more})


def rows(*, quick: bool = False) -> tuple[Row, ...]:
    """quick: about one trial in six of each row that is not dear."""
    every = _local() + _others()
    if not quick:
        return every
    return tuple(
        replace(row, trials=max(1, row.trials // 6)) for row in every if row.scene.scale < 3
    )


@dataclass(frozen=True, slots=True)
class Draw:
    """One trial to be built: which row, on which picture, with new content of which other."""

    row: Row
    picture: str
    other: str
    seed: int


def draws(row: Row, part: str, start: int = 0) -> tuple[Draw, ...]:
    """Pictures in turn, so that every row sees as many as it has trials."""
    pictures = names(part)
    # Rows of few trials begin elsewhere in turn, or all would see the same few pictures.
    first = sum(row.scene.name.encode()) % len(pictures)
    return tuple(
        Draw(
            row,
            pictures[(first + seed) % len(pictures)],
            pictures[(first + seed + 1 + seed // len(pictures)) % len(pictures)],
            seed,
        )
        for seed in range(start, start + row.trials)
    )
