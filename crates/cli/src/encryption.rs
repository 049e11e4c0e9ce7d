//! Files encrypted with age, to a passphrase or to the keys of whoever is to read them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use age::stream::StreamWriter;
use age::{Encryptor, Recipient, x25519};
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;

/// How a file is encrypted, if it is.
#[derive(Args)]
pub(crate) struct Encryption {
    /// Encrypt with the passphrase in the first line of this file, as `age -p` does
    #[arg(long, value_name = "FILE", conflicts_with = "recipients")]
    passphrase_file: Option<PathBuf>,
    /// Encrypt for whoever has the key of this age recipient; may be given several times
    #[arg(long = "recipient", value_name = "AGE", value_parser = recipient)]
    recipients: Vec<x25519::Recipient>,
}

fn recipient(text: &str) -> Result<x25519::Recipient> {
    text.parse().map_err(|_| anyhow!("an age recipient begins with age1"))
}

/// The first line of a file, which is all of the passphrase.
pub(crate) fn passphrase(path: &Path) -> Result<SecretString> {
    let failed = || format!("failed to read the passphrase in {}", path.display());
    let mut line = String::new();
    File::open(path)
        .and_then(|file| BufReader::new(file).read_line(&mut line))
        .with_context(failed)?;
    let text = line.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        bail!("the passphrase in {} is empty", path.display());
    }
    Ok(SecretString::from(text.to_owned()))
}

impl Encryption {
    /// Whether the file is encrypted at all.
    pub(crate) fn is_on(&self) -> bool {
        self.passphrase_file.is_some() || !self.recipients.is_empty()
    }

    /// Encrypts what is written, if that was asked for.
    pub(crate) fn wrap<W: Write>(&self, output: W) -> Result<Output<W>> {
        let encryptor = match &self.passphrase_file {
            Some(path) => Encryptor::with_user_passphrase(passphrase(path)?),
            None if self.recipients.is_empty() => return Ok(Output::Plain(output)),
            None => {
                let recipients = self.recipients.iter().map(|one| one as &dyn Recipient);
                Encryptor::with_recipients(recipients)?
            }
        };
        Ok(Output::Encrypted(encryptor.wrap_output(output)?))
    }
}

/// Where an export goes; whole only once it is finished.
pub(crate) enum Output<W: Write> {
    Plain(W),
    Encrypted(StreamWriter<W>),
}

impl<W: Write> Output<W> {
    pub(crate) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(output) => output.write_all(bytes),
            Self::Encrypted(output) => output.write_all(bytes),
        }
    }

    pub(crate) fn finish(self) -> io::Result<W> {
        match self {
            Self::Plain(output) => Ok(output),
            Self::Encrypted(output) => output.finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_key_it_is_plain() {
        let none = Encryption { passphrase_file: None, recipients: Vec::new() };
        let mut output = none.wrap(Vec::new()).expect("a writer");
        output.write_all(b"text").expect("written");
        assert_eq!(output.finish().expect("finished"), b"text");
        assert!(!none.is_on());
    }
}
