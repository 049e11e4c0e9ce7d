"""Update: every field, what null does, and every refusal."""

import pytest

from adapter import codes, refused
from test_create import A_NOBODY, BCRYPT_DIGEST, OTHER_WALLET, TOTP_SECRET, WALLET, a_password


@pytest.fixture
def ada(users):
    return users.create(
        external_id="7",
        first_name="Ada",
        last_name="Lovelace",
        email_address=["ada@example.com", "ada@work.example.com"],
        phone_number=["+12015550123", "+442071838750"],
        web3_wallet=[WALLET, OTHER_WALLET],
        username="ada_l",
        public_metadata={"role": "engineer"},
        private_metadata={"salary": 1},
        unsafe_metadata={"theme": "dark"},
    )


# The address of a generated picture names the initials that it shows.
FOLLOWING = {"updated_at", "image_url", "profile_image_url"}


def changed(before, after) -> dict:
    """The fields in which two users differ, those aside that follow from others."""
    old, new = before.model_dump(), after.model_dump()
    return {name: new[name] for name in new.keys() - FOLLOWING if new[name] != old.get(name)}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("external_id", "8", "8"),
        ("first_name", "Augusta", "Augusta"),
        ("last_name", "King", "King"),
        ("username", "Countess", "countess"),
        ("delete_self_enabled", False, False),
        ("create_organization_enabled", False, False),
        ("create_organizations_limit", 0, 0),
        ("legal_accepted_at", "2024-05-06T07:08:09Z", 1714979289000),
        ("created_at", "2020-01-02T03:04:05Z", 1577934245000),
        ("created_at", "2020-01-02T03:04:05.678+01:00", 1577930645678),
    ],
)
def test_each_field_changes_alone(users, ada, name, value, expected):
    after = users.update(user_id=ada.id, **{name: value})
    assert changed(ada, after) == {name: expected}
    assert after.updated_at >= ada.updated_at
    assert users.get(user_id=ada.id) == after


@pytest.mark.sdk_has("update", "locale")
def test_the_locale_changes_and_null_clears_it(users, ada):
    assert changed(ada, users.update(user_id=ada.id, locale="de-CH")) == {"locale": "de-CH"}
    assert users.update(user_id=ada.id, locale=None).locale is None


@pytest.mark.sdk_has("update", "bypass_client_trust")
def test_bypass_client_trust_changes(users, ada):
    assert changed(ada, users.update(user_id=ada.id, bypass_client_trust=True)) == {"bypass_client_trust": True}


@pytest.mark.parametrize("name", ["external_id", "first_name", "last_name", "username"])
def test_null_clears(users, ada, name):
    assert changed(ada, users.update(user_id=ada.id, **{name: None})) == {name: None}
    assert getattr(users.get(user_id=ada.id), name) is None


def test_an_empty_username_removes_it_and_frees_it(users, ada):
    assert users.update(user_id=ada.id, username="").username is None
    assert users.create(username="ada_l").username == "ada_l"


def test_nothing_given_changes_nothing(users, ada):
    assert users.update(user_id=ada.id) == ada


def test_an_empty_body_changes_nothing(http, users, ada):
    for body in ({"json": {}}, {"content": b"", "headers": {"Content-Type": "application/json"}}, {}):
        answer = http.patch(f"/users/{ada.id}", **body)
        assert answer.status_code == 200 and answer.json()["updated_at"] == ada.updated_at
    assert users.get(user_id=ada.id) == ada


def test_the_primary_identifiers_change(users, ada):
    after = users.update(
        user_id=ada.id,
        primary_email_address_id=ada.email_addresses[1].id,
        primary_phone_number_id=ada.phone_numbers[1].id,
        primary_web3_wallet_id=ada.web3_wallets[1].id,
        notify_primary_email_address_changed=True,
    )
    assert after.primary_email_address_id == ada.email_addresses[1].id
    assert after.primary_phone_number_id == ada.phone_numbers[1].id
    assert after.primary_web3_wallet_id == ada.web3_wallets[1].id
    assert users.get(user_id=ada.id) == after


PRIMARY_IDS = ["primary_email_address_id", "primary_phone_number_id", "primary_web3_wallet_id"]


@pytest.mark.parametrize("name", PRIMARY_IDS)
def test_null_for_a_primary_id_changes_nothing(users, ada, name):
    assert users.update(user_id=ada.id, **{name: None}) == ada


@pytest.mark.parametrize("name", PRIMARY_IDS)
def test_a_primary_id_that_is_not_the_users_is_refused(users, ada, name):
    other = users.create(email_address=["o@example.com"], phone_number=["+12015550199"])
    for stranger in ("idn_34OkVzvICjgYboaS3ZDxSSvuOtV", other.primary_email_address_id, "nonsense"):
        assert users.refused("update", 422, user_id=ada.id, **{name: stranger}) == [("form_resource_not_found", name)]
    assert users.get(user_id=ada.id) == ada


def test_a_primary_id_of_another_kind_is_refused(users, ada):
    assert users.refused("update", 422, user_id=ada.id, primary_email_address_id=ada.phone_numbers[0].id) == [
        ("form_resource_not_found", "primary_email_address_id")
    ]


def test_an_address_that_is_not_verified_cannot_become_primary(http):
    body = {
        "email_address": ["a@example.com", "b@example.com"],
        "email_address_identification_status": ["verified", "reserved"],
    }
    user = http.post("/users", json=body).json()
    reserved = user["email_addresses"][1]["id"]
    answer = http.patch(f"/users/{user['id']}", json={"primary_email_address_id": reserved})
    assert refused(answer, 422) == [("form_verification_needed", "primary_email_address_id")]


def test_an_identifier_of_another_user_is_refused(users, ada):
    users.create(username="grace_h", external_id="9")
    assert users.refused("update", 422, user_id=ada.id, username="Grace_H") == [("form_identifier_exists", "username")]
    assert users.refused("update", 422, user_id=ada.id, external_id="9") == [("form_identifier_exists", "external_id")]
    assert users.get(user_id=ada.id) == ada


def test_ones_own_identifiers_are_not_taken(users, ada):
    assert users.update(user_id=ada.id, username="ADA_L", external_id="7") == ada


def test_the_last_identifier_cannot_be_removed(users):
    user = users.create(username="ada_l")
    for nothing in (None, ""):
        assert codes(users.refused("update", 400, user_id=user.id, username=nothing)) == [
            "identification_deletion_failed"
        ]
    assert users.get(user_id=user.id) == user


def test_a_required_identifier_cannot_be_removed(users, ada, instance):
    instance.configure({"attributes": {"username": {"required": True}}})
    assert codes(users.refused("update", 400, user_id=ada.id, username=None)) == [
        "last_required_identification_deletion_failed"
    ]


def test_a_second_factor_is_set_and_its_codes_replaced(users, ada):
    after = users.update(user_id=ada.id, totp_secret=TOTP_SECRET, backup_codes=["kbdnh3wq"])
    assert (after.totp_enabled, after.backup_code_enabled, after.two_factor_enabled) == (True, True, True)
    assert after.mfa_enabled_at >= ada.created_at
    assert users.update(user_id=ada.id, backup_codes=["mz4ypu7c", "p3q9xw2d"]).backup_code_enabled is True


def test_a_digest_made_elsewhere_is_taken(users, ada):
    after = users.update(user_id=ada.id, password_digest=BCRYPT_DIGEST, password_hasher="bcrypt")
    assert after.password_enabled is True


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"username": "a b c d"}, ("form_username_invalid_character", "username")),
        ({"username": "abc"}, ("form_username_invalid_length", "username")),
        ({"first_name": "x" * 257}, ("form_param_max_length_exceeded", "first_name")),
        ({"created_at": "yesterday"}, ("form_param_invalid_time", "created_at")),
        ({"created_at": "2999-01-01T00:00:00Z"}, ("form_disallow_future_date", "created_at")),
        ({"legal_accepted_at": "soon"}, ("form_param_invalid_time", "legal_accepted_at")),
        ({"totp_secret": "01890189"}, ("invalid_totp_secret_code", "totp_secret")),
        ({"password_digest": BCRYPT_DIGEST}, ("form_conditional_param_missing", "password_hasher")),
        ({"password_hasher": "bcrypt"}, ("form_conditional_param_missing", "password_digest")),
        (
            {"password_digest": "nonsense", "password_hasher": "bcrypt"},
            ("form_password_digest_invalid_code", "password_digest"),
        ),
    ],
    ids=lambda value: None if isinstance(value, dict) else f"{value[0]} {value[1]}",
)
def test_a_malformed_field_is_refused_and_nothing_changes(users, ada, fields, expected):
    assert users.refused("update", 422, user_id=ada.id, **{"last_name": "Changed", **fields}) == [expected]
    assert users.get(user_id=ada.id) == ada


def test_a_password_and_a_digest_exclude_each_other(users, ada):
    pairs = users.refused(
        "update",
        422,
        user_id=ada.id,
        password=a_password(),
        password_digest=BCRYPT_DIGEST,
        password_hasher="bcrypt",
    )
    assert codes(pairs) == ["form_conditional_param_disallowed"]


def test_an_unknown_user_is_not_found(users):
    assert users.refused("update", 404, user_id=A_NOBODY, first_name="Ada") == [("resource_not_found", None)]


def test_an_unknown_picture_is_refused(users, ada):
    assert codes(users.refused("update", 422, user_id=ada.id, profile_image_id="img_nothing")) == [
        "form_resource_not_found"
    ]


def test_an_unknown_field_and_a_wrong_type_are_refused_by_name(http, ada):
    answer = http.patch(f"/users/{ada.id}", json={"shoe_size": 43, "first_name": 7})
    assert sorted(refused(answer, 422)) == [
        ("form_param_unknown", "shoe_size"),
        ("form_param_value_invalid", "first_name"),
    ]


def test_a_switched_off_attribute_is_unknown(users, ada, instance):
    instance.configure({"attributes": {"username": {"enabled": False}}})
    assert users.refused("update", 422, user_id=ada.id, username="new_name") == [("form_param_unknown", "username")]
