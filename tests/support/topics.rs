//! Topics, records in, records out.

use std::{
    collections::{BTreeMap, HashSet},
    time::{Duration, Instant},
};

use rapporteur::{
    settings::Settings,
    stream::{clients::Quiet, record::Record},
};
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, TopicReplication},
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaError,
    message::{Header, OwnedHeaders},
    producer::{BaseProducer, BaseRecord, Producer as _},
};

use super::{PATIENCE, eventually, unique};

/// Settings for a stream of its own on that broker: its own topics, made, its own group.
pub fn fresh(bootstrap: &str, name: &str, partitions: i32) -> Settings {
    let name = unique(name);
    let mut settings = Settings::default();
    settings.kafka.brokers = bootstrap.to_owned();
    settings.kafka.group = name.clone();
    settings.kafka.consumer.set("statistics.interval.ms", "500");
    settings.topics.input = format!("{name}.in");
    settings.topics.output = format!("{name}.out");
    settings.topics.dead_letters = format!("{name}.dead");
    settings.http.listen = "127.0.0.1:0".into();
    create(bootstrap, &settings.topics.input, partitions);
    create(bootstrap, &settings.topics.output, partitions);
    create(bootstrap, &settings.topics.dead_letters, 1);
    settings
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn admin(bootstrap: &str) -> AdminClient<Quiet> {
    ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .create_with_context(Quiet)
        .unwrap()
}

/// Makes a topic with the brokers' default replication and waits until it has leaders.
pub fn create(bootstrap: &str, topic: &str, partitions: i32) {
    if super::broker::create_in_process(bootstrap, topic, partitions) {
        return;
    }
    create_as(
        bootstrap,
        NewTopic::new(topic, partitions, TopicReplication::Fixed(-1)),
    );
}

/// Makes a topic and waits until it has leaders.
pub fn create_as(bootstrap: &str, new: NewTopic<'_>) {
    let (topic, partitions) = (
        new.name,
        match &new.replication {
            TopicReplication::Fixed(_) => usize::try_from(new.num_partitions).unwrap(),
            TopicReplication::Variable(assignment) => assignment.len(),
        },
    );
    let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
    let admin = admin(bootstrap);
    eventually(&format!("creating {topic}"), || {
        let results = runtime()
            .block_on(admin.create_topics([&new], &options))
            .map_err(|e| e.to_string())?;
        match results.into_iter().next() {
            Some(Ok(_)) | Some(Err((_, rdkafka::types::RDKafkaErrorCode::TopicAlreadyExists))) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    });
    let wanted = partitions;
    let client: BaseConsumer<Quiet> = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .create_with_context(Quiet)
        .unwrap();
    eventually(&format!("leaders of {topic}"), || {
        let led = leaders(&client, topic)?.len();
        if led == wanted {
            Ok(())
        } else {
            Err(format!("{led} of {wanted}"))
        }
    });
}

/// The broker that leads each partition of a topic, where one does.
pub fn leaders(client: &BaseConsumer<Quiet>, topic: &str) -> Result<BTreeMap<i32, i32>, String> {
    let metadata = client
        .fetch_metadata(Some(topic), Duration::from_secs(2))
        .map_err(|e| e.to_string())?;
    let partitions = metadata.topics()[0].partitions().iter();
    Ok(partitions
        .filter(|p| p.leader() >= 0)
        .map(|p| (p.id(), p.leader()))
        .collect())
}

/// Gives a topic more partitions.
pub fn add_partitions(bootstrap: &str, topic: &str, total: usize) {
    let results = runtime()
        .block_on(
            admin(bootstrap).create_partitions([&NewPartitions::new(topic, total)], &AdminOptions::new()),
        )
        .unwrap();
    assert!(results.iter().all(Result::is_ok), "{results:?}");
}

/// A record to produce.
#[derive(Debug, Clone, Default)]
pub struct Input {
    pub partition: Option<i32>,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, Vec<u8>)>,
}

impl Input {
    pub fn value(value: impl Into<Vec<u8>>) -> Self {
        Self {
            value: Some(value.into()),
            ..Self::default()
        }
    }

    pub fn partition(mut self, partition: i32) -> Self {
        self.partition = Some(partition);
        self
    }
}

/// Writes records and waits until all are confirmed.
pub fn produce(bootstrap: &str, topic: &str, inputs: impl IntoIterator<Item = Input>) {
    let producer: BaseProducer<Quiet> = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("enable.idempotence", "true")
        .set("linger.ms", "5")
        .set("message.max.bytes", "100000000")
        .create_with_context(Quiet)
        .unwrap();
    for input in inputs {
        let mut headers = OwnedHeaders::new();
        for (name, value) in &input.headers {
            headers = headers.insert(Header {
                key: name,
                value: Some(value),
            });
        }
        loop {
            let mut record = BaseRecord::<[u8], [u8]>::to(topic).headers(headers.clone());
            record.partition = input.partition;
            record.key = input.key.as_deref();
            record.payload = input.value.as_deref();
            match producer.send(record) {
                Ok(()) => break,
                Err((KafkaError::MessageProduction(rdkafka::types::RDKafkaErrorCode::QueueFull), _)) => {
                    producer.poll(Duration::from_millis(10));
                }
                Err((error, _)) => panic!("produce to {topic}: {error}"),
            }
        }
    }
    producer.flush(PATIENCE).unwrap();
}

fn reader(bootstrap: &str, isolation: &str) -> BaseConsumer<Quiet> {
    ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", unique("reader"))
        .set("isolation.level", isolation)
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("check.crcs", "true")
        .set("fetch.message.max.bytes", "50000000")
        .create_with_context(Quiet)
        .unwrap()
}

/// All records of a topic that a `read_committed` consumer sees, up to its end.
pub fn read_all(bootstrap: &str, topic: &str) -> Vec<Record> {
    let consumer = reader(bootstrap, "read_committed");
    let metadata = consumer
        .fetch_metadata(Some(topic), Duration::from_secs(10))
        .unwrap();
    let partitions: Vec<i32> = metadata.topics()[0].partitions().iter().map(|p| p.id()).collect();
    let mut list = TopicPartitionList::new();
    for partition in &partitions {
        list.add_partition_offset(topic, *partition, Offset::Beginning)
            .unwrap();
    }
    consumer.assign(&list).unwrap();
    let mut ended = HashSet::new();
    let mut records = Vec::new();
    let started = Instant::now();
    while ended.len() < partitions.len() {
        assert!(
            started.elapsed() < PATIENCE,
            "{topic}: only {ended:?} of {partitions:?} were read to their ends"
        );
        match consumer.poll(Duration::from_millis(200)) {
            Some(Ok(message)) => records.push(Record::from(&message)),
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                ended.insert(partition);
            }
            Some(Err(_)) | None => {}
        }
    }
    records
}

/// The end of each partition, as `read_committed` sees it, and the group's committed offset.
pub fn positions(settings: &Settings) -> BTreeMap<i32, (i64, Option<i64>)> {
    let topic = &settings.topics.input;
    let consumer: BaseConsumer<Quiet> = ClientConfig::new()
        .set("bootstrap.servers", &settings.kafka.brokers)
        .set("group.id", &settings.kafka.group)
        .create_with_context(Quiet)
        .unwrap();
    let timeout = Duration::from_secs(10);
    let Ok(metadata) = consumer.fetch_metadata(Some(topic), timeout) else {
        return BTreeMap::new();
    };
    let mut list = TopicPartitionList::new();
    for partition in metadata.topics()[0].partitions() {
        list.add_partition(topic, partition.id());
    }
    let Ok(committed) = consumer.committed_offsets(list, timeout) else {
        return BTreeMap::new();
    };
    committed
        .elements()
        .iter()
        .filter_map(|e| {
            let (_, end) = consumer.fetch_watermarks(topic, e.partition(), timeout).ok()?;
            Some((e.partition(), (end, e.offset().to_raw().filter(|o| *o >= 0))))
        })
        .collect()
}

/// Waits until the group has committed all of the input topic.
pub fn wait_caught_up(settings: &Settings) {
    eventually("committed offsets at the end of the input", || {
        let positions = positions(settings);
        let behind = positions
            .values()
            .any(|(end, committed)| *end > 0 && *committed != Some(*end));
        if positions.is_empty() || behind {
            return Err(format!("{positions:?}"));
        }
        Ok(())
    });
}
