"""Keys are given on a page of the bridge, in the artist's own browser: here nobody sees one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gi.repository import Gdk, Gtk

from .client import Client

if TYPE_CHECKING:
    from .worker import Courier

LOOKS = 5  # between two questions whether a key has been given


class Keys:
    """came: the bridge's greeting once a model can be used that could not. say: what went wrong."""

    def __init__(
        self,
        client: Client,
        courier: Courier,
        gtk: Callable[[], Gtk.Window],
        came: Callable[[Mapping[str, Any]], None],
        say: Callable[[str], None],
    ) -> None:
        self.client, self.courier, self.gtk, self.came, self.say = client, courier, gtk, came, say
        self._usable: set[str] = set()
        self._looks = 0  # since a page was opened; 0: none is

    def open(self, name: str) -> None:
        """The page of one field for the key of this name, through a one-time link."""
        self.courier.work(
            lambda: self.client.address(self.client.post(f"/v1/keys/{name}/page")["path"]),
            self._show,
            lambda exc: self.say(exc.sentence),
        )

    def greeted(self, hello: Mapping[str, Any]) -> None:
        self._usable = _usable(hello)

    def look(self) -> None:
        """Back from the page, the models are as the new key makes them; all else as it was."""
        if self._looks:
            self._looks += 1
            if self._looks % LOOKS == 0:
                self.courier.work(lambda: self.client.get("/v1/hello"), self._greet, lambda _: None)

    def _show(self, address: str) -> None:
        self._looks = 1
        Gtk.show_uri_on_window(self.gtk(), address, Gdk.CURRENT_TIME)

    def _greet(self, hello: Mapping[str, Any]) -> None:
        if self._looks and _usable(hello) - self._usable:
            self._looks = 0
            self.came(hello)


def _usable(hello: Mapping[str, Any]) -> set[str]:
    return {one["id"] for one in hello["models"] if one["usable"]}
