//! Connections: TLS verified against the stack's authority, and a pool with the stack's settings.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, RecyclingMethod, Runtime};
use rustls::pki_types::{pem::PemObject, CertificateDer};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;
use url::Url;

use crate::Settings;

pub type Failure = Box<dyn Error + Send + Sync>;
pub type Pool = deadpool_postgres::Pool;

pub fn text(message: impl Into<String>) -> Failure {
    message.into().into()
}

/// The driver's own URLs know neither `sslmode=verify-full` nor `sslrootcert`.
pub fn config(text: &str, settings: &Settings) -> Result<(tokio_postgres::Config, MakeRustlsConnect), Failure> {
    let url = Url::parse(text)?;
    let authority = url.query_pairs().find(|(name, _)| name == "sslrootcert").ok_or("no sslrootcert")?.1;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(authority.as_ref())? {
        roots.add(certificate?)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut config = tokio_postgres::Config::new();
    config
        .host(url.host_str().ok_or("no host")?)
        .port(url.port().unwrap_or(5432))
        .dbname(url.path().trim_start_matches('/'))
        .user(url.username())
        .password(url.password().unwrap_or_default())
        .application_name(&settings.application_name)
        .connect_timeout(Duration::from_secs(settings.connect_timeout))
        .ssl_mode(tokio_postgres::config::SslMode::Require);
    Ok((config, MakeRustlsConnect::new(tls)))
}

pub fn open(url: &str, settings: &Settings) -> Result<Pool, Failure> {
    let (config, tls) = config(url, settings)?;
    let recycling_method = if settings.pre_ping { RecyclingMethod::Verified } else { RecyclingMethod::Fast };
    let recycle = Duration::from_secs(settings.recycle);
    let wait = Duration::from_secs(settings.pool_timeout);
    Ok(Pool::builder(Manager::from_config(config, tls, ManagerConfig { recycling_method }))
        .max_size(settings.pool_size + settings.max_overflow)
        .pre_recycle(Hook::sync_fn(move |_, metrics| {
            if metrics.age() > recycle { Err(HookError::message("old")) } else { Ok(()) }
        }))
        .wait_timeout(Some(wait))
        .create_timeout(Some(wait))
        .runtime(Runtime::Tokio1)
        .build()?)
}

fn causes(failure: &Failure) -> Vec<&(dyn Error + 'static)> {
    let mut all = Vec::new();
    let mut next: Option<&(dyn Error + 'static)> = Some(failure.as_ref());
    while let Some(error) = next {
        all.push(error);
        next = error.source();
    }
    all
}

/// SQLSTATE of what the server has said.
pub fn code(failure: &Failure) -> Option<String> {
    let server = causes(failure).into_iter().find_map(|error| error.downcast_ref::<tokio_postgres::Error>()?.code());
    server.map(|code| code.code().to_string())
}

/// With its causes: the driver's own text is only "db error".
pub fn described(failure: &Failure) -> String {
    let texts: Vec<_> = causes(failure).iter().map(|error| error.to_string()).collect();
    format!("{} {}", code(failure).unwrap_or_default(), texts.join(": ")).trim().to_string()
}
