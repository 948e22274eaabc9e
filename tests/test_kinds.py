"""What events of each kind are called."""

from __future__ import annotations

from pathlib import Path

import pytest

import schemacheck
from schemacheck.config import Names
from schemacheck.events.identity import words
from schemacheck.events.kinds import imperative, past_tense

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
