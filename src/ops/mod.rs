//! Seen from outside: what the service counts, and whether it is well.
//!
//! The stream reports facts to [`Observed`] as they happen; the HTTP server reads them. Nothing here is ever
//! waited for.
//!
//! # Layout
//!
//! * [`metrics`]: the counters and their names.
//! * [`health`]: alive and ready, by the same facts.
//! * [`bridge`], [`process`]: librdkafka's statistics and the system's figures beside our own.
//! * [`http`]: `/livez`, `/readyz`, `/metrics`, `/log-level`.
//! * [`logs`]: structured logs on stderr.
//! * [`traces`]: a span for each article, sent to a collector.
//! * [`tls`]: whom the clients that are not Kafka's trust.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rdkafka::Statistics;

pub mod bridge;
pub mod health;
pub mod http;
pub mod logs;
pub mod metrics;
pub mod process;
pub mod tls;
pub mod traces;

use crate::settings::Http;
use health::Health;
use metrics::Metrics;

/// What has been committed since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Articles, dead letters included.
    pub articles: u64,
    /// Articles that told of contacts.
    pub with_events: u64,
    /// Articles that told of none.
    pub without_events: u64,
    /// Records that became dead letters.
    pub dead_letters: u64,
    /// Events written.
    pub events: u64,
}

/// The facts that the stream reports.
#[derive(Debug)]
pub struct Observed {
    /// Counters.
    pub metrics: Metrics,
    /// Alive and ready.
    pub health: Health,
    /// Partitions that are ours, each with the offset last committed in this assignment.
    committed: Mutex<HashMap<i32, Option<i64>>>,
    /// Articles in hand when the poll thread looked last.
    in_hand: AtomicUsize,
}

impl Observed {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new(settings: &Http) -> Self {
        Self {
            metrics: Metrics::new(),
            health: Health::new(Duration::from_millis(settings.ready_commit_age_ms)),
            committed: Mutex::default(),
            in_hand: AtomicUsize::new(0),
        }
    }

    /// librdkafka's statistics of the consumer have come. Its own figure for the lag knows nothing of offsets
    /// that move in transactions, so the lag is reckoned from what we have committed.
    pub fn consumer_statistics(&self, topic: &str, statistics: &Statistics) {
        self.metrics.statistics("consumer", statistics);
        let Some(topic) = statistics.topics.get(topic) else {
            return;
        };
        let idle = self.in_hand.load(Ordering::Relaxed) == 0;
        let committed = self.committed.lock().unwrap_or_else(PoisonError::into_inner);
        for (partition, facts) in &topic.partitions {
            let end = facts.ls_offset;
            if !committed.contains_key(partition) || end < 0 {
                continue;
            }
            let done = committed.get(partition).copied().flatten();
            // What stands between the last record and the end may be no records but marks of their writers'
            // transactions: where all has been read to the end and nothing is in hand, nothing is behind.
            if idle && facts.fetchq_cnt == 0 && facts.app_offset >= end {
                self.metrics.lag(*partition, 0);
                continue;
            }
            let next = done.unwrap_or(if facts.committed_offset >= 0 {
                facts.committed_offset
            } else {
                facts.lo_offset.max(0)
            });
            self.metrics.lag(*partition, (end - next).max(0));
        }
    }

    /// librdkafka's statistics of the producer have come.
    pub fn producer_statistics(&self, statistics: &Statistics) {
        self.metrics.statistics("producer", statistics);
    }

    /// A rebalance has happened.
    pub fn rebalanced(&self, what: &'static str) {
        self.metrics.rebalance(what);
    }

    /// These partitions are ours now.
    pub fn assigned(&self, partitions: &[i32]) {
        let mut committed = self.committed.lock().unwrap_or_else(PoisonError::into_inner);
        committed.retain(|partition, _| partitions.contains(partition));
        for partition in partitions {
            committed.entry(*partition).or_insert(None);
        }
        drop(committed);
        self.metrics.assigned(partitions);
        self.health.assigned(partitions.len());
    }

    /// The poll thread is alive.
    pub fn polled(&self, records: usize, bytes: usize) {
        self.in_hand.store(records, Ordering::Relaxed);
        self.health.polled(records);
        self.metrics.in_flight(records, bytes);
    }

    /// A batch was committed: so many articles, up to these offsets.
    pub fn committed(&self, articles: usize, offsets: impl Iterator<Item = (i32, i64)>, took: Duration) {
        let mut committed = self.committed.lock().unwrap_or_else(PoisonError::into_inner);
        for (partition, next) in offsets {
            if let Some(entry) = committed.get_mut(&partition) {
                *entry = Some(next);
            }
        }
        drop(committed);
        self.health.committed();
        self.metrics.commit(articles, took);
    }

    /// What has been committed since the start.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.metrics.progress()
    }
}

impl Default for Observed {
    fn default() -> Self {
        Self::new(&Http::default())
    }
}
