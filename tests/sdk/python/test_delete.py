"""Delete."""

from test_create import A_NOBODY, WALLET


def test_deleting_answers_what_was_deleted(users):
    user = users.create(email_address=["ada@example.com"], external_id="7")
    gone = users.delete(user_id=user.id)
    assert (gone.object, gone.id, gone.deleted) == ("user", user.id, True)
    assert users.refused("get", 404, user_id=user.id) == [("resource_not_found", None)]
    assert users.count().total_count == 0 and users.list() == []


def test_the_external_id_of_a_deleted_user_is_told_if_it_had_one(http):
    with_one = http.post("/users", json={"username": "ada_l", "external_id": "7"}).json()
    without = http.post("/users", json={"username": "grace_h"}).json()
    assert http.delete(f"/users/{with_one['id']}").json()["external_id"] == "7"
    assert http.delete(f"/users/{without['id']}").json().get("external_id") is None


def test_deleting_twice_is_not_found(users):
    user = users.create(email_address=["ada@example.com"])
    users.delete(user_id=user.id)
    assert users.refused("delete", 404, user_id=user.id) == [("resource_not_found", None)]
    assert users.refused("delete", 404, user_id=A_NOBODY) == [("resource_not_found", None)]


def test_the_identifiers_of_a_deleted_user_are_free_again(users):
    fields = {
        "email_address": ["ada@example.com"],
        "phone_number": ["+12015550123"],
        "username": "ada_l",
        "web3_wallet": [WALLET],
        "external_id": "7",
    }
    first = users.create(**fields)
    users.delete(user_id=first.id)
    assert users.create(**fields).id != first.id


def test_every_operation_on_a_deleted_user_is_not_found(users):
    user = users.create(email_address=["ada@example.com"])
    users.delete(user_id=user.id)
    for operation in ("ban", "unban", "lock", "unlock", "delete_profile_image"):
        assert users.refused(operation, 404, user_id=user.id) == [("resource_not_found", None)]
    assert users.refused("update", 404, user_id=user.id, first_name="Ada") == [("resource_not_found", None)]
    assert users.refused("update_metadata", 404, user_id=user.id, public_metadata={}) == [("resource_not_found", None)]
    assert users.refused("verify_password", 404, user_id=user.id, password="x") == [("resource_not_found", None)]
