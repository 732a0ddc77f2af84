"""A film server of the artist's own, in the /v1/videos dialect (vLLM-Omni, SGLang and others).

REDRAFT_BASE_OWN_VIDEOS says where it is, such as "http://192.168.1.20:8000/v1". It needs no key,
and a cancelled job is deleted there, which stops it where the server can.
"""

from __future__ import annotations

from typing import ClassVar

from bridge.engines.base import Where
from bridge.engines.videos import Videos

HERE = "http://127.0.0.1:8000/v1"  # where such servers listen by themselves


class OwnVideos(Videos):
    id: ClassVar[str] = "own_videos"
    label: ClassVar[str] = "Your film server"
    where: ClassVar[Where] = "own network"
    usual_base: ClassVar[str] = HERE
    key_name: ClassVar[str] = ""

    @property
    def unready(self) -> str:
        if self.elsewhere:
            return ""
        return (
            "Say where your film server is, such as REDRAFT_BASE_OWN_VIDEOS="
            "http://192.168.1.20:8000/v1, or under [bases] in catalog.toml, then start it again."
        )


ENGINE = OwnVideos
