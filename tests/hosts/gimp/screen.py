"""An artist before GIMP's screen: pictures in its window, ours beside it, real keys and clicks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.hosts.gimp.artist import BOX, PATIENCE, opened
from tests.hosts.running import Host


@dataclass
class Screen:
    """gimp: where pictures are opened and read. ours: within our own window, while it is open."""

    gimp: Host
    ours: Host

    def open(self, *, box: tuple[int, ...] | None = BOX, **how: Any) -> None:
        """A picture in GIMP's window, and our window called from there by its shortcut."""
        opened(self.gimp, box=box, **how)
        self.gimp.do("hand.show(img)")
        self.call()

    def call(self, keys: str = "ctrl+alt+r") -> None:
        id = self.gimp.do("result = img.get_id()")
        self.gimp.do(f"hand.press({keys!r})")
        self.wait(f"hand.window().canvas.front() == '{id}' and hand.window().greeted")
        self.ours.do("hand.move_window()")

    def wait(self, expression: str, seconds: float = PATIENCE) -> Any:
        """In our window."""
        return self.ours.until(expression, seconds)

    def ask(self, model: str = "known", prompt: str = "the negative") -> None:
        """Model and wish by the visible controls, then the button."""
        self.ours.do(f"hand.choose('model', {model!r})\nhand.type_prompt({prompt!r})")
        self.wait(f"hand.planned({model.capitalize()!r})")
        self.ours.do("before = hand.window().result")
        self.click("revise")

    def click(self, name: str) -> None:
        self.ours.do(f"hand.click({name!r})")

    def landed(self) -> None:
        """Another result than the one that was there at the press."""
        new = "hand.window().result not in (None, globals().get('before'))"
        self.wait(f"hand.settled() and {new}")

    def is_open(self) -> bool:
        """Our window."""
        name = "redraft-window-show"
        return bool(self.gimp.do(f"result = hand.Gimp.get_pdb().procedure_exists({name!r})"))

    def close_window(self) -> None:
        """By the window manager's own key."""
        self.ours.do("hand.close_window()")
        self.gimp.until("not hand.Gimp.get_pdb().procedure_exists('redraft-window-show')", PATIENCE)
