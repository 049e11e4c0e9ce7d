// Sessions, the tokens that lead to them, and the SDK's belief in their tokens by configuration alone.

import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";

import { refused, rollbook, verifyToken } from "./harness.mjs";

const PAGE = "https://app.example.com";

const instance = rollbook();

/** An instance where somebody has signed in on `PAGE`. */
async function signedIn(t) {
  const made = await instance(t);
  const user = await made.users.createUser({ username: "adaada", skipPasswordRequirement: true });
  const session = await fetch(`${made.base}/v1/sessions`, {
    method: "POST",
    headers: { Authorization: `Bearer ${made.secretKey}`, "Content-Type": "application/json", Origin: PAGE },
    body: JSON.stringify({ user_id: user.id }),
  }).then((answer) => answer.json());
  const mint = async (seconds) => (await made.clerk.sessions.getToken(session.id, undefined, seconds)).jwt;
  const pem = async () => {
    const { body } = await made.operate("GET", "/signing_keys");
    return body.data.find((key) => key.signs).public_key;
  };
  const keySet = { secretKey: made.secretKey, apiUrl: made.base };
  return { ...made, ...made.clerk, clerk: made.clerk, user, sessionId: session.id, mint, pem, keySet };
}

/** Why the SDK does not believe the token. */
async function reason(token, options) {
  const error = await verifyToken(token, options).then(
    () => assert.fail("the token was believed"),
    (caught) => caught,
  );
  return error.reason;
}

const encoded = (part) => Buffer.from(JSON.stringify(part)).toString("base64url");
const decoded = (part) => JSON.parse(Buffer.from(part, "base64url"));

test("a session is made, read, listed and revoked", async (t) => {
  const { sessions, users, clients, user, sessionId } = await signedIn(t);
  const read = await sessions.getSession(sessionId);
  assert.deepEqual([read.userId, read.status], [user.id, "active"]);
  const list = await sessions.getSessionList({ userId: user.id, status: "active" });
  assert.deepEqual([list.totalCount, list.data[0].id], [1, sessionId]);
  assert.equal((await users.getUser(user.id)).lastSignInAt, read.createdAt);
  const client = await clients.getClient(read.clientId);
  assert.deepEqual([client.sessionIds, client.lastActiveSessionId], [[sessionId], sessionId]);
  if (sessions.createSession) {
    assert.equal((await sessions.createSession({ userId: user.id })).status, "active");
  }
  assert.equal((await sessions.revokeSession(sessionId)).status, "revoked");
  await refused(sessions.getToken(sessionId), 404, [["resource_not_found"]]);
});

test("tokens are believed, from our key set and from a public key alone", async (t) => {
  const { mint, pem, keySet, user, sessionId } = await signedIn(t);
  const token = await mint();
  const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const [header, payload, signature] = token.split(".");
  const claims = { ...decoded(payload), sub: "user_other" };
  const forged = `${header}.${encoded(claims)}`;
  const unsigned = encoded({ ...decoded(header), alg: "none" });
  for (const keys of [keySet, { jwtKey: await pem() }]) {
    const options = { ...keys, authorizedParties: [PAGE] };
    const believed = await verifyToken(token, options);
    assert.deepEqual([believed.sub, believed.sid, believed.azp, believed.v], [user.id, sessionId, PAGE, 2]);
    assert.equal(await reason(`${forged}.${signature}`, options), "token-invalid-signature");
    const signed = sign("sha256", Buffer.from(forged), stranger).toString("base64url");
    assert.equal(await reason(`${forged}.${signed}`, options), "token-invalid-signature");
    assert.equal(await reason(`${unsigned}.${payload}.`, options), "token-invalid-algorithm");
    assert.equal(await reason(`${unsigned}.${payload}.${signature}`, options), "token-invalid-algorithm");
    const wrong = { ...keys, authorizedParties: ["https://evil.example.com"] };
    assert.equal(await reason(token, wrong), "token-invalid-authorized-parties");
  }
});

test("tokens begin and end", async (t) => {
  const { mint, pem } = await signedIn(t);
  const [token, short] = [await mint(), await mint(30)];
  const options = { jwtKey: await pem() };
  const now = Date.now();
  t.mock.timers.enable({ apis: ["Date"], now });
  await verifyToken(short, options);
  t.mock.timers.setTime(now + 40_000);
  await verifyToken(token, options);
  assert.equal(await reason(short, options), "token-expired");
  t.mock.timers.setTime(now + 70_000);
  assert.equal(await reason(token, options), "token-expired");
  t.mock.timers.reset();
  t.mock.timers.enable({ apis: ["Date"], now: now - 60_000 });
  assert.equal(await reason(token, options), "token-not-active-yet");
});

test("an old key verifies after a rotation", async (t) => {
  const { mint, keySet, operate } = await signedIn(t);
  const old = await mint();
  await operate("POST", "/signing_keys");
  await verifyToken(await mint(), keySet);
  await verifyToken(old, keySet);
});

// On its own: the SDK never forgets a key that it has seen.
test("a retired key verifies nothing", async (t) => {
  const { mint, keySet, operate } = await signedIn(t);
  const old = await mint();
  await operate("POST", "/signing_keys");
  const { kid } = decoded(old.split(".")[0]);
  assert.equal((await operate("POST", `/signing_keys/${kid}/retire`)).status, 200);
  assert.equal(await reason(old, keySet), "jwk-kid-mismatch");
  await verifyToken(await mint(), keySet);
});

test("requests are authenticated", async (t) => {
  const { clerk, operate, mint, user, keySet } = await signedIn(t);
  const { body } = await operate("GET", "");
  const options = { ...keySet, publishableKey: body.publishable_key, authorizedParties: [PAGE] };
  const ask = (token) => {
    const request = new Request(`${PAGE}/api`, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
    return clerk.authenticateRequest(request, options);
  };
  const token = await mint();
  const state = await ask(token);
  assert.deepEqual([state.status, state.reason], ["signed-in", null]);
  assert.equal(state.toAuth().userId, user.id);
  for (const wrong of [undefined, `${token.slice(0, -8)}AAAAAAAA`]) {
    assert.equal((await ask(wrong)).status, "signed-out");
  }
});

test("the active organization is claimed with its permissions", async (t) => {
  const { clerk, organizations, operate, user, base, secretKey, pem, sessions } = await signedIn(t);
  const organization = await organizations.createOrganization({ name: "Acme", createdBy: user.id });
  const { id } = await fetch(`${base}/v1/sessions`, {
    method: "POST",
    headers: { Authorization: `Bearer ${secretKey}`, "Content-Type": "application/json" },
    body: JSON.stringify({ user_id: user.id, active_organization_id: organization.id }),
  }).then((answer) => answer.json());
  const { jwt } = await sessions.getToken(id);
  const { body } = await operate("GET", "");
  const request = new Request(`${PAGE}/api`, { headers: { Authorization: `Bearer ${jwt}` } });
  const options = { jwtKey: await pem(), publishableKey: body.publishable_key };
  const auth = (await clerk.authenticateRequest(request, options)).toAuth();
  assert.deepEqual([auth.orgId, auth.orgSlug, auth.orgRole], [organization.id, "acme", "org:admin"]);
  assert.ok(auth.has({ role: "org:admin" }));
});

test("sign-in tokens and actor tokens lead to sessions", async (t) => {
  const { signInTokens, actorTokens, operate, user } = await signedIn(t);
  const made = await signInTokens.createSignInToken({ userId: user.id, expiresInSeconds: 600 });
  assert.deepEqual([made.userId, made.status], [user.id, "pending"]);
  const consumed = await operate("POST", "/sign_in_tokens/consume", { token: made.token });
  assert.equal(consumed.body.session.user_id, user.id);
  const other = await signInTokens.createSignInToken({ userId: user.id, expiresInSeconds: 600 });
  assert.equal((await signInTokens.revokeSignInToken(other.id)).status, "revoked");
  const actor = await actorTokens.create({ userId: user.id, actor: { sub: "user_boss" } });
  const acted = await operate("POST", "/actor_tokens/consume", { token: actor.token });
  assert.deepEqual(acted.body.session.actor, { sub: "user_boss" });
  const second = await actorTokens.create({ userId: user.id, actor: { sub: "user_boss" } });
  assert.equal((await actorTokens.revoke(second.id)).status, "revoked");
});
