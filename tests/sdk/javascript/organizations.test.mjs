// Organizations, their members and the invitations to them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { refused, rollbook } from "./harness.mjs";

const instance = rollbook();

async function acme(t) {
  const made = await instance(t);
  const admin = await made.users.createUser({ emailAddress: ["boss@example.com"], firstName: "Ada" });
  const organization = await made.clerk.organizations.createOrganization({
    name: "Acme & Co.",
    createdBy: admin.id,
    publicMetadata: { a: 1 },
  });
  return { ...made, ...made.clerk, admin, organization };
}

test("an organization is read, listed, changed and deleted", async (t) => {
  const { organizations, admin, organization } = await acme(t);
  assert.equal(organization.slug, "acme-co");
  assert.equal(organization.createdBy, admin.id);
  const bySlug = await organizations.getOrganization({ slug: "acme-co", includeMembersCount: true });
  assert.deepEqual([bySlug.id, bySlug.membersCount], [organization.id, 1]);
  const list = await organizations.getOrganizationList({ query: "acme", orderBy: "-created_at" });
  assert.deepEqual([list.totalCount, list.data[0].id], [1, organization.id]);
  const changed = await organizations.updateOrganization(organization.id, { name: "Acme", maxAllowedMemberships: 5 });
  assert.deepEqual([changed.name, changed.maxAllowedMemberships], ["Acme", 5]);
  const merged = await organizations.updateOrganizationMetadata(organization.id, { privateMetadata: { b: 2 } });
  assert.deepEqual([merged.publicMetadata, merged.privateMetadata], [{ a: 1 }, { b: 2 }]);
  const gone = await organizations.deleteOrganization(organization.id);
  assert.equal(gone.id, organization.id);
  const unknown = organizations.getOrganization({ organizationId: organization.id });
  await refused(unknown, 404, [["resource_not_found"]]);
});

test("members come, change and go", async (t) => {
  const { organizations, users, admin, organization } = await acme(t);
  const user = await users.createUser({ username: "bobbob" });
  const of = { organizationId: organization.id, userId: user.id };
  const made = await organizations.createOrganizationMembership({ ...of, role: "org:member" });
  assert.deepEqual([made.role, made.organization.id, made.publicUserData.userId], ["org:member", organization.id, user.id]);
  const members = await organizations.getOrganizationMembershipList({
    organizationId: organization.id,
    role: ["org:member"],
    orderBy: "username",
  });
  assert.deepEqual([members.totalCount, members.data[0].id], [1, made.id]);
  const ofUser = await users.getOrganizationMembershipList({ userId: user.id });
  assert.deepEqual([ofUser.totalCount, ofUser.data[0].id], [1, made.id]);
  const everywhere = await organizations.getInstanceOrganizationMembershipList({ orderBy: "-username", limit: 1 });
  assert.deepEqual([everywhere.totalCount, everywhere.data.length], [2, 1]);
  const changed = await organizations.updateOrganizationMembership({ ...of, role: "org:admin" });
  assert.ok(changed.permissions.includes("org:sys_memberships:manage"));
  const merged = await organizations.updateOrganizationMembershipMetadata({ ...of, publicMetadata: { a: 1 } });
  assert.deepEqual(merged.publicMetadata, { a: 1 });
  await organizations.deleteOrganizationMembership(of);
  const last = organizations.deleteOrganizationMembership({ organizationId: organization.id, userId: admin.id });
  await refused(last, 400, [["organization_minimum_permissions_needed"]]);
});

test("invitations are made, listed and revoked", async (t) => {
  const { organizations, users, admin, organization } = await acme(t);
  const organizationId = organization.id;
  const made = await organizations.createOrganizationInvitation({
    organizationId,
    emailAddress: "bob@example.com",
    role: "org:member",
    inviterUserId: admin.id,
    publicMetadata: { a: 1 },
    redirectUrl: "https://app.example/join",
  });
  assert.deepEqual([made.status, made.emailAddress, made.organizationId], ["pending", "bob@example.com", organizationId]);
  const pending = await organizations.getOrganizationInvitationList({ organizationId, status: ["pending"] });
  assert.deepEqual([pending.totalCount, pending.data[0].id], [1, made.id]);
  const read = await organizations.getOrganizationInvitation({ organizationId, invitationId: made.id });
  assert.equal(read.id, made.id);
  const user = await users.createUser({ emailAddress: ["bob@example.com"] });
  const invitation = { organizationId, invitationId: made.id, requestingUserId: admin.id };
  const revoked = await organizations.revokeOrganizationInvitation(invitation);
  assert.equal(revoked.status, "revoked");
  if (users.getOrganizationInvitationList) {
    const ofUser = await users.getOrganizationInvitationList({ userId: user.id });
    assert.deepEqual([ofUser.totalCount, ofUser.data[0].status], [1, "revoked"]);
  }
});
