//! A line under test: a steady feed of articles with known ids, instances of the service, and an account of
//! what came out of it.
//!
//! The input topic itself is the truth: what stands there, by partition and offset, is what the output topics
//! are held against. Everything is read `read_committed`, from where the last account ended.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use prost::Message as _;
use rapporteur::{
    article::{Decoder, Mapping},
    data,
    event::ContactEvent,
    extract::{self, Engine},
    settings::{Guarantee, Settings},
    stream::{clients::Quiet, record::Record, wire},
};
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaError,
    producer::{BaseProducer, BaseRecord, Producer as _},
    types::RDKafkaErrorCode,
};

use super::{PATIENCE, eventually, process::Rapporteur, topics::positions};

/// Numbers from a seed, the same for the same seed.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^= x >> 31;
        usize::try_from(x % below as u64).unwrap()
    }
}

/// Articles that the feed sends again and again under new ids, each with the number of its events.
pub struct Templates(Vec<(serde_json::Value, usize)>);

impl Templates {
    pub fn load() -> Self {
        let engine = Engine::load(&data::Source::Embedded).unwrap();
        let decoder = Decoder::new(&Mapping::default());
        let lines = include_str!("../gold/demo.jsonl")
            .lines()
            .chain(include_str!("../gold/wire-en.jsonl").lines().take(8));
        Self(
            lines
                .map(|line| {
                    let article = serde_json::from_str::<serde_json::Value>(line).unwrap()["article"].take();
                    let decoded = decoder.decode(article.to_string().as_bytes(), None).unwrap();
                    let events = extract::extract(&engine, &decoded).len();
                    (article, events)
                })
                .collect(),
        )
    }

    fn value(&self, template: usize, id: &str) -> String {
        let mut article = self.0[template].0.clone();
        article["id"] = id.into();
        article.to_string()
    }
}

/// The feed of a line: so many articles a second, each with an id of its own, some of them poison.
struct Feed {
    rate: Arc<AtomicU32>,
    partitions: Arc<AtomicI32>,
    sent: Arc<AtomicU64>,
    paused: Arc<AtomicBool>,
    idle: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Feed {
    fn start(settings: &Settings, templates: &Arc<Templates>, partitions: i32, seed: u64) -> Self {
        let feed = Self {
            rate: Arc::default(),
            partitions: Arc::new(AtomicI32::new(partitions)),
            sent: Arc::default(),
            paused: Arc::new(AtomicBool::new(true)),
            idle: Arc::default(),
            stop: Arc::default(),
            thread: None,
        };
        let producer: BaseProducer<Quiet> = ClientConfig::new()
            .set("bootstrap.servers", &settings.kafka.brokers)
            .set("enable.idempotence", "true")
            .set("message.timeout.ms", "300000")
            .set("topic.metadata.refresh.interval.ms", "1000")
            .set("reconnect.backoff.max.ms", "500")
            .set("linger.ms", "2")
            .create_with_context(Quiet)
            .unwrap();
        let (rate, partitions, sent) = (feed.rate.clone(), feed.partitions.clone(), feed.sent.clone());
        let (paused, idle, stop) = (feed.paused.clone(), feed.idle.clone(), feed.stop.clone());
        let (topic, templates) = (settings.topics.input.clone(), Arc::clone(templates));
        let mut dice = Dice(seed);
        let thread = thread::spawn(move || {
            let tick = Duration::from_millis(20);
            let mut owed = 0.0;
            while !stop.load(Ordering::Relaxed) {
                if paused.load(Ordering::Relaxed) {
                    producer.poll(tick);
                    idle.store(producer.in_flight_count() == 0, Ordering::Relaxed);
                    owed = 0.0;
                    continue;
                }
                idle.store(false, Ordering::Relaxed);
                owed += f64::from(rate.load(Ordering::Relaxed)) * tick.as_secs_f64();
                while owed >= 1.0 {
                    owed -= 1.0;
                    let id = format!("{topic}/{:07}", sent.load(Ordering::Relaxed));
                    let value = if dice.roll(25) == 0 {
                        format!("poison {id}")
                    } else {
                        templates.value(dice.roll(templates.0.len()), &id)
                    };
                    let partition = dice.roll(usize::try_from(partitions.load(Ordering::Relaxed)).unwrap());
                    loop {
                        let record = BaseRecord::<[u8], [u8]>::to(&topic)
                            .partition(i32::try_from(partition).unwrap())
                            .key(id.as_bytes())
                            .payload(value.as_bytes());
                        match producer.send(record) {
                            Ok(()) => break,
                            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => {
                                producer.poll(tick);
                            }
                            Err((error, _)) => panic!("feed: {error}"),
                        }
                    }
                    sent.fetch_add(1, Ordering::Relaxed);
                }
                // The rhythm of the feed; what it waits for is time.
                let until = Instant::now() + tick;
                while let Some(left) = until.checked_duration_since(Instant::now()) {
                    producer.poll(left);
                }
            }
        });
        Self {
            thread: Some(thread),
            ..feed
        }
    }
}

/// What an article of the input topic must lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Events(usize),
    DeadLetter,
}

/// Where a record of the input topic stands.
type Place = (i32, i64);

/// What has been read of the topics so far.
#[derive(Default)]
struct Account {
    next: BTreeMap<(String, i32), i64>,
    input: BTreeMap<Place, Expected>,
    ids: HashSet<String>,
    events: BTreeMap<Place, BTreeMap<String, usize>>,
    dead: BTreeMap<Place, usize>,
    order: BTreeMap<(String, i32, i32), i64>,
    out_of_order: usize,
}

/// The figures of an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    pub articles: usize,
    pub with_events: usize,
    pub events: usize,
    pub dead_letters: usize,
    pub lost: usize,
    pub repeated: usize,
    pub strange: usize,
    pub out_of_order: usize,
}

/// See the module's documentation.
pub struct Line {
    pub name: &'static str,
    pub settings: Settings,
    pub instances: BTreeMap<usize, Rapporteur>,
    /// Whether an instance has a transactional id that outlives it.
    pub named: bool,
    templates: Arc<Templates>,
    feed: Feed,
    account: Account,
}

impl Line {
    pub fn new(
        name: &'static str,
        settings: Settings,
        templates: &Arc<Templates>,
        partitions: i32,
        seed: u64,
    ) -> Self {
        let feed = Feed::start(&settings, templates, partitions, seed);
        Self {
            name,
            settings,
            instances: BTreeMap::new(),
            named: false,
            templates: Arc::clone(templates),
            feed,
            account: Account::default(),
        }
    }

    pub fn exactly_once(&self) -> bool {
        self.settings.delivery.guarantee == Guarantee::ExactlyOnce
    }

    /// The transactional id of an instance, where it has one that outlives it.
    pub fn transactional_id(&self, slot: usize) -> String {
        format!("{}-{slot}", self.settings.kafka.group)
    }

    /// Starts an instance in a slot.
    pub fn start(&mut self, slot: usize) {
        let mut settings = self.settings.clone();
        if self.named {
            settings.kafka.transactional_id = self.transactional_id(slot);
        }
        let before = self.instances.insert(slot, Rapporteur::run(&settings));
        assert!(before.is_none(), "{}: slot {slot} is taken", self.name);
    }

    /// Articles a second from now on.
    pub fn rate(&self, rate: u32) {
        self.feed.rate.store(rate, Ordering::Relaxed);
        self.feed.paused.store(rate == 0, Ordering::Relaxed);
    }

    /// Articles sent so far.
    pub fn sent(&self) -> u64 {
        self.feed.sent.load(Ordering::Relaxed)
    }

    /// The feed uses so many partitions from now on.
    pub fn partitions(&self, partitions: i32) {
        self.feed.partitions.store(partitions, Ordering::Relaxed);
    }

    /// Articles committed by the group so far.
    pub fn committed(&self) -> i64 {
        positions(&self.settings).values().filter_map(|p| p.1).sum()
    }

    /// Stops the feed and waits until every article sent is written and committed.
    pub fn come_to_rest(&self) {
        self.rate(0);
        eventually(&format!("{}: the feed's articles written", self.name), || {
            // The feed says so on its next round.
            thread::sleep(Duration::from_millis(25));
            if self.feed.idle.load(Ordering::Relaxed) {
                Ok(())
            } else {
                Err("not all are".into())
            }
        });
        let sent = i64::try_from(self.sent()).unwrap();
        let started = Instant::now();
        loop {
            let positions = positions(&self.settings);
            let ends: i64 = positions.values().map(|(end, _)| end).sum();
            let behind = positions
                .values()
                .any(|(end, done)| *end > 0 && *done != Some(*end));
            if ends >= sent && !behind {
                break;
            }
            assert!(
                started.elapsed() < PATIENCE * 2,
                "{}: {sent} articles sent, partitions with end and committed offset: {positions:?}\n{}",
                self.name,
                self.logs()
            );
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// The logs of the instances, the newest lines of each.
    pub fn logs(&self) -> String {
        let of = |(slot, instance): (&usize, &Rapporteur)| {
            let log = instance.log();
            let tail = log[log.len().saturating_sub(40)..].join("\n");
            format!("--- {} {slot}\n{tail}\n", self.name)
        };
        self.instances.iter().map(of).collect()
    }

    /// Whether some transaction is open on the output topic: written to beyond what readers see.
    pub fn transaction_open(&self) -> bool {
        // The end first: what readers see grows, and only what is open keeps it below an end seen before.
        let written = self.ends("read_uncommitted");
        let seen = self.ends("read_committed");
        written.iter().zip(&seen).any(|(written, seen)| seen < written)
    }

    /// As [`Line::transaction_open`], and it stays so for a while: nobody is at work on it.
    pub fn transaction_left_open(&self) -> bool {
        let written = self.ends("read_uncommitted");
        let seen = self.ends("read_committed");
        thread::sleep(Duration::from_millis(300));
        let later = self.ends("read_committed");
        (0..written.len().min(seen.len()).min(later.len()))
            .any(|i| seen[i] < written[i] && later[i] == seen[i])
    }

    fn ends(&self, isolation: &str) -> Vec<i64> {
        ends(&reader(&self.settings, isolation), &self.settings.topics.output)
    }

    /// Reads what has come since the last time and gives the account of all so far.
    pub fn account(&mut self) -> Sum {
        let topics = self.settings.topics.clone();
        eventually(&format!("{}: no transaction left open", self.name), || {
            if self.transaction_open() {
                Err("one is".into())
            } else {
                Ok(())
            }
        });
        for topic in [&topics.input, &topics.output, &topics.dead_letters] {
            let records = self.read_on(topic);
            for (partition, record) in records {
                if *topic == topics.input {
                    self.account.take_input(&record, &self.templates);
                } else {
                    self.account
                        .take_output(topic, partition, &record, *topic == topics.output);
                }
            }
        }
        let sum = self.account.sum();
        let ids = self.account.ids.len() as u64;
        assert_eq!(ids, self.sent(), "{}: articles on the input topic", self.name);
        sum
    }

    /// What stands wrong, the first of it, for the words of a failure.
    pub fn complaints(&self) -> String {
        self.account.complaints()
    }

    fn read_on(&mut self, topic: &str) -> Vec<(i32, Record)> {
        let consumer = reader(&self.settings, "read_committed");
        let timeout = Duration::from_secs(10);
        let metadata = consumer.fetch_metadata(Some(topic), timeout).unwrap();
        let mut list = TopicPartitionList::new();
        for partition in metadata.topics()[0].partitions() {
            let next = self.account.next.get(&(topic.to_owned(), partition.id()));
            let offset = next.map_or(Offset::Beginning, |next| Offset::Offset(*next));
            list.add_partition_offset(topic, partition.id(), offset).unwrap();
        }
        consumer.assign(&list).unwrap();
        let mut ended = HashSet::new();
        let mut records = Vec::new();
        let started = Instant::now();
        while ended.len() < list.count() {
            assert!(
                started.elapsed() < PATIENCE,
                "{topic}: read to the end of {ended:?} only"
            );
            match consumer.poll(Duration::from_millis(200)) {
                Some(Ok(message)) => {
                    let record = Record::from(&message);
                    let place = (topic.to_owned(), record.partition);
                    self.account.next.insert(place, record.offset + 1);
                    records.push((record.partition, record));
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    ended.insert(partition);
                }
                Some(Err(_)) | None => {}
            }
        }
        records
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.feed.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.feed.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || thread::panicking(), "the feed panicked");
        }
    }
}

fn reader(settings: &Settings, isolation: &str) -> BaseConsumer<Quiet> {
    ClientConfig::new()
        .set("bootstrap.servers", &settings.kafka.brokers)
        .set("group.id", "reader")
        .set("isolation.level", isolation)
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("fetch.wait.max.ms", "50")
        .create_with_context(Quiet)
        .unwrap()
}

/// The end of each partition as that client sees it; -1 where nobody says.
fn ends(client: &BaseConsumer<Quiet>, topic: &str) -> Vec<i64> {
    let timeout = Duration::from_secs(5);
    let Ok(metadata) = client.fetch_metadata(Some(topic), timeout) else {
        return Vec::new();
    };
    let end = |partition| {
        client
            .fetch_watermarks(topic, partition, timeout)
            .map_or(-1, |(_, end)| end)
    };
    metadata.topics()[0]
        .partitions()
        .iter()
        .map(|p| end(p.id()))
        .collect()
}

impl Account {
    fn take_input(&mut self, record: &Record, templates: &Templates) {
        let value = record.value.as_deref().unwrap();
        let id = String::from_utf8(record.key.clone().unwrap()).unwrap();
        let expected = match serde_json::from_slice::<serde_json::Value>(value) {
            Err(_) => Expected::DeadLetter,
            Ok(mut article) => {
                let same = |template: &serde_json::Value| template["body"] == article["body"];
                let found = templates.0.iter().find(|(template, _)| same(template)).unwrap();
                assert_eq!(article["id"].take(), serde_json::Value::from(id.as_str()));
                Expected::Events(found.1)
            }
        };
        // The feed itself may write an article twice, when a broker dies on it: then it is there twice, and its
        // events are to be told for each place.
        self.ids.insert(id);
        self.input.insert((record.partition, record.offset), expected);
    }

    fn take_output(&mut self, topic: &str, partition: i32, record: &Record, event: bool) {
        let place = if event {
            let event = ContactEvent::decode(record.value.as_deref().unwrap()).unwrap();
            let at = event.article.unwrap().kafka.unwrap();
            let place = (at.partition, at.offset);
            *self
                .events
                .entry(place)
                .or_default()
                .entry(event.event_id)
                .or_default() += 1;
            place
        } else {
            let number = |name| record.header(name).unwrap().parse::<i64>().unwrap();
            let place = (
                i32::try_from(number(wire::DEAD_PARTITION)).unwrap(),
                number(wire::DEAD_OFFSET),
            );
            *self.dead.entry(place).or_default() += 1;
            place
        };
        let last = self
            .order
            .entry((topic.to_owned(), partition, place.0))
            .or_insert(-1);
        if place.1 < *last {
            self.out_of_order += 1;
        }
        *last = place.1.max(*last);
    }

    fn sum(&self) -> Sum {
        let mut sum: Sum = Sum {
            articles: self.input.len(),
            with_events: self.events.len(),
            events: self.events.values().map(BTreeMap::len).sum(),
            dead_letters: self.dead.len(),
            out_of_order: self.out_of_order,
            ..Sum::default()
        };
        for (place, expected) in &self.input {
            let events = self.events.get(place).map_or(0, BTreeMap::len);
            let dead = usize::from(self.dead.contains_key(place));
            let (want_events, want_dead): (usize, usize) = match expected {
                Expected::Events(n) => (*n, 0),
                Expected::DeadLetter => (0, 1),
            };
            sum.lost += want_events.saturating_sub(events) + want_dead.saturating_sub(dead);
            sum.strange += events.saturating_sub(want_events) + dead.saturating_sub(want_dead);
        }
        let unknown = |place: &&Place| !self.input.contains_key(*place);
        sum.strange += self.events.keys().filter(unknown).count() + self.dead.keys().filter(unknown).count();
        sum.repeated = self
            .events
            .values()
            .flat_map(BTreeMap::values)
            .chain(self.dead.values())
            .map(|times: &usize| times - 1)
            .sum();
        sum
    }

    fn complaints(&self) -> String {
        let lost = self.input.iter().filter(|(place, expected)| match expected {
            Expected::Events(n) => self.events.get(place).map_or(0, BTreeMap::len) < *n,
            Expected::DeadLetter => !self.dead.contains_key(place),
        });
        let lost: Vec<&Place> = lost.map(|(place, _)| place).take(20).collect();
        let twice = |events: &&BTreeMap<String, usize>| events.values().any(|times| *times > 1);
        let repeated = self
            .events
            .iter()
            .filter(|(_, events)| twice(events))
            .map(|(place, _)| place);
        let dead_twice = self
            .dead
            .iter()
            .filter(|(_, times)| **times > 1)
            .map(|(place, _)| place);
        let repeated: Vec<&Place> = repeated.chain(dead_twice).take(20).collect();
        format!("lost (partition, offset): {lost:?}; repeated: {repeated:?}")
    }
}
