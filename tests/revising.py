"""Builds the messages of a revision from arrays, as a host would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bridge.estimate import PlanReply, PlanRequest
from bridge.geometry import Box, Size
from bridge.pixels import Format, Native, pack
from bridge.wire import Area, Choice, Document, EdgeChoice, PartInfo, RevisionRequest

RGB8 = Format("rgb", "u8", False)


@dataclass(frozen=True)
class Canvas:
    """A document of one layer. pixels: (H, W, C) as `form` says. selection: (H, W) u8 or None."""

    pixels: Native
    form: Format = RGB8
    selection: Native | None = None
    profile: bytes = b""
    id: str = "document-of-the-test"

    @property
    def size(self) -> Size:
        return Size(self.pixels.shape[1], self.pixels.shape[0])

    @property
    def bounds(self) -> Area | None:
        if self.selection is None:
            return None
        rows = np.nonzero(self.selection.any(axis=1))[0]
        columns = np.nonzero(self.selection.any(axis=0))[0]
        return Area(
            left=int(columns[0]),
            top=int(rows[0]),
            right=int(columns[-1]) + 1,
            bottom=int(rows[-1]) + 1,
        )

    def plan(self, choice: Choice) -> PlanRequest:
        document = Document(id=self.id, width=self.size.width, height=self.size.height)
        return PlanRequest(document=document, selection=self.bounds, choice=choice)

    def revision(
        self, choice: Choice, box: Area, edge: EdgeChoice | None = None, **more: Any
    ) -> tuple[RevisionRequest, dict[str, bytes]]:
        rows, columns = box.box().slices(Box.of(self.size))
        size = box.box().size
        parts = {"source": pack(self.pixels[rows, columns], self.form)}
        infos = [PartInfo.of_pixels("source", size, self.form)]
        if self.selection is not None:
            parts["selection"] = np.ascontiguousarray(self.selection[rows, columns]).tobytes()
            infos.append(PartInfo.of_mask("selection", size))
        if self.profile:
            parts["profile"] = self.profile
            infos.append(PartInfo(name="profile", kind="bytes", bytes=len(self.profile)))
        request = RevisionRequest(
            document=self.plan(choice).document,
            box=box,
            selection=self.bounds,
            choice=choice,
            edge=edge or EdgeChoice(),
            parts=tuple(infos),
            **more,
        )
        return request, parts

    def planned(
        self, choice: Choice, plan: PlanReply, edge: EdgeChoice | None = None
    ) -> tuple[RevisionRequest, dict[str, bytes]]:
        """As the artist sends it who has read the plan and clicked."""
        agreed = {"agreed_home": plan.home, "agreed_usd": plan.usd}
        return self.revision(choice, plan.box, edge, **agreed)


def noise(width: int, height: int, channels: int = 3, seed: int = 1) -> Native:
    """Smooth colours with grain, u8: something a filter can hold on to."""
    random = np.random.default_rng(seed)
    coarse = random.uniform(0, 255, (height // 16 + 2, width // 16 + 2, channels))
    smooth = np.kron(coarse, np.ones((16, 16, 1)))[:height, :width]
    pixels: Native = np.clip(smooth + random.normal(0, 6, smooth.shape), 0, 255).astype(np.uint8)
    return pixels


def rectangle(width: int, height: int, box: tuple[int, int, int, int]) -> Native:
    """A selection of `box` (left, top, right, bottom)."""
    selection = np.zeros((height, width), np.uint8)
    selection[box[1] : box[3], box[0] : box[2]] = 255
    return selection
