"""What fuzzing begins with: the project's own cases, so that mutations begin at schemas that mean something."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

CASES = Path(__file__).parent.parent / "cases"
CORPUS = Path(__file__).parent / "corpus"
SIDES = b"\n==== after ====\n"  # between the two sides of an input
NEXT = b"\n==== next ====\n"  # between the answers of a registry, and between the files of a tree
ENDINGS = {"avro": "avsc", "protobuf": "proto", "json_schema": "schema.json"}
SAID = ("event.toml", "schemacheck.waivers.toml", "schemacheck.toml")


@cache
def seeds(target: str) -> Sequence[bytes]:
    """What mutations of a target begin with, and what fuzzing has found: each mended."""
    return [*_SEEDS.get(target, _sides)(), *(path.read_bytes() for path in sorted((CORPUS / target).glob("*")))]


def texts(kind: str) -> list[bytes]:
    """The schemas of a format in all cases."""
    return [path.read_bytes() for path in sorted(CASES.rglob(f"*.{ENDINGS[kind]}"))]


def _blocks() -> list[bytes]:
    readme = (CASES.parents[1] / "README.md").read_text(encoding="utf-8")
    return [block.partition("```")[0].encode() for block in readme.split("```toml\n")[1:]]


def _said() -> list[bytes]:
    return sorted({path.read_bytes() for name in SAID for path in CASES.rglob(name)})


def _sides() -> list[bytes]:
    return [side for ending in ENDINGS.values() for side in _pairs(ending)]


def _pairs(ending: str) -> Iterator[bytes]:
    for before in sorted(CASES.rglob(f"before.{ending}")):
        yield before.read_bytes() + SIDES + before.with_name(f"after.{ending}").read_bytes()


# registries: each answer is a status, headers, an empty line and a body

EVENT = '{"type": "record", "namespace": "orders.v1", "name": "OrderPlaced", "fields": [%s]}'
FIELD = '{"name": "id", "type": "string"}'
_OLD = EVENT % (FIELD + ', {"name": "currency", "type": "string", "default": ""}')
_SCHEMA = {"subject": "orders.v1.OrderPlaced", "version": 1, "id": 7, "schema": _OLD}
_REFERENCE = {"name": "common.v1.Money", "subject": "common.v1.Money", "version": 1}
_SECOND = {**_SCHEMA, "version": 2, "id": 8, "schemaType": "AVRO", "references": [_REFERENCE]}
_THIRD = {**_SCHEMA, "schemaType": "PROTOBUF", "schema": 'syntax = "proto3"; message OrderPlaced { string id = 1; }'}
_PROPERTIES = {"metadata": {"properties": {"major": "1", "confluent:version": "1"}}}
_SAID: Sequence[tuple[int, object]] = (
    *((200, value) for value in ([1], [1, 2], ["orders.v1.OrderPlaced"], [], None, {}, [_SCHEMA, _SECOND])),
    *((200, value) for value in (_SCHEMA, _SECOND, _THIRD, {**_SCHEMA, **_PROPERTIES})),
    *((200, {"compatibilityLevel": level}) for level in ("BACKWARD", "FULL_TRANSITIVE", "NONE")),
    *((200, {"is_compatible": verdict, "messages": ["{errorType:'X', description:'y'}"]}) for verdict in (True, False)),
    *((200, value) for value in ({"is_compatible": True}, {"mode": "READWRITE"}, {"compatibility": "FULL"}, {"id": 7})),
    *((404, {"error_code": code, "message": "not found"}) for code in (40401, 40402, 40403, 40408, 40409, 404)),
    *((409, {"error_code": code, "message": "incompatible"}) for code in (409, 40901)),
    *((422, {"error_code": 42201, "message": text}) for text in ("invalid", ["in", "valid"])),
    *((status, {"message": "Basic bWU6czNjcmV0LVBhNTV3b3Jk"}) for status in (401, 403, 405, 429, 500, 503)),
    *((404, "Not Found"), (405, "Method Not Allowed")),
)


def answer(status: int, value: object, *headers: str) -> bytes:
    """One answer of a registry, as the fuzzers write it."""
    head = "\n".join((str(status), "Content-Type: application/vnd.schemaregistry.v1+json", *headers))
    return f"{head}\n\n{json.dumps(value)}".encode()


def _answers() -> list[bytes]:
    said = [answer(status, value) for status, value in _SAID]
    said += [answer(302, "", "Location: https://elsewhere.example/subjects"), answer(503, {}, "Retry-After: 1")]
    said += [b"502\nContent-Type: text/html\n\n<html>Bad Gateway</html>", b"204\n\n", b'200\n\n{"mode": ']
    token = {"access_token": "s3cret-token", "expires_in": 60}
    tokens = [
        answer(200, token),
        *[answer(500, {"message": "Bearer s3cret-token"})] * 4,
        answer(200, {**token, "x": 1}),
    ]
    tokens += [answer(200, {"access_token": 1}), answer(401, {})]
    runs = [said[start : start + 6] for start in range(0, len(said), 2)]
    gate = [said[index] for index in (7, 11, 0, 15)]  # a version, its level, the numbers, the verdict
    return [NEXT.join(run) for run in (*runs, tokens, gate, *([*gate[:3], one] for one in said[15:30]))]


def _wire() -> list[bytes]:
    """The same as HTTP has it."""
    made = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1]\r\n0\r\n\r\n"]
    made += [b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Encoding: gzip\r\n\r\n[1]"]
    made += [b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]", b"HTTP/1.0 200\r\n\r\n[]"]
    for status, value in _SAID:
        body = json.dumps(value).encode()
        made.append(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body))
    made.append(b"HTTP/1.1 302 X\r\nLocation: http://elsewhere.example/\r\nContent-Length: 0\r\n\r\n")
    return made


# trees: each file is a mode, a path and its content

_POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"
_PATHS = (
    *("schemas/a/v1.avsc", "schemas/a/v2.avsc", "schemas/b/v1.avsc", "schemas/common/money.avsc"),
    *("schemas/A/v1.avsc", "schemas/..avsc", "schemas/-v1.avsc", "schemas/a\nb/v1.avsc", "schemas/\x1b[31m/v1.avsc"),
    *("schemas/::error::x/v1.avsc", "../v1.avsc", "schemas/../a/v1.avsc", ".git/config", "schemas/.git/v1.avsc"),
    *("schemas/a.avsc/v1.avsc", "schemas//v1.avsc", "schemas/./v1.avsc", "schemacheck.toml", ".gitattributes"),
    *("schemas/a/event.toml", "schemacheck.waivers.toml", "schemas/\u202ea/v1.avsc", "schemas/%0A/v1.avsc"),
)
_CONTENTS = (EVENT % FIELD, _OLD, "{", "", "\x00", _POINTER, "/etc/passwd", '"orders.v1.OrderPlaced"')


def entry(mode: str, path: str, content: str) -> bytes:
    """One file of a tree, as the fuzzers write it."""
    return f"{mode} ".encode() + path.encode("utf-8", "surrogateescape") + b"\0" + content.encode()


def _trees() -> list[bytes]:
    good = entry("100644", _PATHS[0], _CONTENTS[0])
    made = []
    for number, path in enumerate(_PATHS):
        content = _CONTENTS[number % len(_CONTENTS)]
        for mode in ("100644", "120000", "160000", "100755", "40000"):
            made.append(good + SIDES + good + NEXT + entry(mode, path, content))
    made += [good + SIDES + entry("100644", _PATHS[0], content) for content in _CONTENTS]
    made += [good + SIDES + good + NEXT + entry("100644", "schemas/caf\udce9/v1.avsc", _CONTENTS[0])]
    return made


def encoded(data: bytes) -> str:
    """An input as a record can hold it."""
    return base64.b64encode(data).decode()


_SEEDS = {
    "configuration": _blocks,
    "said": _said,
    "answers": _answers,
    "registry": _answers,
    "wire": _wire,
    "names": _trees,
    "trees": _trees,
    **{kind: (lambda kind=kind: texts(kind)) for kind in ENDINGS},  # type: ignore[misc]
}
