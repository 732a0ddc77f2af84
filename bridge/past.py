"""`redraft history …`: what was revised, what it cost, and taking it elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from bridge.errors import Conflict
from bridge.history import History, RevisionRow
from bridge.home import home_folder, open_home
from bridge.money import money, spent
from bridge.wire import SETTLED
from bridge.write import write_whole

GB = 1_000_000_000
app = typer.Typer(help="Every revision that was ever made, with what it was made from.")
HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Where revisions are kept; else REDRAFT_HOME.")
]


@contextmanager
def _opened(home: Path | None) -> Iterator[History]:
    history = History(open_home(home or home_folder()))
    try:
        yield history
    finally:
        history.close()


@app.command("list")
def listed(
    words: Annotated[list[str] | None, typer.Argument(help="Words of the wish.")] = None,
    model: Annotated[str, typer.Option(help="As `redraft models` lists it.")] = "",
    document: Annotated[str, typer.Option(help="Name or id of the picture.")] = "",
    days: Annotated[float, typer.Option(min=0, help="Of the last so many days; 0: all.")] = 0,
    home: HomeOption = None,
) -> None:
    """Revisions, newest first; all of the words must be in the wish."""
    from bridge.archive import search

    since = time.time() - days * 86_400 if days else 0.0
    with _opened(home) as history:
        for row in search(history, " ".join(words or ()), model, document, since):
            print(_line(history, row))


@app.command()
def show(revision: str, home: HomeOption = None) -> None:
    """One revision: where it came from, and how each variant ended."""
    from bridge.archive import lineage

    with _opened(home) as history:
        row = history.revision(revision)
        print(_line(history, row))
        print(f"wish: {row.prompt or '(none)'}")
        for earlier in lineage(history, revision)[:-1]:
            print(f"revised from: {earlier.id} {earlier.title}")
        for one in history.variants(revision):
            cost = spent(one.charged, reported=one.usd is not None)
            print(f"variant {one.number}: {one.state}, {cost}")


@app.command()
def wait(
    revision: str,
    photo: Annotated[Path | None, typer.Argument(help="The picture it was made of.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write its layers over PHOTO here.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Overwrite OUT.")] = False,
    home: HomeOption = None,
) -> None:
    """Go on watching a revision that was asked for from anywhere, and take what it made."""
    from bridge.by_file import take_up

    raise typer.Exit(take_up(revision, photo, out, force, home or home_folder()))


@app.command()
def pin(
    revision: str,
    off: Annotated[bool, typer.Option("--off", help="No longer.")] = False,
    home: HomeOption = None,
) -> None:
    """Keep a revision, whatever else is removed."""
    with _opened(home) as history:
        history.pin(revision, pinned=not off)
        print("No longer pinned." if off else "Pinned.")


@app.command()
def room(
    limit: Annotated[
        float | None, typer.Option(min=0, help="GB it may take; 0: no limit.", show_default=False)
    ] = None,
    home: HomeOption = None,
) -> None:
    """How much room the history takes; with a limit, the oldest that is done goes when over it.

    Pinned revisions stay, and so does what is not in the picture yet.
    """
    from bridge.room import make_room

    with _opened(home) as history:
        if limit is not None:
            history.set_room(round(limit * GB) or None)
        found = make_room(history)
    of = "no limit" if found.limit is None else f"of {_size(found.limit)}"
    print(f"The history takes {_size(found.taken)}, {of}.")
    if found.removed:
        print(f"Removed {found.removed} old revisions; {_size(found.freed)} are free again.")
    if found.over:
        print(
            "What is left is pinned, waiting, new or gone on from; unpin some, or raise the limit."
        )


@app.command()
def export(
    revision: str,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")],
    force: Annotated[bool, typer.Option(help="Overwrite it.")] = False,
    home: HomeOption = None,
) -> None:
    """Write a revision with all it holds into one file."""
    from bridge.archive import export as exported

    if out.exists() and not force:
        raise Conflict(f"{out} is there already; name another file or add --force.")
    with _opened(home) as history:
        write_whole(out, exported(history, revision))
    print(out)


@app.command()
def clean(
    file: Annotated[Path, typer.Argument(help="An .ora, .kra or .xcf.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The copy to write.")],
    keep_names: Annotated[bool, typer.Option(help="Leave the names of our layers.")] = False,
    force: Annotated[bool, typer.Option(help="Overwrite it.")] = False,
) -> None:
    """Write a copy for delivery: without recipes, prompts and references; every pixel as it was."""
    from bridge.clean import clean as cleaned

    if out.exists() and (not force or out.samefile(file)):
        raise Conflict(f"{out} is there already; name another file or add --force.")
    done = cleaned(file, out, keep_names=keep_names)
    print(f"{out}: {done.notes} notes left out, {done.renamed} names made plain.")


@app.command("import")
def imported(file: Path, home: HomeOption = None) -> None:
    """Take in a revision that was exported elsewhere."""
    from bridge.archive import read_file, take_in

    with _opened(home) as history:
        print(take_in(history, read_file(file), file.name))


@app.command()
def check(home: HomeOption = None) -> None:
    """Read every file and name those that are missing or damaged."""
    from bridge.archive import damaged

    with _opened(home) as history:
        found = list(damaged(history))
    for sentence in found:
        print(sentence)
    print(f"{len(found)} damaged." if found else "Everything is whole.")
    raise typer.Exit(1 if found else 0)


@app.command()
def spend(
    document: Annotated[str, typer.Option(help="Id of a picture.")] = "", home: HomeOption = None
) -> None:
    """What was spent today, this month, and with whom."""
    with _opened(home) as history:
        totals = history.totals(document)
    if document:
        print(f"this picture  {_so_far(totals.picture, totals.picture_told)}")
    print(f"today         {_so_far(totals.day, totals.day_told)}")
    print(f"this month    {_so_far(totals.month, totals.month_told)}")
    for name, usd in sorted(totals.providers.items()):
        print(f"  {name:12}{money(usd)}")
    if totals.month_told:
        print(f"Of this month's, no maker has reported {money(totals.month_told)}: as told before.")


def _so_far(usd: float, told: float) -> str:
    return spent(usd, reported=not told) if usd else "nothing"


def _size(count: int) -> str:
    return f"{count / GB:.2f} GB" if count >= GB / 100 else f"{count / 1e6:.2f} MB"


def _line(history: History, row: RevisionRow) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(row.created))
    variants = history.variants(row.id)
    reported = all(one.usd is not None for one in variants if one.charged)
    cost = spent(sum(one.charged for one in variants), reported=reported)
    pinned = " (pinned)" if row.pinned else ""
    going = any(one.state not in SETTLED for one in variants)
    under_way = " (under way)" if going else ""
    passes = f", pass {row.passes}" if row.passes > 1 else ""
    return f"{row.id}  {when}  {row.title} · {row.label}{passes}, {cost}{pinned}{under_way}"
