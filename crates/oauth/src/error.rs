//! Why a provider was of no help.

/// Longest code of a provider that is passed on.
const MAX_CODE: usize = 64;

/// Why a provider was of no help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It may have done what it was asked to.
    #[error("the provider did not answer in time")]
    TimedOut,
    /// It was not asked, or its answer was lost.
    #[error("the provider cannot be reached")]
    Unreachable,
    /// It said no, with this code (RFC 6749, 5.2).
    #[error("the provider refused: {0}")]
    Refused(String),
    /// It said something that cannot be relied on.
    #[error("the provider answered nonsense: {0}")]
    Nonsense(&'static str),
    /// What it should be asked with is no address.
    #[error("the provider is not set up well: {0}")]
    Configuration(&'static str),
}

impl Error {
    /// A refusal with what is harmless of the provider's code.
    pub(crate) fn refused(code: &str) -> Self {
        let harmless = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let code: String = code.chars().filter(harmless).take(MAX_CODE).collect();
        Self::Refused(if code.is_empty() { "unknown".to_owned() } else { code })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_a_provider_is_cut_to_what_is_harmless() {
        assert_eq!(Error::refused("invalid_grant"), Error::Refused("invalid_grant".to_owned()));
        assert_eq!(Error::refused("<b>\r\n"), Error::Refused("b".to_owned()));
        assert_eq!(Error::refused(""), Error::Refused("unknown".to_owned()));
        assert_eq!(Error::refused(&"x".repeat(99)), Error::Refused("x".repeat(64)));
    }
}
