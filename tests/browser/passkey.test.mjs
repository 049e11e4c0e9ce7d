// A passkey from its registration to its end, in Chromium with the virtual
// authenticator of its DevTools, seen by the official Python SDK.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";

import { rollbook } from "../sdk/javascript/harness.mjs";
import { browser, required, serve } from "./chromium.mjs";

const PAGE = readFileSync(new URL("page.html", import.meta.url));
const SDK = new URL("sdk.py", import.meta.url).pathname;

const anInstance = rollbook();

test("a passkey is registered, seen by the SDK, used, deleted, and then proves nothing", async (t) => {
  const instance = await anInstance(t);
  const origin = await application(t, instance);
  await instance.configure({ passkeys: { origins: [origin] } });
  const user = await instance.users.createUser({ username: "lovelace", emailAddress: ["ada@example.com"] });
  const page = await authenticator(t, origin);
  const sdk = (...words) => pythonSdk(instance, words);

  const began = Date.now();
  const registered = await page.evaluate((id) => register(id, "Laptop"), user.id);
  assert.equal(registered.status, 200, JSON.stringify(registered.body));
  const [passkey, ...others] = sdk("passkeys", user.id);
  assert.deepEqual(others, []);
  assert.match(passkey.id, /^idn_/);
  assert.equal(passkey.object, "passkey");
  assert.equal(passkey.name, "Laptop");
  assert.equal(passkey.verification.status, "verified");
  assert.ok(passkey.last_used_at >= began, "a new passkey says when it was made");

  // The authenticator has it already, and the browser says so.
  const again = page.evaluate((id) => register(id, "Again"), user.id);
  await assert.rejects(again, /InvalidStateError/);

  const who = { object: "passkey_authentication", user_id: user.id, passkey_id: passkey.id };
  const known = await page.evaluate((id) => authenticate(id), user.id);
  assert.deepEqual(known, { status: 200, body: who });
  const discovered = await page.evaluate(() => authenticate());
  assert.deepEqual(discovered, { status: 200, body: who });
  const replayed = await page.evaluate(() => replay());
  assert.equal(replayed.status, 404);
  const [used] = sdk("passkeys", user.id);
  assert.ok(used.last_used_at > passkey.last_used_at, "using it is noted");

  assert.equal(sdk("delete_passkey", user.id, passkey.id).deleted, true);
  assert.deepEqual(sdk("passkeys", user.id), []);
  for (const id of [user.id, undefined]) {
    const refused = await page.evaluate((id) => authenticate(id), id);
    assert.equal(refused.status, 404, JSON.stringify(refused.body));
    assert.equal(refused.body.errors[0].code, "passkey_not_registered");
  }
});

/** An application's server: its page, and what the page asks, passed on as the operator. */
async function application(t, instance) {
  const server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", async () => {
      if (request.method === "GET") {
        response.writeHead(request.url === "/" ? 200 : 404, { "Content-Type": "text/html" });
        response.end(request.url === "/" ? PAGE : "");
        return;
      }
      const answer = await instance.operate("POST", request.url, JSON.parse(Buffer.concat(chunks)));
      response.writeHead(answer.status, { "Content-Type": "application/json" });
      response.end(JSON.stringify(answer.body));
    });
  });
  return serve(t, server);
}

/** A page at `origin` in a browser of its own, with an authenticator that always consents. */
async function authenticator(t, origin) {
  const { context, page } = await browser(t);
  await page.goto(origin);
  const devTools = await context.newCDPSession(page);
  await devTools.send("WebAuthn.enable");
  await devTools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return page;
}

function pythonSdk(instance, words) {
  const env = { ...process.env, CLERK_API_URL: instance.base, CLERK_SECRET_KEY: instance.secretKey };
  return JSON.parse(execFileSync(required("ROLLBOOK_SDK_PYTHON"), [SDK, ...words], { env, encoding: "utf8" }));
}
