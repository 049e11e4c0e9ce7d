"""Billing."""

import datetime

import pytest

from adapter import VERSION
from test_create import A_NOBODY


def _renamed(sdk):
    """The resource of plans and items: another one before 4.2.0."""
    return sdk.billing if VERSION >= (4, 2, 0) else sdk.commerce


@pytest.fixture
def billing(instance):
    """Turns billing on; the answer makes plans."""
    assert instance.operate("PATCH", "/settings", json={"billing": {"enabled": True}}).status_code == 200

    def plan(**more):
        body = {"name": "Pro", "slug": "pro", "payer_type": "user", "amount": 4999, **more}
        answer = instance.operate("POST", "/billing/plans", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return plan


@pytest.fixture
def user(users):
    return users.create(email_address=["ada@example.com"])


def test_every_user_is_on_the_default_plan(billing, users, user):
    subscription = users.get_billing_subscription(user_id=user.id)
    assert subscription.status == "active"
    [item] = subscription.subscription_items
    assert (item.status, item.plan_period, item.is_free_trial) == ("active", "month", False)
    assert (item.plan.slug, item.plan.is_default, item.plan.for_payer_type) == ("free_user", True, "user")
    assert (item.plan.fee.amount, item.plan.fee.amount_formatted) == (0, "$0.00")
    assert item.payer_id == subscription.payer_id


def test_the_default_plan_may_have_features_and_words(billing, instance, users, user):
    # Of these 4.0.0 takes none as null.
    feature = {"name": "Export", "slug": "export", "description": "All of it", "avatar_url": "https://app.example/e.png"}
    answer = instance.operate("POST", "/billing/features", json=feature)
    assert answer.status_code == 200, answer.text
    billing(slug="basic", amount=0, is_default=True, description="For all", features=["export"], currency="JPY")
    [item] = users.get_billing_subscription(user_id=user.id).subscription_items
    assert (item.plan.slug, item.plan.description, item.plan.fee.amount_formatted) == ("basic", "For all", "¥0")
    assert [feature.slug for feature in item.plan.features] == ["export"]


def test_billing_must_be_on(users, user):
    assert users.refused("get_billing_subscription", 403, user_id=user.id) == [("billing_not_enabled", None)]


def test_nobody_has_no_subscription(billing, users):
    assert users.refused("get_billing_subscription", 404, user_id=A_NOBODY) == [("resource_not_found", None)]


def test_plans_are_listed(billing, sdk):
    billing(annual_monthly_amount=3999, free_trial_days=7)
    plans = _renamed(sdk).list_plans(payer_type="user")
    assert plans.total_count == 2
    pro = next(plan for plan in plans.data if plan.slug == "pro")
    assert (pro.fee.amount_formatted, pro.annual_fee.amount, pro.free_trial_days) == ("$49.99", 47988, 7)



@pytest.fixture
def subscribed(billing, instance, user):
    """Puts the user on a plan, with a free trial if it has days."""

    def subscribe(**plan):
        made = billing(**plan)
        body = {"user_id": user.id, "plan_id": made["id"]}
        answer = instance.operate("POST", "/billing/subscription_items", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return subscribe


def test_a_paid_plan_shows_its_next_payment(subscribed, users, user):
    made = subscribed(currency="EUR")
    subscription = users.get_billing_subscription(user_id=user.id)
    [item] = subscription.subscription_items
    assert (item.id, item.status, item.plan.slug) == (made["id"], "active", "pro")
    assert subscription.next_payment.date_ == item.period_end
    assert (subscription.next_payment.amount.amount, subscription.next_payment.amount.amount_formatted) == (4999, "€49.99")


def test_a_payment_that_fails_makes_it_past_due(subscribed, instance, users, user):
    subscribed()
    [payment] = instance.operate("GET", "/billing/payment_attempts").json()["data"]
    answer = instance.operate("POST", f"/billing/payment_attempts/{payment['id']}/fail")
    assert answer.status_code == 200, answer.text
    subscription = users.get_billing_subscription(user_id=user.id)
    assert (subscription.status, subscription.subscription_items[0].status) == ("past_due", "past_due")


def test_a_canceled_plan_has_no_next_payment(subscribed, users, sdk, user):
    made = subscribed()
    _renamed(sdk).cancel_subscription_item(subscription_item_id=made["id"])
    subscription = users.get_billing_subscription(user_id=user.id)
    assert subscription.next_payment is None and subscription.subscription_items[0].canceled_at is not None


def test_items_are_listed_and_canceled(subscribed, sdk, user):
    made = subscribed()
    listed = _renamed(sdk).list_subscription_items(payer_type="user", status="active")
    assert [item.id for item in listed.data] == [made["id"]] and listed.total_count == 1
    assert listed.data[0].payer.user_id == user.id
    canceled = _renamed(sdk).cancel_subscription_item(subscription_item_id=made["id"])
    assert canceled.canceled_at is not None and canceled.period_end == made["period_end"]
    ended = _renamed(sdk).cancel_subscription_item(subscription_item_id=made["id"], end_now=True)
    assert ended.status == "ended"


def test_a_free_trial_is_extended(subscribed, sdk):
    made = subscribed(free_trial_days=7)
    until = datetime.datetime.fromtimestamp(made["period_end"] / 1000 + 86_400, datetime.timezone.utc)
    resource = sdk.commerce if VERSION < (4, 0, 0) else sdk.billing
    item = resource.extend_subscription_item_free_trial(subscription_item_id=made["id"], extend_to=until)
    assert item.is_free_trial and item.period_end > made["period_end"]


@pytest.mark.skipif(VERSION < (5, 0, 0), reason="this SDK has no price transitions")
def test_another_price_is_moved_to(subscribed, sdk):
    made = subscribed()
    price = sdk.billing.create_price(plan_id=made["plan_id"], amount=9999)
    done = sdk.billing.create_price_transition(
        subscription_item_id=made["id"], from_price_id=made["price_id"], to_price_id=price.id
    )
    assert done.transition.effective_mode == "immediate" and done.subscription_item.price_id == price.id
    assert price.id in [each.id for each in sdk.billing.list_prices(plan_id=made["plan_id"]).data]


@pytest.mark.skipif(VERSION < (4, 0, 0), reason="this SDK has no statements")
def test_statements_and_payments_are_read(subscribed, instance, sdk):
    subscribed()
    [statement] = sdk.billing.list_statements().data
    assert statement.totals.grand_total.amount == 4999
    assert sdk.billing.get_statement(statement_id=statement.id).id == statement.id
    [payment] = sdk.billing.get_statement_payment_attempts(statement_id=statement.id).data
    assert payment.status == "pending"
    answer = instance.operate("POST", f"/billing/payment_attempts/{payment.id}/pay")
    assert answer.status_code == 200, answer.text
    [payment] = sdk.billing.get_statement_payment_attempts(statement_id=statement.id).data
    assert payment.status == "paid"


@pytest.mark.skipif(VERSION < (7, 0, 0), reason="this SDK knows the credit ledger in another shape, or not at all")
def test_credits_are_adjusted(billing, sdk, user):
    arguments = {"user_id": user.id, "amount": 500, "action": "increase", "idempotency_key": "once"}
    entry = sdk.users.adjust_billing_credit_balance(**arguments)
    assert sdk.users.adjust_billing_credit_balance(**arguments).id == entry.id
    assert sdk.users.get_billing_credit_balance(user_id=user.id).balance.amount == 500
