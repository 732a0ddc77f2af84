"""The command line: a host without a window, and what sets the other hosts up."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn, cast

import typer

from bridge import __version__
from bridge.errors import BadRequest, BridgeError, HomeTrouble, NotFound
from bridge.home import VARIABLE, home_folder
from bridge.past import app as past

REFUSED, HOME, CANCELLED = 3, 7, 130
EXIT_CODES = (
    "Exit codes: 0 done; 1 a mistake of Redraft's own; 2 wrong usage; 3 refused, nothing was sent; "
    "4 dearer than --max-price, nothing was sent; 5 the model failed; 6 sent and perhaps paid, no "
    "answer: it waits in the history; 7 trouble with Redraft's own folder; 130 cancelled."
)

app = typer.Typer(
    help="Redraft: a revision layer for artists.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Where revisions are kept; else REDRAFT_HOME.")
]
AgreeOption = Annotated[
    bool, typer.Option("--agree", help="It may go where it says; asked once for each maker.")
]
BatchOption = Annotated[
    bool | None,
    typer.Option(
        "--batch/--no-batch", help="Artists who look on go first. Without a terminal: so."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="For machines: JSON on standard output.")]


def main() -> None:
    """Every explainable refusal is one sentence on standard error and an exit code."""
    try:
        app()
    except BridgeError as exc:
        stop(exc.sentence, HOME if isinstance(exc, HomeTrouble) else REFUSED)
    except KeyboardInterrupt:
        stop("Cancelled.", CANCELLED)


def stop(sentence: str, code: int) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise SystemExit(code)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        print(f"redraft {__version__}")
        raise typer.Exit


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 0,
    idle: Annotated[
        float | None, typer.Option(min=1, help="End after so many seconds without work.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Run the bridge that hosts and the command line talk to."""
    from bridge.serve import serve as run

    folder = home or home_folder()
    os.environ[VARIABLE] = str(folder)  # where keys lie in a file, whoever looks for them
    run(folder, port, idle)


@app.command(epilog=EXIT_CODES)
def revise(
    photo: Annotated[Path, typer.Argument(help="The picture, or an .ora made earlier.")],
    out: Annotated[Path, typer.Option("--out", "-o", help=".ora .png .tif .jpg .webp")],
    select: Annotated[str, typer.Option(help="X,Y,W,H in pixels.")] = "",
    mask: Annotated[Path | None, typer.Option(help="White = change; as large as PHOTO.")] = None,
    prompt: Annotated[list[str] | None, typer.Option(help="Several are several looks.")] = None,
    model: Annotated[str, typer.Option(help="As `redraft models` lists them.")] = "",
    purpose: Annotated[str, typer.Option(help="Chooses the model when none is named.")] = "",
    helper: Annotated[str, typer.Option(help="remove, replace, text, light, look, …")] = "",
    how_far: Annotated[str, typer.Option(help="touch, clear or free.")] = "",
    keep: Annotated[list[str] | None, typer.Option(help="composition, palette, …")] = None,
    ref: Annotated[list[Path] | None, typer.Option(help="A reference picture.")] = None,
    variants: Annotated[int, typer.Option(min=1, max=16)] = 1,
    size: Annotated[str, typer.Option(help="A size by name, such as 2K.")] = "",
    seed: Annotated[int | None, typer.Option(min=0, max=2**31 - 1)] = None,
    feather: Annotated[float | None, typer.Option(min=0, max=500, help="px, inward.")] = None,
    grow: Annotated[int, typer.Option(min=0, max=500, help="px that may change outside.")] = 0,
    whole: Annotated[bool, typer.Option(help="The whole selection, changed or not.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Say box, size and price; send nothing.")] = False,
    max_price: Annotated[float | None, typer.Option(min=0, help="USD for all variants.")] = None,
    agree: AgreeOption = False,
    force: Annotated[bool, typer.Option(help="Overwrite OUT.")] = False,
    batch: BatchOption = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Revise a picture and write it with the result as a new layer."""
    from bridge.by_file import Wanted, revise_file
    from bridge.wire import Choice, EdgeChoice

    wanted = Wanted(
        photo=photo,
        out=out,
        select=select,
        mask=mask,
        references=tuple(ref or ()),
        choice=Choice(
            model=model,
            purpose=purpose,
            prompt="\n".join(prompt or ()),
            helper=helper,
            how_far=how_far,
            keep=tuple(keep or ()),
            variants=variants,
            tier=size,
            references=len(ref or ()),
        ),
        edge=EdgeChoice(grow_px=grow, feather_px=feather, whole=whole),
        seed=seed,
        max_price=max_price,
        dry_run=dry_run,
        force=force,
        as_json=as_json,
        agree=agree,
        batch=_unwatched() if batch is None else batch,
    )
    raise typer.Exit(revise_file(wanted, home or home_folder()))


@app.command()
def animate(
    photo: Annotated[Path, typer.Argument(help="The picture that shall move.")],
    out: Annotated[Path, typer.Option("--out", "-o", help=".mp4, .webp or a folder for frames")],
    prompt: Annotated[str, typer.Option(help="What moves, and how.")] = "",
    select: Annotated[str, typer.Option(help="X,Y,W,H in pixels: the first frame.")] = "",
    mask: Annotated[Path | None, typer.Option(help="White = this; as large as PHOTO.")] = None,
    cinemagraph: Annotated[bool, typer.Option(help="Only what is selected moves.")] = False,
    loop: Annotated[bool, typer.Option(help="It can be repeated without a seam.")] = False,
    last_frame: Annotated[Path | None, typer.Option(help="A picture that it ends on.")] = None,
    ref: Annotated[list[Path] | None, typer.Option(help="A reference picture.")] = None,
    seconds: Annotated[int | None, typer.Option(min=1, max=120)] = None,
    audio: Annotated[bool, typer.Option(help="With sound.")] = True,
    negative: Annotated[str, typer.Option(help="What shall not be seen.")] = "",
    fit: Annotated[str, typer.Option(help="crop or pad, where the aspect differs.")] = "",
    model: Annotated[str, typer.Option(help="As `redraft models` lists them.")] = "",
    purpose: Annotated[str, typer.Option(help="motion or cinema.")] = "",
    route: Annotated[str, typer.Option(help="By whom it is asked, such as fal.")] = "",
    size: Annotated[str, typer.Option(help="A size by name, such as 1080p.")] = "",
    seed: Annotated[int | None, typer.Option(min=0, max=2**31 - 1)] = None,
    dry_run: Annotated[bool, typer.Option(help="Say frame, size and price; send nothing.")] = False,
    max_price: Annotated[float | None, typer.Option(min=0, help="USD.")] = None,
    agree: AgreeOption = False,
    force: Annotated[bool, typer.Option(help="Overwrite OUT.")] = False,
    batch: BatchOption = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Turn a picture into a film that begins with it."""
    from bridge.animate import animate_file
    from bridge.by_file import Wanted
    from bridge.wire import Choice, EdgeChoice, FilmChoice

    if fit not in ("", "crop", "pad"):
        raise BadRequest(f"--fit {fit} is neither crop nor pad.")
    if cinemagraph and not (select or mask):
        raise BadRequest("--cinemagraph needs --select or --mask: what shall move?")
    if loop and last_frame:
        raise BadRequest("A loop ends as it began; give --loop or --last-frame.")
    wanted = Wanted(
        photo=photo,
        out=out,
        select=select,
        mask=mask,
        references=tuple(ref or ()),
        choice=Choice(
            model=model,
            purpose=purpose,
            route=route,
            prompt=prompt,
            tier=size,
            film=FilmChoice(
                seconds=seconds,
                audio=audio,
                loop=loop,
                cinemagraph=cinemagraph,
                negative=negative,
                fit=cast("Literal['', 'crop', 'pad']", fit),
                last_frame=last_frame is not None,
            ),
            references=len(ref or ()),
        ),
        edge=EdgeChoice(),
        seed=seed,
        max_price=max_price,
        dry_run=dry_run,
        force=force,
        as_json=as_json,
        agree=agree,
        batch=_unwatched() if batch is None else batch,
        last_frame=last_frame,
    )
    raise typer.Exit(animate_file(wanted, home or home_folder()))


def _unwatched() -> bool:
    """Whether nobody looks at what is printed."""
    return not sys.stderr.isatty()


@app.command()
def models(
    live: Annotated[
        bool, typer.Option("--live", help="Ask each provider that has a key; free.")
    ] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """What each model is for, its limits, its price, and whether it is alive."""
    folder = home or home_folder()
    if live:
        _print_live(folder, as_json)
        return
    from bridge.hello import model_reply
    from bridge.serve import make_chooser, open_catalog
    from bridge.tables import print_models

    chooser = make_chooser(open_catalog(folder), folder)
    rows = [model_reply(chooser, model) for model in chooser.catalog.models]
    if as_json:
        print(json.dumps([row.model_dump(mode="json") for row in rows], indent=1))
    else:
        print_models(rows)


def _print_live(home: Path, as_json: bool) -> None:
    from bridge.caller import call_bridge
    from bridge.tables import print_live

    with call_bridge(home) as bridge:
        heard = bridge.live().heard
        rows = bridge.hello().models
    if as_json:
        print(json.dumps([one.model_dump(mode="json") for one in heard], indent=1))
    else:
        print_live(heard, rows)


@app.command()
def install(
    host: Annotated[str, typer.Argument(help="Its name; `redraft doctor` lists them.")],
    into: Annotated[Path | None, typer.Option(help="Instead of the usual folder.")] = None,
    home: HomeOption = None,
) -> None:
    """Put the plug-in into a host."""
    from bridge import hosts

    print(hosts.install(host, into, home or home_folder()))


@app.command()
def uninstall(
    host: Annotated[str, typer.Argument(help="Its name; `redraft doctor` lists them.")],
    into: Annotated[Path | None, typer.Option(help="Where it was put.")] = None,
) -> None:
    """Take the plug-in out of a host; revisions stay."""
    from bridge import hosts

    print(hosts.uninstall(host, into))


@app.command()
def doctor(home: HomeOption = None) -> None:
    """Look at what is installed and say what is missing."""
    from bridge import hosts

    for finding in hosts.doctor(home or home_folder()):
        print(finding)


@app.command()
def demo(
    into: Annotated[Path, typer.Argument(help="A folder for the results.")] = Path("demo"),
) -> None:
    """Revise the bundled photograph twice with the built-in engines."""
    from bridge.demo import run_demo

    run_demo(into)


keys = typer.Typer(help="Keys of hosted models; they never leave this machine but to their maker.")
app.add_typer(keys, name="keys")
app.add_typer(past, name="history")


@keys.command("list")
def list_keys() -> None:
    """Which keys are there, never what they are."""
    from bridge.keys import where_of

    for name in key_names():
        print(f"{name:12} {where_of(name) or 'none'}")


@keys.command("set")
def set_key(
    name: str,
    file: Annotated[bool, typer.Option(help="Into a 0600 file, where no keychain is.")] = False,
) -> None:
    """Ask for a key and keep it in the keychain."""
    from bridge.keys import set_key as keep_key

    _known(name)
    key = typer.prompt(f"Key for {name}", hide_input=True)
    print(keep_key(name, key, in_file=file))


@keys.command("test")
def ask_about_key(name: str, home: HomeOption = None) -> None:
    """Ask the provider whether it takes the key; free."""
    from bridge.caller import call_bridge

    with call_bridge(home or home_folder()) as bridge:
        found = bridge.test_key(name)
    if not found.works:
        stop(found.sentence, REFUSED)
    print(found.sentence)


@keys.command("page")
def key_page(name: str, home: HomeOption = None) -> None:
    """Print the address of a page on which a key can be given; it opens once."""
    from bridge.caller import call_bridge

    with call_bridge(home or home_folder()) as bridge:
        print(bridge.key_page(name))


@keys.command("remove")
def remove_key(name: str) -> None:
    """Forget a key."""
    from bridge.keys import remove_key as forget

    _known(name)
    print(forget(name))


def key_names() -> list[str]:
    from bridge.engines.find import find_engine
    from bridge.serve import open_catalog

    models = open_catalog(home_folder()).models
    engines = {route.engine for model in models for route in model.routes}
    return sorted({find_engine(engine).key_name for engine in engines} - {""})


def _known(name: str) -> None:
    if name not in key_names():
        raise NotFound(f"No model uses a key named {name}; there are {', '.join(key_names())}.")
