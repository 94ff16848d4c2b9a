//! `/livez`, `/readyz`, `/metrics` for orchestrators and Prometheus; `/log-level` for operators.
//!
//! All is to be read by anyone who reaches the port. The one thing that can be changed, the log's level, is
//! changed from the same machine alone, wherever the port listens.

use std::{future::Future, io, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{ConnectInfo, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::net::TcpListener;

use super::{Observed, health::Verdict, logs::LogLevel};

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
    level: LogLevel,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let routes = routes(observed).merge(log_level(level));
    axum::serve(
        listener,
        routes.into_make_service_with_connect_info::<SocketAddr>(),
    )
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

/// `GET` tells the level of the log, `PUT` sets it: the body is the level.
fn log_level(level: LogLevel) -> Router {
    let put =
        async |State(level): State<LogLevel>, ConnectInfo(from): ConnectInfo<SocketAddr>, body: String| {
            if !from.ip().to_canonical().is_loopback() {
                return refused(
                    StatusCode::FORBIDDEN,
                    "the level is set from the service's own machine",
                );
            }
            match level.set(body.trim()) {
                Ok(()) => (StatusCode::OK, format!("{}\n", level.current())).into_response(),
                Err(error) => refused(StatusCode::BAD_REQUEST, &error.to_string()),
            }
        };
    let get_level = async |State(level): State<LogLevel>| format!("{}\n", level.current());
    Router::new()
        .route("/log-level", get(get_level).put(put))
        .with_state(level)
}

fn refused(status: StatusCode, why: &str) -> Response {
    (status, format!("{why}\n")).into_response()
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
