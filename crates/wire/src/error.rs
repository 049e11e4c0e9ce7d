//! The body of every answer that is not a success (`behaviour`: errors, shape).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// All problems of one request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ErrorBody {
    /// At least one; the status of the answer comes from the first.
    pub errors: Vec<ErrorItem>,
    /// 32 lower-case hex digits, also sent as the header `Clerk-Trace-Id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clerk_trace_id: Option<String>,
}

/// One problem.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ErrorItem {
    /// A short phrase.
    pub message: String,
    /// A sentence that names the parameter or the resource.
    pub long_message: String,
    /// What clients branch on; see [`Code`](crate::Code) for those of this server.
    pub code: String,
    /// Detail, mostly `param_name`; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Map<String, Value>>,
}
