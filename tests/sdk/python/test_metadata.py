"""Metadata: deep merge by update_metadata, replacement by update and replace_metadata."""

import json

import pytest

from adapter import codes, refused
from test_create import A_NOBODY

FIELDS = ["public_metadata", "private_metadata", "unsafe_metadata"]


@pytest.fixture
def user(users):
    return users.create(
        email_address=["ada@example.com"],
        public_metadata={"a": {"b": 1, "c": {"d": [1, 2]}}, "e": "text"},
        private_metadata={"kept": True},
    )


@pytest.mark.parametrize("field", FIELDS)
def test_a_merge_touches_one_field_only(users, user, field):
    after = users.update_metadata(user_id=user.id, **{field: {"new": 1}})
    for other in FIELDS:
        before = getattr(user, other)
        assert getattr(after, other) == ({**before, "new": 1} if other == field else before)
    assert users.get(user_id=user.id) == after


def test_objects_merge_at_any_depth_and_null_removes(users, user):
    after = users.update_metadata(user_id=user.id, public_metadata={"a": {"b": None, "c": {"x": {"y": 1}}}})
    assert after.public_metadata == {"a": {"c": {"d": [1, 2], "x": {"y": 1}}}, "e": "text"}


def test_arrays_and_scalars_replace(users, user):
    after = users.update_metadata(user_id=user.id, public_metadata={"a": {"c": {"d": [None, {"z": None}]}}, "e": 5})
    assert after.public_metadata == {"a": {"b": 1, "c": {"d": [None, {"z": None}]}}, "e": 5}


def test_an_object_takes_the_place_of_a_scalar_without_its_nulls(users, user):
    after = users.update_metadata(user_id=user.id, public_metadata={"e": {"kept": 1, "gone": None, "in": {"x": None}}})
    assert after.public_metadata["e"] == {"kept": 1, "in": {}}


def test_removing_what_is_not_there_changes_nothing(users, user):
    after = users.update_metadata(user_id=user.id, public_metadata={"absent": None, "a": {"absent": None}})
    assert after.public_metadata == user.public_metadata


def test_a_field_that_is_null_is_left_alone(http, users, user):
    answer = http.patch(f"/users/{user.id}/metadata", json={"public_metadata": None, "private_metadata": {"n": 1}})
    assert answer.status_code == 200
    assert answer.json()["public_metadata"] == user.public_metadata
    assert answer.json()["private_metadata"] == {"kept": True, "n": 1}


def test_an_empty_object_and_an_empty_body_change_nothing(http, users, user):
    assert users.update_metadata(user_id=user.id, public_metadata={}).public_metadata == user.public_metadata
    assert http.patch(f"/users/{user.id}/metadata").json()["public_metadata"] == user.public_metadata


def test_the_order_of_keys_survives(users, user):
    first = {"zebra": 1, "apple": {"z": 1, "m": 2, "a": 3}, "mango": 2}
    users.update_metadata(user_id=user.id, unsafe_metadata=first)
    users.update_metadata(user_id=user.id, unsafe_metadata={"apple": {"m": 9, "new": 0}, "last": 1})
    kept = users.get(user_id=user.id).unsafe_metadata
    assert list(kept) == ["zebra", "apple", "mango", "last"]
    assert list(kept["apple"]) == ["z", "m", "a", "new"]


def test_numbers_keep_their_digits(http, user):
    numbers = '{"big":123456789012345678901234567890,"price":1.10,"small":1e-40,"max":18446744073709551616,"minus":-0}'
    answer = http.patch(
        f"/users/{user.id}/metadata",
        content=f'{{"unsafe_metadata":{numbers}}}',
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 200
    assert f'"unsafe_metadata":{numbers}' in http.get(f"/users/{user.id}").text


def test_big_integers_pass_through_the_sdk(users, user):
    big = {"n": 9007199254740993, "m": -9223372036854775808}
    assert users.update_metadata(user_id=user.id, public_metadata={"big": big}).public_metadata["big"] == big


def test_any_text_survives(users, user):
    text = {"emoji 🦀": "naïve \u2028 \"quoted\" \\ </script>", "": "empty key", "a.b": 1, "__proto__": 2}
    assert users.update_metadata(user_id=user.id, unsafe_metadata=text).unsafe_metadata == text


@pytest.mark.parametrize("field", FIELDS)
def test_eight_kilobytes_of_compact_json_are_the_limit(users, field):
    user = users.create(email_address=["ada@example.com"])
    fits = "x" * (8192 - len('{"k":""}'))
    assert getattr(users.update_metadata(user_id=user.id, **{field: {"k": fits}}), field) == {"k": fits}
    assert users.refused("update_metadata", 422, user_id=user.id, **{field: {"k": fits + "x"}}) == [
        ("form_param_exceeds_allowed_size", field)
    ]
    assert getattr(users.get(user_id=user.id), field) == {"k": fits}


def test_the_limit_counts_bytes_after_the_merge(users, user):
    users.update_metadata(user_id=user.id, unsafe_metadata={"one": "x" * 5000})
    assert users.refused("update_metadata", 422, user_id=user.id, unsafe_metadata={"two": "x" * 5000}) == [
        ("form_param_exceeds_allowed_size", "unsafe_metadata")
    ]
    assert users.refused("update_metadata", 422, user_id=user.id, unsafe_metadata={"one": "é" * 5000}) == [
        ("form_param_exceeds_allowed_size", "unsafe_metadata")
    ]
    after = users.update_metadata(user_id=user.id, unsafe_metadata={"one": None, "two": "x" * 5000})
    assert list(after.unsafe_metadata) == ["two"]


def test_fields_that_are_too_large_are_all_told(users, user):
    large = {"k": "x" * 9000}
    assert sorted(
        users.refused("update_metadata", 422, user_id=user.id, public_metadata=large, private_metadata=large)
    ) == [
        ("form_param_exceeds_allowed_size", "private_metadata"),
        ("form_param_exceeds_allowed_size", "public_metadata"),
    ]


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.parametrize("value", ["text", 1, True, [1]], ids=str)
def test_what_is_not_an_object_is_refused(http, user, method, value):
    answer = http.request(method, f"/users/{user.id}/metadata", json={"public_metadata": value})
    assert refused(answer, 422) == [("form_param_value_invalid", "public_metadata")]


def test_an_unknown_user_is_not_found(users):
    assert users.refused("update_metadata", 404, user_id=A_NOBODY, public_metadata={"a": 1}) == [
        ("resource_not_found", None)
    ]


@pytest.mark.sdk_has("update", "public_metadata")
def test_update_replaces_whole_fields(users, user):
    after = users.update(user_id=user.id, public_metadata={"only": {"this": None}})
    assert after.public_metadata == {"only": {"this": None}}
    assert after.private_metadata == user.private_metadata
    assert users.update(user_id=user.id, public_metadata=None).public_metadata == {}
    assert users.refused("update", 422, user_id=user.id, public_metadata={"k": "x" * 9000}) == [
        ("form_param_exceeds_allowed_size", "public_metadata")
    ]


@pytest.mark.sdk_has("replace_metadata")
def test_replacing_takes_the_place_of_whole_fields(users, user):
    after = users.replace_metadata(user_id=user.id, public_metadata={"only": {"this": None}})
    assert after.public_metadata == {"only": {"this": None}}
    assert after.private_metadata == user.private_metadata
    assert users.replace_metadata(user_id=user.id, public_metadata={}).public_metadata == {}
    assert users.get(user_id=user.id).public_metadata == {}


@pytest.mark.sdk_has("replace_metadata")
def test_a_replacement_is_refused_as_a_merge_is(users, user):
    assert users.refused("replace_metadata", 422, user_id=user.id, private_metadata={"k": "x" * 9000}) == [
        ("form_param_exceeds_allowed_size", "private_metadata")
    ]
    assert codes(users.refused("replace_metadata", 404, user_id=A_NOBODY, private_metadata={})) == [
        "resource_not_found"
    ]


def test_from_2026_05_12_on_update_refuses_metadata(http, users, user):
    answer = http.patch(
        f"/users/{user.id}",
        json={"first_name": "Changed", "public_metadata": {}, "unsafe_metadata": {}},
        headers={"Clerk-API-Version": "2026-05-12"},
    )
    assert sorted(refused(answer, 422)) == [
        ("form_param_deprecated", "public_metadata"),
        ("form_param_deprecated", "unsafe_metadata"),
    ]
    assert users.get(user_id=user.id) == user


@pytest.mark.parametrize("version", [None, "2021-02-05", "2024-10-01", "2025-03-12", "2025-04-10", "2025-11-10"])
def test_before_2026_05_12_update_takes_metadata(http, user, version):
    headers = {} if version is None else {"Clerk-API-Version": version}
    answer = http.patch(f"/users/{user.id}", json={"public_metadata": {"n": 1}}, headers=headers)
    assert answer.status_code == 200 and answer.json()["public_metadata"] == {"n": 1}


def test_concurrent_merges_lose_nothing(users, user):
    calls = [{"user_id": user.id, "unsafe_metadata": {f"key{n}": n}} for n in range(8)]
    for answer in users.together("update_metadata", calls):
        assert not isinstance(answer, BaseException), answer
    assert users.get(user_id=user.id).unsafe_metadata == {f"key{n}": n for n in range(8)}


def test_a_user_is_created_with_metadata_up_to_the_limit(users):
    fits = {"k": "x" * (8192 - len('{"k":""}'))}
    assert len(json.dumps(fits, separators=(",", ":"))) == 8192
    user = users.create(username="ada_l", public_metadata=fits, private_metadata=fits, unsafe_metadata=fits)
    assert (user.public_metadata, user.private_metadata, user.unsafe_metadata) == (fits, fits, fits)
