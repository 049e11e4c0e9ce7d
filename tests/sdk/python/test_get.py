"""Get."""

from server import Instance
from test_create import A_NOBODY


def test_a_user_reads_as_it_was_created(users):
    created = users.create(
        email_address=["ada@example.com"], first_name="Ada", private_metadata={"deep": {"list": [1, 2.5, None]}}
    )
    assert users.get(user_id=created.id) == created


def test_an_unknown_id_is_not_found(users):
    for user_id in (A_NOBODY, "usr_1", "../count", "user with spaces", "%00", "x" * 2000):
        assert users.refused("get", 404, user_id=user_id) == [("resource_not_found", None)]


def test_an_empty_id_is_not_found_and_never_the_list(http, users):
    users.create(email_address=["ada@example.com"])
    assert http.get("/users/").status_code == 404


def test_a_user_of_another_instance_is_not_found(users, connect, server, mode):
    theirs = Instance(server)
    try:
        stranger = connect(theirs.secret_key, mode).create(email_address=["ada@example.com"])
        assert users.refused("get", 404, user_id=stranger.id) == [("resource_not_found", None)]
        assert users.refused("update", 404, user_id=stranger.id, first_name="Eve") == [("resource_not_found", None)]
        assert users.refused("delete", 404, user_id=stranger.id) == [("resource_not_found", None)]
        assert users.list() == [] and users.count().total_count == 0
        assert users.create(email_address=["ada@example.com"]).id != stranger.id
    finally:
        theirs.delete()
