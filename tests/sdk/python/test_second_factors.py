"""Second factors: the codes of a real authenticator library, backup codes, and taking both away."""

import base64
import os
import time

import pyotp
import pytest

from adapter import codes, refused
from test_create import A_NOBODY

STEP_SECONDS = 30


@pytest.fixture
def secret():
    return pyotp.random_base32()


@pytest.fixture
def app(secret):
    """The user's authenticator app."""
    return pyotp.TOTP(secret)


@pytest.fixture
def ada(users, secret):
    return users.create(email_address=["ada@example.com"], totp_secret=secret, backup_codes=["kbdnh3wq", "mz4ypu7c"])


def flags(user) -> tuple:
    return (user.two_factor_enabled, user.totp_enabled, user.backup_code_enabled)


def verified(users, user, code) -> str:
    """Verifies a code that must be right; the type of it."""
    answer = users.verify_totp(user_id=user.id, code=code)
    assert answer.verified is True
    return answer.code_type.value


def test_the_code_of_an_authenticator_app_is_right_once(users, ada, app):
    code = app.now()
    assert verified(users, ada, code) == "totp"
    assert users.refused("verify_totp", 422, user_id=ada.id, code=code) == [("totp_incorrect_code", "code")]
    assert users.get(user_id=ada.id) == ada


def test_the_next_code_is_right_already(users, ada, app):
    assert verified(users, ada, app.at(time.time() + STEP_SECONDS)) == "totp"


def test_the_last_code_is_right_still(users, ada, app):
    # Not so late in a step that it could end before the server looks.
    if time.time() % STEP_SECONDS > STEP_SECONDS - 5:
        time.sleep(6)
    assert verified(users, ada, app.at(time.time() - STEP_SECONDS)) == "totp"


@pytest.mark.parametrize("steps", [-10, 10])
def test_a_code_of_another_time_is_wrong(users, ada, app, steps):
    code = app.at(time.time() + steps * STEP_SECONDS)
    assert users.refused("verify_totp", 422, user_id=ada.id, code=code) == [("totp_incorrect_code", "code")]


@pytest.mark.parametrize("n_bytes", [14, 16, 20, 33, 64])
@pytest.mark.parametrize("write", [str, str.lower, lambda text: text.rstrip("=")], ids=["padded", "lower", "bare"])
def test_secrets_are_those_of_the_library_however_they_are_written(users, n_bytes, write):
    secret = base64.b32encode(os.urandom(n_bytes)).decode()
    user = users.create(username="ada_l", totp_secret=write(secret))
    assert verified(users, user, pyotp.TOTP(secret).now()) == "totp"


def test_of_calls_with_the_same_code_at_once_one_succeeds(users, ada, app):
    for code, code_type in ((app.now(), "totp"), ("kbdnh3wq", "backup_code")):
        answers = users.together("verify_totp", [{"user_id": ada.id, "code": code}] * 8)
        good = [answer for answer in answers if not isinstance(answer, Exception)]
        assert [(answer.verified, answer.code_type.value) for answer in good] == [(True, code_type)]
        assert {answer.status_code for answer in answers if answer not in good} == {422}


def test_backup_codes_are_consumed_until_there_are_none(users, ada):
    for code, left in (("mz4ypu7c", True), ("kbdnh3wq", False)):
        assert verified(users, ada, code) == "backup_code"
        users.refused("verify_totp", 422, user_id=ada.id, code=code)
        assert flags(users.get(user_id=ada.id)) == (True, True, left)


def test_backup_codes_may_be_given_as_digests(users, secret):
    digest = "$2b$04$9d.YNxiO/7HGqg2bgjN3OOT8Lvn2PTDYMpWSFeurLqHwOWCdtxL6e"
    user = users.create(username="ada_l", totp_secret=secret, backup_codes=[digest])
    assert codes(users.refused("verify_totp", 422, user_id=user.id, code=digest)) == ["totp_incorrect_code"]
    assert verified(users, user, "kbdnh3wq") == "backup_code"


def test_an_update_replaces_the_secret_and_the_codes(users, ada, app):
    changed = users.update(user_id=ada.id, totp_secret=pyotp.random_base32(), backup_codes=["a new one"])
    assert changed.mfa_enabled_at == ada.mfa_enabled_at
    for code in (app.now(), "kbdnh3wq"):
        assert codes(users.refused("verify_totp", 422, user_id=ada.id, code=code)) == ["totp_incorrect_code"]
    assert verified(users, ada, "a new one") == "backup_code"
    assert flags(users.update(user_id=ada.id, backup_codes=[])) == (True, True, False)


def test_a_text_that_can_be_no_code_has_the_wrong_length(users, secret):
    user = users.create(username="ada_l", totp_secret=secret)
    for text in ("", "12345", "1234567", "abcdef"):
        assert users.refused("verify_totp", 422, user_id=user.id, code=text) == [("totp_invalid_length", "code")]


def test_a_user_without_an_app_is_told_so(users):
    user = users.create(username="ada_l", backup_codes=["kbdnh3wq"])
    assert flags(user) == (False, False, True)
    assert users.refused("verify_totp", 400, user_id=user.id, code="kbdnh3wq") == [("totp_disabled", None)]


def test_an_unknown_user_is_not_found(users):
    assert users.refused("verify_totp", 404, user_id=A_NOBODY, code="123456") == [("resource_not_found", None)]
    for operation in ("disable_mfa", "delete_backup_codes", "delete_totp"):
        assert users.refused(operation, 404, user_id=A_NOBODY) == [("resource_not_found", None)]


def test_the_code_is_required(http):
    user = http.post("/users", json={"username": "ada_l", "totp_secret": pyotp.random_base32()}).json()
    path = f"/users/{user['id']}/verify_totp"
    assert refused(http.post(path, json={}), 422) == [("form_param_missing", "code")]
    assert refused(http.post(path), 422) == [("form_param_missing", "code")]
    assert refused(http.post(path, json={"code": 123456}), 422) == [("form_param_value_invalid", "code")]


def test_mfa_is_disabled_all_at_once(users, ada, app):
    assert ada.mfa_enabled_at == ada.created_at and ada.mfa_disabled_at is None
    assert users.disable_mfa(user_id=ada.id).user_id == ada.id
    after = users.get(user_id=ada.id)
    assert flags(after) == (False, False, False)
    assert after.mfa_enabled_at == ada.mfa_enabled_at
    assert after.mfa_disabled_at >= ada.mfa_enabled_at
    assert codes(users.refused("verify_totp", 400, user_id=ada.id, code=app.now())) == ["totp_disabled"]
    assert users.disable_mfa(user_id=ada.id).user_id == ada.id
    assert users.get(user_id=ada.id) == after


def test_the_app_goes_and_takes_the_backup_codes_along(users, ada):
    assert users.delete_totp(user_id=ada.id).user_id == ada.id
    after = users.get(user_id=ada.id)
    assert flags(after) == (False, False, False)
    assert after.mfa_disabled_at is not None
    assert users.delete_totp(user_id=ada.id).user_id == ada.id
    assert users.get(user_id=ada.id) == after


def test_the_backup_codes_go_and_the_app_stays(users, ada, app):
    assert users.delete_backup_codes(user_id=ada.id).user_id == ada.id
    after = users.get(user_id=ada.id)
    assert flags(after) == (True, True, False)
    assert (after.mfa_enabled_at, after.mfa_disabled_at) == (ada.mfa_enabled_at, None)
    assert users.delete_backup_codes(user_id=ada.id).user_id == ada.id
    assert users.get(user_id=ada.id) == after
    assert verified(users, ada, app.now()) == "totp"


def test_the_bodies_are_the_documented_ones_and_no_more(http, secret, app):
    body = {"username": "ada_l", "totp_secret": secret, "backup_codes": ["kbdnh3wq"]}
    user = http.post("/users", json=body).json()
    path = f"/users/{user['id']}"
    totp = http.post(f"{path}/verify_totp", json={"code": app.now()})
    assert totp.json() == {"verified": True, "code_type": "totp"}
    backup = http.post(f"{path}/verify_totp", json={"code": "kbdnh3wq"})
    assert backup.json() == {"verified": True, "code_type": "backup_code"}
    for below in ("backup_code", "totp", "mfa"):
        assert http.delete(f"{path}/{below}").json() == {"user_id": user["id"]}
