//! Why Stripe was of no help.

use serde_json::Value;

/// Longest code that is passed on.
const MAX_CODE: usize = 64;

/// Why Stripe was of no help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It may have done what it was asked to.
    #[error("no answer in time")]
    TimedOut,
    /// It was not asked, or its answer was lost.
    #[error("unreachable")]
    Unreachable,
    /// It said something that cannot be relied on.
    #[error("answered nonsense: {0}")]
    Nonsense(&'static str),
    /// It said no.
    #[error("refused with {status} {code}")]
    Refused {
        /// 402 is about the means of payment, 401 about our key.
        status: u16,
        /// Such as `card_declined`; `unknown` where it gave none.
        code: String,
    },
}

impl Error {
    /// A refusal with what is harmless of the code in its body: a bank's own word where there is one.
    pub(crate) fn refused(status: u16, body: &Value) -> Self {
        let error = body.get("error");
        let text = |name| error.and_then(|e| e.get(name)).and_then(Value::as_str);
        let code = text("code").or_else(|| text("type")).unwrap_or_default();
        Self::Refused { status, code: harmless(code) }
    }
}

/// A code cut to letters that can do no harm in a log or a body.
pub(crate) fn harmless(code: &str) -> String {
    let is_harmless = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let code: String = code.chars().filter(is_harmless).take(MAX_CODE).collect();
    if code.is_empty() { "unknown".to_owned() } else { code }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_refusal_keeps_the_harmless_part_of_its_code() {
        for (body, code) in [
            (
                json!({ "error": { "code": "card_declined", "type": "card_error" } }),
                "card_declined",
            ),
            (json!({ "error": { "type": "invalid_request_error" } }), "invalid_request_error"),
            (json!({ "error": { "code": "<b>\r\n" } }), "b"),
            (json!({ "error": "no" }), "unknown"),
            (json!([]), "unknown"),
        ] {
            let refused = Error::Refused { status: 402, code: code.to_owned() };
            assert_eq!(Error::refused(402, &body), refused);
        }
    }
}
