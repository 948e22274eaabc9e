"""What is compiled ahead, many files in one run, is what a run for each of them finds."""

from __future__ import annotations

import pytest
from protobuf_pairs import Author

from schemacheck.formats.protobuf import ahead
from schemacheck.formats.protobuf.ahead import Wanted, compile_ahead, compiled
from schemacheck.formats.protobuf.compile import compile_files

HEAD = 'syntax = "proto3";\npackage {0};\n'
MONEY = b"""syntax = "proto3";
package money;
import "google/protobuf/wrappers.proto";
message Money { google.protobuf.Int64Value units = 1; }
"""


def event(folder: str, body: str, head: str = "") -> Wanted:
    text = f"{HEAD.format(folder)}{head}message Event {{ {body} }}\n"
    return Wanted(f"{folder}/event.proto", {f"{folder}/event.proto": text.encode()})


def with_imports(folder: str, body: str) -> Wanted:
    """Imports in an order that another file has turned round."""
    head = "".join(f'import "{name}";\n' for name in ("google/protobuf/timestamp.proto", "money.proto", "b.proto"))
    one = event(folder, f"money.Money money = 9; b.B b = 8; google.protobuf.Timestamp at = 7; {body}", head)
    b = b'syntax = "proto3";\npackage b;\nmessage B { int64 units = 1; }\n'
    return Wanted(one.target, {**one.texts, "money.proto": MONEY, "b.proto": b})


def same_as_alone(wanted: list[Wanted]) -> list[bool]:
    """For each that is ready: whether it is what a run of its own makes of it, to the byte."""
    compile_ahead(wanted)
    said = []
    for one in wanted:
        found = compiled(one.target, one.texts)
        alone = compile_files(one.texts, [one.target])
        if found is not None:
            assert found.files is not None
            assert alone.files is not None
            said.append(found.files.SerializeToString() == alone.files.SerializeToString())
    return said


def test_what_is_compiled_ahead_is_what_a_run_for_each_finds() -> None:
    """Both states of each file, so that no run can hold them all."""
    pairs = list(Author(19).pairs(60))
    sides = zip(*pairs, strict=True)
    texts = [(f"p{n}/event.proto", file.text(f"p{n}").encode()) for side in sides for n, file in enumerate(side)]
    wanted = [Wanted(name, {name: text}) for name, text in texts]
    wanted += [
        with_imports("x", "string a = 1;"),
        with_imports("y", "string a = 2;"),
        with_imports("x", "int32 a = 1;"),
    ]
    other = 'import "b.proto";\nimport "money.proto";\n'
    turned = event("z", "b.B b = 1; money.Money money = 2;", other)
    wanted.append(Wanted(turned.target, {**wanted[-1].texts, **turned.texts}))
    assert [True] * len({one.key for one in wanted}) == same_as_alone(list({one.key: one for one in wanted}.values()))


@pytest.mark.parametrize("place", [0, 3, 6])
def test_a_file_that_does_not_compile_takes_nobody_with_it(place: int) -> None:
    wanted = [event(f"p{n}", f"string a = {n + 1};") for n in range(7)]
    wanted[place] = event(f"p{place}", "strin a = 1;")
    assert [True] * len(same_as_alone(wanted)) == same_as_alone(wanted)
    ready = [compiled(one.target, one.texts) is not None for one in wanted]
    assert not ready[place]
    assert sum(ready) >= 4


def test_files_that_define_the_same_name_are_compiled_apart() -> None:
    twins = [Wanted(f"{n}.proto", {f"{n}.proto": HEAD.format("same").encode() + b"message M {}\n"}) for n in range(2)]
    others = [event(f"p{n}", "string a = 1;") for n in range(4)]
    assert [True] * 5 == same_as_alone([twins[0], *others[:2], twins[1], *others[2:]])


def test_what_is_ready_is_let_go_before_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = ([event(f"{side}{n}", "string a = 1;") for n in range(2)] for side in "ab")
    compile_ahead(first)
    compile_ahead(second)
    assert [False, False, True, True] == [compiled(one.target, one.texts) is not None for one in [*first, *second]]
    monkeypatch.setattr(ahead, "MAX_READY", len(first[0].texts[first[0].target]))
    compile_ahead(first)
    assert [False, False] == [compiled(one.target, one.texts) is not None for one in first]
