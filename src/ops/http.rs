//! `/livez`, `/readyz`, `/metrics` for orchestrators and Prometheus.

use std::{future::Future, io, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use tokio::net::TcpListener;

use super::{Observed, health::Verdict};

/// Binds the address.
///
/// # Errors
/// Where it cannot be bound.
pub async fn bind(address: &str) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let local = listener.local_addr()?;
    Ok((listener, local))
}

/// Serves until told to stop.
///
/// # Errors
/// Where the listener fails.
pub async fn serve(
    listener: TcpListener,
    observed: Arc<Observed>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, routes(observed))
        .with_graceful_shutdown(stop)
        .await
}

fn routes(observed: Arc<Observed>) -> Router {
    Router::new()
        .route(
            "/livez",
            get(async |State(o): State<Arc<Observed>>| verdict(o.health.alive())),
        )
        .route(
            "/readyz",
            get(async |State(o): State<Arc<Observed>>| verdict(o.health.ready())),
        )
        .route("/metrics", get(metrics))
        .with_state(observed)
}

fn verdict(verdict: Verdict) -> impl IntoResponse {
    let status = if verdict.well {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, format!("{}\n", verdict.why))
}

async fn metrics(State(observed): State<Arc<Observed>>) -> impl IntoResponse {
    match observed.metrics.encode() {
        Ok(text) => (
            StatusCode::OK,
            [(
                header::CONTENT_TYPE,
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
            )],
            text,
        )
            .into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
