//! The thread that polls the consumer, and with that answers the group.
//!
//! It must poll within `max.poll.interval.ms` whatever happens downstream, and it must not read more than
//! the ledger has room for. When the ledger is full it waits for moments, which is the rhythm of any backlog;
//! when that lasts, the output is in trouble, and it pauses the partitions and goes on polling them empty.
//! Pausing drops what librdkafka has read ahead, so it is not done for every burst.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use rdkafka::{
    consumer::Consumer as _, error::KafkaError, topic_partition_list::TopicPartitionList,
    types::RDKafkaErrorCode as Code,
};

use super::{
    clients::Consumer,
    error::{Severity, StreamError, severity},
    ledger::{Ledger, Refused},
    pool::Pool,
    record::Record,
    settle::{Outcome, reason},
    shutdown::Shutdown,
};
use crate::{
    ops::{Observed, health::Phase},
    settings::Settings,
};

/// Longest wait in one poll, and with that for the word to stop.
const POLL: Duration = Duration::from_millis(100);
/// How long the ledger may be full before the partitions are paused.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many threads may be lost to articles that outran their budget.
const MAX_ASTRAY: usize = 16;

/// See the module's documentation.
pub struct Poller<'a> {
    /// What to poll.
    pub consumer: &'a Consumer,
    /// Where records go.
    pub ledger: &'a Ledger,
    /// The settings.
    pub settings: &'a Settings,
    /// The word to stop.
    pub shutdown: &'a Shutdown,
    /// Where facts go.
    pub observed: &'a Arc<Observed>,
    /// The workers, to be watched.
    pub pool: &'a mut Pool,
}

/// How long a login that worked before may be refused: brokers come up, passwords and tokens are changed.
const LOGIN_GRACE: Duration = Duration::from_secs(30);

/// Trouble that may pass, and since when there has been some.
#[derive(Debug, Default)]
struct Trouble {
    missing_since: Option<Instant>,
    /// The first and the last refusal in a row.
    login: Option<(Instant, Instant)>,
}

impl Trouble {
    /// Notes a refused login; whether it is too early to give up.
    fn login_may_pass(&mut self) -> bool {
        let now = Instant::now();
        let first = match self.login {
            // librdkafka tries every few seconds: a longer silence was success.
            Some((first, last)) if now.duration_since(last) < LOGIN_GRACE => first,
            _ => now,
        };
        self.login = Some((first, now));
        now.duration_since(first) < LOGIN_GRACE
    }
}

/// Whether partitions are paused: under which assignment that was done last, and which.
#[derive(Debug)]
enum Flow {
    Open,
    Paused {
        assignment: u64,
        paused: BTreeSet<(String, i32)>,
    },
}

impl Poller<'_> {
    /// Polls until told to stop or the stream fails, then finishes what is in hand.
    ///
    /// # Errors
    /// Where the stream cannot go on, or what is in hand cannot be finished in time.
    pub fn run(mut self) -> Result<(), StreamError> {
        let mut flow = Flow::Open;
        let mut full_since: Option<Instant> = None;
        let mut trouble = Trouble::default();
        while !self.shutdown.asked() {
            self.watch()?;
            if self.ledger.has_room() {
                full_since = None;
                self.resume(&mut flow)?;
            } else {
                let since = *full_since.get_or_insert_with(Instant::now);
                if since.elapsed() < PATIENCE {
                    self.ledger.wait_for_room(POLL);
                    continue;
                }
                self.pause(&mut flow)?;
            }
            match self.consumer.poll(POLL) {
                None => {}
                Some(Ok(message)) => {
                    trouble = Trouble::default();
                    self.admit(Record::from(&message));
                }
                Some(Err(error)) => self.meet(&error, &mut trouble)?,
            }
        }
        self.finish(&mut flow)
    }

    /// No new records; those in hand are written and committed.
    fn finish(&mut self, flow: &mut Flow) -> Result<(), StreamError> {
        self.observed.health.phase(Phase::Stopping);
        let in_hand = self.ledger.in_hand().records;
        tracing::info!(in_hand, "stopping: finishing what is in hand");
        self.ledger.drain();
        let timeout = Duration::from_millis(self.settings.pipeline.shutdown_timeout_ms);
        let started = Instant::now();
        while self.ledger.in_hand().records > 0 {
            self.watch()?;
            if started.elapsed() >= timeout {
                return Err(StreamError::Unfinished {
                    records: self.ledger.in_hand().records,
                    waited_ms: u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX),
                });
            }
            self.pause(flow)?;
            // Rebalances are still to be answered. A record that was on its way is not taken in hand: it
            // will be read again.
            drop(self.consumer.poll(Duration::from_millis(10)));
        }
        Ok(())
    }

    /// Failures elsewhere, articles that take too long, and the sign of life.
    fn watch(&mut self) -> Result<(), StreamError> {
        if let Some(failure) = self.ledger.failure() {
            return Err(failure);
        }
        let in_hand = self.ledger.in_hand();
        self.observed.polled(in_hand.records, in_hand.bytes);
        let budget = Duration::from_millis(self.settings.pipeline.article_budget_ms);
        for (worker, ticket) in self.ledger.overdue(budget) {
            let (partition, offset) = self.ledger.position(ticket).unwrap_or((-1, -1));
            tracing::error!(
                partition,
                offset,
                budget_ms = self.settings.pipeline.article_budget_ms,
                "an article outran its budget; it becomes a dead letter"
            );
            self.ledger.settle(
                ticket,
                Outcome::dead(
                    reason::TIMEOUT,
                    format!("took longer than {} ms", self.settings.pipeline.article_budget_ms),
                ),
            );
            let astray = self.pool.replace(worker).map_err(|error| StreamError::Fatal {
                operation: "start a worker thread",
                reason: error.to_string(),
            })?;
            if astray > MAX_ASTRAY {
                return Err(StreamError::Stuck { stuck: astray });
            }
        }
        Ok(())
    }

    fn admit(&self, record: Record) {
        let (partition, offset) = (record.partition, record.offset);
        match self.ledger.admit(record) {
            Ok(()) => {}
            // Left over from before a rebalance; its new owner reads it.
            Err(Refused::NotOurs) => tracing::debug!(partition, offset, "record of a revoked partition"),
            Err(Refused::Repeated) => tracing::warn!(partition, offset, "record came twice; taken once"),
        }
    }

    fn pause(&self, flow: &mut Flow) -> Result<(), StreamError> {
        let assignment = self.ledger.assignments();
        let mut paused = match flow {
            Flow::Paused { assignment: of, .. } if *of == assignment => return Ok(()),
            Flow::Paused { paused, .. } => std::mem::take(paused),
            Flow::Open => {
                tracing::debug!("pipeline is full or stopping: partitions paused");
                self.observed.metrics.paused(true);
                BTreeSet::new()
            }
        };
        let all = self
            .consumer
            .assignment()
            .and_then(|all| self.consumer.pause(&all).map(|()| all))
            .map_err(|error| fatal("pause partitions", &error))?;
        paused.extend(
            all.elements()
                .iter()
                .map(|e| (e.topic().to_owned(), e.partition())),
        );
        *flow = Flow::Paused { assignment, paused };
        Ok(())
    }

    /// Resumes every partition that was paused, those too that were given up meanwhile: librdkafka keeps the
    /// pause over a revocation, and one that comes back would stay silent for good.
    fn resume(&self, flow: &mut Flow) -> Result<(), StreamError> {
        let Flow::Paused { paused, .. } = std::mem::replace(flow, Flow::Open) else {
            return Ok(());
        };
        tracing::debug!("there is room again: partitions resumed");
        self.observed.metrics.paused(false);
        let mut all = TopicPartitionList::with_capacity(paused.len());
        for (topic, partition) in &paused {
            all.add_partition(topic, *partition);
        }
        self.consumer
            .resume(&all)
            .map_err(|error| fatal("resume partitions", &error))
    }

    /// What an error of the consumer means. Most pass by themselves: librdkafka reconnects and rejoins.
    fn meet(&self, error: &KafkaError, trouble: &mut Trouble) -> Result<(), StreamError> {
        if let KafkaError::MessageConsumptionFatal(code) = error {
            return Err(StreamError::Fatal {
                operation: "consume",
                reason: code.to_string(),
            });
        }
        let code = super::error::code(error);
        // At this end nothing is to be aborted or rebuilt: what is neither forbidden nor missing passes.
        let class = match severity(error) {
            class @ (Severity::Forbidden | Severity::TopicMissing) => class,
            _ => Severity::Retriable,
        };
        self.observed.metrics.error("consumer", class);
        match class {
            Severity::Forbidden
                if matches!(code, Code::Authentication | Code::SaslAuthenticationFailed)
                    && trouble.login_may_pass() =>
            {
                tracing::warn!(%error, class = class.name(), "a broker refuses the login; trying on");
            }
            Severity::Forbidden => {
                return Err(StreamError::Forbidden {
                    operation: match code {
                        Code::GroupAuthorizationFailed => {
                            format!("read in group `{}` (kafka.group)", self.settings.kafka.group)
                        }
                        Code::TopicAuthorizationFailed => {
                            format!("read topic `{}` (topics.input)", self.settings.topics.input)
                        }
                        _ => "log in".to_owned(),
                    },
                    reason: error.to_string(),
                });
            }
            Severity::TopicMissing => {
                let since = *trouble.missing_since.get_or_insert_with(Instant::now);
                if since.elapsed() >= Duration::from_millis(self.settings.kafka.topic_grace_ms) {
                    return Err(StreamError::TopicMissing {
                        topic: self.settings.topics.input.clone(),
                        setting: "topics.input",
                        brokers: self.settings.kafka.brokers.clone(),
                    });
                }
            }
            _ => {}
        }
        match code {
            Code::AutoOffsetReset => Err(StreamError::Fatal {
                operation: "find the committed offset",
                reason: format!("{error}: it is gone and auto.offset.reset says `error`"),
            }),
            Code::PollExceeded => {
                tracing::warn!(
                    "was silent beyond max.poll.interval.ms and lost its partitions; joining again"
                );
                Ok(())
            }
            _ => {
                tracing::debug!(%error, class = class.name(), "the consumer goes on by itself");
                Ok(())
            }
        }
    }
}

fn fatal(operation: &'static str, error: &KafkaError) -> StreamError {
    StreamError::Fatal {
        operation,
        reason: error.to_string(),
    }
}
