"""Addresses of a user, each by its own id."""

import pytest

from adapter import codes


@pytest.fixture
def ada(sdk):
    return sdk.users.create(username="ada_l")


def test_an_address_is_created_read_changed_and_deleted(sdk, ada):
    first = sdk.email_addresses.create(user_id=ada.id, email_address="Ada@Example.com")
    assert (first.email_address, first.verification, first.reserved) == ("ada@example.com", None, False)
    assert sdk.email_addresses.get(email_address_id=first.id) == first
    second = sdk.email_addresses.create(
        user_id=ada.id, email_address="b@example.com", verified=True, primary=True
    )
    assert sdk.users.get(user_id=ada.id).primary_email_address_id == second.id
    changed = sdk.email_addresses.update(email_address_id=first.id, verified=True, primary=True)
    assert (changed.verification.status, changed.verification.strategy) == ("verified", "admin")
    assert sdk.users.get(user_id=ada.id).primary_email_address_id == first.id
    gone = sdk.email_addresses.delete(email_address_id=first.id)
    assert (gone.object, gone.id, gone.deleted) == ("email_address", first.id, True)
    assert sdk.users.get(user_id=ada.id).primary_email_address_id == second.id


def test_what_is_wrong_is_refused(sdk, ada):
    def refused(operation, status, **arguments):
        return sdk.email_addresses.refused(operation, status, **arguments)

    one = sdk.email_addresses.create(user_id=ada.id, email_address="a@example.com", verified=True)
    taken = {"user_id": ada.id, "email_address": "a@example.com"}
    assert refused("create", 422, **taken) == [("form_identifier_exists", "email_address")]
    wrong = {"user_id": ada.id, "email_address": "nonsense"}
    assert refused("create", 422, **wrong) == [("form_param_format_invalid", "email_address")]
    other = sdk.email_addresses.create(user_id=ada.id, email_address="b@example.com")
    needed = refused("update", 422, email_address_id=other.id, primary=True)
    assert needed == [("form_verification_needed", "primary")]
    alone = sdk.users.create(email_address=["c@example.com"]).email_addresses[0].id
    assert codes(refused("delete", 400, email_address_id=alone)) == ["identification_deletion_failed"]
    sdk.email_addresses.delete(email_address_id=one.id)
    assert codes(refused("get", 404, email_address_id=one.id)) == ["resource_not_found"]


@pytest.mark.sdk_resource_has("email_addresses", "replace_for_user")
def test_one_address_takes_the_place_of_all(sdk, ada):
    for name in ("a", "b"):
        sdk.email_addresses.create(user_id=ada.id, email_address=f"{name}@example.com", verified=True)
    new = sdk.email_addresses.replace_for_user(user_id=ada.id, email_address="c@example.com")
    user = sdk.users.get(user_id=ada.id)
    assert ([one.id for one in user.email_addresses], user.primary_email_address_id) == ([new.id], new.id)
