"""A `.proto` as lines: one for each field, value, method and option, with its full path; comments are left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemacheck.errors import NotChecked
from schemacheck.formats.protobuf.tokens import Token, tokens_of


def lines(text: str) -> Iterator[str]:
    """The lines of a file, without what it imports; raises NotChecked for what has no statements."""
    tokens = tokens_of(text)
    scopes: list[tuple[str, str]] = []  # the word that opened each block, and its name
    package, statement, brackets = "", list[Token](), 0
    for token in tokens:
        plain = brackets == 0
        if token.text in ("[", "("):
            brackets += 1
        elif token.text in ("]", ")"):
            brackets -= 1
        if brackets < 0:
            raise _unbalanced()
        value = bool(statement) and statement[0].text == "option"
        if token.text == "{" and (value or not plain):
            brackets += 1
        elif token.text == "}" and not plain:
            brackets -= 1
        elif token.text == "{" and plain:
            if not statement:
                raise _unbalanced()
            yield from _opened(package, scopes, statement)
            scopes.append((statement[0].text, _block_name(statement)))
            statement = []
            continue
        elif token.text == "}" and plain:
            if not scopes or statement:
                raise _unbalanced()
            scopes.pop()
            continue
        elif token.text == ";" and plain:
            if statement and statement[0].text == "package":
                package = _joined(statement[1:])
            if statement:
                yield _line(package, scopes, statement)
            statement = []
            continue
        statement.append(token)
    if scopes or statement or brackets:
        raise _unbalanced()


def _unbalanced() -> NotChecked:
    return NotChecked("it is no text of Protobuf: its blocks do not fit", "mend the text", reason="unreadable")


def _block_name(statement: Sequence[Token]) -> str:
    """The name of a message, enum, oneof, service, method or group; of an extension block what it extends."""
    words = [token.text for token in statement]
    if "group" in words and "=" in words:
        return words[words.index("=") - 1]
    return f"[{_joined(statement[1:]).lstrip('.')}]" if words[0] == "extend" else "".join(words[1:2])


def _path(package: str, scopes: Sequence[tuple[str, str]]) -> str:
    named = [name for word, name in scopes if word != "oneof"]
    return ".".join(part for part in (package, *named) if part)


def _opened(package: str, scopes: Sequence[tuple[str, str]], statement: Sequence[Token]) -> Iterator[str]:
    """The line of a block's head."""
    word = statement[0].text
    if word == "oneof":
        return
    if word in ("message", "enum", "service", "extend"):
        yield f"{_path(package, [*scopes, (word, _block_name(statement))])}: {word}"
    else:
        yield _line(package, scopes, statement)


def _line(package: str, scopes: Sequence[tuple[str, str]], statement: Sequence[Token]) -> str:
    path, texts = _path(package, scopes), [token.text for token in statement]
    setting = texts[0] == "option" and texts[1:2] != ["="]
    if "=" not in texts or not scopes or setting:
        return f"{path}: {_joined(statement)}" if scopes else _joined(statement)
    at = texts.index("=")
    kind = f": {_joined(statement[: at - 1])}" if at > 1 else ""
    oneof = f" (oneof {scopes[-1][1]})" if scopes and scopes[-1][0] == "oneof" else ""
    return f"{path}.{texts[at - 1]}{kind} = {_joined(statement[at + 1 :])}{oneof}"


def _joined(tokens: Sequence[Token]) -> str:
    """Tokens with a blank between words, behind a comma and around an equals sign."""
    said = ""
    for before, token in zip([None, *tokens], tokens, strict=False):
        words = before is not None and before.kind != "sign" and token.kind != "sign"
        begins = before is not None and (
            before.text == "," or (before.text in ("]", ")", ">") and token.kind != "sign")
        )
        opens = before is not None and before.kind != "sign" and token.text == "["
        begins = begins or (before is not None and token.text == "." and before.end < token.start)
        equal = before is not None and "=" in (token.text, before.text)
        said += f"{' ' if words or begins or opens or equal else ''}{token.text}"
    return said
