//! What is not imported, and that nothing of it is left.

use std::fmt::Write as _;

use rollbook_ops::transfer::ImportError;
use rollbook_store::{Error, Row};
use rollbook_testkit::{Server, both};
use serde_json::{Value, json};

use super::{exported, imported};
use crate::support::{PASSWORD, TOTP_SECRET, picture};

/// A server elsewhere, and an export of an instance with two users.
async fn prepared(server: &Server) -> (Server, Vec<u8>) {
    for name in ["adaada", "graceg"] {
        let user = json!({
            "username": name, "email_address": [format!("{name}@example.com")],
            "password": PASSWORD, "totp_secret": TOTP_SECRET,
        });
        let user = server.create_user(user).await;
        let upload = server
            .client()
            .post(&crate::support::path(&crate::support::id(&user), "/profile_image"));
        upload.file("file", &picture(8, 8, image::ImageFormat::Png)).send().await.ok();
    }
    let elsewhere = server.elsewhere(server.engine()).await.expect("the engine is here");
    (elsewhere, exported(server).await)
}

/// How many rows of a table the store holds.
async fn count(server: &Server, table: &'static str) -> i64 {
    let counted = server.ctx.db.read::<_, Error, _>(move |conn| {
        let rows = conn.query_text(&format!("SELECT COUNT(*) FROM {table}"), &[])?;
        rows.first().map_or(Ok(0), |row: &Row| row.int(0))
    });
    counted.await.expect("a count")
}

async fn nothing_is_left(server: &Server) {
    for table in [
        "instances",
        "secret_keys",
        "users",
        "identifiers",
        "user_keys",
        "images",
        "credentials",
        "outbox",
    ] {
        assert_eq!(count(server, table).await, 0, "{table}");
    }
    let meta = server.ctx.db.read::<_, Error, _>(|conn| {
        conn.query_text("SELECT key FROM meta WHERE key LIKE 'import/%'", &[])
    });
    assert!(meta.await.expect("meta").is_empty());
}

/// The lines of an export, changed, with a digest that fits.
fn with_lines(file: &[u8], change: impl FnOnce(&mut Vec<String>)) -> Vec<u8> {
    use sha2::Digest as _;

    let text = String::from_utf8(file.to_vec()).expect("text");
    let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
    let mut footer: Value = serde_json::from_str(&lines.pop().expect("a footer")).expect("JSON");
    change(&mut lines);
    let mut written = lines.join("\n");
    written.push('\n');
    let mut digest = String::new();
    for byte in sha2::Sha256::digest(written.as_bytes()) {
        let _ = write!(digest, "{byte:02x}");
    }
    footer["sha256"] = digest.into();
    let _ = writeln!(written, "{footer}");
    written.into_bytes()
}

both!(a_file_that_was_cut_anywhere_is_refused, async |server| {
    let (elsewhere, file) = prepared(server).await;
    let n_lines = file.split(|byte| *byte == b'\n').count();
    assert!(n_lines > 12, "{n_lines}");
    let step = file.len() / 40;
    let cuts = (0..40).map(|n| n * step).chain([file.len() - 1, file.len() - 2]);
    for cut in cuts {
        match imported(&elsewhere, &file[..cut]).await {
            Err(ImportError::NotAnExport) => assert!(cut < 19, "{cut}"),
            Err(ImportError::Cut) => {}
            other => panic!("cut at {cut}: {other:?}"),
        }
    }
    nothing_is_left(&elsewhere).await;
    // It was the cut alone that was wrong.
    imported(&elsewhere, &file).await.expect("an import");
    elsewhere.end().await;
});

both!(a_file_that_was_altered_anywhere_is_refused, async |server| {
    let (elsewhere, file) = prepared(server).await;
    for n in 0..40 {
        let mut altered = file.clone();
        let at = 120 + n * (file.len() - 240) / 40;
        altered[at] = if altered[at] == b'5' { b'6' } else { b'5' };
        match imported(&elsewhere, &altered).await {
            Err(ImportError::Altered | ImportError::Cut) => {}
            other => panic!("altered at {at}: {other:?}"),
        }
    }
    let swapped = with_lines(&file, |_| {});
    assert_eq!(swapped.len(), file.len());
    nothing_is_left(&elsewhere).await;
    elsewhere.end().await;
});

both!(what_a_later_release_wrote_is_refused_with_its_name, async |server| {
    let (elsewhere, file) = prepared(server).await;
    let newer = with_lines(&file, |lines| {
        lines[0] = lines[0].replace("{\"rollbook_export\":1,", "{\"rollbook_export\":9,");
    });
    let error = imported(&elsewhere, &newer).await.expect_err("a later format");
    assert!(matches!(error, ImportError::NewerFormat { found: 9, known: 1 }), "{error}");
    let newer = with_lines(&file, |lines| {
        let mut header: Value = serde_json::from_str(&lines[0]).expect("JSON");
        (header["schema_version"], header["release"]) = (json!(9999), json!("77.0.0"));
        lines[0] = header.to_string();
    });
    let error = imported(&elsewhere, &newer).await.expect_err("a later schema").to_string();
    assert!(error.contains("77.0.0") && error.contains("9999"), "{error}");
    for (from, to) in
        [("\"table\":\"users\"", "\"table\":\"people\""), ("\"version\":", "\"versions\":")]
    {
        let strange = with_lines(&file, |lines| {
            for line in lines.iter_mut() {
                *line = line.replacen(from, to, 1);
            }
        });
        let error = imported(&elsewhere, &strange).await.expect_err("unknown");
        assert!(matches!(error, ImportError::BadLine { .. }), "{error}");
    }
    nothing_is_left(&elsewhere).await;
    elsewhere.end().await;
});

both!(rows_that_exclude_each_other_are_refused_and_leave_nothing, async |server| {
    let (elsewhere, file) = prepared(server).await;
    let twice = with_lines(&file, |lines| {
        for line in lines.iter_mut().filter(|line| line.contains("\"table\":\"users\"")) {
            *line = line.replace("graceg@example.com", "adaada@example.com");
        }
    });
    let error = imported(&elsewhere, &twice).await.expect_err("one address of two users");
    assert!(matches!(error, ImportError::Twice("identifiers")), "{error}");
    nothing_is_left(&elsewhere).await;
    let anonymous = server.client().with_token(None);
    let (_, rest) = String::from_utf8_lossy(&file)
        .split_once("\"image_id\":\"")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .expect("a picture");
    let picture = rest.split('"').next().expect("an id").to_owned();
    let at = format!("/images/{picture}");
    assert_eq!(anonymous.get(&at).send().await.status, 200);
    assert_eq!(elsewhere.client().with_token(None).get(&at).send().await.status, 404);
    elsewhere.end().await;
});

both!(an_instance_that_is_there_is_left_alone, async |server| {
    let (elsewhere, file) = prepared(server).await;
    let before = exported(server).await;
    let error = imported(server, &file).await.expect_err("it is there");
    assert!(matches!(&error, ImportError::Exists(id) if *id == server.instance_id), "{error}");
    assert!(exported(server).await == before);
    // Neither may its key open two instances.
    imported(&elsewhere, &file).await.expect("an import");
    let renamed = String::from_utf8(file).expect("text");
    let renamed = renamed.replace(server.instance_id.as_str(), "ins_2GJGnV8oBrGjYQfGgJ0PnEDXCJC");
    let renamed = with_lines(renamed.as_bytes(), |_| {});
    let error = imported(&elsewhere, &renamed).await.expect_err("its key is in use");
    assert!(matches!(error, ImportError::KeyTaken(_)), "{error}");
    assert_eq!(count(&elsewhere, "users").await, 2);
    elsewhere.end().await;
});

both!(what_an_import_left_that_was_cut_short_is_removed_by_the_next, async |server| {
    let (elsewhere, file) = prepared(server).await;
    cut_short(&elsewhere).await;
    assert_eq!(count(&elsewhere, "users").await, 1);
    imported(&elsewhere, &file).await.expect("an import");
    assert_eq!(count(&elsewhere, "users").await, 2);
    assert!(exported(&elsewhere).await == file);
    elsewhere.end().await;
});

both!(what_an_import_left_that_was_cut_short_can_be_deleted, async |server| {
    let (elsewhere, _) = prepared(server).await;
    cut_short(&elsewhere).await;
    let at = format!("/admin/v1/instances/{}", server.instance_id);
    assert_eq!(elsewhere.operator().delete(&at).send().await.status, 200);
    nothing_is_left(&elsewhere).await;
    let again = elsewhere.operator().delete(&at).send().await;
    again.refused(404, &[("resource_not_found", "")]);
    elsewhere.end().await;
});

/// A user of an older state of the instance, as a killed import leaves it.
async fn cut_short(elsewhere: &Server) {
    let instance = elsewhere.instance_id.clone();
    elsewhere
        .write(move |tx| {
            let claim = "INSERT INTO meta (key, value) VALUES ('import/' || $1, 'old')";
            tx.query_text(claim, &[instance.as_str().into()])?;
            let sql = "INSERT INTO users (instance_id, user_id, version, record, created_at, \
                updated_at, banned, names, search) VALUES ($1, 'user_gone', 1, '{}', 0, 0, 0, '', '')";
            tx.query_text(sql, &[instance.as_str().into()])
        })
        .await;
}
