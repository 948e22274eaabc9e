"""`schemacheck` and `python -m schemacheck`: runs a command and turns whatever happens into one of five exit codes."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

import click

from schemacheck import isolation
from schemacheck.errors import SchemacheckError
from schemacheck.render.escape import clean


def main() -> NoReturn:
    """Runs the command line. 0 pass, 1 findings, 2 usage, 3 not checked (a bug of ours, too), 130 on Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    isolation.ON = True
    gc.set_threshold(50_000, 20, 20)  # a run makes many things and few circles: it need not look for these so often
    decided = {"code": 3}
    code = _run(decided)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_stdout()
    sys.exit(code)


def _run(decided: dict[str, int]) -> int:
    from schemacheck.cli import cli

    try:
        done = cli.main(standalone_mode=False, obj=decided, prog_name="schemacheck")
        return done if isinstance(done, int) else decided["code"]  # a number: --help or --version ended it
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f"see {context.command_path} --help" if context else "see schemacheck --help"
        return _say(error.format_message(), hint, 2)
    except SchemacheckError as error:
        return _say(error.message, error.hint, error.exit_code)
    except BrokenPipeError:
        _drop_stdout()
        return decided["code"]
    except (KeyboardInterrupt, click.Abort):
        return 130
    except Exception as error:  # a gate that crashes must not look like one that found something
        if "--debug" in sys.argv:
            raise
        return _say(f"NOT CHECKED: a bug of schemacheck ({type(error).__name__}: {error})", "run it with --debug", 3)


def _say(message: str, hint: str, code: int) -> int:
    click.echo(f"schemacheck: {clean(message)}", err=True)
    if hint:
        click.echo(f"hint: {clean(hint)}", err=True)
    return code


def _drop_stdout() -> None:
    """What could not be written to a closed pipe is dropped without a word."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
