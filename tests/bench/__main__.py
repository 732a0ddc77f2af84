"""`make bench`: how soon the bridge greets, with what loaded, and how soon a Fill stops."""

from __future__ import annotations

from tests.bench import cancel, start

if __name__ == "__main__":
    start.main()
    cancel.main()
