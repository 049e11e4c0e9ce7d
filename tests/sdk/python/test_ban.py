"""Ban and unban, one user and many."""

import pytest

from adapter import codes, refused
from test_create import A_NOBODY


@pytest.fixture
def three(users):
    return [users.create(email_address=[f"u{n}@example.com"]) for n in range(3)]


def test_a_ban_shows_and_can_be_lifted(users, three):
    user_id = three[0].id
    assert users.ban(user_id=user_id).banned is True
    assert users.get(user_id=user_id).banned is True
    assert [user.id for user in users.list(banned=True)] == [user_id]
    assert users.unban(user_id=user_id).banned is False
    assert users.get(user_id=user_id).banned is False


def test_banning_twice_changes_nothing(users, three):
    once = users.ban(user_id=three[0].id)
    assert users.ban(user_id=three[0].id) == once


def test_unbanning_one_who_is_not_banned_changes_nothing(users, three):
    assert users.unban(user_id=three[0].id) == three[0]


def test_a_ban_moves_updated_at_forward(users, three):
    assert users.ban(user_id=three[0].id).updated_at >= three[0].updated_at


def test_banned_and_locked_are_independent(users, three):
    users.lock(user_id=three[0].id)
    banned = users.ban(user_id=three[0].id)
    assert (banned.banned, banned.locked) == (True, True)
    freed = users.unban(user_id=three[0].id)
    assert (freed.banned, freed.locked) == (False, True)


@pytest.mark.parametrize("operation", ["ban", "unban"])
def test_an_unknown_user_is_not_found(users, operation):
    assert users.refused(operation, 404, user_id=A_NOBODY) == [("resource_not_found", None)]


def test_many_are_banned_and_unbanned_in_the_order_of_the_request(users, three):
    ids = [three[2].id, three[0].id, three[1].id]
    banned = users.bulk_ban(user_ids=ids)
    assert [user.id for user in banned] == ids and all(user.banned for user in banned)
    assert users.count(banned=True).total_count == 3
    freed = users.bulk_unban(user_ids=ids)
    assert [user.id for user in freed] == ids and not any(user.banned for user in freed)
    assert users.count(banned=True).total_count == 0


def test_an_id_given_twice_counts_once(users, three):
    ids = [three[1].id, three[0].id, three[1].id]
    assert [user.id for user in users.bulk_ban(user_ids=ids)] == [three[1].id, three[0].id]
    assert [user.id for user in users.bulk_unban(user_ids=ids)] == [three[1].id, three[0].id]


def test_an_unknown_id_among_many_changes_nothing(users, three):
    ids = [three[0].id, A_NOBODY, three[1].id]
    assert users.refused("bulk_ban", 404, user_ids=ids) == [("resource_not_found", None)]
    assert users.count(banned=True).total_count == 0
    users.bulk_ban(user_ids=[user.id for user in three])
    assert users.refused("bulk_unban", 404, user_ids=ids) == [("resource_not_found", None)]
    assert users.count(banned=True).total_count == 3


def test_fifty_are_the_most(users):
    made = [users.create(username=f"user_{n:02}") for n in range(51)]
    ids = [user.id for user in made]
    for operation in ("bulk_ban", "bulk_unban"):
        assert codes(users.refused(operation, 400, user_ids=ids)) == ["bulk_size_exceeded"]
        assert users.count(banned=True).total_count == 0
    assert [user.id for user in users.bulk_ban(user_ids=ids[:50])] == ids[:50]
    assert users.count(banned=True).total_count == 50
    assert [user.id for user in users.bulk_unban(user_ids=ids[:50])] == ids[:50]
    assert users.count(banned=True).total_count == 0


@pytest.mark.parametrize("operation", ["bulk_ban", "bulk_unban"])
def test_an_empty_list_is_refused(users, operation):
    assert users.refused(operation, 422, user_ids=[]) == [("form_param_missing", "user_ids")]


@pytest.mark.parametrize("path", ["/users/ban", "/users/unban"])
def test_a_malformed_list_is_refused(http, path):
    assert refused(http.post(path, json={}), 422) == [("form_param_missing", "user_ids")]
    assert refused(http.post(path, json={"user_ids": "user_1"}), 422) == [("form_param_value_invalid", "user_ids")]
    assert refused(http.post(path, json={"user_ids": [1]}), 422) == [("form_param_value_invalid", "user_ids")]
