//! Amounts as Stripe wants them, which is not always the currency's own smallest unit.
//!
//! <https://docs.stripe.com/currencies>, "Zero-decimal currencies", "Three-decimal currencies"
//! and "Special cases".

/// An amount in ISO 4217's smallest unit as Stripe's `amount`; `None` where Stripe cannot take it.
///
/// `currency` is the code in capitals, `digits` how many its smallest unit has behind the point.
pub fn charged(currency: &str, digits: usize, amount: i64) -> Option<i64> {
    match (currency, digits) {
        // Without a smaller unit since, but Stripe kept the two digits.
        ("ISK" | "UGX", 0) => amount.checked_mul(100),
        // With a smaller unit in the standard that nobody uses.
        ("MGA", 2) => (amount % 100 == 0).then_some(amount / 100),
        // The last of three digits must be nothing.
        (_, 3) => (amount % 10 == 0).then_some(amount),
        (_, 0 | 2) => Some(amount),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::charged;

    #[test]
    fn amounts_are_the_smallest_unit_save_for_the_listed_currencies() {
        for (currency, digits, amount, wanted) in [
            ("USD", 2, 1999, Some(1999)),
            ("JPY", 0, 500, Some(500)),
            ("ISK", 0, 500, Some(50_000)),
            ("UGX", 0, 5, Some(500)),
            ("MGA", 2, 500, Some(5)),
            ("MGA", 2, 501, None),
            ("KWD", 3, 1230, Some(1230)),
            ("KWD", 3, 1234, None),
            ("CLF", 4, 10_000, None),
            ("ISK", 0, i64::MAX, None),
        ] {
            assert_eq!(charged(currency, digits, amount), wanted, "{amount} {currency}");
        }
    }
}
