"""Order, limit, offset and cursor of list."""

import pytest

from adapter import refused
from people import People


@pytest.fixture
def people(users):
    return People(users)


NEWEST_FIRST = ["bare", "under", "alan", "grace", "ada"]


def primary(name: str, user):
    """The value of a user's primary email address, phone number or wallet."""
    entries = {"email_address": user.email_addresses, "phone_number": user.phone_numbers}.get(name, user.web3_wallets)
    wanted = getattr(user, "primary_web3_wallet_id" if name == "web3wallet" else f"primary_{name}_id")
    values = [getattr(entry, "web3_wallet" if name == "web3wallet" else name) for entry in entries if entry.id == wanted]
    return values[0] if values else None


def value(name: str, user):
    """What a list is sorted by."""
    if name in ("email_address", "phone_number", "web3wallet"):
        return primary(name, user)
    return getattr(user, name)


FIELDS = [
    "created_at",
    "updated_at",
    "email_address",
    "web3wallet",
    "first_name",
    "last_name",
    "phone_number",
    "username",
    "last_active_at",
    "last_sign_in_at",
]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("sign", ["", "+", "-"], ids=["plain", "plus", "minus"])
def test_a_list_is_sorted_with_nulls_last_and_pages_are_stable(users, people, field, sign):
    # Two more, so that there are ties and values of every kind.
    users.create(email_address=["twin1@example.com"], first_name="Ada", last_name="Turing")
    users.create(email_address=["twin2@example.com"], first_name="Ada", last_name="Turing")

    whole = users.list(order_by=f"{sign}{field}", limit=100)
    values = [value(field, user) for user in whole]
    present = [each for each in values if each is not None]
    assert len(whole) == 7
    assert values == sorted(present, reverse=sign == "-") + [None] * (7 - len(present))
    pages = [users.list(order_by=f"{sign}{field}", limit=2, offset=offset) for offset in (0, 2, 4, 6)]
    assert [user.id for page in pages for user in page] == [user.id for user in whole]


def test_newest_first_is_the_default(users, people):
    assert people.named(users.list()) == NEWEST_FIRST


def test_only_the_first_order_counts(http, people):
    answer = http.get("/users", params=[("order_by", "created_at"), ("order_by", "-created_at")])
    assert people.named(answer.json()) == NEWEST_FIRST[::-1]


def test_a_literal_plus_means_ascending(http, people):
    assert people.named(http.get("/users?order_by=+created_at").json()) == NEWEST_FIRST[::-1]


@pytest.mark.parametrize("order", ["shoe_size", "web3_wallet", "--created_at", "created_at,username", "id;DROP TABLE"])
def test_an_unknown_order_is_refused(users, order):
    assert users.refused("list", 422, order_by=order) == [("form_param_value_invalid", "order_by")]


def test_a_page_has_ten_users_by_default(users):
    for n in range(12):
        users.create(username=f"user_{n:02}")
    assert len(users.list()) == 10
    assert len(users.list(limit=500)) == 12
    assert len(users.list(limit=11)) == 11
    assert len(users.list(offset=10)) == 2
    assert users.count().total_count == 12


def test_limit_and_offset_cut_a_page_out(users, people):
    assert people.named(users.list(limit=2)) == NEWEST_FIRST[:2]
    assert people.named(users.list(limit=2, offset=2)) == NEWEST_FIRST[2:4]
    assert people.named(users.list(limit=1, offset=4)) == NEWEST_FIRST[4:]
    assert people.named(users.list(limit=2, offset=1, banned=False)) == ["under", "alan"]


def test_an_offset_past_the_end_gives_an_empty_page(users, people):
    assert users.list(offset=5) == []
    assert users.list(offset=1_000_000_000) == []


@pytest.mark.parametrize(
    ("name", "bad"), [("limit", 0), ("limit", -1), ("limit", 501), ("limit", 2**40), ("offset", -1)]
)
def test_a_number_out_of_bounds_is_refused(users, name, bad):
    assert users.refused("list", 422, **{name: bad}) == [("form_param_value_invalid", name)]


@pytest.mark.parametrize("name", ["limit", "offset"])
@pytest.mark.parametrize("bad", ["ten", "1.5", "1e2", "0x10"])
def test_what_is_no_number_is_refused(http, name, bad):
    assert refused(http.get("/users", params={name: bad}), 422) == [("form_param_type_invalid", name)]


@pytest.mark.parametrize("name", ["limit", "offset"])
def test_an_absurd_number_is_refused(http, name):
    assert [param for _, param in refused(http.get("/users", params={name: "9" * 40}), 422)] == [name]


@pytest.mark.parametrize("order", ["-created_at", "+created_at", "created_at", None])
def test_a_cursor_walks_the_whole_list(http, people, order):
    query = {"limit": 2} if order is None else {"limit": 2, "order_by": order}
    seen = []
    while page := http.get("/users", params=query).json():
        seen += page
        query["starting_after"] = page[-1]["id"]
    expected = NEWEST_FIRST if order in (None, "-created_at") else NEWEST_FIRST[::-1]
    assert people.named(seen) == expected


def test_a_cursor_goes_with_filters(http, people):
    query = {"limit": 2, "banned": "false", "starting_after": people.ids["under"], "offset": 0}
    assert people.named(http.get("/users", params=query).json()) == ["alan", "ada"]


def test_a_cursor_passes_users_created_in_the_same_millisecond(http):
    for n in range(7):
        http.post("/users", json={"username": f"user_{n}", "created_at": "2020-01-01T00:00:00Z"})
    query = {"limit": 2}
    seen = []
    while page := http.get("/users", params=query).json():
        seen += [user["username"] for user in page]
        query["starting_after"] = page[-1]["id"]
    assert sorted(seen) == [f"user_{n}" for n in range(7)]


@pytest.mark.parametrize("conflict", [{"order_by": "username"}, {"order_by": "-updated_at"}, {"offset": 1}])
def test_a_cursor_with_another_order_or_an_offset_is_refused(http, people, conflict):
    pairs = refused(http.get("/users", params={"starting_after": people.ids["ada"], **conflict}), 422)
    assert [param for _, param in pairs] in (["starting_after"], list(conflict))
