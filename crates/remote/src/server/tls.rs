//! The server's side of TLS: its certificate, and whose certificates callers must have.

use std::path::PathBuf;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, crypto};

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read as what it should be.
    #[error("{} does not hold {what} as PEM: {source}; check the path", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
        /// What is wrong.
        source: tokio_rustls::rustls::pki_types::pem::Error,
    },
    /// There is no certificate in a file.
    #[error("{} holds no certificate; check the path", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Certificate and key do not go together, or cannot be used.
    #[error("the certificate cannot be used: {0}; check that the key belongs to it")]
    Certificate(#[from] tokio_rustls::rustls::Error),
    /// The certificates of callers cannot be checked.
    #[error("the certificates of clients cannot be checked: {0}; check the file of --client-ca")]
    Clients(#[from] tokio_rustls::rustls::server::VerifierBuilderError),
}

/// Where certificates are.
#[derive(Clone, Debug)]
pub(crate) struct TlsFiles {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
    pub(crate) client_ca: Option<PathBuf>,
}

fn certificates(path: &PathBuf) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let failed = |source| TlsError::File { path: path.clone(), what: "certificates", source };
    let found = CertificateDer::pem_file_iter(path).map_err(failed)?.collect::<Result<Vec<_>, _>>();
    let found = found.map_err(failed)?;
    if found.is_empty() { Err(TlsError::Empty { path: path.clone() }) } else { Ok(found) }
}

impl TlsFiles {
    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor, TlsError> {
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|source| TlsError::File {
            path: self.key.clone(),
            what: "a private key",
            source,
        })?;
        let chain = certificates(&self.certificate)?;
        // Named, because a bare builder panics when a second provider comes into the graph.
        let provider = Arc::new(crypto::ring::default_provider());
        let builder =
            ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
        let builder = match &self.client_ca {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let mut roots = RootCertStore::empty();
                roots.add_parsable_certificates(certificates(path)?);
                let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider).build()?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder.with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}
