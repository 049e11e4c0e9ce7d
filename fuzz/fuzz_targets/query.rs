//! Any query can be asked for anything.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollbook_http::Query;

fuzz_target!(|text: &str| {
    let Ok(mut query) = Query::parse(Some(text)) else { return };
    let names: Vec<String> = query.pairs().iter().map(|(name, _)| name.clone()).take(8).collect();
    for name in &names {
        let values = query.strings(name, 3);
        assert!(values.len() <= 3 && values.iter().all(|value| !value.contains('\0')));
        let _ = query.strings_with_plus(name, 3);
        let _ = query.signed_strings(name, 3);
        let _ = query.search(name);
        let _ = query.first_signed(name);
        let _ = query.boolean(name);
        let _ = query.millis(name);
        if let Some(number) = query.integer(name, 1..=500) {
            assert!((1..=500).contains(&number));
        }
    }
    let _ = query.finish();
});
