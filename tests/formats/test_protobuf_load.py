"""Loading `.proto` files: what is compiled, what is wrong and where, and that nothing leaves the tree."""

from __future__ import annotations

import faulthandler
import os
import signal
import tempfile
import time
from collections.abc import Mapping, Sequence

import pytest

from schemacheck import formats, isolation
from schemacheck.formats.protobuf import compile as compiler
from schemacheck.model import Document, Problem, Schema, Subject, Version, Workspace
from schemacheck.sources.tree import MemoryTree

MONEY = 'syntax = "proto3";\npackage common.v1;\nmessage Money { int64 units = 1; }\n'
ORDER = """syntax = "proto3";
package orders.v1;
import "common/v1/money.proto";
message Order { common.v1.Money total = 1; }
"""


def opened(files: Mapping[str, str | bytes], **options: object) -> Workspace:
    contents = {path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()}
    return formats.load("protobuf").open(MemoryTree("tree", contents), options)


def parsed(
    files: Mapping[str, str | bytes], path: str, event: str = "event", **options: object
) -> Schema | Sequence[Problem]:
    workspace = opened(files, **options)
    tree = MemoryTree("tree", {})
    return workspace.parse([Document(Subject(event, Version(1)), "protobuf", path, tree)], published=False)[path]


def said(files: Mapping[str, str | bytes], path: str, **options: object) -> list[str]:
    """The problems of a file, as `path:line:column: message`."""
    problems = parsed(files, path, **options)
    assert isinstance(problems, list)
    return [f"{p.file}:{p.line}:{p.column}: {p.message}" for p in problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "a.proto:1:1: the file is empty"),
        (b"\xff\xfe", "a.proto:1:1: byte 0xff is not UTF-8"),
        (b"syntax\0", "a.proto:1:None: it is a binary file, or not UTF-8"),
        (
            'syntax = "proto3";\nmessage A {\n\tstring 1a = 1;\n}\n',
            "a.proto:3:10: need space between number and identifier",
        ),
        ('syntax = "proto3";\nmessage A { int32 é = 1; }\n', "a.proto:2:19: interpreting non ascii codepoint 195"),
        ('syntax = "proto3";\n/* é */ message A { Foo x = 1; }\n', 'a.proto:2:21: "Foo" is not defined'),
        (
            'syntax = "proto3";\nmessage A { int32 a = 1; int32 a = 2; }\n',
            'a.proto:2:32: "a" is already defined in "A"',
        ),
        ('edition = "2099";\n', 'a.proto:1:11: unknown edition "2099"'),
        ("<<<<<<< HEAD\n", "a.proto:1:1: expected top-level statement"),
        ('syntax = "proto3";\n' + "message A {" * 2000 + "}" * 2000, "a.proto:2:342: reached maximum recursion limit"),
        ('syntax = "proto3";\nimport "b.proto";\n', 'a.proto:2:8: the import "b.proto" was not found'),
        ('syntax = "proto3";\nimport "/etc/passwd";\n', 'a.proto:2:8: the import "/etc/passwd" leads out of the tree'),
        ('syntax = "proto3";\nimport "../b.proto";\n', 'a.proto:2:8: the import "../b.proto" leads out of the tree'),
        ('syntax = "proto3";\nimport "a.proto";\n', "a.proto:2:1: file recursively imports itself"),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_character_column(text: str | bytes, expected: str) -> None:
    assert said({"a.proto": text}, "a.proto")[0].startswith(expected)


def test_all_errors_of_a_file_are_listed_once() -> None:
    text = 'syntax = "proto3";\nmessage A {\n  Foo x = 1;\n  Bar y = 2;\n}\n'
    assert ['a.proto:3:3: "Foo" is not defined', 'a.proto:4:3: "Bar" is not defined'] == said(
        {"a.proto": text}, "a.proto"
    )


def test_an_error_in_an_import_is_told_at_the_imported_file() -> None:
    files = {"schemas/orders/v1/order.proto": ORDER, "schemas/common/v1/money.proto": "message Money {"}
    (problem,) = said(files, "schemas/orders/v1/order.proto")
    assert problem.startswith("schemas/common/v1/money.proto:1:16: reached end of input")


def test_one_broken_file_does_not_hide_the_others() -> None:
    files = {"good.proto": MONEY, "bad.proto": "message"}
    tree = MemoryTree("tree", {})
    documents = [Document(Subject(path, Version(1)), "protobuf", path, tree) for path in files]
    result = opened(files).parse(documents, published=False)
    assert not isinstance(result["good.proto"], list)
    assert isinstance(result["bad.proto"], list)


def test_two_files_that_claim_one_name_are_compiled_apart() -> None:
    files = {"a/money.proto": MONEY, "b/money.proto": MONEY}
    tree = MemoryTree("tree", {})
    documents = [Document(Subject(path, Version(1)), "protobuf", path, tree) for path in files]
    result = opened(files).parse(documents, published=False)
    assert [["common.v1.Money"], ["common.v1.Money"]] == [list(result[path].names) for path in files]  # type: ignore[union-attr]


@pytest.mark.parametrize("root", ["", "schemas/", "deep/er/"])
def test_imports_are_found_from_any_folder_above(root: str) -> None:
    files = {f"{root}orders/v1/order.proto": ORDER, f"{root}common/v1/money.proto": MONEY}
    schema = parsed(files, f"{root}orders/v1/order.proto")
    assert not isinstance(schema, list)
    assert {"orders.v1.Order": f"{root}orders/v1/order.proto#4/0"} == dict(schema.names)


def test_configured_roots_and_includes_decide_where_imports_start() -> None:
    files = {"proto/order.proto": ORDER, "vendor/common/v1/money.proto": MONEY}
    assert ['proto/order.proto:3:8: the import "common/v1/money.proto" was not found'] == said(
        files, "proto/order.proto"
    )
    assert not isinstance(parsed(files, "proto/order.proto", includes=["vendor"]), list)
    assert not isinstance(parsed(files, "proto/order.proto", roots=["proto", "vendor"]), list)


def test_the_modules_of_buf_are_roots() -> None:
    files = {
        "buf.yaml": "version: v2\nmodules:\n  - path: one\n  - path: two\n",
        "one/order.proto": ORDER,
        "two/common/v1/money.proto": MONEY,
    }
    assert not isinstance(parsed(files, "one/order.proto"), list)


def test_well_known_types_come_with_the_compiler() -> None:
    stamp = 'import "google/protobuf/timestamp.proto";\n'
    text = f'syntax = "proto3";\n{stamp}message A {{ google.protobuf.Timestamp at = 1; }}\n'
    assert not isinstance(parsed({"a.proto": text}, "a.proto"), list)


@pytest.mark.parametrize(
    "name", ["@a.proto", "-a.proto", "a b.proto", "a:b.proto", "a=b.proto", "é.proto", "'a\".proto"]
)
def test_odd_file_names_are_no_arguments_of_the_compiler(name: str) -> None:
    assert not isinstance(parsed({f"dir/{name}": MONEY}, f"dir/{name}"), list)
    assert not isinstance(parsed({name: MONEY}, name), list)


def test_only_the_changed_file_and_its_imports_reach_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    real = compiler._protoc

    def recording(arguments: Sequence[str]) -> tuple[int, str]:
        from pathlib import Path

        source = next(argument[2:] for argument in arguments if argument.startswith("-I"))
        compiled.extend(sorted(path.name for path in Path(source).rglob("*.proto")))
        return real(arguments)

    monkeypatch.setattr(compiler, "_protoc", recording)
    others = {f"other{number}.proto": MONEY.replace("common.v1", f"other{number}.v1") for number in range(50)}
    files = {"orders/v1/order.proto": ORDER, "common/v1/money.proto": MONEY, **others}
    assert not isinstance(parsed(files, "orders/v1/order.proto"), list)
    assert ["money.proto", "order.proto"] == compiled


def test_dependents_are_found_through_other_files() -> None:
    files = {
        "common/v1/money.proto": MONEY,
        "orders/v1/order.proto": ORDER,
        "bills/v1/bill.proto": 'syntax = "proto3";\nimport public "orders/v1/order.proto";\n',
        "other.proto": 'syntax = "proto3";\n// import "common/v1/money.proto";\n',
    }
    workspace = opened(files)
    assert {"orders/v1/order.proto", "bills/v1/bill.proto"} == workspace.dependents({"common/v1/money.proto"})
    assert {"common/v1/money.proto"} == set(workspace.imports("orders/v1/order.proto"))


def test_only_top_level_names_are_claimed() -> None:
    files = {
        "a.proto": "package shop;\nmessage Item { message Money {} }\n// message Money {}\n",
        "b.proto": "package shop; message Money {} enum Kind { A = 0; }\n",
        "c.proto": "package other; message Money {}\n",
    }
    workspace = opened(files)
    assert ["b.proto"] == list(workspace.claims("shop.Money"))
    assert ["b.proto"] == list(workspace.claims("shop.Kind"))


@pytest.mark.parametrize(
    ("event", "roots"),
    [
        ("orders/order_placed", ["OrderPlaced"]),
        ("orders/OrderPlaced", ["OrderPlaced"]),
        ("orders", ["OrderPlaced", "Other"]),
    ],
)
def test_the_event_is_the_message_that_the_subject_names_or_else_those_that_nothing_refers_to(
    event: str, roots: list[str]
) -> None:
    text = 'syntax = "proto3";\nmessage Line {}\nmessage OrderPlaced { repeated Line lines = 1; }\nmessage Other {}\n'
    schema = parsed({"a.proto": text}, "a.proto", event)
    assert roots == [root.name for root in schema.roots]  # type: ignore[union-attr]


def test_package_and_language_options_are_declared_with_their_places() -> None:
    text = 'syntax = "proto3";\npackage a.v1;\noption go_package = "x/a/v1;av1";\nmessage A {}\n'
    workspace = opened({"a.proto": text})
    document = Document(Subject("a", Version(1)), "protobuf", "a.proto", MemoryTree("tree", {}))
    schema = workspace.parse([document], published=False)["a.proto"]
    assert not isinstance(schema, list)
    declared = [(d.place, d.text, workspace.locate(d.pointer)) for d in schema.declared]  # type: ignore[union-attr]
    assert [("package", "a.v1", 2), ("go_package", "x/a/v1;av1", 3)] == [
        (p, t, place.line) for p, t, place in declared if place
    ]


# what the compiler may do

FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="without fork the compiler runs in this process")


@FORKS
@pytest.mark.parametrize(
    ("signal_", "words"),
    [
        (signal.SIGSEGV, "protoc died of signal 11 on it"),
        (signal.SIGABRT, "protoc gave up on it, perhaps for want of memory"),
        (signal.SIGALRM, "protoc did not end in time"),
    ],
)
def test_a_compiler_that_dies_takes_one_file_with_it(
    monkeypatch: pytest.MonkeyPatch, signal_: signal.Signals, words: str
) -> None:
    from grpc_tools import _protoc_compiler

    real = _protoc_compiler.run_main

    def dying(arguments: Sequence[bytes]) -> int:
        if any(argument.endswith(b"/bad.proto") for argument in arguments):
            faulthandler.disable()  # of pytest, which would tell it
            os.kill(os.getpid(), signal_)
        return int(real(arguments))

    monkeypatch.setattr(_protoc_compiler, "run_main", dying)
    monkeypatch.setattr(isolation, "ON", True)
    workspace = opened({"good.proto": MONEY, "bad.proto": MONEY.replace("common", "other")})
    documents = [
        Document(Subject(path, Version(1)), "protobuf", path, MemoryTree("tree", {}))
        for path in ("bad.proto", "good.proto")
    ]
    found = workspace.parse(documents, published=False)
    assert isinstance(found["bad.proto"], list)
    assert [("bad.proto", words)] == [(problem.file, problem.message) for problem in found["bad.proto"]]
    assert not isinstance(found["good.proto"], list)


@FORKS
def test_a_compiler_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "SECONDS", 1)
    with tempfile.TemporaryFile() as said:
        assert -signal.SIGALRM == compiler.in_child(lambda _: time.sleep(60) or 0, [], said.fileno())


@FORKS
def test_a_compiler_that_takes_all_memory_is_stopped() -> None:
    with tempfile.TemporaryFile() as said:
        status = compiler.in_child(lambda _: len(bytearray(2 * compiler.MEMORY)), [], said.fileno())
    assert status == 70  # a MemoryError here, an abort in the compiler
