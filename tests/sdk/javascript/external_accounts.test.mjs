// Connected accounts: their tokens and their removal.

import assert from "node:assert/strict";
import { test } from "node:test";

import { A_NOBODY, refused, rollbook } from "./harness.mjs";

const instance = rollbook();

async function ada(t, ...accounts) {
  const made = await instance(t);
  const user = await made.users.createUser({ username: "ada_l" });
  let attached;
  for (const account of accounts) {
    const usual = { provider: "oauth_google", provider_user_id: "108", approved_scopes: "openid email" };
    attached = await made.attachExternalAccount(user.id, { ...usual, ...account });
  }
  return { ...made, user, accounts: attached?.external_accounts ?? [] };
}

test("a page of tokens, by a name with or without its prefix", async (t) => {
  const expiresAt = Date.now() + 3_600_000;
  const first = { access_token: "at-1", expires_at: expiresAt, label: "work", public_metadata: { a: 1 } };
  const { users, user, accounts } = await ada(t, first, { access_token: "at-2", provider_user_id: "109" });
  for (const name of ["google", "oauth_google"]) {
    const { data, totalCount } = await users.getUserOauthAccessToken(user.id, name);
    assert.equal(totalCount, 2);
    const [one, two] = data;
    assert.equal(one.externalAccountId, accounts[0].external_account_id);
    assert.deepEqual(
      [one.provider, one.token, one.label, one.publicMetadata, one.scopes],
      ["oauth_google", "at-1", "work", { a: 1 }, ["openid", "email"]],
    );
    if ("expiresAt" in one) assert.equal(one.expiresAt, expiresAt);
    assert.equal(two.token, "at-2");
  }
});

test("every way of having no token has its code", async (t) => {
  const { users, user, operate } = await ada(t, {}, { provider: "oauth_github", access_token: "at-1", expires_at: 1 });
  const tokens = (provider, id = user.id) => users.getUserOauthAccessToken(id, provider);
  await refused(tokens("google"), 422, [["oauth_missing_access_token"]]);
  await refused(tokens("github"), 422, [["oauth_missing_refresh_token"]]);
  await refused(tokens("nonsense"), 400, [["oauth_unsupported_provider"]]);
  await refused(tokens("slack"), 404, [["oauth_token_provider_not_enabled"]]);
  await refused(tokens("slack", A_NOBODY), 404, [["resource_not_found"]]);
  assert.equal((await operate("PUT", "/oauth_providers/oauth_slack", { client_id: "c" })).status, 200);
  assert.deepEqual((await tokens("slack")).data, []);
});

test("an account is deleted, and the address that it proved stays", async (t) => {
  const email = { email_address: "ada@example.com", email_address_verified: true };
  const { users, user, accounts } = await ada(t, email);
  const [account] = accounts;
  const [before] = (await users.getUser(user.id)).emailAddresses;
  assert.equal(before.verification.strategy, "from_oauth_google");
  assert.equal(before.linkedTo[0].id, account.identification_id);
  const remove = () =>
    users.deleteUserExternalAccount({ userId: user.id, externalAccountId: account.external_account_id });
  const deleted = await remove();
  assert.deepEqual([deleted.object, deleted.deleted, deleted.id], ["external_account", true, account.external_account_id]);
  const after = await users.getUser(user.id);
  assert.deepEqual(after.externalAccounts, []);
  assert.deepEqual(after.emailAddresses[0].linkedTo, []);
  await refused(remove(), 404, [["external_account_not_found"]]);
});
