"""Numbers of a user, each by its own id."""

import pytest

from adapter import codes

ONE = "+12025550101"
TWO = "+12025550102"


@pytest.fixture
def ada(sdk):
    return sdk.users.create(username="ada_l")


def test_a_number_is_created_read_changed_and_deleted(sdk, ada):
    first = sdk.phone_numbers.create(user_id=ada.id, phone_number="+1 202 555 0101", verified=True)
    assert (first.phone_number, first.verification.strategy) == (ONE, "admin")
    assert sdk.phone_numbers.get(phone_number_id=first.id) == first
    second = sdk.phone_numbers.create(
        user_id=ada.id, phone_number=TWO, verified=True, reserved_for_second_factor=True
    )
    assert (second.reserved_for_second_factor, second.default_second_factor) == (True, True)
    assert sdk.users.get(user_id=ada.id).two_factor_enabled
    changed = sdk.phone_numbers.update(phone_number_id=second.id, primary=True, reserved_for_second_factor=False)
    assert not changed.reserved_for_second_factor
    user = sdk.users.get(user_id=ada.id)
    assert (user.primary_phone_number_id, user.two_factor_enabled) == (second.id, False)
    gone = sdk.phone_numbers.delete(phone_number_id=second.id)
    assert (gone.object, gone.id, gone.deleted) == ("phone_number", second.id, True)
    assert sdk.users.get(user_id=ada.id).primary_phone_number_id == first.id


def test_what_is_wrong_is_refused(sdk, ada):
    def refused(operation, status, **arguments):
        return sdk.phone_numbers.refused(operation, status, **arguments)

    one = sdk.phone_numbers.create(user_id=ada.id, phone_number=ONE, verified=True)
    taken = refused("create", 422, user_id=ada.id, phone_number=ONE)
    assert taken == [("form_identifier_exists", "phone_number")]
    wrong = refused("create", 422, user_id=ada.id, phone_number="12")
    assert wrong == [("form_param_format_invalid", "phone_number")]
    alone = sdk.users.create(phone_number=[TWO]).phone_numbers[0].id
    assert codes(refused("delete", 400, phone_number_id=alone)) == ["identification_deletion_failed"]
    sdk.phone_numbers.delete(phone_number_id=one.id)
    assert codes(refused("get", 404, phone_number_id=one.id)) == ["resource_not_found"]


@pytest.mark.sdk_resource_has("phone_numbers", "replace_for_user")
def test_one_number_takes_the_place_of_all(sdk, ada):
    sdk.phone_numbers.create(user_id=ada.id, phone_number=ONE, verified=True)
    new = sdk.phone_numbers.replace_for_user(user_id=ada.id, phone_number=TWO)
    user = sdk.users.get(user_id=ada.id)
    assert ([one.id for one in user.phone_numbers], user.primary_phone_number_id) == ([new.id], new.id)
