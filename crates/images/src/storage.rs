//! Where pictures are kept: a folder, an S3-compatible bucket, or memory.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, fs};

use bytes::Bytes;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{
    Attribute, Attributes, BackoffConfig, ClientOptions, Error, ObjectStore, ObjectStoreExt,
    PutOptions, RetryConfig,
};

use crate::ImageKey;

/// Which store to use.
#[derive(Clone, Debug)]
pub enum ImageStoreSettings {
    /// A folder of this machine, made when it does not exist.
    Folder(PathBuf),
    /// A bucket, which must exist.
    S3(S3Settings),
    /// Gone when the process ends; for tests.
    Memory,
}

/// How to reach a bucket.
#[derive(Clone, Default)]
pub struct S3Settings {
    /// Its name.
    pub bucket: String,
    /// The service's URL; Amazon's own for the region if not given.
    pub endpoint: Option<String>,
    /// `us-east-1` if not given, which most other services take.
    pub region: Option<String>,
    /// The access key; without one the instance's role is asked for, as on EC2.
    pub access_key_id: Option<String>,
    /// The secret that belongs to the access key.
    pub secret_access_key: Option<String>,
    /// Goes before every key, such as `rollbook/production`.
    pub path_prefix: Option<String>,
    /// Whether an endpoint without TLS will do.
    pub allow_http: bool,
}

impl fmt::Debug for S3Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = |secret: &Option<String>| secret.as_ref().map(|_| "[redacted]");
        f.debug_struct("S3Settings")
            .field("bucket", &self.bucket)
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("access_key_id", &hidden(&self.access_key_id))
            .field("secret_access_key", &hidden(&self.secret_access_key))
            .field("path_prefix", &self.path_prefix)
            .field("allow_http", &self.allow_http)
            .finish()
    }
}

/// The store could not be opened, or did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("failed to {doing}")]
pub struct StorageError {
    doing: &'static str,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl StorageError {
    fn new(
        doing: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { doing, source: source.into() }
    }
}

/// The stored pictures, under `images/<id>.<extension>`.
///
/// Cheap to clone. A picture never changes under its key.
#[derive(Clone, Debug)]
pub struct Images {
    store: Arc<dyn ObjectStore>,
    /// Folders cannot hold a content type, and say so by failing.
    has_attributes: bool,
}

impl Images {
    /// Opens the store. Makes the folder; does not contact the bucket.
    pub fn open(settings: &ImageStoreSettings) -> Result<Self, StorageError> {
        match settings {
            ImageStoreSettings::Folder(folder) => {
                let failed = "open the folder for pictures";
                fs::create_dir_all(folder).map_err(|error| StorageError::new(failed, error))?;
                let store = LocalFileSystem::new_with_prefix(folder)
                    .map_err(|error| StorageError::new(failed, error))?;
                // A user's row may name the picture as soon as `put` returns,
                // and the row survives a crash.
                Ok(Self { store: Arc::new(store.with_fsync(true)), has_attributes: false })
            }
            ImageStoreSettings::S3(settings) => {
                let failed = |error| StorageError::new("set up the bucket for pictures", error);
                let store = bucket(settings).build().map_err(failed)?;
                let prefix = Path::parse(settings.path_prefix.as_deref().unwrap_or_default())
                    .map_err(|error| failed(error.into()))?;
                let store = PrefixStore::new(store, prefix);
                Ok(Self { store: Arc::new(store), has_attributes: true })
            }
            ImageStoreSettings::Memory => {
                Ok(Self { store: Arc::new(InMemory::new()), has_attributes: true })
            }
        }
    }

    /// Stores a picture; it is durable when this returns.
    pub async fn put(&self, key: &ImageKey, bytes: Bytes) -> Result<(), StorageError> {
        let mut options = PutOptions::default();
        if self.has_attributes {
            let content_type = key.format().content_type();
            options.attributes = Attributes::from_iter([(Attribute::ContentType, content_type)]);
        }
        self.store
            .put_opts(&path(key), bytes.into(), options)
            .await
            .map_err(|error| StorageError::new("store a picture", error))?;
        Ok(())
    }

    /// The picture's bytes, `None` if there is none under this key.
    pub async fn get(&self, key: &ImageKey) -> Result<Option<Bytes>, StorageError> {
        let failed = |error| StorageError::new("read a picture", error);
        match self.store.get(&path(key)).await {
            Ok(found) => found.bytes().await.map(Some).map_err(failed),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// Deletes a picture; one that is not there is deleted already.
    pub async fn delete(&self, key: &ImageKey) -> Result<(), StorageError> {
        match self.store.delete(&path(key)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(StorageError::new("delete a picture", error)),
        }
    }
}

fn path(key: &ImageKey) -> Path {
    Path::from_iter(["images".to_owned(), key.to_string()])
}

fn bucket(settings: &S3Settings) -> AmazonS3Builder {
    // The HTTP client is built without a default for its cryptography. That
    // someone else has installed one already is just as well.
    let _ = rustls::crypto::ring::default_provider().install_default();

    let options = ClientOptions::new()
        .with_allow_http(settings.allow_http)
        .with_connect_timeout(Duration::from_secs(5))
        .with_timeout(Duration::from_secs(20));
    // A request waits for the answer: try again, but not for minutes.
    let retry = RetryConfig {
        max_retries: 3,
        retry_timeout: Duration::from_secs(30),
        backoff: BackoffConfig { max_backoff: Duration::from_secs(2), ..BackoffConfig::default() },
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&settings.bucket)
        .with_region(settings.region.as_deref().unwrap_or("us-east-1"))
        // One DELETE for one picture: fewer services know the other call.
        .with_disable_bulk_delete(true)
        .with_client_options(options)
        .with_retry(retry);
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    if let Some(id) = &settings.access_key_id {
        builder = builder.with_access_key_id(id);
    }
    if let Some(secret) = &settings.secret_access_key {
        builder = builder.with_secret_access_key(secret);
    }
    builder
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;

    fn key(id: &str) -> ImageKey {
        ImageKey::new(id, Format::Png).expect("a key")
    }

    async fn a_picture_comes_and_goes(images: &Images) {
        let bytes = Bytes::from_static(b"picture");
        assert_eq!(images.get(&key("img_1")).await.expect("get"), None);
        images.put(&key("img_1"), bytes.clone()).await.expect("put");
        assert_eq!(images.get(&key("img_1")).await.expect("get"), Some(bytes));
        assert_eq!(images.get(&key("img_2")).await.expect("get"), None);
        images.delete(&key("img_1")).await.expect("delete");
        images.delete(&key("img_1")).await.expect("delete again");
        assert_eq!(images.get(&key("img_1")).await.expect("get"), None);
    }

    #[tokio::test]
    async fn memory_keeps_pictures() {
        let images = Images::open(&ImageStoreSettings::Memory).expect("opens");
        a_picture_comes_and_goes(&images).await;
    }

    #[tokio::test]
    async fn a_folder_is_made_and_keeps_pictures_across_openings() {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = parent.path().join("deep/within");
        let settings = ImageStoreSettings::Folder(folder.clone());
        a_picture_comes_and_goes(&Images::open(&settings).expect("opens")).await;

        let images = Images::open(&settings).expect("opens");
        images.put(&key("img_3"), Bytes::from_static(b"kept")).await.expect("put");
        assert_eq!(fs::read(folder.join("images/img_3.png")).expect("a file"), b"kept");
        let again = Images::open(&settings).expect("opens again");
        assert_eq!(again.get(&key("img_3")).await.expect("get").as_deref(), Some(&b"kept"[..]));
    }

    #[test]
    fn a_folder_that_cannot_be_is_an_error_with_its_cause() {
        let parent = tempfile::tempdir().expect("a folder");
        let file = parent.path().join("file");
        fs::write(&file, b"in the way").expect("a file");
        let error = Images::open(&ImageStoreSettings::Folder(file)).expect_err("no folder");
        assert!(std::error::Error::source(&error).is_some());
    }

    #[test]
    fn settings_do_not_show_their_secrets() {
        let settings = ImageStoreSettings::S3(S3Settings {
            bucket: "pictures".into(),
            access_key_id: Some("key-that-is-private".into()),
            secret_access_key: Some("secret-that-is-private".into()),
            ..S3Settings::default()
        });
        let shown = format!("{settings:?}");
        assert!(shown.contains("pictures") && !shown.contains("private"), "{shown}");
    }

    #[tokio::test]
    async fn a_bucket_without_tls_needs_to_be_asked_for() {
        let settings = |allow_http| {
            ImageStoreSettings::S3(S3Settings {
                bucket: "pictures".into(),
                endpoint: Some("http://127.0.0.1:9".into()),
                access_key_id: Some("a".into()),
                secret_access_key: Some("b".into()),
                allow_http,
                ..S3Settings::default()
            })
        };
        let images = Images::open(&settings(false)).expect("nothing is contacted yet");
        assert!(images.get(&key("img_1")).await.is_err());
        let images = Images::open(&settings(true)).expect("nothing is contacted yet");
        assert!(images.get(&key("img_1")).await.is_err(), "nothing listens there");
    }
}
