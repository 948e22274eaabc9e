"""Paths to event versions, and back."""

from __future__ import annotations

import pytest

from schemacheck.errors import UsageError
from schemacheck.layout import Layout, compile_template
from schemacheck.model import Version

LAYOUT = Layout.conventional(["schemas"])


@pytest.mark.parametrize(
    ("path", "subject", "second"),
    [
        ("schemas/orders/order_placed/v1.avsc", "orders/order_placed v1", "schemas/orders/order_placed/v2.avsc"),
        ("schemas/orders/v1/order_placed.proto", "orders/order_placed v1", "schemas/orders/v2/order_placed.proto"),
        (
            "schemas/sales/eu/orders/placed/v7.avsc",
            "sales/eu/orders/placed v7",
            "schemas/sales/eu/orders/placed/v2.avsc",
        ),
        ("schemas/order_placed/v1.avsc", "order_placed v1", "schemas/order_placed/v2.avsc"),
        ("schemas/v1/order_placed.proto", "order_placed v1", "schemas/v2/order_placed.proto"),
        ("schemas/orders/placed.v1.avsc", "orders/placed v1", "schemas/orders/placed.v2.avsc"),
        ("schemas/orders/placed_v1.avsc", "orders/placed v1", "schemas/orders/placed_v2.avsc"),
        ("schemas/orders/v1beta2/placed.proto", "orders/placed v1beta2", "schemas/orders/v2/placed.proto"),
        ("schemas/ads/v1/enums/kind.proto", "ads/enums/kind v1", "schemas/ads/v2/enums/kind.proto"),
    ],
)
def test_a_path_with_a_version_names_event_and_version(path: str, subject: str, second: str) -> None:
    placed = LAYOUT.place(path)
    assert subject == str(placed.subject)
    assert not placed.implicit
    assert path == placed.path_of(placed.subject.version)
    assert second == placed.path_of(Version(2))


@pytest.mark.parametrize(
    ("path", "event", "second"),
    [
        ("proto/shop/order.proto", "proto/shop/order", "proto/shop/order/v2.proto"),
        ("avro/customer.avsc", "avro/customer", "avro/customer/v2.avsc"),
        ("customer.avsc", "customer", "customer/v2.avsc"),
    ],
)
def test_a_path_without_version_is_an_implicit_v1_whose_next_version_belongs_to_the_same_event(
    path: str, event: str, second: str
) -> None:
    layout = Layout.conventional([""])
    placed = layout.place(path)
    assert placed.implicit
    assert f"{event} v1" == str(placed.subject)
    assert second == placed.path_of(Version(2))
    assert f"{event} v2" == str(layout.place(second).subject)


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("schemas/orders/placed/V2.avsc", "schemas/orders/placed/v2.avsc"),
        ("schemas/orders/placed/v02.avsc", "schemas/orders/placed/v2.avsc"),
        ("schemas/orders/placed-V3.avsc", "schemas/orders/placed/v3.avsc"),
        ("schemas/orders/V1/placed.proto", "schemas/orders/v1/placed.proto"),
        ("schemas/orders/placed.avsc", None),
    ],
)
def test_a_misspelt_version_is_recognised_only_to_say_where_it_belongs(path: str, wanted: str | None) -> None:
    assert LAYOUT.place(path).implicit
    assert wanted == LAYOUT.wanted(path)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{event}.avsc", "{version} exactly once"),
        ("v{version}.avsc", "{event} exactly once"),
        ("{event}/v{version}/v{version}.avsc", "{version} exactly once"),
        ("{event}/{version}.avsc", 'no "v"'),
        ("{topic}/{event}/v{version}.avsc", '"{topic}" is unknown'),
        ("{domain}/{domain}/{event}/v{version}.avsc", "a name twice"),
    ],
)
def test_a_template_that_cannot_place_anything_is_refused(template: str, words: str) -> None:
    with pytest.raises(UsageError, match=words.replace("{", r"\{").replace("}", r"\}")):
        compile_template(template)


@pytest.mark.parametrize(
    "text", ["v0", "v1alpha", "v1alpha1", "v1alpha2", "v1beta", "v1beta1", "v1", "v2beta1", "v2", "v10"]
)
def test_versions_spell_back(text: str) -> None:
    assert text == str(Version.parse(text))


def test_versions_are_ordered_by_number_then_tier() -> None:
    texts = ["v0", "v1alpha", "v1alpha1", "v1beta", "v1beta1", "v1", "v2beta1", "v2", "v10"]
    versions = [version for text in texts if (version := Version.parse(text))]
    assert versions == sorted(set(versions))


@pytest.mark.parametrize("text", ["", "1", "V1", "v01", "v1.2", "v-1", "v1gamma", "v0beta", "v1alpha1x", "v٣"])
def test_what_is_no_version_is_none(text: str) -> None:
    assert Version.parse(text) is None


@pytest.mark.parametrize(
    ("path", "metadata"),
    [
        ("schemas/orders/order_placed/v1.avsc", "schemas/orders/order_placed/event.toml"),
        ("schemas/orders/v1/order_placed.proto", "schemas/orders/order_placed/event.toml"),
        ("schemas/orders/order_placed.v1.avsc", "schemas/orders/order_placed/event.toml"),
        ("schemas/orders/order_placed.avsc", "schemas/orders/order_placed/event.toml"),
        ("proto/shop/order.proto", "proto/shop/order/event.toml"),
    ],
)
def test_an_event_has_one_place_for_what_is_said_about_it(path: str, metadata: str) -> None:
    placed = LAYOUT.place(path)
    assert metadata == LAYOUT.metadata_of(placed)
    assert placed.subject.event == LAYOUT.event_of(metadata)


def test_the_folders_before_the_first_name_of_a_template_belong_to_no_event() -> None:
    layout = Layout(
        ("schemas",), ("schemas/avro/{event}/v{version}.{ext}", "schemas/{domain}/v{version}/{event}.{ext}")
    )
    assert "schemas/avro/placed/event.toml" == layout.metadata_of(layout.place("schemas/avro/placed/v1.avsc"))
    assert "placed" == layout.event_of("schemas/avro/placed/event.toml")
    assert "orders/placed" == layout.event_of("schemas/orders/placed/event.toml")


def test_a_version_may_be_the_tail_of_a_name() -> None:
    layout = Layout(("schemas",), ("schemas/{event}V{version}.{ext}",))
    placed = layout.place("schemas/OrderPlacedV2.avsc")
    assert ("OrderPlaced v2", "schemas/OrderPlacedV3.avsc") == (str(placed.subject), placed.path_of(Version(3)))
