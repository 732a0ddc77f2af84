"""Work in a process of its own: it can be stopped at any moment, and may crash alone.

parent                          child (`python -m bridge.engines.child`)
length, pickle -> stdin         function(*arguments)
length, pickle <- stdout        Done, Refused or Broken
stdin stays open                its end means that the parent is gone: the child ends, too

On Linux the kernel ends the child as well, even inside a library that lets no other thread run.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
import traceback
from dataclasses import dataclass
from typing import Any, BinaryIO

from bridge.engines.base import Work
from bridge.errors import BridgeError, EngineError, TooBigForModel

LENGTH = struct.Struct("<Q")
NICENESS = 5  # the artist paints on meanwhile
PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>


@dataclass(frozen=True, slots=True)
class Done:
    value: Any


@dataclass(frozen=True, slots=True)
class Refused:
    error: BridgeError


@dataclass(frozen=True, slots=True)
class Broken:
    """A bug in the function. trace: its traceback as text."""

    trace: str


class ChildBroke(Exception):
    """The function raised something that nobody can explain to the artist."""


async def run(work: Work) -> Any:
    """What the function returned. Its own BridgeError comes through as itself.

    TooBigForModel after the deadline; EngineError when the process was killed; ChildBroke for a
    bug. Cancelling the caller kills it at once.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "bridge.engines.child",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        start_new_session=True,  # Ctrl-C is for the parent; it ends the child
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    try:
        async with asyncio.timeout(work.deadline_seconds):
            return _value(await _exchange(process, work))
    except TimeoutError as exc:
        raise TooBigForModel(
            f"This was not done after {work.deadline_seconds:.0f} s on this machine; select less."
        ) from exc
    finally:
        if process.returncode is None:
            process.kill()
        await asyncio.shield(process.wait())


async def _exchange(process: asyncio.subprocess.Process, work: Work) -> Any:
    assert process.stdin is not None
    assert process.stdout is not None
    request = pickle.dumps((work.function, work.arguments))
    try:
        process.stdin.write(LENGTH.pack(len(request)) + request)
        await process.stdin.drain()
        (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
        return pickle.loads(await process.stdout.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError) as exc:
        raise EngineError(
            f"The work was stopped before it was done ({_end(await process.wait())}); perhaps the "
            "memory ran out. Select less and try again."
        ) from exc


def _end(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _value(outcome: Any) -> Any:
    match outcome:
        case Done(value):
            return value
        case Refused(error):
            raise error
        case Broken(trace):
            raise ChildBroke(trace)
    raise ChildBroke(f"an outcome of no known kind: {type(outcome)}")


# --- in the child ----------------------------------------------------------------------------


def main() -> None:
    _die_with_parent()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not get between the answers
    (length,) = LENGTH.unpack(_exactly(sys.stdin.buffer, LENGTH.size))
    request = _exactly(sys.stdin.buffer, length)
    threading.Thread(target=_end_with_parent, args=(sys.stdin.buffer,), daemon=True).start()
    answer = _outcome(request)
    answers.write(LENGTH.pack(len(answer)) + answer)
    answers.flush()
    os._exit(0)  # nothing is left to tidy up, and the other thread waits for ever


def _outcome(request: bytes) -> bytes:
    try:
        function, arguments = pickle.loads(request)
        return pickle.dumps(Done(function(*arguments)))
    except BridgeError as exc:
        return pickle.dumps(Refused(exc))
    except MemoryError:
        sentence = "This needs more memory than this machine has; select less."
        return pickle.dumps(Refused(TooBigForModel(sentence)))
    except Exception:  # noqa: BLE001  # the outer edge of this process: a bug keeps its traceback
        return pickle.dumps(Broken(traceback.format_exc()))


def _exactly(source: BinaryIO, length: int) -> bytes:
    data = source.read(length)
    if len(data) != length:
        os._exit(1)
    return data


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _end_with_parent(lifeline: BinaryIO) -> None:
    lifeline.read(1)
    os._exit(1)


if __name__ == "__main__":
    # Under its own name, so that what is pickled here is known to the parent.
    from bridge.engines.child import main as run_child

    run_child()
