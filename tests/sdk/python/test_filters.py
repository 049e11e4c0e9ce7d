"""Filters of list and count: whatever a list finds, a count must count."""

import pytest

from adapter import codes, refused
from people import EVERYONE, MILLIS, People
from test_create import WALLET


@pytest.fixture
def people(users):
    return People(users)


def found(users, people, **filters) -> set:
    """Who matches, by the list, once the count has agreed."""
    names = people.named(users.list(**filters))
    assert len(names) == len(set(names))
    counted = users.count(**filters)
    assert (counted.object, counted.total_count) == ("total_count", len(names))
    return set(names)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, EVERYONE),
        ({"email_address": ["ada@example.com"]}, {"ada"}),
        ({"email_address": ["ADA@Example.com"]}, {"ada"}),
        ({"email_address": ["ada@example.com", "grace@navy.example.org", "nobody@example.com"]}, {"ada", "grace"}),
        ({"email_address": ["alan@bletchley.example"]}, {"alan"}),
        ({"email_address": ["ada@"]}, set()),
        ({"email_address": ["nobody@example.com"]}, set()),
        ({"phone_number": ["+12015550101"]}, {"ada"}),
        ({"phone_number": ["+442071838750", "+12015550199"]}, {"alan", "bare"}),
        ({"phone_number": ["+12015550111"]}, set()),
        ({"external_id": ["e1"]}, {"ada"}),
        ({"external_id": ["+e1"]}, {"ada"}),
        ({"external_id": ["E1"]}, set()),
        ({"external_id": ["e1", "e2", "e3"]}, {"ada", "grace"}),
        ({"external_id": ["-e1"]}, EVERYONE - {"ada"}),
        ({"external_id": ["-e1", "-e2"]}, EVERYONE - {"ada", "grace"}),
        ({"external_id": ["+e1", "e2", "-e2"]}, {"ada"}),
        ({"username": ["ada_l"]}, {"ada"}),
        ({"username": ["ADA_L", "grace_h", "nobody"]}, {"ada", "grace"}),
        ({"username": ["ada"]}, set()),
        ({"web3_wallet": [WALLET]}, {"ada"}),
        ({"web3_wallet": [WALLET.lower()]}, {"ada"}),
        ({"web3_wallet": ["0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"]}, set()),
        ({"organization_id": ["org_34OkW58y4CSN1oEdUDtfqmBPTkC"]}, set()),
        ({"organization_id": ["-org_34OkW58y4CSN1oEdUDtfqmBPTkC"]}, EVERYONE),
        ({"banned": True}, {"grace"}),
        ({"banned": False}, EVERYONE - {"grace"}),
        ({"created_at_before": MILLIS[2021]}, {"ada"}),
        ({"created_at_before": MILLIS[2021] + 1}, {"ada", "grace"}),
        ({"created_at_after": MILLIS[2023]}, {"bare"}),
        ({"created_at_after": MILLIS[2023] - 1}, {"under", "bare"}),
        ({"created_at_after": MILLIS[2020], "created_at_before": MILLIS[2024]}, {"grace", "alan", "under"}),
        ({"last_active_at_after": 0}, set()),
        ({"last_active_at_before": 4102444800000}, set()),
        ({"last_active_at_since": 0}, set()),
        ({"email_address_query": "example", "banned": False}, {"ada", "alan"}),
        ({"query": "lovelace", "username": ["under_score"]}, {"under"}),
        ({"username": ["ada_l"], "email_address": ["grace@navy.example.org"]}, set()),
    ],
    ids=str,
)
def test_a_filter_finds(users, people, filters, expected):
    assert found(users, people, **filters) == expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("query", "lovelace", {"ada", "under"}),
        ("query", "LoveLACE", {"ada", "under"}),
        ("query", "ada lovelace", {"ada"}),
        ("query", "ADA LOVE", {"ada"}),
        ("query", "navy.example", {"grace"}),
        ("query", "bletchley", {"alan"}),
        ("query", "2015550", {"ada", "bare"}),
        ("query", "under_sc", {"under"}),
        ("query", WALLET[4:12], {"ada"}),
        ("query", WALLET[4:12].lower(), {"ada"}),
        ("query", "zzzzzzzz", set()),
        ("query", "", EVERYONE),
        ("email_address_query", "EXAMPLE.COM", {"ada", "alan"}),
        ("email_address_query", "a", {"ada", "grace", "alan"}),
        ("email_address_query", "lovelace", set()),
        ("email_address_query", "", EVERYONE),
        ("phone_number_query", "2015550", {"ada", "bare"}),
        ("phone_number_query", "+44", {"alan"}),
        ("phone_number_query", "ada", set()),
        ("username_query", "ADA", {"ada"}),
        ("username_query", "_", {"ada", "grace", "under"}),
        ("username_query", "lovelace", set()),
        ("name_query", "LOVE", {"ada", "under"}),
        ("name_query", "Ada", {"ada"}),
        ("name_query", "turin", {"alan"}),
        ("name_query", "example", set()),
    ],
)
def test_a_search_finds_parts_in_any_letter_case(users, people, name, text, expected):
    assert found(users, people, **{name: text}) == expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("query", "%", {"under"}),
        ("query", "0%", {"under"}),
        ("query", "t_h", set()),
        ("query", "a%e", set()),
        ("query", "\\", set()),
        ("query", "\\%", set()),
        ("query", "'", set()),
        ("query", "*", set()),
        ("email_address_query", "_", set()),
        ("email_address_query", "%", set()),
        ("phone_number_query", "%", set()),
        ("username_query", "r_s", {"under"}),
        ("username_query", "%", set()),
        ("name_query", "%", {"under"}),
        ("name_query", "A%a", set()),
    ],
)
def test_wildcards_of_sql_are_taken_literally(users, people, name, text, expected):
    assert found(users, people, **{name: text}) == expected


def test_users_are_found_by_id(users, people):
    ids = people.ids
    unknown = "user_34OkW3rUlQGlAzCORHT4DHFLqcc"
    assert found(users, people, user_id=[ids["ada"]]) == {"ada"}
    assert found(users, people, user_id=[f"+{ids['ada']}", ids["alan"], unknown]) == {"ada", "alan"}
    assert found(users, people, user_id=[f"-{ids['ada']}", f"-{unknown}"]) == EVERYONE - {"ada"}
    assert found(users, people, user_id=[ids["ada"], ids["alan"], f"-{ids['alan']}"]) == {"ada"}
    assert found(users, people, user_id=[unknown]) == set()
    assert found(users, people, query=ids["bare"]) == {"bare"}
    assert found(users, people, query=ids["bare"][12:].lower()) == {"bare"}


def test_a_hundred_values_are_the_most(users, people):
    many = [f"nobody{n}@example.com" for n in range(99)] + ["ada@example.com"]
    assert found(users, people, email_address=many) == {"ada"}
    for name in ("email_address", "phone_number", "external_id", "username", "web3_wallet", "user_id"):
        for operation in ("list", "count"):
            assert users.refused(operation, 422, **{name: [f"v{n}" for n in range(101)]}) == [
                ("form_param_array_size_exceeded", name)
            ]


def test_users_are_found_by_their_account_at_a_provider(http, users, people, instance):
    instance.attach_external_account(
        people.ids["ada"], {"provider": "oauth_google", "provider_user_id": "g-1", "email_address": "ada@example.com"}
    )
    instance.attach_external_account(people.ids["alan"], {"provider": "oauth_github", "provider_user_id": "g-1"})

    def by(*ids, provider="oauth_google"):
        query = [("provider", provider), *(("provider_user_id", user_id) for user_id in ids)]
        names = people.named(http.get("/users", params=query).json())
        assert http.get("/users/count", params=query).json()["total_count"] == len(names)
        return names

    assert by("g-1") == ["ada"]
    assert by("g-1", "g-2") == ["ada"]
    assert by("g-1", provider="oauth_github") == ["alan"]
    assert by("g-2") == []
    # The whole account must satisfy the strict models of the SDK too.
    account = users.get(user_id=people.ids["ada"]).external_accounts[0]
    assert (account.provider, account.provider_user_id) == ("oauth_google", "g-1")


@pytest.mark.sdk_has("list", "provider")
def test_the_sdk_filters_by_provider(users, people, instance):
    instance.attach_external_account(people.ids["ada"], {"provider": "oauth_google", "provider_user_id": "g-1"})
    assert found(users, people, provider="oauth_google", provider_user_id=["g-1"]) == {"ada"}


def test_provider_and_provider_user_id_need_each_other(http):
    for path in ("/users", "/users/count"):
        assert refused(http.get(path, params={"provider": "oauth_google"}), 422) == [
            ("form_conditional_param_missing", "provider_user_id")
        ]
        assert refused(http.get(path, params={"provider_user_id": "g-1"}), 422) == [
            ("form_conditional_param_missing", "provider")
        ]


@pytest.mark.sdk_has("list", "last_sign_in_at_after")
def test_who_never_signed_in_is_neither_before_nor_after(users, people):
    assert found(users, people, last_sign_in_at_after=0) == set()
    assert found(users, people, last_sign_in_at_before=4102444800000) == set()


@pytest.mark.parametrize(
    "name",
    [
        "created_at_before",
        "created_at_after",
        "last_active_at_before",
        "last_active_at_after",
        "last_active_at_since",
        "last_sign_in_at_before",
        "last_sign_in_at_after",
    ],
)
def test_a_bad_date_is_refused(http, name):
    for bad in ("yesterday", "2020-01-01", "1.5"):
        for path in ("/users", "/users/count"):
            assert refused(http.get(path, params={name: bad}), 422) == [("form_param_invalid_date", name)]


def test_a_bad_boolean_is_refused(http):
    for bad in ("yes", "1", "TRUE"):
        for path in ("/users", "/users/count"):
            assert refused(http.get(path, params={"banned": bad}), 422) == [("form_param_type_invalid", "banned")]


def test_all_bad_parameters_are_told_at_once(http):
    query = {"banned": "maybe", "created_at_before": "x", "limit": "0", "order_by": "shoe_size"}
    assert sorted(refused(http.get("/users", params=query), 422)) == [
        ("form_param_invalid_date", "created_at_before"),
        ("form_param_type_invalid", "banned"),
        ("form_param_value_invalid", "limit"),
        ("form_param_value_invalid", "order_by"),
    ]


def test_arrays_may_be_spelled_with_brackets(http, people):
    query = [("email_address[]", "ada@example.com"), ("email_address[]", "grace@navy.example.org")]
    assert set(people.named(http.get("/users", params=query).json())) == {"ada", "grace"}


def test_unknown_parameters_are_ignored(http, people):
    assert len(http.get("/users", params={"shoe_size": "43"}).json()) == 5


def test_a_literal_plus_means_include(http, people):
    answer = http.get(f"/users?user_id=+{people.ids['ada']}")
    assert people.named(answer.json()) == ["ada"]


def test_a_changed_user_is_found_by_its_new_values_only(users, people):
    users.update(user_id=people.ids["ada"], username="countess", last_name="King", external_id="e9")
    assert found(users, people, query="lovelace") == {"under"}
    assert found(users, people, username=["ada_l"]) == set()
    assert found(users, people, external_id=["e1"]) == set()
    assert found(users, people, username_query="COUNT") == {"ada"}
    assert found(users, people, name_query="king") == {"ada"}
    assert found(users, people, external_id=["e9"]) == {"ada"}
    users.delete(user_id=people.ids["ada"])
    assert found(users, people, username=["countess"]) == set()


def test_count_refuses_as_list_does(users):
    assert codes(users.refused("count", 422, username=["u"] * 101)) == ["form_param_array_size_exceeded"]


def test_a_count_of_none_is_zero(users):
    assert (users.count().object, users.count().total_count) == ("total_count", 0)
    assert users.list() == []
