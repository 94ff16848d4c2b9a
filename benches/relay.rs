//! The service end to end beside a bare consume-and-produce relay of the same records, on the same broker,
//! one after the other in one run: what exactly-once and the reading of articles cost.
//!
//! `cargo bench --bench relay -- [ARTICLES]`

#[path = "../tests/support/mod.rs"]
mod support;

use std::{
    collections::BTreeMap,
    env, fs,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rapporteur::{settings::Settings, stream::clients::Quiet};
use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, CommitMode, Consumer as _},
    error::KafkaError,
    message::Message as _,
    producer::{BaseProducer, BaseRecord, Producer as _},
    types::RDKafkaErrorCode,
};
use support::{
    broker::broker,
    process::command,
    say,
    topics::{Input, fresh, positions, produce, read_all},
};

const PARTITIONS: i32 = 6;
const RELAY: &str = "relay-child";

fn main() {
    let args: Vec<String> = env::args().skip(1).filter(|a| a != "--bench").collect();
    if args.first().is_some_and(|a| a == RELAY) {
        return relay(&args[1], &args[2], &args[3], &args[4]);
    }
    let articles = args.first().map_or(30_000, |n| n.parse().unwrap());
    let broker = broker();
    assert!(broker.real, "the relay benchmark needs a real broker");

    let samples: Vec<serde_json::Value> = include_str!("../tests/gold/demo.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["article"].take())
        .collect();
    let inputs: Vec<Input> = (0..articles)
        .map(|i: usize| {
            let mut article = samples[i % samples.len()].clone();
            article["id"] = format!("bench-{i}").into();
            Input::value(article.to_string()).partition(i32::try_from(i).unwrap() % PARTITIONS)
        })
        .collect();
    let bytes: usize = inputs.iter().filter_map(|i| i.value.as_ref()).map(Vec::len).sum();

    let bare = {
        let settings = loaded(&broker.bootstrap, "bench-relay", &inputs);
        let child = Command::new(env::current_exe().unwrap())
            .args([
                RELAY,
                &settings.kafka.brokers,
                &settings.kafka.group,
                &settings.topics.input,
                &settings.topics.output,
            ])
            .spawn()
            .unwrap();
        measure(child, &settings)
    };
    let service = {
        let settings = loaded(&broker.bootstrap, "bench-service", &inputs);
        let (mut command, _config) = command(&settings, &["run"]);
        let child = command.stderr(Stdio::null()).spawn().unwrap();
        measure(child, &settings)
    };

    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    say(&format!(
        "\n{articles} articles of {} bytes on average, {PARTITIONS} partitions, {cores} cores shared with the broker",
        bytes / articles
    ));
    say("                 articles/s   CPU µs/article");
    for (name, figures) in [("bare relay", &bare), ("rapporteur", &service)] {
        say(&format!(
            "{name:<16} {:>10.0}   {:>14.0}",
            figures.rate,
            figures.cpu * 1e6
        ));
    }
    say(&format!(
        "ratio            {:>10.3}   {:>14.1}",
        service.rate / bare.rate,
        service.cpu / bare.cpu
    ));
    say("CPU µs/article by thread (rapporteur: start-up, which loads the data)");
    for (name, figures) in [("bare relay", &bare), ("rapporteur", &service)] {
        let stages: Vec<String> = figures
            .stages
            .iter()
            .map(|(stage, cpu)| format!("{stage} {:.0}", cpu * 1e6))
            .collect();
        say(&format!("{name:<16} {}", stages.join(", ")));
    }
}

struct Figures {
    /// Articles a second, from the first record written to the last.
    rate: f64,
    /// Seconds of CPU an article, start-up included.
    cpu: f64,
    /// The same by kind of thread.
    stages: BTreeMap<String, f64>,
}

fn loaded(bootstrap: &str, name: &str, inputs: &[Input]) -> Settings {
    let settings = fresh(bootstrap, name, PARTITIONS);
    produce(bootstrap, &settings.topics.input, inputs.iter().cloned());
    settings
}

/// Waits until the committed offsets are at the end, then stops the child.
fn measure(mut child: Child, settings: &Settings) -> Figures {
    let started = Instant::now();
    let articles = loop {
        assert!(
            started.elapsed() < Duration::from_secs(600),
            "not done in ten minutes"
        );
        assert!(child.try_wait().unwrap().is_none(), "the child has ended");
        let positions = positions(settings);
        let total: i64 = positions.values().map(|(end, _)| end).sum();
        let done: i64 = positions.values().filter_map(|(_, done)| *done).sum();
        if total > 0 && done == total {
            break total;
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    let id = child.id();
    let seconds = cpu_seconds(&format!("/proc/{id}/stat"));
    let stages = stages(id);
    child.kill().unwrap();
    child.wait().unwrap();
    let written = read_all(&settings.kafka.brokers, &settings.topics.output);
    let times = written.iter().filter_map(|record| record.timestamp_ms);
    let (first, last) = times.fold((i64::MAX, i64::MIN), |(a, b), t| (a.min(t), b.max(t)));
    #[allow(clippy::cast_precision_loss)]
    let each = |seconds: f64| seconds / articles as f64;
    #[allow(clippy::cast_precision_loss)]
    Figures {
        rate: articles as f64 * 1e3 / (last - first).max(1) as f64,
        cpu: each(seconds),
        stages: stages.into_iter().map(|(stage, s)| (stage, each(s))).collect(),
    }
}

/// CPU time by the names of threads: `worker-0` and `worker-1` are `worker`, librdkafka's are `rdk`.
fn stages(id: u32) -> BTreeMap<String, f64> {
    let mut stages = BTreeMap::new();
    for task in fs::read_dir(format!("/proc/{id}/task")).unwrap() {
        let task = task.unwrap().path();
        let name = fs::read_to_string(task.join("comm")).unwrap();
        let kind = name.trim().split(['-', ':']).next().unwrap().to_owned();
        *stages.entry(kind).or_insert(0.0) += cpu_seconds(&task.join("stat").display().to_string());
    }
    stages
}

/// User and system time of a process or a thread, from /proc.
fn cpu_seconds(stat: &str) -> f64 {
    let stat = fs::read_to_string(stat).unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let ticks: f64 = fields
        .split(' ')
        .skip(11)
        .take(2)
        .map(|ticks| ticks.parse::<f64>().unwrap())
        .sum();
    ticks / 100.0
}

/// The least that a relay can do: read, write, commit now and then.
fn relay(brokers: &str, group: &str, input: &str, output: &str) {
    let consumer: BaseConsumer<Quiet> = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("group.id", group)
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create_with_context(Quiet)
        .unwrap();
    let producer: BaseProducer<Quiet> = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("enable.idempotence", "true")
        .set("compression.type", "lz4")
        .set("linger.ms", "5")
        .create_with_context(Quiet)
        .unwrap();
    consumer.subscribe(&[input]).unwrap();
    let mut committed = Instant::now();
    let mut dirty = false;
    loop {
        match consumer.poll(Duration::from_millis(20)) {
            Some(Ok(message)) => {
                loop {
                    let mut record = BaseRecord::<[u8], [u8]>::to(output);
                    record.key = message.key();
                    record.payload = message.payload();
                    match producer.send(record) {
                        Ok(()) => break,
                        Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => {
                            producer.poll(Duration::from_millis(1));
                        }
                        Err((error, _)) => panic!("{error}"),
                    }
                }
                dirty = true;
            }
            Some(Err(error)) => eprintln!("{error}"),
            None => {}
        }
        producer.poll(Duration::ZERO);
        if dirty && committed.elapsed() > Duration::from_millis(100) {
            while producer.in_flight_count() > 0 {
                producer.poll(Duration::from_millis(1));
            }
            consumer.commit_consumer_state(CommitMode::Sync).unwrap();
            committed = Instant::now();
            dirty = false;
        }
    }
}
