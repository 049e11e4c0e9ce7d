// Billing.

import assert from "node:assert/strict";
import { test } from "node:test";

import { A_NOBODY, refused, rollbook } from "./harness.mjs";

const instance = rollbook();

async function withPlan(t, more = {}) {
  const made = await instance(t);
  await made.configure({ billing: { enabled: true } });
  const body = { name: "Pro", slug: "pro", payer_type: "user", amount: 4999, ...more };
  const plan = await made.operate("POST", "/billing/plans", body);
  assert.equal(plan.status, 200, JSON.stringify(plan.body));
  const user = await made.users.createUser({ emailAddress: ["ada@example.com"] });
  return { ...made, plan: plan.body, user };
}

test("every user is on the default plan", async (t) => {
  const { clerk, user } = await withPlan(t);
  const subscription = await clerk.billing.getUserBillingSubscription(user.id);
  assert.equal(subscription.status, "active");
  assert.equal(subscription.nextPayment, null);
  assert.equal(subscription.subscriptionItems.length, 1);
  const [item] = subscription.subscriptionItems;
  assert.equal(item.plan.slug, "free_user");
  assert.equal(item.plan.fee.amountFormatted, "$0.00");
});

test("plans are listed", async (t) => {
  const { clerk } = await withPlan(t, { annual_monthly_amount: 3999 });
  const { data, totalCount } = await clerk.billing.getPlanList({ payerType: "user" });
  assert.equal(totalCount, 2);
  assert.equal(data.find((plan) => plan.slug === "pro").annualFee.amount, 47988);
});

test("a subscription is extended and canceled", async (t) => {
  const { clerk, operate, plan, user } = await withPlan(t, { free_trial_days: 7 });
  const made = await operate("POST", "/billing/subscription_items", { user_id: user.id, plan_id: plan.id });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  const extendTo = new Date(made.body.period_end + 86_400_000);
  const extended = await clerk.billing.extendSubscriptionItemFreeTrial(made.body.id, { extendTo });
  assert.equal(extended.periodEnd, extendTo.getTime());
  const subscription = await clerk.billing.getUserBillingSubscription(user.id);
  assert.equal(subscription.nextPayment.amount.amount, 4999);
  assert.equal(subscription.eligibleForFreeTrial, false);
  const canceled = await clerk.billing.cancelSubscriptionItem(made.body.id, { endNow: true });
  assert.equal(canceled.status, "ended");
});

test("billing must be on, and the user must exist", async (t) => {
  const { clerk, configure } = await instance(t);
  await refused(clerk.billing.getUserBillingSubscription(A_NOBODY), 403, [["billing_not_enabled"]]);
  await configure({ billing: { enabled: true } });
  await refused(clerk.billing.getUserBillingSubscription(A_NOBODY), 404, [["resource_not_found"]]);
});
