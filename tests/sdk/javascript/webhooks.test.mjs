// Webhooks, verified by the SDK's own function.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";

import { rollbook, verifyWebhook } from "./harness.mjs";

const instance = rollbook();

/** Somebody who is told of events; `next` awaits the next request. */
async function receiver(t) {
  const told = [];
  const waiting = [];
  const server = createServer(async (request, answer) => {
    const chunks = await request.toArray();
    answer.end();
    const body = Buffer.concat(chunks).toString();
    const asked = new Request("http://receiver/hooks", { method: "POST", headers: request.headers, body });
    (waiting.shift() ?? ((one) => told.push(one)))(asked);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${server.address().port}/hooks`,
    next: () => told.shift() ?? new Promise((done) => waiting.push(done)),
  };
}

test("verifyWebhook accepts what is sent, with the secret alone", async (t) => {
  const { users, operate } = await instance(t);
  const { url, next } = await receiver(t);
  const { body: endpoint } = await operate("POST", "/webhook_endpoints", { url });
  const user = await users.createUser({ emailAddress: ["ada@example.com"], firstName: "Ada" });
  const asked = await next();
  const forged = asked.clone();
  const event = await verifyWebhook(asked, { signingSecret: endpoint.secret });
  assert.equal(event.type, "user.created");
  assert.equal(event.data.id, user.id);
  assert.equal(event.data.first_name, "Ada");
  assert.equal(event.event_attributes.http_request.client_ip, "127.0.0.1");
  await assert.rejects(verifyWebhook(forged, { signingSecret: `whsec_${"A".repeat(32)}` }));
});
