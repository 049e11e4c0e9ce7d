// List and count; `getUserList` makes both requests at once.

import assert from "node:assert/strict";
import { test } from "node:test";

import { MAJOR, refused, rollbook } from "./harness.mjs";

const instance = rollbook();
const WALLET = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
const at = (year) => new Date(Date.UTC(year, 0, 1));

async function people(t) {
  const made = await instance(t);
  const { users } = made;
  const ada = await users.createUser({
    emailAddress: ["ada@example.com"],
    phoneNumber: ["+12015550101"],
    username: "ada_l",
    firstName: "Ada",
    lastName: "Lovelace",
    externalId: "e1",
    web3Wallet: [WALLET],
    createdAt: at(2020),
  });
  const grace = await users.createUser({
    emailAddress: ["grace@navy.example.org"],
    username: "grace_h",
    firstName: "Grace",
    externalId: "e2",
    createdAt: at(2021),
  });
  const under = await users.createUser({ username: "under_score", lastName: "100% Lovelace", createdAt: at(2022) });
  const names = new Map([ada, grace, under].map((user) => [user.id, user.username]));
  return {
    ...made,
    ada,
    grace,
    under,
    /** The usernames that a list finds, once the total agrees. */
    found: async (query) => {
      const { data, totalCount } = await users.getUserList(query);
      assert.equal(totalCount, await users.getCount(query));
      if (query?.limit === undefined && query?.offset === undefined) assert.equal(totalCount, data.length);
      return data.map(({ id }) => names.get(id));
    },
  };
}

test("a list is newest first and tells the total", async (t) => {
  const { users, found } = await people(t);
  assert.deepEqual(await found(), ["under_score", "grace_h", "ada_l"]);
  const { data, totalCount } = await users.getUserList({ limit: 2, offset: 1 });
  assert.deepEqual([data.length, totalCount], [2, 3]);
  assert.deepEqual((await users.getUserList({ offset: 3 })).data, []);
});

test("exact filters find", async (t) => {
  const { found, ada, grace } = await people(t);
  assert.deepEqual(await found({ emailAddress: ["ADA@example.com", "nobody@example.com"] }), ["ada_l"]);
  assert.deepEqual(await found({ phoneNumber: ["+12015550101"] }), ["ada_l"]);
  assert.deepEqual(await found({ username: ["ADA_L", "grace_h"] }), ["grace_h", "ada_l"]);
  assert.deepEqual(await found({ web3Wallet: [WALLET] }), ["ada_l"]);
  assert.deepEqual(await found({ externalId: ["e1"] }), ["ada_l"]);
  assert.deepEqual(await found({ externalId: ["-e1"] }), ["under_score", "grace_h"]);
  assert.deepEqual(await found({ userId: [`+${ada.id}`, `+${grace.id}`, `-${ada.id}`] }), ["grace_h"]);
  assert.deepEqual(await found({ organizationId: ["org_nowhere"] }), []);
});

test("searches find parts and take wildcards literally", async (t) => {
  const { found } = await people(t);
  assert.deepEqual(await found({ query: "LOVELACE" }), ["under_score", "ada_l"]);
  assert.deepEqual(await found({ query: "ada lovelace" }), ["ada_l"]);
  assert.deepEqual(await found({ query: "%" }), ["under_score"]);
  assert.deepEqual(await found({ query: "r_s" }), ["under_score"]);
  assert.deepEqual(await found({ query: "a%l" }), []);
});

test("the filters by time find", async (t) => {
  const { found } = await people(t);
  assert.deepEqual(await found({ createdAtBefore: at(2021).getTime() }), ["ada_l"]);
  assert.deepEqual(await found({ createdAtAfter: at(2021).getTime() }), ["under_score"]);
  assert.deepEqual(await found({ lastSignInAtAfter: 1 }), []);
  assert.deepEqual(await found({ lastSignInAtBefore: at(2100).getTime() }), []);
  assert.deepEqual(await found({ last_active_at_since: 1 }), []);
});

test("banned users can be asked for", async (t) => {
  const { users, found, ada } = await people(t);
  await users.banUser(ada.id);
  assert.deepEqual(await found({ banned: true }), ["ada_l"]);
});

test("users are found by their account at a provider", async (t) => {
  const { users, found, ada, attachExternalAccount } = await people(t);
  await attachExternalAccount(ada.id, { provider: "oauth_google", provider_user_id: "g-1" });
  assert.deepEqual(await found({ provider: "oauth_google", providerUserId: ["g-1", "g-2"] }), ["ada_l"]);
  assert.deepEqual(await found({ provider: "oauth_github", providerUserId: ["g-1"] }), []);
  const [account] = (await users.getUser(ada.id)).externalAccounts;
  assert.deepEqual([account.provider, account.providerUserId ?? account.externalId], ["oauth_google", "g-1"]);
});

test("every order sorts, nulls last in both directions", async (t) => {
  const { found } = await people(t);
  const ordered = async (orderBy) => (await found({ orderBy })).join(" ");
  assert.equal(await ordered("+created_at"), "ada_l grace_h under_score");
  assert.equal(await ordered("-created_at"), "under_score grace_h ada_l");
  assert.equal(await ordered("username"), "ada_l grace_h under_score");
  assert.equal(await ordered("-username"), "under_score grace_h ada_l");
  assert.equal(await ordered("first_name"), "ada_l grace_h under_score");
  assert.equal(await ordered("-first_name"), "grace_h ada_l under_score");
  assert.equal(await ordered("-email_address"), "grace_h ada_l under_score");
  for (const field of ["web3wallet", "phone_number"]) {
    assert.equal((await ordered(field)).split(" ")[0], "ada_l");
    assert.equal((await ordered(`-${field}`)).split(" ")[0], "ada_l");
  }
  for (const field of ["updated_at", "last_name", "last_active_at", "last_sign_in_at"]) {
    assert.equal((await found({ orderBy: `-${field}` })).length, 3);
  }
});

test("bad parameters are refused", async (t) => {
  const { users } = await instance(t);
  await refused(users.getUserList({ limit: 501 }), 422, [["form_param_value_invalid", "limit"]]);
  await refused(users.getUserList({ offset: -1 }), 422, [["form_param_value_invalid", "offset"]]);
  await refused(users.getUserList({ orderBy: "shoe_size" }), 422, [["form_param_value_invalid", "order_by"]]);
  const many = Array.from({ length: 101 }, (_, n) => `u${n}`);
  await refused(users.getUserList({ username: many }), 422, [["form_param_array_size_exceeded", "username"]]);
  await refused(users.getCount({ username: many }), 422, [["form_param_array_size_exceeded", "username"]]);
});

test("a count is a number", async (t) => {
  const { users } = await instance(t);
  assert.equal(await users.getCount(), 0);
  assert.deepEqual(await users.getUserList(), { data: [], totalCount: 0 });
});

test("the version of the SDK is one that the suite knows", () => {
  assert.ok([2, 3].includes(MAJOR));
});
