"""Passwords: the policy at create and update, and verify_password."""

import pytest

from adapter import codes, refused
from test_create import A_NOBODY, a_password


def test_a_password_verifies_and_a_wrong_one_does_not(users):
    password = a_password()
    user = users.create(email_address=["ada@example.com"], password=password)
    assert user.password_enabled is True
    assert users.verify_password(user_id=user.id, password=password).verified is True
    for wrong in (password + "x", password.lower(), "", password[:-1]):
        assert codes(users.refused("verify_password", 422, user_id=user.id, password=wrong)) == ["incorrect_password"]


def test_a_wrong_password_uses_up_no_attempt(users):
    user = users.create(email_address=["ada@example.com"], password=a_password())
    for _ in range(3):
        users.refused("verify_password", 422, user_id=user.id, password="wrong")
    assert users.get(user_id=user.id) == user


def test_a_locked_or_banned_user_can_still_be_verified(users):
    password = a_password()
    user = users.create(email_address=["ada@example.com"], password=password)
    users.lock(user_id=user.id)
    users.ban(user_id=user.id)
    assert users.verify_password(user_id=user.id, password=password).verified is True


def test_a_user_without_a_password_is_told_so(users):
    user = users.create(email_address=["ada@example.com"])
    assert users.refused("verify_password", 400, user_id=user.id, password="anything") == [("no_password_set", None)]


def test_an_unknown_user_is_not_found(users):
    assert users.refused("verify_password", 404, user_id=A_NOBODY, password="x") == [("resource_not_found", None)]


def test_the_password_is_required(http):
    user = http.post("/users", json={"username": "ada_l", "password": a_password()}).json()
    path = f"/users/{user['id']}/verify_password"
    assert refused(http.post(path, json={}), 422) == [("form_param_missing", "password")]
    assert refused(http.post(path), 422) == [("form_param_missing", "password")]
    assert refused(http.post(path, json={"password": 7}), 422) == [("form_param_value_invalid", "password")]


def test_an_update_changes_the_password(users):
    old, new = a_password(), a_password()
    user = users.create(email_address=["ada@example.com"], password=old)
    users.update(user_id=user.id, password=new)
    assert users.verify_password(user_id=user.id, password=new).verified is True
    assert codes(users.refused("verify_password", 422, user_id=user.id, password=old)) == ["incorrect_password"]


def test_an_update_gives_a_first_password(users):
    password = a_password()
    user = users.create(email_address=["ada@example.com"])
    assert users.update(user_id=user.id, password=password).password_enabled is True
    assert users.verify_password(user_id=user.id, password=password).verified is True


@pytest.mark.sdk_has("create", "bypass_client_trust")
def test_a_password_change_moves_its_time(users):
    user = users.create(email_address=["ada@example.com"])
    assert user.password_last_updated_at is None
    changed = users.update(user_id=user.id, password=a_password())
    assert changed.password_last_updated_at >= user.created_at


def test_all_problems_of_a_password_are_told_at_once(users, instance):
    instance.configure(
        {
            "password_settings": {
                "min_length": 12,
                "require_numbers": True,
                "require_uppercase": True,
                "require_lowercase": True,
                "require_special_char": True,
            }
        }
    )
    expected = [
        ("form_password_length_too_short", "password"),
        ("form_password_no_number", "password"),
        ("form_password_no_special_char", "password"),
        ("form_password_no_uppercase", "password"),
    ]
    pairs = users.refused("create", 422, email_address=["ada@example.com"], password="qzvkxwjy")
    assert sorted(pairs) == expected
    user = users.create(email_address=["ada@example.com"])
    assert sorted(users.refused("update", 422, user_id=user.id, password="qzvkxwjy")) == expected
    assert users.refused("update", 422, user_id=user.id, password="QZVKXWJY-1234") == [
        ("form_password_no_lowercase", "password")
    ]
    assert users.update(user_id=user.id, password="qZ!vkxwjy-1234").password_enabled is True


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("qzv!7Kx", "form_password_length_too_short"),
        ("12345678", "form_password_pwned"),
        ("ada.lovelace@example.com", "form_password_matches_identifier"),
    ],
    ids=["too short", "breached", "an identifier"],
)
def test_a_bad_password_is_refused(users, password, code):
    pairs = users.refused("create", 422, email_address=["ada.lovelace@example.com"], password=password)
    assert pairs == [(code, "password")]


def test_a_password_of_more_than_72_bytes_is_refused_where_bcrypt_hashes(users, instance):
    user = users.create(email_address=["eve@example.com"], password="é" * 40)
    assert users.verify_password(user_id=user.id, password="é" * 40).verified is True
    instance.configure({"password_settings": {"hasher": "bcrypt"}})
    refused = [("form_password_size_in_bytes_exceeded", "password")]
    assert users.refused("create", 422, email_address=["ada@example.com"], password="é" * 40) == refused
    assert users.refused("update", 422, user_id=user.id, password="é" * 40) == refused
    changed = users.update(user_id=user.id, password="qZ!vkxwjy-1234")
    assert users.verify_password(user_id=changed.id, password="qZ!vkxwjy-1234").verified is True


def test_a_password_of_more_than_72_characters_is_refused(users):
    pairs = users.refused("create", 422, email_address=["ada@example.com"], password="aB3!" * 19)
    assert ("form_password_length_too_long", "password") in pairs


def test_a_weak_password_is_refused_where_strength_is_required(users, instance):
    instance.configure({"password_settings": {"min_zxcvbn_strength": 4}})
    pairs = users.refused("create", 422, email_address=["ada@example.com"], password="zaq1mlp0zz")
    assert ("form_password_not_strong_enough", "password") in pairs


def test_the_policy_can_be_skipped_but_not_the_limit_of_bytes(users, instance):
    user = users.create(email_address=["ada@example.com"], password="12345", skip_password_checks=True)
    assert users.verify_password(user_id=user.id, password="12345").verified is True
    assert users.update(user_id=user.id, password="abc", skip_password_checks=True).password_enabled is True
    assert users.verify_password(user_id=user.id, password="abc").verified is True
    instance.configure({"password_settings": {"hasher": "bcrypt"}})
    assert users.refused("update", 422, user_id=user.id, password="é" * 40, skip_password_checks=True) == [
        ("form_password_size_in_bytes_exceeded", "password")
    ]


@pytest.mark.parametrize("flag", ["skip_password_checks", "sign_out_of_other_sessions"])
def test_a_flag_for_the_password_needs_one(users, flag):
    user = users.create(email_address=["ada@example.com"])
    assert users.refused("update", 422, user_id=user.id, **{flag: True}) == [
        ("form_conditional_param_disallowed", flag)
    ]
    assert users.update(user_id=user.id, **{flag: False}).id == user.id


def test_signing_out_goes_with_a_new_password(users):
    password = a_password()
    user = users.create(email_address=["ada@example.com"])
    users.update(user_id=user.id, password=password, sign_out_of_other_sessions=True)
    assert users.verify_password(user_id=user.id, password=password).verified is True
