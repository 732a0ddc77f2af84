"""Asks a real bridge everything its OpenAPI names, as schemathesis makes it up, with its token.

    python -m tests.fuzz.schema SCHEMATHESIS CASES

SCHEMATHESIS: the program, which lives in an environment of its own. No answer may be a 500 or
contradict the OpenAPI's own shapes. Frames are made up by `python -m tests.fuzz`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bridge.session import find
from tests.conftest import running_bridge

CHECKS = "not_a_server_error,response_schema_conformance,content_type_conformance"


def main(program: str, cases: str) -> int:
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    with tempfile.TemporaryDirectory(prefix="redraft-fuzz-") as name:
        home = Path(name)
        with running_bridge(home):
            session = find(home)
            assert session is not None
            token = f"Authorization: Bearer {session.token}"
            command = [
                str(Path(program).absolute()),
                "run",
                f"{session.url}/openapi.json",
                "--header",
                token,
            ]
            command += ["--checks", CHECKS, "--max-examples", cases, "--seed", "1"]
            command += ["--phases", "examples,coverage,fuzzing", "--request-timeout", "60"]
            return subprocess.run(command, cwd=home, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
