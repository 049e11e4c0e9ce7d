//! What is wrong with a request, free of how it is sent.

use rollbook_wire::Code;
use serde_json::{Map, Value};

/// One thing that the caller has to mend.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// What clients branch on.
    pub code: Code,
    /// A sentence that names the parameter or the resource.
    pub long_message: String,
    /// Detail for programs, `param_name` above all; empty when there is none.
    pub meta: Map<String, Value>,
}

impl Problem {
    /// A problem with the request as a whole.
    pub fn new(code: Code, long_message: impl Into<String>) -> Self {
        Self { code, long_message: long_message.into(), meta: Map::new() }
    }

    /// A problem with the parameter `name`.
    pub fn param(code: Code, name: &str, long_message: impl Into<String>) -> Self {
        Self::new(code, long_message).with("param_name", name)
    }

    /// The same problem with one more detail.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.meta.insert(key.to_owned(), value.into());
        self
    }
}
