//! Amounts of money: integers of a currency's smallest unit.

use std::fmt;

use iso_currency::Currency as Iso;
use rollbook_wire as wire;
use rollbook_wire::Code;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Problem;

/// The greatest amount that a request may give, so that sums of many fit into 64 bits.
pub const MAX_AMOUNT: i64 = 99_999_999_999;

/// A currency in circulation (ISO 4217), of which a smallest unit is known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Currency(Iso);

impl Currency {
    /// The currency of requests that name none.
    pub const USD: Self = Self(Iso::USD);

    /// Reads a code such as `USD`, in either case.
    pub fn parse(text: &str, param: &str) -> Result<Self, Problem> {
        Self::from_code(&text.to_ascii_uppercase()).ok_or_else(|| {
            let message = format!("{param} must be the ISO 4217 code of a currency, such as USD.");
            Problem::param(Code::FormParamValueInvalid, param, message)
        })
    }

    fn from_code(code: &str) -> Option<Self> {
        let iso = Iso::from_code(code)?;
        (iso.exponent().is_some() && !iso.is_special()).then_some(Self(iso))
    }

    /// Such as `USD`.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Such as `$`; the code where there is no symbol.
    pub fn symbol(self) -> String {
        let symbol = self.0.symbol().symbol;
        if symbol.is_empty() || symbol == "¤" { self.code().to_owned() } else { symbol }
    }

    /// Digits behind the point: 0, 2, 3 or 4.
    pub fn minor_digits(self) -> usize {
        usize::from(self.0.exponent().unwrap_or_default())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::from_code(&code).ok_or_else(|| D::Error::custom("not a currency"))
    }
}

/// An amount of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// In the currency's smallest unit.
    pub amount: i64,
    /// Of what.
    pub currency: Currency,
}

impl Money {
    /// An amount of a currency.
    pub const fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// For people: symbol, digits, and as many behind the point as the currency has.
    pub fn formatted(self) -> String {
        let digits = self.currency.minor_digits();
        let unsigned = format!("{:0>width$}", self.amount.unsigned_abs(), width = digits + 1);
        let (whole, minor) = unsigned.split_at(unsigned.len() - digits);
        let sign = if self.amount < 0 { "-" } else { "" };
        let point = if digits == 0 { "" } else { "." };
        format!("{sign}{}{whole}{point}{minor}", self.currency.symbol())
    }
}

impl From<Money> for wire::billing::Money {
    fn from(money: Money) -> Self {
        Self {
            amount: money.amount,
            amount_formatted: money.formatted(),
            currency: money.currency.code(),
            currency_symbol: money.currency.symbol(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(amount: i64, code: &str) -> Money {
        Money::new(amount, Currency::parse(code, "currency").expect("a currency"))
    }

    #[test]
    fn every_currency_has_its_own_digits_and_symbol() {
        for (amount, code, formatted) in [
            (0, "USD", "$0.00"),
            (5, "usd", "$0.05"),
            (4999, "USD", "$49.99"),
            (-500, "USD", "-$5.00"),
            (1, "JPY", "¥1"),
            (1234, "EUR", "€12.34"),
            (i64::MIN, "JPY", "-¥9223372036854775808"),
        ] {
            assert_eq!(money(amount, code).formatted(), formatted, "{amount} {code}");
        }
        assert!(money(1234, "KWD").formatted().ends_with("1.234"));
        assert_eq!(money(0, "BHD").currency.minor_digits(), 3);
    }

    #[test]
    fn what_is_no_money_is_refused() {
        for code in ["", "US", "USDX", "XAU", "XXX", "ÜSD", "$"] {
            let problem = Currency::parse(code, "currency").expect_err(code);
            assert_eq!(problem.code, Code::FormParamValueInvalid);
            assert_eq!(problem.meta["param_name"], "currency");
        }
    }

    proptest! {
        #[test]
        fn the_digits_of_a_formatted_amount_are_the_amount(
            amount in any::<i64>(), code in prop::sample::select(vec!["USD", "JPY", "KWD", "GBP"]),
        ) {
            let money = money(amount, code);
            let text = money.formatted().replace(&money.currency.symbol(), "").replace('.', "");
            prop_assert_eq!(text.parse::<i64>().expect("digits"), amount);
        }

        #[test]
        fn money_is_read_as_it_was_written(amount in any::<i64>()) {
            let text = serde_json::to_string(&money(amount, "EUR")).expect("JSON");
            prop_assert_eq!(serde_json::from_str::<Money>(&text).expect("money"), money(amount, "EUR"));
        }

        #[test]
        fn any_text_is_a_currency_or_refused(text in any::<String>()) {
            let _ = Currency::parse(&text, "currency");
        }
    }
}
