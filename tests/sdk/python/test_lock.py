"""Lock and unlock."""

import time

import pytest

from adapter import codes
from test_create import A_NOBODY


@pytest.fixture
def user(users):
    return users.create(email_address=["ada@example.com"])


def test_a_lock_shows_and_can_be_lifted(users, user):
    locked = users.lock(user_id=user.id)
    assert locked.locked is True
    assert 3590 <= locked.lockout_expires_in_seconds <= 3600
    # An explicit lock uses up no attempt.
    assert locked.verification_attempts_remaining == user.verification_attempts_remaining
    assert users.get(user_id=user.id).locked is True
    free = users.unlock(user_id=user.id)
    assert (free.locked, free.lockout_expires_in_seconds) == (False, None)
    assert free.verification_attempts_remaining == 10
    assert users.get(user_id=user.id).locked is False


def test_the_seconds_of_a_lock_count_down(users, user):
    first = users.lock(user_id=user.id).lockout_expires_in_seconds
    time.sleep(2.1)
    later = users.get(user_id=user.id).lockout_expires_in_seconds
    assert later in (first - 3, first - 2)


def test_locking_again_starts_the_time_anew(users, user):
    first = users.lock(user_id=user.id).lockout_expires_in_seconds
    time.sleep(2.1)
    assert users.lock(user_id=user.id).lockout_expires_in_seconds >= first - 1


def test_the_duration_is_a_setting(users, user, instance):
    instance.configure({"user_lockout": {"duration_in_minutes": 5, "max_attempts": 20}})
    locked = users.lock(user_id=user.id)
    assert 290 <= locked.lockout_expires_in_seconds <= 300
    assert locked.verification_attempts_remaining == 20


def test_a_lock_without_end_has_no_seconds(users, user, instance):
    instance.configure({"user_lockout": {"duration_in_minutes": None}})
    locked = users.lock(user_id=user.id)
    assert (locked.locked, locked.lockout_expires_in_seconds) == (True, None)


def test_unlocking_one_who_is_not_locked_changes_nothing(users, user):
    assert users.unlock(user_id=user.id) == user


@pytest.mark.parametrize("operation", ["lock", "unlock"])
def test_while_lockout_is_off_both_are_refused(users, user, instance, operation):
    instance.configure({"user_lockout": {"enabled": False}})
    assert codes(users.refused(operation, 403, user_id=user.id)) == ["feature_not_enabled"]
    assert users.get(user_id=user.id).verification_attempts_remaining is None


@pytest.mark.parametrize("operation", ["lock", "unlock"])
def test_an_unknown_user_is_not_found(users, operation):
    assert users.refused(operation, 404, user_id=A_NOBODY) == [("resource_not_found", None)]
