"""`make bench`: how long the bridge takes to greet, and what it has loaded by then."""

from __future__ import annotations

from tests.bench.start import main

if __name__ == "__main__":
    main()
