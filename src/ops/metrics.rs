//! What is counted, under the names that dashboards and alerts use.
//!
//! Names and units follow Prometheus' conventions: base units, `_total` for counters. Labels have few values:
//! no article id, no message ever becomes one.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{
        counter::Counter,
        family::{Family, MetricConstructor},
        gauge::Gauge,
        histogram::Histogram,
        info::Info,
    },
    registry::{Registry, Unit},
};

use super::{Progress, bridge::Bridge, process::Process};
use crate::stream::{error::Severity, settle::Outcome, wire::EventRecord};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ArticleLabels {
    outcome: &'static str,
    language: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LanguageLabel {
    language: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EventLabels {
    kind: &'static str,
    status: &'static str,
    language: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabel {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PartitionLabel {
    partition: i32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ErrorLabels {
    client: &'static str,
    class: &'static str,
}

/// What stands for a language that nobody could tell.
const UNKNOWN: &str = "unknown";
/// Why a batch is aborted: the values of that label.
const ABORT_REASONS: [&str; 5] = [
    "partitions_lost",
    "too_large",
    "topic_missing",
    "producer_fatal",
    "retried",
];

/// Seconds, from a tenth of a millisecond to ten seconds.
#[derive(Debug, Clone)]
struct Seconds;

impl MetricConstructor<Histogram> for Seconds {
    fn new_metric(&self) -> Histogram {
        Histogram::new([
            0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
            10.0,
        ])
    }
}

/// All counters, and the registry that writes them.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    articles: Family<ArticleLabels, Counter>,
    events: Family<EventLabels, Counter>,
    passed_over: Family<LanguageLabel, Counter>,
    dead_letters: Family<ReasonLabel, Counter>,
    extraction: Histogram,
    batch: Histogram,
    transaction: Histogram,
    commits: Counter,
    aborts: Family<ReasonLabel, Counter>,
    rebuilds: Counter,
    rebalances: Family<ReasonLabel, Counter>,
    lag: Family<PartitionLabel, Gauge>,
    partitions: Gauge,
    records_in_flight: Gauge,
    bytes_in_flight: Gauge,
    paused: Gauge,
    errors: Family<ErrorLabels, Counter>,
    last_commit: Gauge<f64, AtomicU64>,
    bridge: Bridge,
    settled: [AtomicU64; 4],
    events_written: AtomicU64,
}

/// Outcomes of an article, in the order of [`Metrics::settled`].
const OUTCOMES: [&str; 4] = ["events", "no_events", "dead_letter", "passed_over"];

impl Metrics {
    /// All at zero.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("rapporteur");
        let seconds = Seconds;
        let batch = Histogram::new([
            1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0,
        ]);
        let metrics = Self {
            articles: Family::default(),
            events: Family::default(),
            passed_over: Family::default(),
            dead_letters: Family::default(),
            extraction: seconds.new_metric(),
            batch,
            transaction: seconds.new_metric(),
            commits: Counter::default(),
            aborts: Family::default(),
            rebuilds: Counter::default(),
            rebalances: Family::default(),
            lag: Family::default(),
            partitions: Gauge::default(),
            records_in_flight: Gauge::default(),
            bytes_in_flight: Gauge::default(),
            paused: Gauge::default(),
            errors: Family::default(),
            last_commit: Gauge::default(),
            bridge: Bridge::default(),
            settled: Default::default(),
            events_written: AtomicU64::new(0),
            registry: Registry::default(),
        };
        for outcome in OUTCOMES {
            // Series that are there from the start can be alerted on from the start.
            drop(metrics.articles.get_or_create(&ArticleLabels {
                outcome,
                language: UNKNOWN.into(),
            }));
        }
        for client in ["consumer", "producer"] {
            for severity in Severity::ALL {
                let class = severity.name();
                drop(metrics.errors.get_or_create(&ErrorLabels { client, class }));
            }
        }
        for reason in ABORT_REASONS {
            drop(metrics.aborts.get_or_create(&ReasonLabel { reason }));
        }
        let m = &metrics;
        registry.register(
            "build",
            "Version of the program",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        registry.register(
            "articles",
            "Articles committed, by outcome and language",
            m.articles.clone(),
        );
        registry.register(
            "articles_passed_over",
            "Articles committed that are in a language without a lexicon, by ISO 639-3 code",
            m.passed_over.clone(),
        );
        registry.register("events", "Events committed", m.events.clone());
        registry.register(
            "dead_letters",
            "Dead letters committed, by reason",
            m.dead_letters.clone(),
        );
        registry.register_with_unit(
            "extraction",
            "Time to decode, extract and encode one article",
            Unit::Seconds,
            m.extraction.clone(),
        );
        registry.register("batch_articles", "Articles in one commit", m.batch.clone());
        registry.register_with_unit(
            "transaction",
            "Time from begin to commit of one batch",
            Unit::Seconds,
            m.transaction.clone(),
        );
        registry.register("commits", "Batches committed", m.commits.clone());
        registry.register(
            "aborts",
            "Batches aborted and kept for another try, by reason",
            m.aborts.clone(),
        );
        registry.register(
            "producer_rebuilds",
            "Producers replaced after a fatal error",
            m.rebuilds.clone(),
        );
        registry.register(
            "rebalances",
            "Changes of the assignment, by what happened",
            m.rebalances.clone(),
        );
        registry.register(
            "consumer_lag_records",
            "Records not yet committed, by partition",
            m.lag.clone(),
        );
        registry.register("assigned_partitions", "Partitions assigned", m.partitions.clone());
        registry.register(
            "in_flight_records",
            "Articles read and not committed",
            m.records_in_flight.clone(),
        );
        registry.register_with_unit(
            "in_flight",
            "Bytes of articles and events not committed",
            Unit::Bytes,
            m.bytes_in_flight.clone(),
        );
        registry.register(
            "paused",
            "1 while reading is paused because the pipeline is full",
            m.paused.clone(),
        );
        registry.register(
            "errors",
            "Errors of Kafka, by client and by what they lead to",
            m.errors.clone(),
        );
        registry.register_with_unit(
            "last_commit_timestamp",
            "When the last batch was committed, seconds since 1970; 0 before the first",
            Unit::Seconds,
            m.last_commit.clone(),
        );
        m.bridge.register(&mut registry);
        Self { registry, ..metrics }
    }

    /// All in the OpenMetrics text format.
    ///
    /// # Errors
    /// Never in practice: the writer is a string.
    pub fn encode(&self) -> Result<String, std::fmt::Error> {
        let mut out = String::new();
        text::encode_registry(&mut out, &self.registry)?;
        if let Some(process) = Process::now() {
            text::encode_registry(&mut out, &of_process(process))?;
        }
        text::encode_eof(&mut out)?;
        Ok(out)
    }

    /// An article has been settled.
    pub fn extraction(&self, took: Duration) {
        self.extraction.observe(took.as_secs_f64());
    }

    /// What came of an article is committed.
    pub fn outcome(&self, outcome: &Outcome) {
        let (which, language) = match outcome {
            Outcome::Events { events, language } => {
                events.iter().for_each(|event| self.event(event));
                (usize::from(events.is_empty()), language.as_deref())
            }
            Outcome::PassedOver(language) => {
                self.passed_over.get_or_create(&LanguageLabel { language }).inc();
                (3, Some(*language))
            }
            Outcome::DeadLetter { reason, .. } => {
                self.dead_letters
                    .get_or_create(&ReasonLabel { reason: reason.code })
                    .inc();
                (2, None)
            }
        };
        self.settled[which].fetch_add(1, Ordering::Relaxed);
        self.articles
            .get_or_create(&ArticleLabels {
                outcome: OUTCOMES[which],
                language: language.unwrap_or(UNKNOWN).to_owned(),
            })
            .inc();
    }

    /// A client met an error that leads to this.
    pub fn error(&self, client: &'static str, severity: Severity) {
        let class = severity.name();
        self.errors.get_or_create(&ErrorLabels { client, class }).inc();
    }

    /// librdkafka's statistics of a client have come.
    pub fn statistics(&self, client: &'static str, statistics: &rdkafka::Statistics) {
        self.bridge.take(client, statistics);
    }

    fn event(&self, event: &EventRecord) {
        let short = |name: &'static str, prefix| name.strip_prefix(prefix).unwrap_or(name);
        self.events_written.fetch_add(1, Ordering::Relaxed);
        self.events
            .get_or_create(&EventLabels {
                kind: short(event.kind.as_str_name(), "CONTACT_KIND_"),
                status: short(event.status.as_str_name(), "CONTACT_STATUS_"),
                language: event.language.clone(),
            })
            .inc();
    }

    /// A batch was committed.
    pub fn commit(&self, articles: usize, took: Duration) {
        self.commits.inc();
        #[allow(clippy::cast_precision_loss)]
        self.batch.observe(articles as f64);
        self.transaction.observe(took.as_secs_f64());
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        self.last_commit.set(now.map_or(0.0, |since| since.as_secs_f64()));
    }

    /// A batch was aborted.
    pub fn abort(&self, reason: &'static str) {
        self.aborts.get_or_create(&ReasonLabel { reason }).inc();
    }

    /// The producer was replaced.
    pub fn rebuild(&self) {
        self.rebuilds.inc();
    }

    /// The assignment changed.
    pub fn rebalance(&self, reason: &'static str) {
        self.rebalances.get_or_create(&ReasonLabel { reason }).inc();
    }

    /// Records not yet committed.
    pub fn lag(&self, partition: i32, records: i64) {
        self.lag.get_or_create(&PartitionLabel { partition }).set(records);
    }

    /// Partitions that are ours; others' lag is not ours to tell.
    pub fn assigned(&self, partitions: &[i32]) {
        self.partitions
            .set(i64::try_from(partitions.len()).unwrap_or(i64::MAX));
        self.lag.clear();
    }

    /// What is in hand.
    pub fn in_flight(&self, records: usize, bytes: usize) {
        self.records_in_flight
            .set(i64::try_from(records).unwrap_or(i64::MAX));
        self.bytes_in_flight.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// Reading is paused, or goes on.
    pub fn paused(&self, paused: bool) {
        self.paused.set(paused.into());
    }

    /// What has been committed since the start.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let [with_events, no_events, dead_letters, passed_over] =
            [0, 1, 2, 3].map(|which: usize| self.settled[which].load(Ordering::Relaxed));
        let without_events = no_events + passed_over;
        Progress {
            articles: with_events + without_events + dead_letters,
            with_events,
            without_events,
            dead_letters,
            events: self.events_written.load(Ordering::Relaxed),
        }
    }
}

/// The process's own figures, without our prefix: dashboards know them by these names.
fn of_process(process: Process) -> Registry {
    let mut registry = Registry::with_prefix("process");
    let resident = Gauge::<i64>::default();
    resident.set(i64::try_from(process.resident_bytes).unwrap_or(i64::MAX));
    registry.register_with_unit("resident_memory", "Resident memory", Unit::Bytes, resident);
    let cpu = Counter::<f64, AtomicU64>::default();
    cpu.inc_by(process.cpu_seconds);
    registry.register_with_unit("cpu", "User and system time", Unit::Seconds, cpu);
    let threads = Gauge::<i64>::default();
    threads.set(i64::try_from(process.threads).unwrap_or(i64::MAX));
    registry.register("threads", "Threads", threads);
    registry
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}
