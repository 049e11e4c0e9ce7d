//! Addresses that a browser may be sent to.

use rollbook_wire::Code;

use crate::Problem;

const MAX_CHARS: usize = 2048;

/// Schemes whose addresses are programs or pages of their own.
const NEVER: [&str; 4] = ["javascript", "data", "vbscript", "file"];

/// An absolute address: `https`, `http` or an application's own scheme, `://` and a host or more.
///
/// [`Code::FormParamFormatInvalid`] for anything else and for white space and control
/// characters in it, [`Code::FormParamMaxLengthExceeded`] beyond 2048 characters.
pub fn parse_redirect_url(text: &str, param: &str) -> Result<String, Problem> {
    if text.chars().count() > MAX_CHARS {
        return Err(Problem::param(
            Code::FormParamMaxLengthExceeded,
            param,
            format!("{param} must have at most {MAX_CHARS} characters."),
        ));
    }
    let plain = !text.chars().any(|c| c.is_control() || c.is_whitespace());
    let parts = text.split_once("://").filter(|(scheme, rest)| {
        // RFC 3986, 3.1.
        let mut letters = scheme.bytes();
        let first = letters.next().is_some_and(|b| b.is_ascii_alphabetic());
        let rest_of_scheme = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
        first
            && letters.all(rest_of_scheme)
            && !NEVER.contains(&scheme.to_ascii_lowercase().as_str())
            && !rest.is_empty()
            && !rest.starts_with(['/', '?', '#'])
    });
    if plain && parts.is_some() {
        return Ok(text.to_owned());
    }
    Err(Problem::param(
        Code::FormParamFormatInvalid,
        param,
        format!("{param} must be an absolute URL such as https://example.com/welcome."),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_addresses_pass() {
        for text in
            ["https://a.example", "http://localhost:3000/x?y#z", "my-app://callback", "com.a.b://c"]
        {
            assert_eq!(parse_redirect_url(text, "url").as_deref(), Ok(text));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "a",
            "/a",
            "//a.example",
            "https:/a",
            "https://",
            "https:///a",
            "1a://b",
            "://a",
            "javascript://%0aalert(1)",
            "JavaScript://a",
            "data://a",
            "https://a b",
            "https://a\n",
            "é://a",
            "https:a",
        ] {
            let problem = parse_redirect_url(text, "url").expect_err(text);
            assert_eq!(problem.code, Code::FormParamFormatInvalid);
        }
        let long = format!("https://{}", "a".repeat(MAX_CHARS));
        let problem = parse_redirect_url(&long, "url").expect_err("long");
        assert_eq!(problem.code, Code::FormParamMaxLengthExceeded);
    }
}
