//! The thread that writes: batches from the ledger to the output topics, and the offsets with them.
//!
//! Exactly once, a batch is one transaction: begin, events and dead letters, offsets, commit. Until the
//! commit is confirmed the batch stays in hand, so whatever fails can be aborted and written again; nothing
//! needs to be read twice. Errors are sorted:
//!
//! * retriable: the same call again;
//! * abortable: abort, wait a little, write what is still ours again;
//! * fatal for the producer (fenced, epoch gone): a new producer, then again;
//! * a record larger than the brokers take: its article becomes a dead letter, then again; a dead letter
//!   that is itself too large goes without its value;
//! * refused by the brokers, or a topic gone beyond its grace: the service stops and says what to do.
//!
//! At least once, there is no transaction: the batch is written, and its offsets committed when every record
//! of it is confirmed.

use std::{
    cell::Cell,
    sync::Arc,
    time::{Duration, Instant},
};

use rdkafka::{
    consumer::{CommitMode, Consumer as _, ConsumerGroupMetadata},
    error::{KafkaError, KafkaResult},
    message::{Header as KafkaHeader, OwnedHeaders},
    producer::{BaseRecord, Producer as _, PurgeConfig},
    topic_partition_list::{Offset, TopicPartitionList},
    types::RDKafkaErrorCode as Code,
};

use super::{
    apart::Apart,
    clients::{self, Consumer, Producer},
    error::{Severity, StreamError, code, severity},
    ledger::{Batch, BatchLimits, Ledger, Settled},
    record::Header,
    settle::{Outcome, reason},
    wire::{self, Carried, Reason, Route},
};
use crate::{
    ops::Observed,
    settings::{Guarantee, Settings},
};

/// Longest time that one call to the brokers may take before it is made again.
const CALL: Duration = Duration::from_secs(5);
/// How long a call is waited for that should be back after [`CALL`].
const OVERDUE: Duration = Duration::from_secs(10);
/// First and longest pause between two looks for confirmations.
const NAPS: (Duration, Duration) = (Duration::from_micros(100), Duration::from_millis(2));
/// Longest wait between two tries of a batch.
const MAX_BACKOFF: Duration = Duration::from_secs(5);
/// Bytes that librdkafka sends together at most, as the producer is set up.
const MOST_TOGETHER: usize = 900_000;
/// After how many commits more is sent together again than a topic took before.
const CALM: u32 = 500;
/// How often a producer may be fenced without a commit between before somebody else must be at it.
const MAX_FENCED: u32 = 8;

/// Why a try to write a batch failed.
enum Failure {
    /// An error of Kafka.
    Kafka(&'static str, KafkaError),
    /// A record is too large: its place in the batch.
    TooLarge(usize),
    /// Records of so many bytes, sent together, are too large: each alone may be small enough.
    TooLargeTogether(usize),
    /// Some partition is no longer ours.
    NotOurs,
    /// A call that librdkafka does not come back from.
    NoAnswer(&'static str),
    /// The end has come.
    Closed,
}

/// Offsets to be added to the transaction, and whose they are.
type Offsets = (TopicPartitionList, Arc<ConsumerGroupMetadata>);

/// A producer, and the one call of it that is made apart.
struct Writer {
    producer: Arc<Producer>,
    offsets: Apart<Offsets, KafkaResult<()>>,
}

impl Writer {
    fn new(
        settings: &Settings,
        transactional_id: &str,
        observed: &Arc<Observed>,
    ) -> Result<Self, StreamError> {
        let producer = Arc::new(clients::producer(settings, transactional_id, observed)?);
        let offsets = {
            let producer = Arc::clone(&producer);
            Apart::start("offsets", move |(offsets, group): Offsets| {
                producer.send_offsets_to_transaction(&offsets, &group, CALL)
            })
        };
        let offsets = offsets.map_err(|error| StreamError::Fatal {
            operation: "start a thread",
            reason: error.to_string(),
        })?;
        Ok(Self { producer, offsets })
    }
}

/// See the module's documentation.
pub struct Publisher {
    settings: Arc<Settings>,
    ledger: Arc<Ledger>,
    observed: Arc<Observed>,
    consumer: Arc<Consumer>,
    writer: Writer,
    transactional_id: String,
    extractor_version: String,
    routes: Vec<Route>,
    fenced: u32,
    /// Bytes that are sent before a wait for their confirmation. A broker's limit is one of what it is sent
    /// together, and refuses all of it: where that happens less is sent at a time, until it is known which
    /// record is too large by itself.
    together: Cell<usize>,
    /// Bytes sent and not confirmed.
    unconfirmed: Cell<usize>,
    /// Commits since less was sent together.
    calm: u32,
}

impl Publisher {
    /// A publisher whose producer is ready to begin. `None` where the end came first.
    ///
    /// # Errors
    /// Where the producer cannot be made or the brokers refuse it.
    pub fn new(
        settings: Arc<Settings>,
        ledger: Arc<Ledger>,
        observed: Arc<Observed>,
        consumer: Arc<Consumer>,
        transactional_id: String,
        extractor_version: String,
        stop: &dyn Fn(Duration) -> bool,
    ) -> Result<Option<Self>, StreamError> {
        let writer = Writer::new(&settings, &transactional_id, &observed)?;
        let publisher = Self {
            settings,
            ledger,
            observed,
            consumer,
            writer,
            transactional_id,
            extractor_version,
            routes: Vec::new(),
            fenced: 0,
            together: Cell::new(usize::MAX),
            unconfirmed: Cell::new(0),
            calm: 0,
        };
        Ok(publisher.init(stop)?.then_some(publisher))
    }

    /// Where events go.
    #[must_use]
    pub fn to(self, routes: Vec<Route>) -> Self {
        Self { routes, ..self }
    }

    fn producer(&self) -> &Producer {
        &self.writer.producer
    }

    fn transactional(&self) -> bool {
        self.settings.delivery.guarantee == Guarantee::ExactlyOnce
    }

    /// Makes the producer known to its coordinator, which ends whatever a former one left open. False where
    /// the end came first.
    fn init(&self, stop: &dyn Fn(Duration) -> bool) -> Result<bool, StreamError> {
        if !self.transactional() {
            return Ok(true);
        }
        let mut said: Option<Instant> = None;
        loop {
            // Callbacks are called from here only; one of them is what we log in with.
            self.producer().poll(Duration::from_millis(10));
            match self.producer().init_transactions(CALL) {
                Ok(()) => return Ok(true),
                Err(error) => match self.met(&error) {
                    Severity::Forbidden => return Err(self.forbidden("begin transactions", &error)),
                    Severity::Rebuild => {
                        return Err(StreamError::Fatal {
                            operation: "begin transactions",
                            reason: error.to_string(),
                        });
                    }
                    _ => {
                        if said.is_none_or(|at| at.elapsed() >= Duration::from_secs(5)) {
                            tracing::warn!(%error, "the transaction coordinator does not answer; trying on");
                            said = Some(Instant::now());
                        }
                    }
                },
            }
            if stop(Duration::from_millis(100)) {
                return Ok(false);
            }
        }
    }

    /// Sorts an error, and counts it.
    fn met(&self, error: &KafkaError) -> Severity {
        let severity = severity(error);
        self.observed.metrics.error("producer", severity);
        severity
    }

    /// Writes until the ledger is closed.
    ///
    /// # Errors
    /// Where it cannot go on.
    pub fn run(mut self) -> Result<(), StreamError> {
        let limits = BatchLimits {
            records: self.settings.delivery.max_records,
            bytes: self.settings.delivery.max_bytes,
            linger: Duration::from_millis(self.settings.delivery.linger_ms),
        };
        let ledger = Arc::clone(&self.ledger);
        loop {
            // Statistics, errors and tokens that end come from the producer at other times too.
            let next = ledger.next_batch(limits, &mut || self.producer().poll(Duration::ZERO));
            let Some(batch) = next else { return Ok(()) };
            self.deliver(batch)?;
        }
    }

    /// Writes a batch, as often as it takes.
    fn deliver(&mut self, mut batch: Batch) -> Result<(), StreamError> {
        let mut tries = 0_u32;
        let mut missing_since: Option<Instant> = None;
        loop {
            let started = Instant::now();
            let failure = match self.write(&batch) {
                Ok(()) => {
                    self.fenced = 0;
                    self.grow();
                    self.count(&batch, started.elapsed());
                    self.ledger.retire(&batch);
                    return Ok(());
                }
                Err(failure) => failure,
            };
            let rebuild = self.sort(&failure, &mut batch, &mut missing_since)?;
            if rebuild || !self.abort() {
                self.observed.metrics.rebuild();
                self.writer = Writer::new(&self.settings, &self.transactional_id, &self.observed)?;
                let ledger = Arc::clone(&self.ledger);
                self.ledger.give_back();
                if !self.init(&|wait| ledger.wait_closed(wait))? {
                    return Ok(());
                }
            }
            self.ledger.give_back();
            let backoff = match failure {
                Failure::TooLarge(_) | Failure::TooLargeTogether(_) => Duration::ZERO,
                _ => MAX_BACKOFF.min(Duration::from_millis(20) * 2_u32.saturating_pow(tries.min(10))),
            };
            tries += 1;
            if self.ledger.wait_closed(backoff) || !self.ledger.take_again(&mut batch) {
                return Ok(());
            }
        }
    }

    /// After many commits without a complaint, more is sent together again.
    fn grow(&mut self) {
        if self.together.get() < MOST_TOGETHER {
            self.calm += 1;
            if self.calm >= CALM {
                self.calm = 0;
                self.together.set(self.together.get() * 2);
            }
        }
    }

    /// What a failure means: an error to stop with, else whether the producer must be replaced.
    fn sort(
        &mut self,
        failure: &Failure,
        batch: &mut Batch,
        missing_since: &mut Option<Instant>,
    ) -> Result<bool, StreamError> {
        let (operation, error) = match failure {
            Failure::Closed => return Ok(false),
            Failure::NotOurs => {
                tracing::info!("partitions were lost in mid-transaction; aborting it");
                self.observed.metrics.abort("partitions_lost");
                return Ok(false);
            }
            Failure::NoAnswer(operation) => {
                self.observed.metrics.error("producer", Severity::Rebuild);
                self.observed.metrics.abort("producer_fatal");
                let class = Severity::Rebuild.name();
                tracing::warn!(
                    operation,
                    class,
                    "the producer does not come back from a call; making another"
                );
                return Ok(true);
            }
            Failure::TooLarge(index) => {
                self.observed.metrics.error("producer", Severity::TooLarge);
                self.observed.metrics.abort("too_large");
                self.shrink(batch, *index);
                return Ok(false);
            }
            Failure::TooLargeTogether(bytes) => {
                self.observed.metrics.error("producer", Severity::TooLarge);
                self.observed.metrics.abort("too_large");
                let together = (*bytes).min(self.together.get()).min(MOST_TOGETHER) / 2;
                self.together.set(together.max(1));
                tracing::debug!(together, "a topic takes less at a time; sending less together");
                return Ok(false);
            }
            Failure::Kafka(operation, error) => (*operation, error),
        };
        let class = self.met(error);
        match class {
            Severity::Forbidden => Err(self.forbidden(operation, error)),
            Severity::TopicMissing => {
                self.observed.metrics.abort("topic_missing");
                let since = *missing_since.get_or_insert_with(Instant::now);
                tracing::warn!(operation, class = class.name(), %error, "an output topic is missing; the batch waits for it");
                if since.elapsed() < Duration::from_millis(self.settings.kafka.topic_grace_ms) {
                    return Ok(false);
                }
                Err(StreamError::TopicMissing {
                    topic: self.written().join("` or `"),
                    setting: "topics.output, topics.latest, topics.dead_letters",
                    brokers: self.settings.kafka.brokers.clone(),
                })
            }
            Severity::Rebuild => {
                self.observed.metrics.abort("producer_fatal");
                self.fenced += 1;
                tracing::warn!(operation, class = class.name(), %error, times = self.fenced, "the producer is of no more use; making another");
                if self.fenced > MAX_FENCED {
                    return Err(StreamError::Fenced {
                        transactional_id: self.transactional_id.clone(),
                        times: self.fenced,
                    });
                }
                Ok(true)
            }
            Severity::Retriable | Severity::Abort | Severity::TooLarge => {
                self.observed.metrics.abort("retried");
                tracing::warn!(operation, class = class.name(), %error, "batch not written; it is kept and written again");
                Ok(false)
            }
        }
    }

    /// The topics that are written to.
    fn written(&self) -> Vec<&str> {
        let events = self.routes.iter().map(|r| r.topic.as_str());
        events
            .chain([self.settings.topics.dead_letters.as_str()])
            .collect()
    }

    fn forbidden(&self, operation: &str, error: &KafkaError) -> StreamError {
        let operation = match code(error) {
            Code::TransactionalIdAuthorizationFailed => {
                format!(
                    "use the transactional id `{}` (kafka.transactional_id)",
                    self.transactional_id
                )
            }
            Code::GroupAuthorizationFailed => {
                format!(
                    "commit offsets of group `{}` (kafka.group)",
                    self.settings.kafka.group
                )
            }
            Code::ClusterAuthorizationFailed => "write idempotently to the cluster".to_owned(),
            Code::TopicAuthorizationFailed => {
                format!(
                    "{operation}: write to `{}` (topics.output, topics.latest, topics.dead_letters)",
                    self.written().join("` and `")
                )
            }
            _ => "log in".to_owned(),
        };
        StreamError::Forbidden {
            operation,
            reason: error.to_string(),
        }
    }

    fn write(&self, batch: &Batch) -> Result<(), Failure> {
        drop(self.producer().context().take_failures());
        self.unconfirmed.set(0);
        if self.transactional() {
            self.retrying("begin a transaction", || self.producer().begin_transaction())?;
        }
        let all = batch.slices.iter().flat_map(|s| &s.settled);
        for (index, settled) in all.enumerate() {
            self.send(index, settled)?;
        }
        self.flush()?;
        let offsets = self.offsets(batch)?;
        if self.transactional() {
            // The generation first, ownership second: a rebalance between the two is caught by the one, a
            // rebalance after them by the broker, which refuses offsets of an old generation.
            let group = Arc::new(self.consumer.group_metadata().ok_or(Failure::NotOurs)?);
            if !self.ledger.owns(batch) {
                return Err(Failure::NotOurs);
            }
            let overdue = Cell::new(false);
            let added = self.retrying("add offsets to the transaction", || {
                let question = (offsets.clone(), Arc::clone(&group));
                self.writer.offsets.ask(question, OVERDUE).unwrap_or_else(|| {
                    overdue.set(true);
                    Err(KafkaError::Canceled)
                })
            });
            if overdue.get() {
                return Err(Failure::NoAnswer("add offsets to the transaction"));
            }
            added?;
            self.retrying("commit the transaction", || {
                self.producer().commit_transaction(CALL)
            })
        } else {
            // The records are out: what is left to fail is the commit, and only that is tried again.
            loop {
                if !self.ledger.owns(batch) {
                    return Err(Failure::NotOurs);
                }
                match self.consumer.commit(&offsets, CommitMode::Sync) {
                    Ok(()) => return Ok(()),
                    Err(error) if severity(&error) == Severity::Forbidden => {
                        return Err(Failure::Kafka("commit offsets", error));
                    }
                    Err(error) => {
                        self.observed.metrics.error("consumer", Severity::Retriable);
                        tracing::warn!(%error, class = "retriable", "offsets not committed; trying on");
                    }
                }
                if self.ledger.wait_closed(Duration::from_millis(200)) {
                    return Err(Failure::Closed);
                }
            }
        }
    }

    /// Makes a call until it succeeds, fails for good, or the end comes.
    fn retrying(
        &self,
        operation: &'static str,
        mut call: impl FnMut() -> KafkaResult<()>,
    ) -> Result<(), Failure> {
        let mut said = Instant::now();
        loop {
            match call() {
                Ok(()) => return Ok(()),
                Err(error) if severity(&error) == Severity::Retriable => {
                    self.observed.metrics.error("producer", Severity::Retriable);
                    if said.elapsed() >= Duration::from_secs(5) {
                        tracing::warn!(operation, class = "retriable", %error, "no answer yet; trying on");
                        said = Instant::now();
                    }
                    if self.ledger.wait_closed(Duration::from_millis(20)) {
                        return Err(Failure::Closed);
                    }
                }
                Err(error) => return Err(Failure::Kafka(operation, error)),
            }
        }
    }

    fn send(&self, index: usize, settled: &Settled) -> Result<(), Failure> {
        let topics = &self.settings.topics;
        match &settled.outcome {
            Outcome::Events { events, .. } => {
                for event in events {
                    let key = Some(event.key.as_bytes());
                    for route in &self.routes {
                        let (value, headers) = (route.value(&event.value), route.headers(&event.headers));
                        self.enqueue(index, &route.topic, key, Some(&value), &headers)?;
                    }
                }
                Ok(())
            }
            Outcome::PassedOver(_) => Ok(()),
            Outcome::DeadLetter { reason, carried } => {
                let record = &settled.record;
                let headers = wire::dead_letter_headers(
                    record,
                    &topics.input,
                    reason,
                    *carried,
                    &self.extractor_version,
                );
                let key = record.key.as_deref().filter(|_| *carried < Carried::Nothing);
                let value = record
                    .value
                    .as_deref()
                    .filter(|_| *carried == Carried::Everything);
                self.enqueue(index, &topics.dead_letters, key, value, &headers)
            }
        }
    }

    fn enqueue(
        &self,
        index: usize,
        topic: &str,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header],
    ) -> Result<(), Failure> {
        let of = |bytes: Option<&[u8]>| bytes.map_or(0, <[u8]>::len);
        let size = of(key)
            + of(value)
            + headers
                .iter()
                .map(|(name, value)| name.len() + of(value.as_deref()))
                .sum::<usize>();
        if self.unconfirmed.get() > 0 && self.unconfirmed.get() + size > self.together.get() {
            self.flush()?;
        }
        self.unconfirmed.set(self.unconfirmed.get() + size);
        loop {
            let mut owned = OwnedHeaders::new_with_capacity(headers.len());
            for (name, value) in headers {
                owned = owned.insert(KafkaHeader {
                    key: name,
                    value: value.as_deref(),
                });
            }
            let mut record = BaseRecord::<[u8], [u8], usize>::with_opaque_to(topic, index).headers(owned);
            record.key = key;
            record.payload = value;
            match self.producer().send(record) {
                Ok(()) => return Ok(()),
                Err((error, _)) => match code(&error) {
                    Code::QueueFull => {
                        self.producer().poll(Duration::from_millis(5));
                        if self.ledger.closed() {
                            return Err(Failure::Closed);
                        }
                    }
                    Code::MessageSizeTooLarge => return Err(Failure::TooLarge(index)),
                    _ => return Err(Failure::Kafka("write a record", error)),
                },
            }
        }
    }

    /// Waits until every record is confirmed. (The producer's own `flush` polls for a tenth of a second at
    /// a time, which would be the latency of every commit; and a poll of a millisecond spins through it, for
    /// the client waits in whole milliseconds of what is left of it, which is none. So it is looked, and slept.)
    fn flush(&self) -> Result<(), Failure> {
        let started = Instant::now();
        let (first, longest) = NAPS;
        let mut nap = first;
        loop {
            let waiting = self.producer().in_flight_count();
            if waiting == 0 {
                break;
            }
            self.producer().poll(Duration::ZERO);
            if self.producer().in_flight_count() < waiting {
                nap = first;
                continue;
            }
            if started.elapsed() >= Duration::from_millis(100) && self.ledger.closed() {
                return Err(Failure::Closed);
            }
            std::thread::sleep(nap);
            nap = longest.min(nap * 2);
        }
        let bytes = self.unconfirmed.replace(0);
        let failures = self.producer().context().take_failures();
        let mut large = failures.iter().filter(|(_, e)| severity(e) == Severity::TooLarge);
        match (large.next(), large.next()) {
            (Some((index, _)), None) => return Err(Failure::TooLarge(*index)),
            // The limit is one of what is sent together: it is not said whose fault it is.
            (Some(_), Some(_)) => return Err(Failure::TooLargeTogether(bytes)),
            (None, _) => {}
        }
        match failures.into_iter().next() {
            Some((_, error)) => Err(Failure::Kafka("write a record", error)),
            None => Ok(()),
        }
    }

    fn offsets(&self, batch: &Batch) -> Result<TopicPartitionList, Failure> {
        let mut list = TopicPartitionList::with_capacity(batch.slices.len());
        for slice in &batch.slices {
            if let Some(next) = slice.next_offset() {
                list.add_partition_offset(&self.settings.topics.input, slice.partition, Offset::Offset(next))
                    .map_err(|error| Failure::Kafka("name an offset", error))?;
            }
        }
        Ok(list)
    }

    /// Ends a failed try, so that nothing of it is ever visible. False where only a new producer can.
    fn abort(&self) -> bool {
        if !self.transactional() {
            self.producer().purge(PurgeConfig::default().queue());
            return true;
        }
        self.producer().purge(PurgeConfig::default().queue().inflight());
        let started = Instant::now();
        loop {
            self.producer().poll(Duration::ZERO);
            match self.producer().abort_transaction(CALL) {
                Ok(()) => return true,
                Err(error)
                    if severity(&error) == Severity::Retriable
                        && started.elapsed() < Duration::from_secs(30) =>
                {
                    if self.ledger.wait_closed(Duration::from_millis(50)) {
                        return true;
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, "abort refused");
                    return false;
                }
            }
        }
    }

    /// Makes the article at that place of the batch smaller: a dead letter, then one without its value, then
    /// one without anything.
    fn shrink(&self, batch: &mut Batch, index: usize) {
        let Some(settled) = batch.slices.iter_mut().flat_map(|s| &mut s.settled).nth(index) else {
            return;
        };
        let (partition, offset) = (settled.record.partition, settled.record.offset);
        settled.outcome = match &settled.outcome {
            // Nothing of it is sent that could be too large.
            Outcome::PassedOver(_) => return,
            Outcome::Events { events, .. } => {
                let largest = events.iter().map(|e| e.value.len()).max().unwrap_or(0);
                tracing::warn!(
                    partition,
                    offset,
                    largest,
                    "an event is too large for the output topic"
                );
                Outcome::DeadLetter {
                    reason: Reason {
                        code: reason::EVENT_TOO_LARGE,
                        message: format!("an event of {largest} bytes is larger than the output topic takes"),
                    },
                    carried: Carried::Everything,
                }
            }
            Outcome::DeadLetter { reason, carried } => {
                tracing::warn!(
                    partition,
                    offset,
                    "a dead letter is too large for its topic; leaving its value out"
                );
                Outcome::DeadLetter {
                    reason: reason.clone(),
                    carried: match carried {
                        Carried::Everything => Carried::HeadersAndKey,
                        _ => Carried::Nothing,
                    },
                }
            }
        };
    }

    fn count(&self, batch: &Batch, took: Duration) {
        for settled in batch.slices.iter().flat_map(|s| &s.settled) {
            self.observed.metrics.outcome(&settled.outcome);
        }
        let offsets = batch
            .slices
            .iter()
            .filter_map(|s| Some((s.partition, s.next_offset()?)));
        self.observed.committed(batch.records(), offsets, took);
    }
}
