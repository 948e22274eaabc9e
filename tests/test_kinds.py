"""What events of each kind are called."""

from __future__ import annotations

from pathlib import Path

import pytest

import schemacheck
from schemacheck.config import Names, Policy
from schemacheck.events.envelope import light
from schemacheck.events.identity import words
from schemacheck.events.kinds import imperative, naming, past_tense
from schemacheck.events.metadata import parse
from schemacheck.layout import Layout
from schemacheck.model import Member

FACTS = (
    "OrderPlaced PaymentFailed ItemAddedToCart UserSignedUp EmailSent InvoicePaid FundsWithdrawn SeatHeld "
    "PasswordReset PriceSet ParcelPutOnHold StockReserved RefundIssued OrderPlacedEvent OrderPlacedV2 "
    "CustomerRegisteredMessage ContractFrozen KeyStolen ShipmentBrokenDown AccountShutDown OutboxRowChanged "
    "order_cancelled payment-captured SubscriptionBegun CardWithheld MoneyLent LoggedIn CheckedOut "
    "DepositMade TicketSold "
)
NO_FACTS = (
    "SharedCartUpdate OrderUpdate SetPrice PlaceOrder PaymentFeed SeedData OrderNeed VideoEmbed "
    "OrderProceed NewsFeed BreedAdd PaymentEvent HundredOrders LeadScore OrderCreation Order "
    "Payment StatusChange DataFeedEvent "
)
REQUESTS = (
    "PlaceOrder CapturePayment SetPrice DispatchParcel ReserveStock SendEmail CancelOrder MarkInvoicePaid "
    "PutOnHold RefundPayment ShipOrder ChargeCard OrderSupplies SetUpAccount CreateOrderCommand "
)
NO_REQUESTS = "OrderPlaced PaymentFailed RefundIssued InvoicePaid PlacingOrder OrderEvent ItemAddedToCart"


@pytest.mark.parametrize("name", FACTS.split())
def test_a_name_says_what_happened(name: str) -> None:
    assert past_tense(words(name))


@pytest.mark.parametrize("name", NO_FACTS.split())
def test_a_name_does_not_say_what_happened(name: str) -> None:
    assert not past_tense(words(name))


@pytest.mark.parametrize("name", REQUESTS.split())
def test_a_name_is_a_request(name: str) -> None:
    assert imperative(words(name)) is True


@pytest.mark.parametrize("name", NO_REQUESTS.split())
def test_a_name_is_no_request(name: str) -> None:
    assert imperative(words(name)) is False


@pytest.mark.parametrize("name", ["Frobnicate", "InventorySnapshot", ""])
def test_of_a_name_that_is_not_known_nothing_is_said(name: str) -> None:
    assert imperative(words(name)) is None


def test_a_configuration_knows_more_words() -> None:
    assert past_tense(words("FlightOverbooked"), Names(past=("overbooked",)))
    assert past_tense(words("FlightKaput"), Names(past=("Kaput",)))
    assert imperative(words("FrobnicateOrder"), Names(verbs=("Frobnicate",))) is True


LISTS = sorted((Path(schemacheck.__file__).parent / "words").iterdir())


@pytest.mark.parametrize("path", LISTS, ids=[path.stem for path in LISTS])
def test_a_list_holds_each_word_once_and_in_order(path: Path) -> None:
    found = path.read_text(encoding="ascii").splitlines()
    assert sorted(set(found)) == found
    assert all(word.isalpha() and word.islower() for word in found)


def test_no_word_is_in_two_lists_that_contradict_each_other() -> None:
    lists = {path.stem: set(path.read_text(encoding="ascii").split()) for path in LISTS}
    assert not lists["participles"] & lists["no_participles"]
    assert not lists["verbs"] & lists["verbs_and_nouns"]


def told(event: str, kind: str) -> list[str]:
    """The findings about a name, with the first words of their remedies."""
    placed = Layout.conventional(["schemas"]).place(f"schemas/{event}/v1.avsc")
    found = naming(placed, parse(f'kind = "{kind}"', "event.toml"), Policy())
    return [f"{finding.message}: {finding.hint.partition(', or say')[0]}" for finding in found]


@pytest.mark.parametrize(
    ("event", "request_"),
    [
        ("orders/order_cancelled", "CancelOrder"),
        ("sales/orders/order_reserved", "ReserveOrder"),
        ("orders/email_dispatched", "DispatchEmail"),
        ("orders/stock_item_shipped", "ShipStockItem"),
        ("orders/order_released_event", "ReleaseOrder"),
        ("orders/order_made_v2", "PlaceOrder"),
    ],
)
def test_a_command_that_is_named_like_a_fact_is_told_the_request(event: str, request_: str) -> None:
    (words_,) = told(event, "command")
    assert f"name the request, such as {request_}" == words_.rpartition(": ")[2]


@pytest.mark.parametrize(
    ("event", "fact"),
    [("orders/order_create", "OrderCreated"), ("sales/orders/order_dispatch", "OrderDispatched")],
)
def test_a_fact_that_is_named_otherwise_is_told_what_happened(event: str, fact: str) -> None:
    for kind in ("domain", "notification"):
        (words_,) = told(event, kind)
        assert f"name what happened, such as {fact}" == words_.rpartition(": ")[2]
    assert [] == told("orders/order_placed", "domain")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [(["order", "items"], True), (["order", "placed"], False), (["order", "event"], False), (["v", "2"], None)],
)
def test_a_verb_that_is_a_noun_too_asks_only_for_what_is_no_participle(parts: list[str], expected: bool | None) -> None:
    assert expected is imperative(parts)


def leaf(name: str, *members: Member, repeated: bool = False) -> Member:
    return Member(name, frozenset(), None, members=members, repeated=repeated)


def heavy(*fields: Member) -> list[str]:
    """The fields that a notification should not carry, as the finding lists them."""
    placed = Layout.conventional(["schemas"]).place("schemas/orders/order_placed/v1.avsc")
    found = light(placed, fields, parse('kind = "notification"', "event.toml"), Policy())
    return [str(finding.values["fields"]) for finding in found]


def test_a_notification_carries_identifiers_and_links_only() -> None:
    light_ = [leaf("order_id"), leaf("item_ids", repeated=True), leaf("placed_at"), leaf("status")]
    links = [leaf("links", leaf("next"), repeated=True), leaf("link", leaf("href"))]
    assert [] == heavy(*light_, *links)
    assert ["amount"] == heavy(*light_, leaf("amount"))
    assert ["buyer.order_id"] == heavy(leaf("buyer", leaf("order_id")))
    assert ["status"] == heavy(leaf("status", repeated=True))


def test_of_many_heavy_fields_five_are_named() -> None:
    fields = [leaf(f"amount_{letter}") for letter in "abcdefg"]
    five = ", ".join(field.name for field in fields[:5])
    assert [five] == heavy(*fields[:5])
    assert [f"{five} and 1 more"] == heavy(*fields[:6])
    assert [f"{five} and 2 more"] == heavy(*fields)


def test_a_notification_has_eight_fields_at_most() -> None:
    assert [] == heavy(*(leaf(f"part{number}_id") for number in range(8)))
    assert ["9 fields"] == heavy(*(leaf(f"part{number}_id") for number in range(9)))
