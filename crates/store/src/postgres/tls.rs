//! TLS as the address asks for it, in libpq's words.

use std::fs;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Error, Result};

/// libpq's `sslmode` and `sslrootcert`, taken out of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tls {
    pub(super) mode: SslMode,
    is_verified: bool,
    root_certificate: Option<String>,
}

impl Tls {
    /// The address without its TLS parameters, and what they say.
    ///
    /// Without `sslmode` the connection is not encrypted. As in libpq,
    /// `prefer` and `require` encrypt without asking who the server is, unless
    /// `sslrootcert` is given; `verify-ca` is as strict as `verify-full` here.
    pub(super) fn split_from(url: &str) -> Result<(String, Self)> {
        let mut tls = Self { mode: SslMode::Disable, is_verified: false, root_certificate: None };
        let Some((address, query)) = url.split_once('?') else { return Ok((url.to_owned(), tls)) };
        let mut others = Vec::new();
        for pair in query.split('&') {
            match pair.split_once('=') {
                Some(("sslmode", "disable" | "allow")) => tls.mode = SslMode::Disable,
                Some(("sslmode", "prefer")) => tls.mode = SslMode::Prefer,
                Some(("sslmode", "require")) => tls.mode = SslMode::Require,
                Some(("sslmode", "verify-ca" | "verify-full")) => {
                    tls.mode = SslMode::Require;
                    tls.is_verified = true;
                }
                Some(("sslmode", _)) => {
                    let problem = "sslmode must be disable, prefer, require or verify-full";
                    return Err(Error::Misconfigured(problem.to_owned()));
                }
                Some(("sslrootcert", path)) => {
                    let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
                    tls.root_certificate = Some(path.into_owned());
                    tls.is_verified = true;
                }
                Some(_) | None => others.push(pair),
            }
        }
        let url = if others.is_empty() {
            address.to_owned()
        } else {
            format!("{address}?{}", others.join("&"))
        };
        Ok((url, tls))
    }

    /// What makes connections encrypted; none when they are not to be.
    pub(super) fn connector(&self) -> Result<Option<MakeRustlsConnect>> {
        if self.mode == SslMode::Disable {
            return Ok(None);
        }
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|source| Error::internal("set TLS up", source))?;
        let config = if self.is_verified {
            builder.with_root_certificates(self.roots()?).with_no_client_auth()
        } else {
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AnyServer(provider)))
                .with_no_client_auth()
        };
        Ok(Some(MakeRustlsConnect::new(config)))
    }

    fn roots(&self) -> Result<RootCertStore> {
        let mut roots = RootCertStore::empty();
        if let Some(path) = &self.root_certificate {
            let unusable = |why: String| {
                Error::Misconfigured(format!("cannot use the sslrootcert file {path}: {why}"))
            };
            let pem = fs::read(path).map_err(|error| unusable(error.to_string()))?;
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
                roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
            }
            if roots.is_empty() {
                return Err(unusable("it holds no certificate".to_owned()));
            }
            return Ok(roots);
        }
        let found = rustls_native_certs::load_native_certs();
        let (added, _) = roots.add_parsable_certificates(found.certs);
        if added == 0 {
            return Err(Error::Misconfigured(
                "this machine has no root certificates to verify the database server with; \
                 name a file with sslrootcert"
                    .to_owned(),
            ));
        }
        Ok(roots)
    }
}

/// Takes any certificate, which `sslmode=require` means: it keeps listeners
/// out, not impostors.
#[derive(Debug)]
struct AnyServer(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_parameters_are_taken_out_of_the_address() {
        let (url, tls) =
            Tls::split_from("postgres://h/d?sslmode=verify-full&connect_timeout=3").unwrap();
        assert_eq!(url, "postgres://h/d?connect_timeout=3");
        assert!(tls.is_verified && tls.mode == SslMode::Require);

        let (url, tls) =
            Tls::split_from("postgres://h/d?sslmode=require&sslrootcert=%2Fa.pem").unwrap();
        assert_eq!(url, "postgres://h/d");
        assert!(tls.is_verified);
        assert_eq!(tls.root_certificate.as_deref(), Some("/a.pem"));

        let (_, tls) = Tls::split_from("postgres://h/d").unwrap();
        assert_eq!(tls.mode, SslMode::Disable);
        assert!(Tls::split_from("postgres://h/d?sslmode=perhaps").is_err());
    }
}
