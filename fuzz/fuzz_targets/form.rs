//! Any body is a form or refused, and any field of it can be asked for as any type.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollbook_http::Form;

fuzz_target!(|body: &[u8]| {
    let Ok(mut form) = Form::parse(body) else { return };
    // Only what JSON itself admits may have come so far.
    assert!(body.is_empty() || serde_json::from_slice::<serde_json::Value>(body).is_ok());
    let _ = form.string("s");
    let _ = form.secret("p");
    let _ = form.boolean("b");
    let _ = form.integer("i");
    let _ = form.strings("a", 10);
    let object = form.object("o");
    let _ = form.not_null("o", object);
    let missing = form.string("m");
    let _ = form.required("m", missing);
    assert!(!form.finish().is_empty() || body.windows(3).any(|window| window == b"\"m\""));
});
