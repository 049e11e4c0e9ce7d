"""Wallets of a user, which are only ever taken away."""

from adapter import codes
from test_create import A_NOBODY, OTHER_WALLET, WALLET


def test_the_next_wallet_becomes_primary(users):
    user = users.create(username="ada_l", web3_wallet=[WALLET, OTHER_WALLET])
    first, second = user.web3_wallets
    gone = users.delete_web3_wallet(user_id=user.id, web3_wallet_identification_id=first.id)
    assert (gone.object, gone.id, gone.deleted) == ("web3_wallet", first.id, True)
    after = users.get(user_id=user.id)
    assert (after.primary_web3_wallet_id, [wallet.id for wallet in after.web3_wallets]) == (second.id, [second.id])
    users.delete_web3_wallet(user_id=user.id, web3_wallet_identification_id=second.id)
    assert users.get(user_id=user.id).web3_wallets == []


def test_what_cannot_go_is_refused(users, instance):
    def refused(status, user_id, wallet_id):
        arguments = {"user_id": user_id, "web3_wallet_identification_id": wallet_id}
        return codes(users.refused("delete_web3_wallet", status, **arguments))

    only = users.create(web3_wallet=[WALLET])
    assert refused(400, only.id, only.web3_wallets[0].id) == ["identification_deletion_failed"]
    other = users.create(username="ada_l", web3_wallet=[OTHER_WALLET])
    assert refused(404, only.id, other.web3_wallets[0].id) == ["resource_not_found"]
    assert refused(404, A_NOBODY, other.web3_wallets[0].id) == ["resource_not_found"]
    instance.configure({"attributes": {"web3_wallet": {"required": True}}})
    assert refused(400, other.id, other.web3_wallets[0].id) == ["last_required_identification_deletion_failed"]
