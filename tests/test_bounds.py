"""Schemas that were made to take all of the time or all of the memory: the gate ends, and says what it did not check.

Each case runs the command in a child that may use ten seconds of a core, and is asked how much memory it used. Most
cases run twice: as a new event, and as the edit of a published one, since only then both sides are compared.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from sources.repos import Repo

import schemacheck

SECONDS, MEGABYTES = 10, 512
DRAFT = '"$schema": "https://json-schema.org/draft/2020-12/schema"'
FILES = Callable[[str], Mapping[str, str]]  # what differs after an edit, to the files


def _record(name: str, fields: str, doc: str = "") -> str:
    return f'{{"type": "record", "name": "{name}", "namespace": "a.v1", "doc": "{doc}", "fields": [{fields}]}}'


def _fields(count: int, kind: str) -> str:
    return ", ".join(f'{{"name": "f{number}", "type": {kind}}}' for number in range(count))


def _avro(text: str) -> Mapping[str, str]:
    return {"schemas/a/v1.avsc": text}


def _laughs(levels: int, edit: str) -> str:
    """A record in which each level has ten fields of the next one."""
    text = _record(f"L{levels}", f'{{"name": "x", "type": "{"long" if edit else "int"}"}}')
    for level in reversed(range(levels)):
        first = f'{{"name": "f0", "type": {text}}}'
        more = ", ".join(f'{{"name": "f{number}", "type": "a.v1.L{level + 1}"}}' for number in range(1, 10))
        text = _record(f"L{level}", f"{first}, {more}")
    return text


def _chain(count: int, edit: str) -> Mapping[str, str]:
    files = {
        f"schemas/c{number}/v1.avsc": _record(f"C{number}", f'{{"name": "f", "type": "a.v1.C{number + 1}"}}')
        for number in range(count)
    }
    return {**files, f"schemas/c{count}/v1.avsc": _record(f"C{count}", "", edit)}


def _json(body: str) -> Mapping[str, str]:
    return {"schemas/a/v1.schema.json": f"{{{DRAFT}, {body}}}"}


def _json_laughs(levels: int, keyword: str, edit: str) -> str:
    defs = {
        f"d{level}": {keyword: [{"$ref": f"#/$defs/d{level + 1}"}, {"$ref": f"#/$defs/d{level + 1}"}]}
        for level in range(levels)
    }
    defs[f"d{levels}"] = {"type": "string", "title": edit}
    return f'"$ref": "#/$defs/d0", "$defs": {json.dumps(defs)}'


def _json_chain(count: int, edit: str) -> Mapping[str, str]:
    files = {
        f"schemas/c{number}/v1.schema.json": '{%s, "properties": {"a": {"$ref": "../c%d/v1.schema.json"}}}'
        % (DRAFT, number + 1)
        for number in range(count)
    }
    return {**files, f"schemas/c{count}/v1.schema.json": f'{{{DRAFT}, "title": "{edit}"}}'}


def _proto(body: str, *imports: str) -> str:
    lines = [f'import "{name}";' for name in imports]
    return "\n".join(['syntax = "proto3";', "package a.v1;", *lines, body])


def _proto_chain(count: int, edit: str) -> Mapping[str, str]:
    files = {
        f"schemas/c{number}/v1/c.proto": f'syntax = "proto3"; package c{number}.v1; import "c{number + 1}/v1/c.proto"; '
        f"message C {{ c{number + 1}.v1.C c = 1; }}"
        for number in range(count)
    }
    last = f'syntax = "proto3"; package c{count}.v1; message C {{ int{64 if edit else 32} a = 1; }}'
    return {**files, f"schemas/c{count}/v1/c.proto": last}


def _proto_laughs(levels: int, edit: str) -> str:
    messages = [
        f"message L{level} {{ {' '.join(f'L{level + 1} f{n} = {n};' for n in range(1, 11))} }}"
        for level in range(levels)
    ]
    return _proto("\n".join([*messages, f"message L{levels} {{ int{64 if edit else 32} x = 1; }}"]))


P = "schemas/a/v1/a.proto"
# name → files, by what the edit adds, and words that must be said (none: it may pass, or be a finding)
CASES: Mapping[str, tuple[FILES, str]] = {
    "avro: nested arrays": (
        lambda edit: _avro('{"type": "array", "items": ' * 50_000 + '"int"' + "}" * 50_000 + " " * len(edit)),
        "levels deep",
    ),
    "avro: nesting below the limit": (
        lambda edit: _avro(
            _record("A", '{"name": "a", "type": %s}', edit)
            % ('{"type": "array", "items": ' * 190 + '"int"' + "}" * 190)
        ),
        "",
    ),
    "avro: large file": (lambda edit: _avro(_record("A", "", edit + "x" * 5_100_000)), "bytes, more than"),
    "avro: long line": (lambda edit: _avro(_record("A", "", edit + "x" * 3_000_000)), ""),
    "avro: many fields": (lambda edit: _avro(_record("A", _fields(5_000, '"long"' if edit else '"int"'))), ""),
    "avro: wide union": (
        lambda edit: _avro(
            _record(
                "A",
                '{"name": "u", "type": [%s]}' % ", ".join(_record(f"U{n}", "more than", edit) for n in range(20_000)),
            )
        ),
        "",
    ),
    "avro: billion laughs": (lambda edit: _avro(_laughs(30, edit)), ""),
    "avro: chain of files": (lambda edit: _chain(150, edit), ""),
    "avro: circle of files": (
        lambda edit: {
            "schemas/a/v1.avsc": _record("A", '{"name": "b", "type": "a.v1.B"}', edit),
            "schemas/b/v1.avsc": _record("B", '{"name": "a", "type": "a.v1.A"}'),
        },
        "",
    ),
    "avro: aliases": (
        lambda edit: _avro(
            f'{{"type": "record", "name": "A", "aliases": {json.dumps([f"a.B{n}" for n in range(20_000)])}, '
            f'"fields": [{{"name": "a", "type": "{"long" if edit else "int"}", "aliases": {json.dumps([f"b{n}" for n in range(20_000)])}}}]}}'
        ),
        "more than",
    ),
    "avro: million digits": (
        lambda edit: _avro(_record("A", '{"name": "a", "type": "int", "default": %s}' % ("9" * 1_000_000), edit)),
        "digits",
    ),
    "avro: huge fraction": (
        lambda edit: _avro(_record("A", '{"name": "a", "type": "double", "default": 1e%s}' % ("9" * 1_000), edit)),
        "",
    ),
    "avro: symbols": (
        lambda edit: _avro(
            _record(
                "A",
                '{"name": "e", "type": {"type": "enum", "name": "E", "symbols": %s}}'
                % json.dumps([f"S{n}" for n in range(50_000 + len(edit))]),
            )
        ),
        "more than",
    ),
    "json: nested": (lambda edit: _json('"not": {' * 20_000 + "}" * 20_000 + " " * len(edit)), "levels deep"),
    "json: laughs by allOf": (lambda edit: _json(_json_laughs(60, "allOf", edit)), ""),
    "json: laughs by oneOf": (lambda edit: _json(_json_laughs(60, "oneOf", edit)), ""),
    "json: chain of files": (lambda edit: _json_chain(250, edit), "more than 100 files"),
    "json: circle": (
        lambda edit: _json(f'"$ref": "#/$defs/a", "title": "{edit}", "$defs": {{"a": {{"$ref": "#"}}}}'),
        "back to itself",
    ),
    "json: recursion": (
        lambda edit: _json(
            f'"properties": {{"a": {{"$ref": "#"}}, "b": {{"type": "{"string" if edit else "integer"}"}}}}'
        ),
        "",
    ),
    "json: pattern": (
        lambda edit: _json(
            f'"type": "string", "title": "{edit}", "pattern": "^(([a-z])+.)+[A-Z]([a-z])+$", "enum": ["{"a" * 30}"]'
        ),
        "",
    ),
    "json: many branches": (
        lambda edit: _json('"oneOf": [%s]' % ", ".join(f'{{"const": "{n}{edit}"}}' for n in range(3_000))),
        "branches",
    ),
    "json: many properties": (
        lambda edit: _json(
            '"properties": {%s}'
            % ", ".join(f'"p{n}": {{"type": "{"string" if edit else "integer"}"}}' for n in range(3_000))
        ),
        "",
    ),
    "json: large enum": (lambda edit: _json('"enum": %s' % json.dumps(list(range(20_000 + len(edit))))), ""),
    "json: million digits": (lambda edit: _json('"maximum": 1%s' % ("0" * 1_000_000)), "digits"),
    "json: long fraction": (lambda edit: _json('"multipleOf": 0.%s1' % ("0" * 100_000)), "digits"),
    "protobuf: nested messages": (
        lambda edit: {P: _proto("".join(f"message M{n} {{" for n in range(3_000)) + "}" * 3_000)},
        "",
    ),
    "protobuf: nested options": (
        lambda edit: {P: _proto("option (x) = " + "{a:" * 20_000 + "1" + "}" * 20_000 + ";")},
        "a.proto",
    ),
    "protobuf: many fields": (
        lambda edit: {
            P: _proto("message A { %s }" % " ".join(f"int{64 if edit else 32} f{n} = {n};" for n in range(1, 1_000)))
        },
        "",
    ),
    "protobuf: many values": (
        lambda edit: {
            P: _proto(
                "enum E { %s } message A { E e = 1; }" % " ".join(f"V{n} = {n};" for n in range(20_000 + len(edit)))
            )
        },
        "",
    ),
    "protobuf: many ranges": (
        lambda edit: {
            P: _proto("message A { reserved %s; }" % ", ".join(str(n) for n in range(1, 15_000 + len(edit), 2)))
        },
        "",
    ),
    "protobuf: billion laughs": (lambda edit: {P: _proto_laughs(30, edit)}, ""),
    "protobuf: chain of files": (lambda edit: _proto_chain(150, edit), ""),
    "protobuf: circle of files": (
        lambda edit: {
            P: _proto("message A {}", "b/v1/b.proto"),
            "schemas/b/v1/b.proto": _proto(f"message B {{}} // {edit}", "a/v1/a.proto"),
        },
        "mport",
    ),
    "protobuf: import out of the tree": (
        lambda edit: {P: _proto("message A {}", "../../../etc/passwd")},
        "leads out of the tree",
    ),
    "protobuf: absolute import": (lambda edit: {P: _proto("message A {}", "/etc/passwd")}, "leads out of the tree"),
    "protobuf: open text": (lambda edit: {P: _proto('option x = "' + '\\\\"' * 500_000)}, "a.proto"),
    "protobuf: what aborts the compiler": (  # found by fuzzing: half of a surrogate pair in an option of one's own
        lambda edit: {
            P: _proto(
                'extend google.protobuf.FieldOptions { string o = 50001; } message A { string a = 1 [(o) = "l\\ud800i"]; }',
                "google/protobuf/descriptor.proto",
            )
        },
        "a.proto: not checked",
    ),
    "settings: blank lines": (
        lambda edit: {"schemas/a/event.toml": "\n" * 900_000 + "bogus = 1", **_avro(_record("A", ""))},
        "bogus",
    ),
    "settings: long key": (
        lambda edit: {"schemacheck.toml": "a" + ".a" * 1_000_000 + " = 1", **_avro(_record("A", ""))},
        "parts",
    ),
    "settings: patterns": (
        lambda edit: {
            "schemacheck.toml": 'exclude = ["%s"]' % ("**/*a" * 30 + "b"),
            "schemas/" + "a/" * 40 + "a" * 100 + "/v1.avsc": _record("A", ""),
        },
        "",
    ),
}
TWICE = [name for name, (files, _) in CASES.items() if files("") != files("x")]


def bounded(folder: Path, out: Path, *arguments: str) -> tuple[int, int, str]:
    """Exit code, megabytes, and what was said, of the command within the bounds."""
    import resource

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    environ = {**os.environ, "PYTHONPATH": str(Path(schemacheck.__file__).parents[1])}
    with out.open("wb") as said:
        child = subprocess.Popen(
            [sys.executable, "-m", "schemacheck", *arguments],
            cwd=folder,
            env=environ,
            stdout=said,
            stderr=said,
            preexec_fn=limit,
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, used.ru_maxrss >> 10, out.read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="there are no limits to set")
@pytest.mark.parametrize(
    ("name", "edited"), [(name, edited) for name in CASES for edited in (False, True) if not edited or name in TWICE]
)
def test_it_ends_within_ten_seconds_and_half_a_gigabyte(tmp_path: Path, name: str, edited: bool) -> None:
    files, words = CASES[name]
    repo = Repo(tmp_path / "repo")
    repo.commit(files("") if edited else {"README": "x"})
    repo.write(files("x") if edited else files(""))
    code, megabytes, said = bounded(repo.path, tmp_path / "said", "check")
    assert code in ((3, 2, 1) if words else (0, 1, 3)), said[-2000:]
    assert megabytes <= MEGABYTES
    assert words in said
    for never in ("bug of schemacheck", "Traceback", "root:x:"):
        assert never not in said
    if words and code == 3 and not edited:
        assert "not checked" in said.lower()
