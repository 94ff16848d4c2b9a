//! TLS for what is asked over HTTP: the schema registry, the collector of spans.
//!
//! Kafka's clients have TLS of their own, by librdkafka's properties; this is for the others. Whom to trust is the
//! system's to say, or a file's with certificates of authorities, and then nobody else's.

use std::{fs, path::Path, sync::Arc};

use ureq::tls::{PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

/// TLS that trusts the authorities in that file, or the system's where the path is empty.
///
/// # Errors
/// Why the file is of no use, with its name.
pub fn trusting(ca_file: &Path) -> Result<TlsConfig, String> {
    let roots = if ca_file.as_os_str().is_empty() {
        RootCerts::PlatformVerifier
    } else {
        authorities(ca_file).map_err(|reason| format!("{}: {reason}", ca_file.display()))?
    };
    Ok(TlsConfig::builder()
        .provider(TlsProvider::NativeTls)
        .root_certs(roots)
        .build())
}

fn authorities(ca_file: &Path) -> Result<RootCerts, String> {
    let pem = fs::read(ca_file).map_err(|error| error.to_string())?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| error.to_string())? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err("holds no certificate".to_owned());
    }
    Ok(RootCerts::Specific(Arc::new(certificates)))
}
