//! Any file is recognised or not, and its rows are read to the end or to where they break,
//! whole or from behind any row.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rollbook_import::{Format, HashConfig, Helps, Mapping, Place, Rows, Shape};

fuzz_target!(|input: (u8, &[u8])| {
    let (format, text) = input;
    let names = ["rollbook", "clerk", "clerk-migration", "auth0", "firebase", "supabase", "keycloak", "cognito", "mapped"];
    let format = names.get(usize::from(format)).and_then(|name| Format::from_name(name));
    let Ok(shape) = Shape::recognise(text, format) else { return };
    let shape = shape.with(Helps {
        hash_config: HashConfig::parse(
            "base64_signer_key: a2V5, base64_salt_separator: Bw==, rounds: 8, mem_cost: 14",
        ),
        mapping: Mapping::parse("[fields]\nemail_address = [\"a\", \"b.0.c\"]").ok(),
    });
    let mut rows = Rows::new(text, &shape, Place::default());
    let mut found = Vec::new();
    while let Ok(Some(row)) = rows.read() {
        let _ = shape.fields(&row);
        found.push((row.line, rows.place()));
    }
    let Some((_, at)) = found.get(found.len() / 2) else { return };
    let rest = text.get(at.offset as usize..).expect("a place within");
    let mut again = Rows::new(rest, &shape, *at);
    for (line, place) in &found[found.len() / 2 + 1..] {
        let row = again.read().expect("as before").expect("as before");
        assert_eq!((row.line, again.place()), (*line, *place));
    }
});
