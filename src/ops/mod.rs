//! Seen from outside: what the service counts, and whether it is well.
//!
//! The stream reports facts to [`Observed`] as they happen; the HTTP server reads them. Nothing here is ever
//! waited for.
//!
//! # Layout
//!
//! * [`metrics`]: the counters and their names.
//! * [`health`]: alive and ready, by the same facts.
//! * [`http`]: `/livez`, `/readyz`, `/metrics`.
//! * [`logs`]: structured logs on stderr.

use std::time::Duration;

use rdkafka::Statistics;

pub mod health;
pub mod http;
pub mod logs;
pub mod metrics;

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
}

impl Observed {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            metrics: Metrics::new(),
            health: Health::new(),
        }
    }

    /// librdkafka's statistics of the consumer have come.
    pub fn consumer_statistics(&self, topic: &str, statistics: &Statistics) {
        let Some(topic) = statistics.topics.get(topic) else { return };
        for (partition, facts) in &topic.partitions {
            if *partition >= 0 && facts.consumer_lag >= 0 && facts.desired {
                self.metrics.lag(*partition, facts.consumer_lag);
            }
        }
    }

    /// A rebalance has happened.
    pub fn rebalanced(&self, what: &'static str) {
        self.metrics.rebalance(what);
    }

    /// These partitions are ours now.
    pub fn assigned(&self, _topic: &str, partitions: &[i32]) {
        self.metrics.assigned(partitions);
        self.health.assigned(partitions.len());
    }

    /// The poll thread is alive.
    pub fn polled(&self, records: usize, bytes: usize) {
        self.health.polled();
        self.metrics.in_flight(records, bytes);
    }

    /// A batch was committed.
    pub fn committed(&self, articles: usize, took: Duration) {
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
        Self::new()
    }
}
