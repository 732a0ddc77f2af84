"""What Krita is told of us: a docker, and actions with shortcuts."""

from __future__ import annotations

from typing import Any

import krita

from .docker import TITLE, Docker
from .qt import DOCK_RIGHT

DOCKER_ID = "redraft_docker"
MENU = "tools/scripts"
ACTIONS = {
    "redraft_revise": ("Redraft: revise", lambda docker: docker.revise()),
    "redraft_again": ("Redraft: again", lambda docker: docker.again()),
    "redraft_next": ("Redraft: next variant", lambda docker: docker.step(1)),
    "redraft_previous": ("Redraft: previous variant", lambda docker: docker.step(-1)),
    "redraft_original": ("Redraft: original", lambda docker: docker.original()),
    "redraft_closer": ("Redraft: view at 100 % and back", lambda docker: docker.closer()),
    "redraft_keep": ("Redraft: keep", lambda docker: docker.keep()),
    "redraft_cancel": ("Redraft: cancel", lambda docker: docker.cancel()),
}


class Extension(krita.Extension):
    def setup(self) -> None:
        """Nothing to do before there is a window."""

    def createActions(self, window: Any) -> None:
        for id, (text, act) in ACTIONS.items():
            action = window.createAction(id, text, MENU)
            action.triggered.connect(lambda _=False, act=act: _in_docker(act))


def _in_docker(act: Any) -> None:
    """In the window in front: the one that an action was made for may be gone by now."""
    for docker in krita.Krita.instance().activeWindow().dockers():
        if docker.windowTitle() == TITLE:
            act(docker)


def register() -> None:
    app = krita.Krita.instance()
    app.addExtension(Extension(app))
    app.addDockWidgetFactory(krita.DockWidgetFactory(DOCKER_ID, DOCK_RIGHT, Docker))
