"""What holds of messages and enums alike: how their JSON is checked, and who may import them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemacheck.formats.protobuf import rules
from schemacheck.formats.protobuf.side import Side
from schemacheck.formats.protobuf.walk import Pair, Walk
from schemacheck.model import Change

_BEST_EFFORT = 2  # FeatureSet.JsonFormat.LEGACY_BEST_EFFORT
_LOCAL = 1  # SymbolVisibility
# FeatureSet.VisibilityFeature.DefaultSymbolVisibility: what is exported without a word of its own.
_EXPORT_ALL, _EXPORT_TOP_LEVEL = 1, 2


def diff_symbol(walk: Walk, pair: Pair) -> Iterator[Change]:
    """The JSON format and the visibility of two messages or two enums."""
    name = {"name": pair.new.name}
    lax = [element._GetFeatures().json_format == _BEST_EFFORT for element in (pair.old, pair.new)]
    if lax[0] != lax[1] and walk.json and pair.json:
        rule = rules.JSON_FORMAT_BECAME_BEST_EFFORT if lax[1] else rules.JSON_FORMAT_BECAME_STRICT
        yield pair.spot.tell(rule, name)
    local = _local(walk.old, pair.old), _local(walk.new, pair.new)
    if local[0] != local[1]:
        yield pair.spot.tell(rules.SYMBOL_BECAME_LOCAL if local[1] else rules.SYMBOL_BECAME_EXPORTED, name)


def _local(side: Side, element: Any) -> bool:
    """Whether other files may not refer to a type, as editions from 2024 on can say."""
    said = getattr(side.proto(element), "visibility", 0)
    if said:
        return bool(said == _LOCAL)
    default = getattr(element._GetFeatures(), "default_symbol_visibility", _EXPORT_ALL)
    return default not in (0, _EXPORT_ALL) and not (default == _EXPORT_TOP_LEVEL and element.containing_type is None)
