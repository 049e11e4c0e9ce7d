"""The official Python SDK as a command: `passkeys USER` and `delete_passkey USER PASSKEY`."""

import json
import os
import sys

from clerk_backend_api import Clerk

command, user_id, *rest = sys.argv[1:]
url = os.environ["CLERK_API_URL"]
with Clerk(bearer_auth=os.environ["CLERK_SECRET_KEY"], server_url=f"{url}/v1") as clerk:
    if command == "passkeys":
        user = clerk.users.get(user_id=user_id)
        print(json.dumps([json.loads(passkey.model_dump_json()) for passkey in user.passkeys]))
    elif command == "delete_passkey":
        [passkey_id] = rest
        deleted = clerk.users.delete_passkey(user_id=user_id, passkey_identification_id=passkey_id)
        print(json.dumps(json.loads(deleted.model_dump_json())))
    else:
        sys.exit(f"unknown command {command}")
