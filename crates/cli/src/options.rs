//! Options: command line beats environment beats file beats default.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use rollbook_images::{ImageStoreSettings, S3Settings};
use rollbook_mail::{SmtpSettings, Tls};
use rollbook_store::{DatabaseUrl, StoreSettings, Synchronous};
use rollbook_webhooks::Reach;
use serde::Deserialize;

/// What may be said on the command line, in the environment, or in the file.
#[derive(Args, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Options {
    /// A TOML file with any of these options, dashes written as underscores
    #[arg(long, global = true, env = "ROLLBOOK_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// Address to listen on; port 0 picks a free one [default: 127.0.0.1:4100]
    #[arg(long, global = true, env = "ROLLBOOK_LISTEN", value_name = "HOST:PORT")]
    listen: Option<SocketAddr>,
    /// `sqlite:PATH` or `postgres://USER@HOST/NAME` [default: rollbook.db in the data folder]
    #[arg(
        long,
        global = true,
        env = "ROLLBOOK_DATABASE",
        hide_env_values = true,
        value_name = "URL"
    )]
    database: Option<String>,
    /// Where the embedded database, pictures and the master key lie [default: rollbook-data]
    #[arg(long, global = true, env = "ROLLBOOK_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Where clients reach the server, for the URLs of pictures [default: `http://` and the address]
    #[arg(long, global = true, env = "ROLLBOOK_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// First secret key of an empty store, instead of a random one
    #[arg(
        long,
        global = true,
        env = "ROLLBOOK_SECRET_KEY",
        hide_env_values = true,
        value_name = "KEY"
    )]
    secret_key: Option<String>,
    /// The operator's token for `/admin/v1`, which is closed without one
    #[arg(
        long,
        global = true,
        env = "ROLLBOOK_ADMIN_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    admin_token: Option<String>,
    /// 32 bytes in base64 or hex that seal secrets [default: master.key in the data folder]
    #[arg(
        long,
        global = true,
        env = "ROLLBOOK_MASTER_KEY",
        hide_env_values = true,
        value_name = "KEY"
    )]
    master_key: Option<String>,
    /// What an acknowledged write survives on the embedded store: power loss, or only a crash [default: full]
    #[arg(long, global = true, env = "ROLLBOOK_SYNCHRONOUS")]
    synchronous: Option<Durability>,
    /// Megabytes of rendered users kept in memory [default: 64]
    #[arg(long, global = true, env = "ROLLBOOK_CACHE_MB", value_name = "MB")]
    cache_mb: Option<u32>,
    /// Megabytes for the users kept in memory, so that lists, counts and searches are quick; an
    /// instance that does not fit, and any at 0, is searched on disk [default: 1024]
    #[arg(long, global = true, env = "ROLLBOOK_DIRECTORY_MB", value_name = "MB")]
    directory_mb: Option<u32>,
    /// Threads that hash passwords [default: one less than there are cores]
    #[arg(long, global = true, env = "ROLLBOOK_HASH_THREADS", value_name = "N")]
    hash_threads: Option<usize>,
    /// A filter made by `rollbook breaches build`, where breached passwords are looked up
    #[arg(long, global = true, env = "ROLLBOOK_BREACHES_FILE", value_name = "FILE")]
    breaches_file: Option<PathBuf>,
    /// A k-anonymity range endpoint like Have I Been Pwned's, instead of a filter
    #[arg(long, global = true, env = "ROLLBOOK_BREACHES_URL", value_name = "URL")]
    breaches_url: Option<String>,
    /// Milliseconds that the endpoint has for an answer [default: 2000]
    #[arg(long, global = true, env = "ROLLBOOK_BREACHES_TIMEOUT_MS", value_name = "MS")]
    breaches_timeout_ms: Option<u64>,
    /// What a password meets when the endpoint does not answer [default: open]
    #[arg(long, global = true, env = "ROLLBOOK_BREACHES_ON_FAILURE")]
    breaches_on_failure: Option<OnFailure>,
    /// Days that events are kept in the outbox [default: 7]
    #[arg(long, global = true, env = "ROLLBOOK_OUTBOX_DAYS", value_name = "DAYS")]
    outbox_days: Option<u32>,
    /// Whether webhooks may go to private and local addresses [default: false]
    #[arg(long, global = true, env = "ROLLBOOK_WEBHOOKS_ALLOW_PRIVATE", value_name = "BOOL")]
    webhooks_allow_private: Option<bool>,
    /// What is logged, as `tracing` filters [default: info]
    #[arg(long, global = true, env = "ROLLBOOK_LOG", value_name = "FILTER")]
    log: Option<String>,
    /// Bucket for pictures, instead of the data folder
    #[arg(long, global = true, env = "ROLLBOOK_S3_BUCKET", value_name = "NAME")]
    s3_bucket: Option<String>,
    /// Endpoint of an S3-compatible service
    #[arg(long, global = true, env = "ROLLBOOK_S3_ENDPOINT", value_name = "URL")]
    s3_endpoint: Option<String>,
    /// Region of the bucket
    #[arg(long, global = true, env = "ROLLBOOK_S3_REGION", value_name = "NAME")]
    s3_region: Option<String>,
    /// Access key of the bucket
    #[arg(
        long,
        global = true,
        env = "ROLLBOOK_S3_ACCESS_KEY_ID",
        hide_env_values = true,
        value_name = "ID"
    )]
    s3_access_key_id: Option<String>,
    /// Secret of the access key
    #[arg(
        long,
        global = true,
        env = "ROLLBOOK_S3_SECRET_ACCESS_KEY",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    s3_secret_access_key: Option<String>,
    /// Folder within the bucket
    #[arg(long, global = true, env = "ROLLBOOK_S3_PATH_PREFIX", value_name = "PATH")]
    s3_path_prefix: Option<String>,
    /// Whether the endpoint may be without TLS [default: false]
    #[arg(long, global = true, env = "ROLLBOOK_S3_ALLOW_HTTP", value_name = "BOOL")]
    s3_allow_http: Option<bool>,
    /// Server that mail is handed to; without one mail stays in the mailbox of its instance
    #[arg(long, global = true, env = "ROLLBOOK_SMTP_HOST", value_name = "NAME")]
    smtp_host: Option<String>,
    /// Its port [default: 587, or 465 with `tls`, or 25 with `none`]
    #[arg(long, global = true, env = "ROLLBOOK_SMTP_PORT", value_name = "PORT")]
    smtp_port: Option<u16>,
    /// How the way there is secured [default: starttls]
    #[arg(long, global = true, env = "ROLLBOOK_SMTP_TLS")]
    smtp_tls: Option<SmtpTls>,
    /// PEM file with the certificates to trust there, instead of the system's
    #[arg(long, global = true, env = "ROLLBOOK_SMTP_CA", value_name = "FILE")]
    smtp_ca: Option<PathBuf>,
    /// Name to sign in with there
    #[arg(long, global = true, env = "ROLLBOOK_SMTP_USERNAME", value_name = "NAME")]
    smtp_username: Option<String>,
    /// Password to sign in with there
    #[arg(
        long,
        global = true,
        env = "ROLLBOOK_SMTP_PASSWORD",
        hide_env_values = true,
        value_name = "PASSWORD"
    )]
    smtp_password: Option<String>,
    /// Whom mail comes from, as `Name <name@example.com>`
    #[arg(long, global = true, env = "ROLLBOOK_SMTP_FROM", value_name = "ADDRESS")]
    smtp_from: Option<String>,
}

/// What an acknowledged write survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Durability {
    /// Power loss.
    Full,
    /// A crash of the process.
    Normal,
}

/// How the way to the SMTP server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SmtpTls {
    /// Not at all.
    None,
    /// By STARTTLS, or no mail is sent.
    Starttls,
    /// From the first byte.
    Tls,
}

impl From<SmtpTls> for Tls {
    fn from(word: SmtpTls) -> Self {
        match word {
            SmtpTls::None => Self::None,
            SmtpTls::Starttls => Self::Starttls,
            SmtpTls::Tls => Self::Implicit,
        }
    }
}

/// What a password meets that cannot be looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OnFailure {
    /// It passes.
    Open,
    /// The request is answered 503.
    Closed,
}

/// Where breached passwords are looked up, besides the embedded list.
pub(crate) enum BreachSettings {
    Common,
    File(PathBuf),
    Range { url: String, timeout: Duration, on_failure: rollbook_breaches::OnFailure },
}

impl fmt::Display for BreachSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Common => f.write_str("embedded list"),
            Self::File(path) => write!(f, "filter {}", path.display()),
            Self::Range { on_failure, .. } => {
                write!(f, "range endpoint, {on_failure:?} on failure")
            }
        }
    }
}

/// What is in force.
pub(crate) struct Settings {
    pub(crate) breaches: BreachSettings,
    pub(crate) listen: SocketAddr,
    pub(crate) store: StoreSettings,
    pub(crate) data_dir: PathBuf,
    pub(crate) public_url: Option<String>,
    pub(crate) secret_key: Option<String>,
    pub(crate) admin_token: Option<String>,
    pub(crate) master_key: Option<String>,
    pub(crate) images: ImageStoreSettings,
    pub(crate) smtp: Option<SmtpSettings>,
    pub(crate) cache_bytes: u64,
    pub(crate) directory_bytes: usize,
    pub(crate) hash_threads: usize,
    pub(crate) outbox_days: u32,
    pub(crate) webhooks: Reach,
    pub(crate) log: String,
}

macro_rules! layered {
    ($over:ident, $under:ident: $($field:ident)+) => {
        Options { config: None, $($field: $over.$field.or($under.$field),)+ }
    };
}

impl Settings {
    /// Reads the file, if one is named, and fills in what nobody said.
    pub(crate) fn resolve(given: Options) -> Result<Self> {
        let file = given.config.as_deref().map(read).transpose()?.unwrap_or_default();
        let all = layered!(given, file:
            listen database data_dir public_url secret_key admin_token master_key synchronous
            cache_mb directory_mb breaches_file breaches_url breaches_timeout_ms breaches_on_failure hash_threads outbox_days webhooks_allow_private log s3_bucket s3_endpoint s3_region s3_access_key_id
            s3_secret_access_key s3_path_prefix s3_allow_http smtp_host smtp_port smtp_tls smtp_ca
            smtp_username smtp_password smtp_from);

        let data_dir = all.data_dir.clone().unwrap_or_else(|| PathBuf::from("rollbook-data"));
        let database = match &all.database {
            Some(url) => DatabaseUrl::parse(url)?,
            None => DatabaseUrl::Sqlite(data_dir.join("rollbook.db")),
        };
        let mut store = database.settings();
        if let StoreSettings::Sqlite(sqlite) = &mut store {
            sqlite.synchronous = match all.synchronous {
                Some(Durability::Normal) => Synchronous::Normal,
                Some(Durability::Full) | None => Synchronous::Full,
            };
        }
        // The cache is told of every change only where all changes pass through this process.
        let cache_mb = match &store {
            StoreSettings::Sqlite(_) => all.cache_mb.unwrap_or(64),
            StoreSettings::Postgres(_) => 0,
        };
        if all.admin_token.as_ref().is_some_and(|token| token.len() < 16) {
            bail!("the operator's token (ROLLBOOK_ADMIN_TOKEN) must have at least 16 characters");
        }
        Ok(Self {
            breaches: breaches(&all)?,
            listen: all.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 4100))),
            images: images(&all, &data_dir)?,
            smtp: smtp(&all)?,
            store,
            data_dir,
            public_url: all.public_url.map(|url| url.trim_end_matches('/').to_owned()),
            secret_key: all.secret_key,
            admin_token: all.admin_token,
            master_key: all.master_key,
            cache_bytes: u64::from(cache_mb) << 20,
            directory_bytes: (all.directory_mb.unwrap_or(1024) as usize) << 20,
            hash_threads: all
                .hash_threads
                .unwrap_or_else(rollbook_password::HashPool::default_threads)
                .max(1),
            outbox_days: all.outbox_days.unwrap_or(7),
            webhooks: match all.webhooks_allow_private {
                Some(true) => Reach::Anywhere,
                Some(false) | None => Reach::Public,
            },
            log: all.log.unwrap_or_else(|| "info".to_owned()),
        })
    }
}

fn breaches(all: &Options) -> Result<BreachSettings> {
    Ok(match (&all.breaches_file, &all.breaches_url) {
        (None, None) => BreachSettings::Common,
        (Some(path), None) => BreachSettings::File(path.clone()),
        (None, Some(url)) => BreachSettings::Range {
            url: url.clone(),
            timeout: Duration::from_millis(all.breaches_timeout_ms.unwrap_or(2000)),
            on_failure: match all.breaches_on_failure {
                Some(OnFailure::Closed) => rollbook_breaches::OnFailure::Closed,
                Some(OnFailure::Open) | None => rollbook_breaches::OnFailure::Open,
            },
        },
        (Some(_), Some(_)) => {
            bail!("breached passwords are looked up in a file or at a URL, not in both")
        }
    })
}

fn images(all: &Options, data_dir: &Path) -> Result<ImageStoreSettings> {
    let without_bucket = all.s3_endpoint.is_some()
        || all.s3_region.is_some()
        || all.s3_access_key_id.is_some()
        || all.s3_secret_access_key.is_some()
        || all.s3_path_prefix.is_some();
    Ok(match &all.s3_bucket {
        None if without_bucket => bail!("pictures in a bucket need its name, s3_bucket"),
        None => ImageStoreSettings::Folder(data_dir.to_owned()),
        Some(bucket) => ImageStoreSettings::S3(S3Settings {
            bucket: bucket.clone(),
            endpoint: all.s3_endpoint.clone(),
            region: all.s3_region.clone(),
            access_key_id: all.s3_access_key_id.clone(),
            secret_access_key: all.s3_secret_access_key.clone(),
            path_prefix: all.s3_path_prefix.clone(),
            allow_http: all.s3_allow_http.unwrap_or(false),
        }),
    })
}

fn smtp(all: &Options) -> Result<Option<SmtpSettings>> {
    let Some(host) = all.smtp_host.clone() else {
        if all.smtp_username.is_some() || all.smtp_password.is_some() || all.smtp_from.is_some() {
            bail!("there are settings for an SMTP server but no server (ROLLBOOK_SMTP_HOST)");
        }
        return Ok(None);
    };
    let Some(from) = all.smtp_from.clone() else {
        bail!("an SMTP server needs to know whom mail comes from (ROLLBOOK_SMTP_FROM)");
    };
    let tls = all.smtp_tls.map_or(Tls::Starttls, Tls::from);
    let ca = all.smtp_ca.as_ref().map(|path| {
        std::fs::read(path)
            .with_context(|| format!("failed to read the certificates in {}", path.display()))
    });
    Ok(Some(SmtpSettings {
        host,
        port: all.smtp_port.unwrap_or(tls.default_port()),
        tls,
        username: all.smtp_username.clone(),
        password: all.smtp_password.clone().map(Into::into),
        from,
        ca: ca.transpose()?,
    }))
}

fn read(path: &Path) -> Result<Options> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("failed to read the configuration file {}", path.display()))?;
    // The parser quotes the offending line, which may hold a secret; its message alone may not.
    toml::from_str(&text).map_err(|error| {
        anyhow::anyhow!(
            "the configuration file {} is not valid: {}",
            path.display(),
            error.message()
        )
    })
}

impl fmt::Display for Settings {
    /// The effective values, secrets hidden.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given = |secret: &Option<String>| if secret.is_some() { "given" } else { "not given" };
        writeln!(f, "listen        {}", self.listen)?;
        writeln!(f, "store         {:?}", self.store)?;
        writeln!(f, "data_dir      {}", self.data_dir.display())?;
        writeln!(f, "public_url    {}", self.public_url.as_deref().unwrap_or("from listen"))?;
        writeln!(f, "secret_key    {}", given(&self.secret_key))?;
        writeln!(f, "admin_token   {}", given(&self.admin_token))?;
        writeln!(f, "master_key    {}", given(&self.master_key))?;
        writeln!(f, "images        {:?}", self.images)?;
        match &self.smtp {
            Some(smtp) => writeln!(f, "smtp          {smtp:?}")?,
            None => writeln!(f, "smtp          none; mail stays in the mailboxes")?,
        }
        writeln!(f, "cache         {} MB", self.cache_bytes >> 20)?;
        writeln!(f, "breaches      {}", self.breaches)?;
        writeln!(f, "hash_threads  {}", self.hash_threads)?;
        writeln!(f, "outbox_days   {}", self.outbox_days)?;
        match self.webhooks {
            Reach::Public => writeln!(f, "webhooks      to public addresses")?,
            Reach::Anywhere => writeln!(f, "webhooks      to any address")?,
        }
        write!(f, "log           {}", self.log)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_beats_the_file_and_the_file_beats_the_default() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rollbook.toml");
        std::fs::write(&path, "listen = \"127.0.0.1:5000\"\ncache_mb = 7\n").expect("written");
        let listen = "127.0.0.1:6000".parse().ok();
        let given = Options { config: Some(path), listen, ..Options::default() };
        let settings = Settings::resolve(given).expect("valid");
        assert_eq!(settings.listen.port(), 6000);
        assert_eq!(settings.cache_bytes, 7 << 20);
        assert_eq!(settings.outbox_days, 7);
    }

    #[test]
    fn an_unknown_key_in_the_file_is_refused_without_quoting_values() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rollbook.toml");
        std::fs::write(&path, "admin_tokn = \"hunter2hunter2hunter2\"\n").expect("written");
        let given = Options { config: Some(path), ..Options::default() };
        let error = Settings::resolve(given).err().expect("refused").to_string();
        assert!(error.contains("admin_tokn") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn shown_settings_hide_secrets() {
        let given = Options {
            admin_token: Some("hunter2hunter2hunter2".to_owned()),
            database: Some("postgres://u:hunter2@localhost/d".to_owned()),
            smtp_host: Some("smtp.example.com".to_owned()),
            smtp_username: Some("rollbook".to_owned()),
            smtp_password: Some("hunter2".to_owned()),
            smtp_from: Some("no-reply@example.com".to_owned()),
            ..Options::default()
        };
        let shown = Settings::resolve(given).expect("valid").to_string();
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
