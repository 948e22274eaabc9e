"""What changed between the services of an event's file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from schemacheck.formats.protobuf import rules
from schemacheck.formats.protobuf.options import diff_options
from schemacheck.formats.protobuf.shapes import comparable, message_facts
from schemacheck.formats.protobuf.walk import Pair, Spot, Walk
from schemacheck.model import Change


def diff_services(walk: Walk) -> Iterator[Change]:
    """Services and methods pair by name."""
    before, after = _services(walk.old), _services(walk.new)
    for name, service in after.items():
        old = before.get(name) or walk.old.service(service.full_name)
        if old is None:
            spot = walk.came(service, service.full_name, walk.top)
            yield spot.tell(rules.SERVICE_ADDED, {"name": service.full_name})
        else:
            yield from _service(walk, old, service)
    for name, service in before.items():
        if name in after:
            continue
        new = walk.new.service(service.full_name)
        if new is None:
            spot = walk.went(service, service.full_name, walk.top)
            yield spot.tell(rules.SERVICE_REMOVED, {"name": service.full_name})
        else:
            yield from _service(walk, service, new)


def _services(side: Any) -> Mapping[str, Any]:
    services: Mapping[str, Any] = side.schema.file.services_by_name
    return services


def _service(walk: Walk, old: Any, new: Any) -> Iterator[Change]:
    spot = walk.both(old, new, new.full_name, walk.top)
    files = walk.moved(old, new)
    if files is not None:
        values = {"name": new.full_name, "old": files[0], "new": files[1]}
        yield spot.tell(rules.TYPE_MOVED_TO_OTHER_FILE, values)
    yield from diff_options(walk, spot, old, new)
    for method in new.methods:
        was = old.methods_by_name.get(method.name)
        where = f"{new.full_name}.{method.name}"
        if was is None:
            yield walk.came(method, where, spot).tell(rules.RPC_ADDED, {"name": method.name})
        else:
            yield from _method(walk, walk.both(was, method, where, spot), was, method)
    for method in old.methods:
        if method.name not in new.methods_by_name:
            gone = walk.went(method, f"{new.full_name}.{method.name}", spot)
            yield gone.tell(rules.RPC_REMOVED, {"name": method.name})


def _method(walk: Walk, spot: Spot, old: Any, new: Any) -> Iterator[Change]:
    before, after = (f"{_stream(m.client_streaming)} in, {_stream(m.server_streaming)} out" for m in (old, new))
    if before != after:
        yield spot.tell(rules.RPC_STREAMING_CHANGED, {"name": new.name, "old": before, "new": after})
    promises = [_promise(side.proto(method).options) for side, method in ((walk.old, old), (walk.new, new))]
    if promises[0] != promises[1]:
        values = {"name": new.name, "old": promises[0], "new": promises[1]}
        yield spot.tell(rules.RPC_IDEMPOTENCY_CHANGED, values)
    yield from diff_options(walk, spot, old, new)
    for part, was, now in (
        ("request", old.input_type, new.input_type),
        ("response", old.output_type, new.output_type),
    ):
        here = replace(spot.below(f"({part})"), old=was, new=now, around=None)
        for fact in message_facts(was, now, part):
            yield here.tell(fact.rule, fact.values)
        if comparable(was, now) and not walk.settled(was, now):
            walk.meet(walk.messages, Pair(was, now, walk.both(was, now, here.where, here), rules.RPC_TYPE_RENAMED))


def _stream(streaming: bool) -> str:
    return "a stream" if streaming else "one message"


def _promise(options: Any) -> str:
    levels = options.DESCRIPTOR.fields_by_name["idempotency_level"].enum_type.values_by_number
    return str(levels[options.idempotency_level].name)
