// An account connected at a certified OpenID provider, in Chromium, and its tokens: short-lived,
// with refresh tokens that are good once.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { test } from "node:test";

import { refused, rollbook } from "../sdk/javascript/harness.mjs";
import { browser, installed, serve } from "./chromium.mjs";

const { default: Provider } = await import(pathToFileURL(installed.resolve("oidc-provider")).href);

const PROVIDER = "oauth_custom_acme";
const CLIENT = { client_id: "rollbook", client_secret: "a secret of the test's own" };

/** Below what the server takes for too short to be of use, so that each call renews. */
const SHORT_S = 5;

/** The server renews what ends within ten seconds. */
const OF_USE_S = 15;

const anInstance = rollbook();

test("an account is connected, its token renewed once for all who ask, and lost with the grant", async (t) => {
  const instance = await anInstance(t);
  const provider = await openIdProvider(t, `${instance.base}/oauth/callback`);
  const setUp = { ...CLIENT, issuer: provider.issuer, scopes: ["openid", "email", "profile", "offline_access"] };
  const put = await instance.operate("PUT", `/oauth_providers/${PROVIDER}`, setUp);
  assert.equal(put.status, 200, JSON.stringify(put.body));
  assert.equal(put.body.token_url, `${provider.issuer}/token`);

  const user = await instance.users.createUser({ username: "lovelace" });
  const done = await serve(t, createServer((request, response) => response.end("done")));
  const began = await instance.operate("POST", `/users/${user.id}/external_accounts/connect`, {
    provider: PROVIDER,
    redirect_url: `${done}/done`,
  });
  assert.equal(began.status, 200, JSON.stringify(began.body));
  const { page } = await browser(t);
  await page.goto(began.body.url);
  await page.fill('input[name="login"]', "ada");
  await page.fill('input[name="password"]', "anything");
  await page.click('button[type="submit"]');
  await page.click('button[type="submit"]');
  await page.waitForURL(/\/done\?/);
  const accountId = new URL(page.url()).searchParams.get("external_account_id");
  assert.match(accountId, /^eac_/);

  const connected = await instance.users.getUser(user.id);
  const [account] = connected.externalAccounts;
  assert.equal(account.id, accountId);
  assert.equal(account.provider, PROVIDER);
  assert.equal(account.externalId, "ada");
  assert.equal(account.firstName, "Ada");
  assert.equal(account.imageUrl, "https://pictures.example/ada.png");
  assert.equal(account.verification.status, "verified");
  const [email] = connected.emailAddresses;
  assert.equal(email.emailAddress, "ada@example.com");
  assert.equal(email.linkedTo[0].id, account.identificationId);
  const found = await instance.users.getUserList({ query: "ada@example.com" });
  assert.equal(found.totalCount, 1);

  // Shorter than what is of use: renewed at once, each time with the refresh token that came last.
  const tokens = () => instance.users.getUserOauthAccessToken(user.id, PROVIDER);
  const [first] = (await tokens()).data;
  assert.equal(await provider.knows(first.token), true, "the token is good at the provider");
  const [second] = (await tokens()).data;
  assert.notEqual(second.token, first.token);
  // Renewed by one request for all who ask, those who come late included.
  provider.lasting(OF_USE_S);
  const before = provider.renewals();
  const answers = await Promise.all(Array.from({ length: 6 }, tokens));
  assert.equal(provider.renewals(), before + 1);
  const [third] = answers[0].data;
  assert.notEqual(third.token, second.token);
  for (const answer of answers) assert.deepEqual(answer.data[0].token, third.token);

  await new Promise((passed) => setTimeout(passed, (OF_USE_S - SHORT_S) * 1000));
  await provider.forget();
  await refused(tokens(), 400, [["oauth_token_retrieval_error"]]);
  await provider.stop();
  await refused(tokens(), 400, [["oauth_token_retrieval_error"]]);
});

/** A certified provider, with one client and anyone as a user. */
async function openIdProvider(t, redirectUri) {
  let handler = (request, response) => response.end();
  const server = createServer((request, response) => handler(request, response));
  const issuer = await serve(t, server);
  let lasting = SHORT_S;
  const provider = new Provider(issuer, {
    clients: [{ ...CLIENT, redirect_uris: [redirectUri], grant_types: ["authorization_code", "refresh_token"] }],
    scopes: ["openid", "email", "profile", "offline_access"],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["given_name", "picture"] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@example.com`,
        email_verified: true,
        given_name: "Ada",
        picture: `https://pictures.example/${id}.png`,
      }),
    }),
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    ttl: { AccessToken: () => lasting, RefreshToken: 3600, IdToken: 3600, Grant: 3600, Session: 3600, Interaction: 600 },
    pkce: { required: () => true, methods: ["S256"] },
    cookies: { keys: ["of no importance"] },
    features: { devInteractions: { enabled: true } },
  });
  let renewals = 0;
  const grants = new Set();
  provider.on("grant.success", (context) => {
    if (context.oidc.params.grant_type === "refresh_token") renewals += 1;
    grants.add(context.oidc.entities.Grant.jti);
  });
  handler = provider.callback();
  return {
    issuer,
    renewals: () => renewals,
    lasting: (seconds) => (lasting = seconds),
    knows: async (token) => {
      const answer = await fetch(`${issuer}/me`, { headers: { Authorization: `Bearer ${token}` } });
      return answer.status === 200;
    },
    forget: async () => {
      for (const id of grants) await (await provider.Grant.find(id)).destroy();
    },
    stop: async () => {
      server.closeAllConnections();
      handler = (request) => request.socket.destroy();
    },
  };
}
