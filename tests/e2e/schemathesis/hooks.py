"""Who calls: the seeded member; where a call may end sessions, somebody who has just signed in for it."""

import json
import os
import urllib.request

import schemathesis

API = os.environ["BAMBITALK_API"]
TOKEN = os.environ["BAMBITALK_TOKEN"]
PASSER_BY = {"loginId": os.environ["BAMBITALK_LOGIN_ID"], "password": os.environ["BAMBITALK_PASSWORD"]}
ENDS_SESSIONS = {"accounts_logout", "accounts_end_session", "accounts_change_password", "couples_withdraw"}


def sign_in():
    request = urllib.request.Request(
        f"{API}/auth/password/login",
        data=json.dumps(PASSER_BY).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["data"]["accessToken"]


@schemathesis.auth(refresh_interval=None)
class Bearer:
    def get(self, case, context):
        name = context.operation.definition.raw.get("operationId")
        return sign_in() if name in ENDS_SESSIONS else TOKEN

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"
