"""Whose certificates are believed.

Reading them takes a quarter of a second, so they are read once, and never on the event loop. HTTPX
would read them anew for every client.
"""

from __future__ import annotations

import os
import ssl
import threading

import httpx

_reading = threading.Lock()
_kept: dict[tuple[str, str], ssl.SSLContext] = {}


def believed() -> ssl.SSLContext:
    """The usual authorities, or those that SSL_CERT_FILE or SSL_CERT_DIR names. It blocks."""
    named = os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", "")
    with _reading:
        if named not in _kept:
            _kept[named] = httpx.create_ssl_context()
        return _kept[named]
