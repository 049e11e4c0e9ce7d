// Invitations, the waitlist, redirect URLs, domains, roles and permissions.

import assert from "node:assert/strict";
import { test } from "node:test";

import { refused, rollbook } from "./harness.mjs";

const instance = rollbook();

test("an invitation is made, listed, accepted", async (t) => {
  const { clerk } = await instance(t);
  const made = await clerk.invitations.createInvitation({
    emailAddress: "ada@example.com",
    publicMetadata: { plan: "pro" },
    redirectUrl: "https://app.example/join",
  });
  assert.deepEqual([made.emailAddress, made.status, made.publicMetadata], ["ada@example.com", "pending", { plan: "pro" }]);
  const page = await clerk.invitations.getInvitationList({ status: "pending" });
  assert.deepEqual([page.data.map((one) => one.id), page.totalCount], [[made.id], 1]);
  const again = clerk.invitations.createInvitation({ emailAddress: "ada@example.com" });
  await refused(again, 400, [["duplicate_record", "email_address"]]);
  const user = await clerk.users.createUser({ emailAddress: ["ada@example.com"] });
  assert.deepEqual(user.publicMetadata, { plan: "pro" });
  await refused(clerk.invitations.revokeInvitation(made.id), 400, [["invitation_already_accepted"]]);
});

test("redirect URLs and domains are listed", async (t) => {
  const { base, clerk } = await instance(t);
  const made = await clerk.redirectUrls.createRedirectUrl({ url: "my-app://callback" });
  assert.deepEqual(await clerk.redirectUrls.getRedirectUrl(made.id), made);
  const page = await clerk.redirectUrls.getRedirectUrlList();
  assert.deepEqual([page.data.map((one) => one.url), page.totalCount], [["my-app://callback"], 1]);
  await clerk.redirectUrls.deleteRedirectUrl(made.id);
  const domains = await clerk.domains.list();
  assert.equal(`http://${domains.data[0].name}`, base);
});

test("an entry of the waitlist is invited", async (t) => {
  const { clerk } = await instance(t);
  const entry = await clerk.waitlistEntries.create({ emailAddress: "ada@example.com", notify: false });
  assert.equal(entry.status, "pending");
  if (clerk.waitlistEntries.invite === undefined) return t.skip("this SDK cannot invite entries");
  const invited = await clerk.waitlistEntries.invite(entry.id);
  assert.deepEqual([invited.status, invited.invitation.status], ["invited", "pending"]);
  assert.equal((await clerk.waitlistEntries.list()).totalCount, 1);
});

test("roles are made of permissions", async (t) => {
  const { clerk } = await instance(t);
  if (clerk.organizationRoles === undefined) return t.skip("this SDK knows no roles");
  const permission = await clerk.organizationPermissions.createOrganizationPermission({
    name: "Read teams",
    key: "org:team:read",
  });
  const role = await clerk.organizationRoles.createOrganizationRole({
    name: "Reader",
    key: "org:reader",
    permissions: [permission.id],
  });
  assert.deepEqual(role.permissions.map((one) => one.key), ["org:team:read"]);
  assert.equal((await clerk.organizationRoles.getOrganizationRoleList()).totalCount, 3);
  await clerk.organizationRoles.deleteOrganizationRole(role.id);
});
