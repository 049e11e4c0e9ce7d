"""Create: every field, every rule, every refusal."""

import secrets

import pytest

from adapter import codes, problems_of, refused

# Addresses from the examples of EIP-55, and two programs of Solana.
WALLET = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
OTHER_WALLET = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
SOLANA_WALLET = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
TOTP_SECRET = "JBSWY3DPEHPK3PXP"
BCRYPT_DIGEST = "$2b$10$abcdefghijklmnopqrstuuLSFgy6NNouncfY7wjAHgjaJjjcjDOn2"
A_NOBODY = "user_34OkW3rUlQGlAzCORHT4DHFLqcc"


def a_password() -> str:
    """One that no breach list holds."""
    return f"Tq7!{secrets.token_hex(8)}"


def test_an_email_address_alone_makes_a_user(users):
    user = users.create(email_address=["ada@example.com"])

    assert user.id.startswith("user_") and len(user.id) == 32
    address = user.email_addresses[0]
    assert user.primary_email_address_id == address.id
    assert address.email_address == "ada@example.com"
    assert address.id.startswith("idn_")
    assert address.linked_to == [] and address.reserved is False
    assert (address.verification.status, address.verification.strategy) == ("verified", "admin")
    assert address.verification.attempts is None and address.verification.expire_at is None
    assert user.public_metadata == {} and user.private_metadata == {} and user.unsafe_metadata == {}
    assert user.phone_numbers == [] and user.web3_wallets == [] and user.external_accounts == []
    assert user.passkeys == [] and user.saml_accounts == []
    assert user.last_sign_in_at is None and user.last_active_at is None
    assert (user.has_image, user.banned, user.locked, user.password_enabled) == (False, False, False, False)
    assert (user.delete_self_enabled, user.create_organization_enabled) == (True, True)
    assert user.lockout_expires_in_seconds is None
    assert user.verification_attempts_remaining == 10
    assert user.created_at <= user.updated_at


def test_every_field_of_the_reference_is_kept(users):
    fields = {
        "external_id": "employee-7",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email_address": ["ada@example.com", "ada@work.example.com"],
        "phone_number": ["+12015550123", "+442071838750"],
        "web3_wallet": [WALLET, SOLANA_WALLET],
        "username": "ada_l",
        "password": a_password(),
        "skip_password_checks": False,
        "skip_password_requirement": False,
        "totp_secret": TOTP_SECRET,
        "backup_codes": ["kbdnh3wq", "mz4ypu7c"],
        "public_metadata": {"role": "engineer"},
        "private_metadata": {"salary": {"amount": 1}},
        "unsafe_metadata": {"theme": ["dark", None]},
        "delete_self_enabled": False,
        "skip_legal_checks": True,
        "create_organization_enabled": False,
        "create_organizations_limit": 3,
        "created_at": "2020-01-02T03:04:05Z",
    }
    user = users.create(**fields)

    assert user == users.get(user_id=user.id)
    for same in ("external_id", "first_name", "last_name", "username", "public_metadata", "private_metadata"):
        assert getattr(user, same) == fields[same]
    assert user.unsafe_metadata == {"theme": ["dark", None]}
    assert [address.email_address for address in user.email_addresses] == fields["email_address"]
    assert user.primary_email_address_id == user.email_addresses[0].id
    assert [phone.phone_number for phone in user.phone_numbers] == fields["phone_number"]
    assert user.primary_phone_number_id == user.phone_numbers[0].id
    assert user.phone_numbers[0].verification.status == "verified"
    assert [wallet.web3_wallet.lower() for wallet in user.web3_wallets] == [WALLET.lower(), SOLANA_WALLET.lower()]
    assert user.primary_web3_wallet_id == user.web3_wallets[0].id
    assert (user.password_enabled, user.totp_enabled, user.backup_code_enabled) == (True, True, True)
    assert user.two_factor_enabled is True
    assert (user.delete_self_enabled, user.create_organization_enabled) == (False, False)
    assert user.create_organizations_limit == 3
    assert user.created_at == 1577934245000


@pytest.mark.sdk_has("create", "locale")
def test_the_locale_is_kept(users):
    assert users.create(email_address=["a@example.com"], locale="en-US").locale == "en-US"


@pytest.mark.sdk_has("create", "bypass_client_trust")
def test_bypass_client_trust_is_kept(users):
    assert users.create(email_address=["a@example.com"], bypass_client_trust=True).bypass_client_trust is True


@pytest.mark.sdk_has("create", "banned")
def test_a_user_can_be_created_banned_and_locked(users):
    user = users.create(email_address=["a@example.com"], banned=True, locked=True)
    assert (user.banned, user.locked) == (True, True)
    assert 3590 <= user.lockout_expires_in_seconds <= 3600


@pytest.mark.sdk_has("create", "banned")
def test_a_user_cannot_be_created_locked_while_lockout_is_off(users, instance):
    instance.configure({"user_lockout": {"enabled": False}})
    assert users.refused("create", 403, email_address=["a@example.com"], locked=True) == [
        ("feature_not_enabled", "locked")
    ]


@pytest.mark.sdk_has("create", "email_address_identification_status")
def test_a_reserved_address_is_not_verified(users):
    user = users.create(
        email_address=["a@example.com", "b@example.com"],
        email_address_identification_status=["verified", "reserved"],
        phone_number=["+12015550123"],
        phone_number_identification_status=["reserved"],
    )
    assert [address.reserved for address in user.email_addresses] == [False, True]
    held = user.email_addresses[1].verification
    assert held is None or held.status == "unverified"
    assert user.phone_numbers[0].reserved is True


@pytest.mark.sdk_has("create", "email_address_identification_status")
def test_the_statuses_must_be_as_many_as_the_addresses(users):
    assert users.refused(
        "create", 422, email_address=["a@example.com"], email_address_identification_status=["verified", "reserved"]
    ) == [("form_param_array_length_mismatch", "email_address_identification_status")]


def test_a_user_without_any_identifier_is_refused(users):
    assert codes(users.refused("create", 422)) == ["form_data_missing"]
    assert codes(users.refused("create", 422, first_name="Ada")) == ["form_data_missing"]
    assert users.count().total_count == 0


@pytest.mark.parametrize(
    "identifier",
    [{"phone_number": ["+12015550123"]}, {"username": "ada_l"}, {"web3_wallet": [WALLET]}],
    ids=["a phone number", "a username", "a wallet"],
)
def test_any_one_identifier_is_enough(users, identifier):
    user = users.create(**identifier)
    assert users.get(user_id=user.id).id == user.id


@pytest.mark.parametrize(
    ("first", "second", "param"),
    [
        ({"email_address": ["ada@example.com"]}, {"email_address": ["ada@example.com"]}, "email_address"),
        ({"email_address": ["Ada@Example.COM"]}, {"email_address": ["aDA@eXAMPLE.com"]}, "email_address"),
        ({"email_address": ["ada@bücher.example"]}, {"email_address": ["ada@xn--bcher-kva.example"]}, "email_address"),
        ({"phone_number": ["+12015550123"]}, {"phone_number": ["+12015550123"]}, "phone_number"),
        ({"username": "ada_l"}, {"username": "ADA_L"}, "username"),
        ({"web3_wallet": [WALLET]}, {"web3_wallet": [WALLET.lower()]}, "web3_wallet"),
        (
            {"email_address": ["a@example.com"], "external_id": "7"},
            {"email_address": ["b@example.com"], "external_id": "7"},
            "external_id",
        ),
    ],
    ids=["email", "email in other case", "email by IDNA", "phone", "username in other case", "wallet", "external id"],
)
def test_an_identifier_that_is_taken_is_refused(users, first, second, param):
    users.create(**first)
    assert users.refused("create", 422, **second) == [("form_identifier_exists", param)]
    assert users.count().total_count == 1


def test_all_taken_identifiers_are_told_at_once(users):
    users.create(email_address=["ada@example.com"], username="ada_l", external_id="7")
    assert sorted(
        users.refused("create", 422, email_address=["ada@example.com"], username="ada_l", external_id="7")
    ) == [
        ("form_identifier_exists", "email_address"),
        ("form_identifier_exists", "external_id"),
        ("form_identifier_exists", "username"),
    ]


def test_external_ids_differ_by_letter_case(users):
    users.create(email_address=["a@example.com"], external_id="Seven")
    assert users.create(email_address=["b@example.com"], external_id="seven").external_id == "seven"


def test_the_kelvin_sign_is_not_a_k(users):
    users.create(email_address=["k@example.com"])
    pairs = users.refused("create", 422, email_address=["\u212a@example.com"], username="k")
    assert ("form_identifier_exists", "email_address") not in pairs


def test_identifiers_are_kept_in_lower_case(users):
    user = users.create(email_address=["Ada.Lovelace@Example.COM"], username="ADA_L")
    assert user.email_addresses[0].email_address == "ada.lovelace@example.com"
    assert user.username == "ada_l"


def test_of_two_concurrent_creates_of_one_email_exactly_one_succeeds(users):
    for round_ in range(5):
        email = f"ada{round_}@example.com"
        answers = users.together("create", [{"email_address": [email], "first_name": str(n)} for n in range(8)])
        made = [answer for answer in answers if not isinstance(answer, BaseException)]
        assert len(made) == 1
        for answer in answers:
            if isinstance(answer, BaseException):
                assert problems_of("create", 422, answer) == [("form_identifier_exists", "email_address")]
        assert [user.id for user in users.list(email_address=[email])] == [made[0].id]


def test_an_identifier_given_twice_is_refused(users):
    assert users.refused("create", 422, email_address=["ada@example.com", "ADA@example.com"]) == [
        ("form_param_duplicate", "email_address")
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"email_address": ["not-an-address"]}, ("form_param_format_invalid", "email_address")),
        ({"phone_number": ["12"]}, ("form_param_format_invalid", "phone_number")),
        ({"phone_number": ["2015550123"]}, ("form_param_format_invalid", "phone_number")),
        ({"web3_wallet": ["0x123"]}, ("form_param_format_invalid", "web3_wallet")),
        (
            {"web3_wallet": ["0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed"]},
            ("form_param_format_invalid", "web3_wallet"),
        ),
        ({"username": "abc"}, ("form_username_invalid_length", "username")),
        ({"username": "a" * 65}, ("form_username_invalid_length", "username")),
        ({"username": "ada lovelace"}, ("form_username_invalid_character", "username")),
        ({"username": "12345"}, ("form_username_needs_non_number_char", "username")),
        ({"totp_secret": "01890189"}, ("invalid_totp_secret_code", "totp_secret")),
        ({"first_name": "x" * 257}, ("form_param_max_length_exceeded", "first_name")),
        ({"last_name": "x" * 257}, ("form_param_max_length_exceeded", "last_name")),
        ({"created_at": "yesterday"}, ("form_param_invalid_time", "created_at")),
        ({"created_at": "2999-01-01T00:00:00Z"}, ("form_disallow_future_date", "created_at")),
        ({"legal_accepted_at": "soon"}, ("form_param_invalid_time", "legal_accepted_at")),
        ({"public_metadata": {"x": "y" * 8200}}, ("form_param_exceeds_allowed_size", "public_metadata")),
        ({"password_digest": BCRYPT_DIGEST}, ("form_conditional_param_missing", "password_hasher")),
        ({"password_hasher": "bcrypt"}, ("form_conditional_param_missing", "password_digest")),
        (
            {"password_digest": BCRYPT_DIGEST, "password_hasher": "rot13"},
            ("form_param_value_invalid", "password_hasher"),
        ),
        (
            {"password_digest": "nonsense", "password_hasher": "bcrypt"},
            ("form_password_digest_invalid_code", "password_digest"),
        ),
    ],
    ids=lambda value: None if isinstance(value, dict) else f"{value[0]} {value[1]}",
)
def test_a_malformed_field_is_refused_by_name(users, fields, expected):
    assert users.refused("create", 422, **{"email_address": ["ada@example.com"], **fields}) == [expected]
    assert users.count().total_count == 0


def test_a_username_that_is_a_phone_number_is_refused(users):
    told = codes(users.refused("create", 422, username="+12015550123"))
    assert "form_username_cannot_be_phone_number" in told


def test_a_malformed_locale_is_refused(http):
    answer = http.post("/users", json={"email_address": ["a@example.com"], "locale": "not a locale"})
    assert refused(answer, 422) == [("form_param_format_invalid", "locale")]


def test_a_password_and_a_digest_exclude_each_other(users):
    pairs = users.refused(
        "create",
        422,
        email_address=["ada@example.com"],
        password=a_password(),
        password_digest=BCRYPT_DIGEST,
        password_hasher="bcrypt",
    )
    assert codes(pairs) == ["form_conditional_param_disallowed"]


@pytest.mark.parametrize(
    ("hasher", "digest"),
    [
        ("bcrypt", BCRYPT_DIGEST),
        ("md5", "1d6afe0dc67918e27c5178fa29d4a08c"),
        ("pbkdf2_sha256_django", "pbkdf2_sha256$1000$seasalt$EjvAPY79WXEs0C6DMz+F9OXOYDwxyjCdipvSTkoIwzQ="),
        ("phpass", "$P$Bsaltsalt0gc7QTySswNqk.7TbaRmr1"),
    ],
)
def test_a_digest_made_elsewhere_is_taken(users, hasher, digest):
    user = users.create(email_address=["ada@example.com"], password_digest=digest, password_hasher=hasher)
    assert user.password_enabled is True


def test_all_problems_are_told_at_once(users):
    assert sorted(
        users.refused("create", 422, email_address=["nonsense"], phone_number=["12"], username="a b", totp_secret="1")
    ) == [
        ("form_param_format_invalid", "email_address"),
        ("form_param_format_invalid", "phone_number"),
        ("form_username_invalid_character", "username"),
        ("form_username_invalid_length", "username"),
        ("invalid_totp_secret_code", "totp_secret"),
    ]


@pytest.mark.parametrize(
    ("attribute", "fields", "param"),
    [
        ("phone_number", {"phone_number": ["+12015550123"]}, "phone_number"),
        ("username", {"username": "ada_l"}, "username"),
        ("web3_wallet", {"web3_wallet": [WALLET]}, "web3_wallet"),
        ("password", {"password": "Tq7!c0ffee-c0ffee"}, "password"),
        ("authenticator_app", {"totp_secret": TOTP_SECRET}, "totp_secret"),
        ("backup_code", {"backup_codes": ["kbdnh3wq"]}, "backup_codes"),
        ("first_name", {"first_name": "Ada"}, "first_name"),
        ("last_name", {"last_name": "Lovelace"}, "last_name"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_an_attribute_that_the_instance_has_switched_off_is_unknown(users, instance, attribute, fields, param):
    instance.configure({"attributes": {attribute: {"enabled": False}}})
    assert users.refused("create", 422, email_address=["ada@example.com"], **fields) == [("form_param_unknown", param)]


def test_all_required_attributes_that_are_missing_are_told(users, instance, http):
    instance.configure({"attributes": {"username": {"required": True}, "password": {"required": True}}})
    assert codes(users.refused("create", 422, email_address=["a@example.com"])) == ["form_data_missing"]

    problem = http.post("/users", json={"email_address": ["a@example.com"]}).json()["errors"][0]
    assert sorted(problem["meta"]["param_names"]) == ["password", "username"]


def test_the_password_requirement_can_be_skipped(users, instance):
    instance.configure({"attributes": {"password": {"required": True}}})
    user = users.create(email_address=["ada@example.com"], skip_password_requirement=True)
    assert user.password_enabled is False


@pytest.mark.sdk_has("create", "skip_user_requirement")
def test_the_identifier_requirement_can_be_skipped_but_for_one(users, instance):
    instance.configure({"attributes": {"email_address": {"required": True}}})
    assert users.create(username="ada_l", skip_user_requirement=True).username == "ada_l"
    assert codes(users.refused("create", 422, first_name="Ada", skip_user_requirement=True)) == [
        "form_data_missing"
    ]


def test_legal_consent_must_be_given_where_it_is_required(users, instance):
    instance.configure({"sign_up": {"legal_consent_enabled": True}})

    user = users.create(email_address=["a@example.com"], legal_accepted_at="2024-05-06T07:08:09Z")
    assert user.legal_accepted_at == 1714979289000
    assert users.create(email_address=["b@example.com"], skip_legal_checks=True).legal_accepted_at is None
    told = codes(users.refused("create", 422, email_address=["c@example.com"]))
    assert told in (["form_param_missing"], ["form_data_missing"])


def test_the_user_limit_refuses_one_more(users, instance):
    instance.configure({"user_limit": 2})
    users.create(email_address=["a@example.com"])
    users.create(email_address=["b@example.com"])
    assert codes(users.refused("create", 403, email_address=["c@example.com"])) == [
        "user_quota_exceeded"
    ]


def test_null_is_the_same_as_absent(users):
    user = users.create(
        email_address=["ada@example.com"], external_id=None, first_name=None, username=None, password=None
    )
    assert (user.external_id, user.first_name, user.username, user.password_enabled) == (None, None, None, False)


def test_an_unknown_field_is_refused(http):
    answer = http.post("/users", json={"email_address": ["a@example.com"], "shoe_size": 43})
    assert refused(answer, 422) == [("form_param_unknown", "shoe_size")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email_address", "a@example.com"),
        ("email_address", [1]),
        ("first_name", 7),
        ("first_name", ["Ada"]),
        ("public_metadata", "text"),
        ("public_metadata", []),
        ("delete_self_enabled", "yes"),
        ("create_organizations_limit", "3"),
        ("backup_codes", {}),
        ("created_at", 1577934245000),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(http, name, value):
    body = {"username": "ada_l", name: value}
    assert refused(http.post("/users", json=body), 422) == [("form_param_value_invalid", name)]
