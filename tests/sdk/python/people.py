"""Five users who differ in everything that a list can filter and sort by.

`query` searches ids too, which are random: terms that must not match by chance are long, or hold other characters.
"""

from test_create import OTHER_WALLET, WALLET

# Created at the start of five successive years, in this order.
YEARS = {"ada": 2020, "grace": 2021, "alan": 2022, "under": 2023, "bare": 2024}
MILLIS = {2020: 1577836800000, 2021: 1609459200000, 2022: 1640995200000, 2023: 1672531200000, 2024: 1704067200000}

_FIELDS = {
    "ada": {
        "email_address": ["ada@example.com"],
        "phone_number": ["+12015550101"],
        "username": "ada_l",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "external_id": "e1",
        "web3_wallet": [WALLET],
    },
    "grace": {
        "email_address": ["grace@navy.example.org"],
        "username": "grace_h",
        "first_name": "Grace",
        "last_name": "Hopper",
        "external_id": "e2",
    },
    "alan": {
        "email_address": ["alan.turing@example.com", "alan@bletchley.example"],
        "phone_number": ["+442071838750"],
        "first_name": "Alan",
        "last_name": "Turing",
    },
    "under": {
        "username": "under_score",
        "first_name": "100%",
        "last_name": "Lovelace-Percent",
        "web3_wallet": [OTHER_WALLET],
    },
    "bare": {"phone_number": ["+12015550199"]},
}


class People:
    """The five, created; `ids` by name."""

    def __init__(self, users):
        self.ids = {
            name: users.create(**fields, created_at=f"{YEARS[name]}-01-01T00:00:00Z").id
            for name, fields in _FIELDS.items()
        }
        users.ban(user_id=self.ids["grace"])
        self._names = {user_id: name for name, user_id in self.ids.items()}

    def named(self, found: list) -> list:
        """The names of the users in a list, in its order."""
        return [self._names[user.id if hasattr(user, "id") else user["id"]] for user in found]


EVERYONE = {"ada", "grace", "alan", "under", "bare"}
