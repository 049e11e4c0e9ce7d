//! The body of a user that has everything, byte by byte.

use super::*;
use crate::{Environment, Settings};

const RECORD: &str = include_str!("record.json");
const BODY: &str = include_str!("body.json");

fn body_of(record: &str) -> String {
    let user: User = serde_json::from_str(record).expect("a record");
    let instance = Instance {
        id: "ins_34OkW3rUlQGlAzCORHT4DHFLqc9".parse().expect("an id"),
        name: String::new(),
        environment: Environment::Development,
        settings: Settings::default(),
        created_at: 0,
        updated_at: 0,
    };
    let with = Rendering {
        instance: &instance,
        public_url: "http://127.0.0.1:4100",
        now: 1_761_092_040_000,
        last_active_at: Some(1_761_092_039_000),
        last_sign_in_at: None,
    };
    let mut body = serde_json::to_string_pretty(&render_user(&user, &with)).expect("a body");
    body.push('\n');
    body
}

#[test]
fn a_user_with_everything_is_rendered_to_these_bytes() {
    assert_eq!(body_of(RECORD), BODY);
}

#[test]
fn a_body_that_is_read_and_written_again_is_the_same() {
    let read: wire::User = serde_json::from_str(BODY).expect("a body");
    let mut written = serde_json::to_string_pretty(&read).expect("a body");
    written.push('\n');
    assert_eq!(written, BODY);
}
