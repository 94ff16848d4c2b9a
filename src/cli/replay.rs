//! `rapporteur replay`: dead letters back to the input topic, each once.
//!
//! # What makes it once
//!
//! A dead letter put back and the note that it was are one transaction. The note is a committed offset in the
//! dead-letter topic, one for each reason (in group `<group>.replay.<reason>`), so that replaying one reason
//! leaves the others to be replayed later. A second run finds the notes and puts nothing back again. Two runs
//! at the same time share a transactional id: the later one fences the earlier.
//!
//! An article that was put back and failed again comes as a new dead letter, which says so in a header. Such
//! ones stay where they are unless asked for with `--again`, or an article that nobody can read would go
//! round for ever.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
    time::{Duration, Instant},
};

use rapporteur::{
    settings::{Guarantee, Settings},
    stream::{
        clients::{self, Quiet},
        error::{Severity, code, severity},
        record::Record,
        wire,
    },
};
use rdkafka::{
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaError,
    message::{Header, OwnedHeaders},
    producer::{BaseProducer, BaseRecord, Producer as _},
    topic_partition_list::{Offset, TopicPartitionList},
    types::RDKafkaErrorCode as Code,
};

use super::{load_settings, report};

/// Put dead letters back to the input topic, each once.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only those of this reason (header `rapporteur-reason`); may be given several times.
    #[arg(long, value_name = "CODE")]
    reason: Vec<String>,
    /// Say what would be put back, and leave everything as it is.
    #[arg(long)]
    dry_run: bool,
    /// Also those that were put back before and failed again.
    #[arg(long)]
    again: bool,
}

const TIMEOUT: Duration = Duration::from_secs(15);
/// How long a retriable error is met with another try.
const PATIENCE: Duration = Duration::from_secs(60);
/// Most records in a transaction.
const BATCH: usize = 500;

/// Why dead letters could not be put back.
#[derive(Debug, thiserror::Error)]
enum ReplayError {
    #[error("{0}: {1}")]
    Kafka(&'static str, #[source] KafkaError),
    #[error("topic `{0}` has no partitions; does it exist?")]
    Missing(String),
    #[error("not permitted: {operation}: {reason}; grant it to the principal that replays")]
    Forbidden { operation: String, reason: String },
    #[error("partitions {0:?} of the dead letters gave nothing for a minute and are not at their ends")]
    Stalled(Vec<i32>),
}

impl ReplayError {
    fn exit_code(&self) -> u8 {
        match self {
            Self::Missing(_) => 4,
            Self::Forbidden { .. } => 5,
            Self::Kafka(..) | Self::Stalled(_) => 6,
        }
    }

    /// With the name of what the brokers refuse, where that is what they do.
    fn named(self, settings: &Settings) -> Self {
        let Self::Kafka(what, error) = self else {
            return self;
        };
        if severity(&error) != Severity::Forbidden {
            return Self::Kafka(what, error);
        }
        let (group, topics) = (&settings.kafka.group, &settings.topics);
        let operation = match code(&error) {
            Code::TransactionalIdAuthorizationFailed => {
                format!("use the transactional id `{group}.replay` (kafka.group)")
            }
            Code::GroupAuthorizationFailed => {
                format!("read in groups that begin with `{group}.replay` (kafka.group)")
            }
            Code::TopicAuthorizationFailed if READING.contains(&what) => {
                format!("read topic `{}` (topics.dead_letters)", topics.dead_letters)
            }
            Code::TopicAuthorizationFailed => format!("write to topic `{}` (topics.input)", topics.input),
            _ => "log in".to_owned(),
        };
        Self::Forbidden {
            operation,
            reason: error.to_string(),
        }
    }
}

/// What is asked of the dead letters.
const READING: [&str; 3] = [
    "ask for the dead letters",
    "ask for the end of the dead letters",
    "read the dead letters",
];

fn at(what: &'static str) -> impl Fn(KafkaError) -> ReplayError {
    move |error| ReplayError::Kafka(what, error)
}

/// What has become of the dead letters of one reason.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    put_back: usize,
    before: usize,
    failed_again: usize,
    incomplete: usize,
}

/// Puts them back, and says how many of each reason.
pub fn main(args: &Args, config: Option<&Path>) -> u8 {
    let settings = match load_settings(config) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    match Replay::new(&settings, args).and_then(|replay| replay.run()) {
        Ok(tallies) => {
            tell(&tallies, args);
            0
        }
        Err(error) => {
            let error = error.named(&settings);
            let code = error.exit_code();
            report(&error, code)
        }
    }
}

fn tell(tallies: &BTreeMap<String, Tally>, args: &Args) {
    let verb = if args.dry_run { "to put back" } else { "put back" };
    let mut sum = 0;
    for (reason, tally) in tallies {
        sum += tally.put_back;
        println!(
            "{reason}: {} {verb}, {} put back before",
            tally.put_back, tally.before
        );
        if tally.failed_again > 0 {
            println!(
                "{reason}: {} were put back once and failed again; `--again` puts them back once more",
                tally.failed_again
            );
        }
        if tally.incomplete > 0 {
            println!(
                "{reason}: {} cannot be put back: their value did not fit into the dead letter; \
                 read them from the input topic, where {} and {} say",
                tally.incomplete,
                wire::DEAD_PARTITION,
                wire::DEAD_OFFSET
            );
        }
    }
    println!("{sum} dead letters {verb}");
}

/// Where the notes of one reason are kept, and how far they go.
struct Track {
    consumer: BaseConsumer<Quiet>,
    done: BTreeMap<i32, i64>,
}

struct Replay<'a> {
    settings: &'a Settings,
    args: &'a Args,
    producer: Option<BaseProducer<Quiet>>,
    reader: BaseConsumer<Quiet>,
    /// Partitions of the input topic.
    input: HashSet<i32>,
    /// End of each partition of the dead letters when the run began.
    ends: BTreeMap<i32, i64>,
}

impl<'a> Replay<'a> {
    fn new(settings: &'a Settings, args: &'a Args) -> Result<Self, ReplayError> {
        // First of all: this ends whatever a former run left open, and fences one that still runs.
        let producer = if args.dry_run {
            None
        } else {
            let mut transactional = settings.clone();
            transactional.delivery.guarantee = Guarantee::ExactlyOnce;
            let id = format!("{}.replay", settings.kafka.group);
            let producer: BaseProducer<Quiet> = clients::producer_config(&transactional, &id)
                .create_with_context(Quiet)
                .map_err(at("make the producer"))?;
            // Lets callbacks be called: what we log in with comes from one.
            producer.poll(Duration::from_millis(100));
            retrying("begin transactions", || producer.init_transactions(TIMEOUT))?;
            Some(producer)
        };
        let reader = consumer(settings, &format!("{}.replay", settings.kafka.group))?;
        let input = partitions(&reader, "ask for the input topic", &settings.topics.input)?
            .into_iter()
            .collect();
        let mut ends = BTreeMap::new();
        let topic = &settings.topics.dead_letters;
        for partition in partitions(&reader, "ask for the dead letters", topic)? {
            let (first, end) = reader
                .fetch_watermarks(topic, partition, TIMEOUT)
                .map_err(at("ask for the end of the dead letters"))?;
            if first < end {
                ends.insert(partition, end);
            }
        }
        Ok(Self {
            settings,
            args,
            producer,
            reader,
            input,
            ends,
        })
    }

    fn run(&self) -> Result<BTreeMap<String, Tally>, ReplayError> {
        let mut tallies = BTreeMap::new();
        let mut tracks = BTreeMap::new();
        let mut batch = Vec::new();
        self.each(|record| {
            let Some((track, record)) = self.judge(record, &mut tracks, &mut tallies)? else {
                return Ok(());
            };
            batch.push((track, record));
            if batch.len() >= BATCH {
                self.put_back(std::mem::take(&mut batch), &mut tracks)?;
            }
            Ok(())
        })?;
        self.put_back(batch, &mut tracks)?;
        Ok(tallies)
    }

    /// Reads the dead letters that were there when the run began.
    fn each(&self, mut take: impl FnMut(Record) -> Result<(), ReplayError>) -> Result<(), ReplayError> {
        let topic = &self.settings.topics.dead_letters;
        let mut list = TopicPartitionList::new();
        for partition in self.ends.keys() {
            list.add_partition_offset(topic, *partition, Offset::Beginning)
                .map_err(at("name a partition"))?;
        }
        self.reader.assign(&list).map_err(at("read the dead letters"))?;
        let mut open: HashSet<i32> = self.ends.keys().copied().collect();
        let mut moved = Instant::now();
        while !open.is_empty() {
            match self.reader.poll(Duration::from_millis(200)) {
                None => {}
                Some(Ok(message)) => {
                    moved = Instant::now();
                    let record = Record::from(&message);
                    let end = self.ends.get(&record.partition).copied().unwrap_or(0);
                    if record.offset + 1 >= end {
                        open.remove(&record.partition);
                    }
                    if record.offset < end {
                        take(record)?;
                    }
                }
                // The last places may hold no records but marks of transactions.
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    moved = Instant::now();
                    open.remove(&partition);
                }
                Some(Err(error)) if severity(&error) == Severity::Forbidden => {
                    return Err(ReplayError::Kafka("read the dead letters", error));
                }
                Some(Err(error)) => tracing::debug!(%error, "reading the dead letters"),
            }
            if moved.elapsed() > PATIENCE {
                return Err(ReplayError::Stalled(open.into_iter().collect()));
            }
        }
        Ok(())
    }

    /// Whether a dead letter is to be put back, and with which notes.
    fn judge(
        &self,
        record: Record,
        tracks: &mut BTreeMap<String, Track>,
        tallies: &mut BTreeMap<String, Tally>,
    ) -> Result<Option<(String, Record)>, ReplayError> {
        let reason = record.header(wire::DEAD_REASON).unwrap_or("unknown").to_owned();
        if !self.args.reason.is_empty() && !self.args.reason.contains(&reason) {
            return Ok(None);
        }
        let tally = tallies.entry(reason.clone()).or_default();
        if record.header(wire::DEAD_OMITTED).is_some() {
            tally.incomplete += 1;
            return Ok(None);
        }
        let again = replays(&record) > 0;
        if again && !self.args.again {
            tally.failed_again += 1;
            return Ok(None);
        }
        let name = if again { format!("{reason}.again") } else { reason };
        if !tracks.contains_key(&name) {
            tracks.insert(name.clone(), self.track(&name)?);
        }
        let done = tracks
            .get(&name)
            .and_then(|track| track.done.get(&record.partition))
            .copied()
            .unwrap_or(0);
        if record.offset < done {
            tally.before += 1;
            return Ok(None);
        }
        tally.put_back += 1;
        Ok(Some((name, record)))
    }

    fn track(&self, name: &str) -> Result<Track, ReplayError> {
        let group = format!("{}.replay.{name}", self.settings.kafka.group);
        let consumer = consumer(self.settings, &group)?;
        let mut list = TopicPartitionList::new();
        for partition in self.ends.keys() {
            list.add_partition(&self.settings.topics.dead_letters, *partition);
        }
        let committed = consumer.committed_offsets(list, TIMEOUT).map_err(|error| {
            // A group that we may not use has no coordinator for us: that it is refused is said apart.
            let said = std::iter::from_fn(|| consumer.poll(Duration::ZERO)).find_map(Result::err);
            let refused = said.filter(|error| severity(error) == Severity::Forbidden);
            ReplayError::Kafka("ask what was put back before", refused.unwrap_or(error))
        })?;
        let done = committed
            .elements()
            .iter()
            .filter_map(|e| Some((e.partition(), e.offset().to_raw().filter(|offset| *offset >= 0)?)))
            .collect();
        Ok(Track { consumer, done })
    }

    /// Puts records back with their notes, in one transaction.
    fn put_back(
        &self,
        batch: Vec<(String, Record)>,
        tracks: &mut BTreeMap<String, Track>,
    ) -> Result<(), ReplayError> {
        let Some(producer) = self.producer.as_ref().filter(|_| !batch.is_empty()) else {
            return Ok(());
        };
        producer.begin_transaction().map_err(at("begin a transaction"))?;
        let mut notes: BTreeMap<&str, BTreeMap<i32, i64>> = BTreeMap::new();
        for (track, record) in &batch {
            self.write(producer, record)?;
            notes
                .entry(track)
                .or_default()
                .insert(record.partition, record.offset + 1);
        }
        for (name, offsets) in notes {
            let Some(track) = tracks.get_mut(name) else {
                continue;
            };
            let mut list = TopicPartitionList::new();
            for (partition, next) in &offsets {
                list.add_partition_offset(
                    &self.settings.topics.dead_letters,
                    *partition,
                    Offset::Offset(*next),
                )
                .map_err(at("name an offset"))?;
            }
            let group = track
                .consumer
                .group_metadata()
                .ok_or(ReplayError::Kafka("note what was put back", KafkaError::Canceled))?;
            retrying("note what was put back", || {
                producer.send_offsets_to_transaction(&list, &group, TIMEOUT)
            })?;
            track.done.extend(offsets);
        }
        retrying("commit the transaction", || producer.commit_transaction(TIMEOUT))
    }

    /// An article as it first came, with the count of its replays.
    fn write(&self, producer: &BaseProducer<Quiet>, record: &Record) -> Result<(), ReplayError> {
        let kept: Vec<_> = record
            .headers
            .iter()
            .filter(|(name, _)| !name.starts_with(wire::OWN_HEADERS))
            .collect();
        let count = (replays(record) + 1).to_string();
        // Where it came from, so that it keeps its place beside others of its kind.
        let partition = record
            .header(wire::DEAD_PARTITION)
            .and_then(|partition| partition.parse::<i32>().ok())
            .filter(|partition| self.input.contains(partition));
        loop {
            let mut headers = OwnedHeaders::new_with_capacity(kept.len() + 1);
            for (key, value) in &kept {
                headers = headers.insert(Header {
                    key,
                    value: value.as_deref(),
                });
            }
            headers = headers.insert(Header {
                key: wire::REPLAYS,
                value: Some(count.as_bytes()),
            });
            let mut out = BaseRecord::<[u8], [u8]>::to(&self.settings.topics.input).headers(headers);
            out.key = record.key.as_deref();
            out.payload = record.value.as_deref();
            out.partition = partition;
            match producer.send(out) {
                Ok(()) => return Ok(()),
                Err((error, _)) if error.rdkafka_error_code() == Some(Code::QueueFull) => {
                    producer.poll(Duration::from_millis(10));
                }
                Err((error, _)) => return Err(ReplayError::Kafka("put an article back", error)),
            }
        }
    }
}

fn replays(record: &Record) -> u32 {
    let count = record.header(wire::REPLAYS);
    count.and_then(|count| count.parse().ok()).unwrap_or(0)
}

fn consumer(settings: &Settings, group: &str) -> Result<BaseConsumer<Quiet>, ReplayError> {
    let mut config = clients::consumer_config(settings);
    config.set("group.id", group).set("enable.partition.eof", "true");
    let consumer: BaseConsumer<Quiet> = config.create_with_context(Quiet).map_err(at("make a consumer"))?;
    // Lets callbacks be called; nothing is assigned yet.
    drop(consumer.poll(Duration::from_millis(20)));
    Ok(consumer)
}

fn partitions(
    client: &BaseConsumer<Quiet>,
    what: &'static str,
    topic: &str,
) -> Result<Vec<i32>, ReplayError> {
    let metadata = client.fetch_metadata(Some(topic), TIMEOUT).map_err(at(what))?;
    let found = metadata.topics().iter().find(|t| t.name() == topic);
    if let Some(error) = found.and_then(|topic| topic.error()) {
        return Err(ReplayError::Kafka(what, KafkaError::MetadataFetch(error.into())));
    }
    let partitions: Vec<i32> = found
        .map(|topic| topic.partitions().iter().map(|p| p.id()).collect())
        .unwrap_or_default();
    if partitions.is_empty() {
        return Err(ReplayError::Missing(topic.to_owned()));
    }
    Ok(partitions)
}

/// Makes a call of transactions until it succeeds or fails for good. What fails leaves its transaction to be
/// ended by the next run, or by the brokers.
fn retrying(what: &'static str, mut call: impl FnMut() -> Result<(), KafkaError>) -> Result<(), ReplayError> {
    let started = Instant::now();
    loop {
        match call() {
            Ok(()) => return Ok(()),
            Err(error) if severity(&error) == Severity::Retriable && started.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(100));
            }
            Err(error) => return Err(ReplayError::Kafka(what, error)),
        }
    }
}
