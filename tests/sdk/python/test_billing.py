"""Billing."""

import pytest

from adapter import VERSION
from test_create import A_NOBODY


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
    answer = instance.operate("POST", "/billing/features", json={"name": "Export", "slug": "export"})
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
    resource = sdk.billing if VERSION >= (4, 0, 0) else sdk.commerce
    plans = resource.list_plans(payer_type="user")
    assert plans.total_count == 2
    pro = next(plan for plan in plans.data if plan.slug == "pro")
    assert (pro.fee.amount_formatted, pro.annual_fee.amount, pro.free_trial_days) == ("$49.99", 47988, 7)
