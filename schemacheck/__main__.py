"""`schemacheck` and `python -m schemacheck`: runs a command and turns whatever happens into one of five exit codes."""

from __future__ import annotations

import errno
import gc
import os
import sys
from typing import NoReturn, TextIO

import click

from schemacheck import isolation
from schemacheck.errors import SchemacheckError
from schemacheck.render.escape import clean

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def main() -> NoReturn:
    """Runs the command line. 0 pass, 1 findings, 2 usage, 3 not checked (a bug of ours, too), 130 on Ctrl-C."""
    _open_streams()
    isolation.ON = True
    gc.set_threshold(50_000, 20, 20)  # a run makes many things and few circles: it need not look for these so often
    decided = {"code": 3}
    code = _run(decided)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _drop(sys.stdout)
    except OSError as error:
        code = _unsaid(error, code)
    sys.exit(code)


def _open_streams() -> None:
    """Who closed a stream wants to hear nothing. It must not stay closed: the next file opened would get its number."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, number)
            if nowhere != number:
                os.close(nowhere)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


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
        _drop(sys.stdout)
        return decided["code"]
    except (KeyboardInterrupt, click.Abort):
        return 130
    except Exception as error:  # a gate that crashes must not look like one that found something
        if "--debug" in sys.argv:
            raise
        if isinstance(error, OSError) and error.errno in _FULL:
            return _unsaid(error, decided["code"])
        return _say(f"NOT CHECKED: a bug of schemacheck ({type(error).__name__}: {error})", "run it with --debug", 3)


def _say(message: str, hint: str, code: int) -> int:
    try:
        click.echo(f"schemacheck: {clean(message)}", err=True)
        if hint:
            click.echo(f"hint: {clean(hint)}", err=True)
    except OSError:
        _drop(sys.stderr)
    return code


def _unsaid(error: OSError, code: int) -> int:
    """Findings stay findings; a pass that nobody could be told of is none."""
    _drop(sys.stdout)
    why = (error.strerror or "unwritable").lower()
    return _say(f"something could not be written: {why}", "make room for the output and for temporary files", code or 3)


def _drop(stream: TextIO) -> None:
    """What could not be written to a closed pipe or a full disk is dropped without a word."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    main()
