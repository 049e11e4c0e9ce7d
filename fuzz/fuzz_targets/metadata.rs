//! Metadata and a merge patch: within the limits, readable again, and the same
//! patch a second time changes nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollbook_domain::Metadata;
use serde_json::Value;

fuzz_target!(|texts: (&str, &str)| {
    let Ok(before) = serde_json::from_str::<Value>(texts.0) else { return };
    let Ok(before) = Metadata::from_value(before, "public_metadata") else { return };
    let Ok(Value::Object(patch)) = serde_json::from_str::<Value>(texts.1) else { return };
    let Ok(after) = before.merge(&patch, "public_metadata") else { return };
    assert!(after.as_str().len() <= 8192);
    let read = serde_json::from_str::<Value>(after.as_str()).expect("JSON");
    let again =
        Metadata::from_value(read, "public_metadata").expect("what was taken is taken again");
    assert_eq!(again, after);
    assert_eq!(after.merge(&patch, "public_metadata").expect("the same size"), after);
});
