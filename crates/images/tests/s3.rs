//! The bucket store against a real S3 server, when one is named.
//!
//! `ROLLBOOK_TEST_S3` is the server's URL. It must have a bucket called
//! `rollbook-test`, and take any key or the pair `testing` / `testing`.

use bytes::Bytes;
use rollbook_images::{Format, ImageKey, ImageStoreSettings, Images, S3Settings, StorageError};

const BUCKET: &str = "rollbook-test";

#[tokio::test]
async fn a_bucket_keeps_pictures_under_its_prefix() {
    #[expect(clippy::disallowed_methods, reason = "the one setting of this test")]
    let Ok(endpoint) = std::env::var("ROLLBOOK_TEST_S3") else {
        eprintln!("SKIPPED: ROLLBOOK_TEST_S3 names no S3 server, so the bucket store was not run");
        return;
    };
    let prefix = format!("run-{}/pictures", std::process::id());
    let within = |prefix: Option<&str>| open(&endpoint, BUCKET, prefix).expect("opens");
    let images = within(Some(&prefix));
    let key = ImageKey::new("img_1", Format::Jpeg).expect("a key");

    assert_eq!(images.get(&key).await.expect("get"), None);
    images.delete(&key).await.expect("deleting nothing");

    let bytes = Bytes::from(vec![7; 300_000]);
    images.put(&key, bytes.clone()).await.expect("put");
    assert_eq!(images.get(&key).await.expect("get"), Some(bytes.clone()));
    assert_eq!(within(None).get(&key).await.expect("get"), None, "the prefix is part of the key");

    let replaced = Bytes::from_static(b"another");
    images.put(&key, replaced.clone()).await.expect("put again");
    assert_eq!(within(Some(&prefix)).get(&key).await.expect("get"), Some(replaced));

    images.delete(&key).await.expect("delete");
    images.delete(&key).await.expect("delete again");
    assert_eq!(images.get(&key).await.expect("get"), None);

    let absent = open(&endpoint, "rollbook-test-absent", None).expect("opens");
    absent.put(&key, bytes).await.expect_err("there is no such bucket");
}

fn open(endpoint: &str, bucket: &str, prefix: Option<&str>) -> Result<Images, StorageError> {
    let settings = S3Settings {
        bucket: bucket.to_owned(),
        endpoint: Some(endpoint.to_owned()),
        access_key_id: Some("testing".to_owned()),
        secret_access_key: Some("testing".to_owned()),
        path_prefix: prefix.map(str::to_owned),
        allow_http: true,
        ..S3Settings::default()
    };
    Images::open(&ImageStoreSettings::S3(settings))
}
