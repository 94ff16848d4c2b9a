//! A span for each article, in the trace that its record came with, sent to an OpenTelemetry collector.
//!
//! A record's `traceparent` (W3C trace context) names the span that wrote it. Ours becomes its child, and the
//! events carry ours in their `traceparent`: who follows the trace sees the article come in, be read, and its
//! events go out. With no collector set nothing is made up: the record's headers pass to its events as they are.
//!
//! Spans are sent in batches by a thread of the SDK's own, as OTLP over HTTP or HTTPS in protobuf. A collector
//! that is away costs spans, never articles.

use std::{
    str::FromStr as _,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use opentelemetry::{
    Context, KeyValue,
    propagation::TextMapPropagator as _,
    trace::{TraceContextExt as _, TracerProvider as _},
};
use opentelemetry_http::{Bytes, HttpError, Request, Response};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider},
};
use tracing::Span;
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt as _};
use tracing_subscriber::Registry;

use super::tls;
use crate::{
    settings::Traces,
    stream::{record::Record, wire},
};

/// Target of the spans that are sent.
pub const TARGET: &str = "rapporteur::article";

/// How long the collector has to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Why spans cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The exporter could not be made.
    #[error("traces.otlp_endpoint: {0}")]
    Exporter(#[from] ExporterBuildError),
    /// The endpoint cannot be.
    #[error("traces.otlp_endpoint: `{0}`: {1}")]
    Endpoint(String, &'static str),
    /// The authorities to trust cannot be read.
    #[error("traces.ca_file: {0}")]
    Authorities(String),
}

/// The address that spans are posted to.
///
/// # Errors
/// What is wrong with the endpoint.
pub fn endpoint(endpoint: &str) -> Result<String, &'static str> {
    let bare = endpoint.trim_end_matches('/');
    if !["http://", "https://"]
        .iter()
        .any(|scheme| bare.starts_with(scheme))
    {
        return Err("write http://host:port or https://host:port");
    }
    let uri = axum::http::Uri::from_str(bare)
        .map_err(|_| "is no address; write http://host:port or https://host:port")?;
    if uri.host().is_none_or(str::is_empty) {
        return Err("names no host; write http://host:port or https://host:port");
    }
    if bare.ends_with("/v1/traces") {
        Ok(bare.to_owned())
    } else {
        Ok(format!("{bare}/v1/traces"))
    }
}

/// Makes and sends spans.
#[derive(Debug)]
pub struct Tracer {
    provider: SdkTracerProvider,
}

impl Tracer {
    /// One for the collector that the settings name, where they do.
    ///
    /// # Errors
    /// Where the exporter cannot be made.
    pub fn new(traces: &Traces) -> Result<Option<Self>, TraceError> {
        if traces.otlp_endpoint.is_empty() {
            return Ok(None);
        }
        let to = endpoint(&traces.otlp_endpoint)
            .map_err(|reason| TraceError::Endpoint(traces.otlp_endpoint.clone(), reason))?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Post::new(traces)?)
            .with_endpoint(to)
            .with_timeout(TIMEOUT)
            .build()?;
        let resource = Resource::builder()
            .with_service_name(traces.service_name.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(traces.sample)));
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(sampler)
            .with_resource(resource)
            .build();
        Ok(Some(Self { provider }))
    }

    /// What turns spans of `tracing` into spans to be sent.
    pub(super) fn layer(&self) -> OpenTelemetryLayer<Registry, opentelemetry_sdk::trace::SdkTracer> {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("rapporteur"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
    }

    /// Sends what is left, and ends.
    pub fn shutdown(&self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::warn!(%error, "the last spans could not be sent");
        }
    }
}

/// Posts what is to be sent, and waits for the answer: the SDK calls it on a thread of its own.
#[derive(Debug)]
struct Post {
    agent: ureq::Agent,
    /// The last batch did not arrive, which was said.
    failing: AtomicBool,
}

impl Post {
    fn new(traces: &Traces) -> Result<Self, TraceError> {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .tls_config(tls::trusting(&traces.ca_file).map_err(TraceError::Authorities)?)
            .build();
        Ok(Self {
            agent: config.into(),
            failing: AtomicBool::new(false),
        })
    }

    /// Says that the collector does not take spans, and that it does again: the SDK keeps that to itself.
    fn tell(&self, failure: Option<&str>) {
        match (failure, self.failing.swap(failure.is_some(), Ordering::Relaxed)) {
            (Some(reason), false) => tracing::warn!(reason, "spans could not be sent"),
            (None, true) => tracing::info!("spans are sent again"),
            _ => {}
        }
    }
}

#[async_trait::async_trait]
impl opentelemetry_http::HttpClient for Post {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let answer = self
            .agent
            .run(Request::from_parts(head, body.to_vec()))
            .inspect_err(|error| self.tell(Some(&error.to_string())))?;
        let refused = !answer.status().is_success();
        let status = refused.then(|| format!("the collector answered {}", answer.status()));
        self.tell(status.as_deref());
        let (head, mut body) = answer.into_parts();
        Ok(Response::from_parts(head, Bytes::from(body.read_to_vec()?)))
    }
}

/// The headers of trace context of a record, and those written for our own span.
struct Headers<'a>(&'a Record);

impl opentelemetry::propagation::Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.header(key)
    }

    fn keys(&self) -> Vec<&str> {
        wire::TRACE_HEADERS.to_vec()
    }
}

/// The span of an article, in the trace that its record came with.
#[must_use]
pub fn article(record: &Record, topic: &str) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        "article",
        "otel.kind" = "consumer",
        "messaging.system" = "kafka",
        "messaging.destination.name" = topic,
        "messaging.destination.partition.id" = record.partition,
        "messaging.kafka.offset" = record.offset,
        id = tracing::field::Empty,
        outcome = tracing::field::Empty,
        events = tracing::field::Empty,
    );
    if record.header(wire::TRACE_HEADERS[0]).is_some() {
        let parent = TraceContextPropagator::new().extract_with_context(&Context::new(), &Headers(record));
        // Refused only where nobody sends spans.
        let _ = span.set_parent(parent);
    }
    span
}

/// `traceparent` and `tracestate` of what is written in a span; empty where spans are not made.
#[must_use]
pub fn headers(span: &Span) -> Vec<(String, String)> {
    let context = span.context();
    if !context.span().span_context().is_valid() {
        return Vec::new();
    }
    let mut headers = std::collections::HashMap::new();
    TraceContextPropagator::new().inject_context(&context, &mut headers);
    wire::TRACE_HEADERS
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), headers.remove(*name)?)))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}
