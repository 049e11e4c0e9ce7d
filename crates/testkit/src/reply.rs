//! An answer, as a test looks at it.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, whole.
#[derive(Debug, Clone)]
pub struct Reply {
    /// What was asked, for messages.
    pub request: String,
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body of an answer that is 200; panics at any other.
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{} answered {}", self.request, self.text());
        self.json()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.request, self.text()))
    }

    /// The body as text, for messages.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Code and parameter of every problem, in order; "" where no parameter is named.
    pub fn problems(&self) -> Vec<(String, String)> {
        let body = self.json();
        let errors = body.get("errors").and_then(Value::as_array).cloned().unwrap_or_default();
        let text =
            |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        errors
            .iter()
            .map(|error| (text(error.get("code")), text(error.pointer("/meta/param_name"))))
            .collect()
    }

    /// Asserts that these and no other problems were found, in any order.
    pub fn refused(&self, status: u16, problems: &[(&str, &str)]) -> &Self {
        assert_eq!(self.status, status, "{} answered {}", self.request, self.text());
        let mut found = self.problems();
        found.sort();
        let own = |(code, param): &(&str, &str)| ((*code).to_owned(), (*param).to_owned());
        let mut expected: Vec<_> = problems.iter().map(own).collect();
        expected.sort();
        assert_eq!(found, expected, "{} answered {}", self.request, self.text());
        self
    }
}
