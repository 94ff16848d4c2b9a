//! From an article appended to the input topic to its event seen by a `read_committed` consumer, at a steady
//! rate: what a reader waits for.
//!
//! The broker stamps each article when it appends it; the event carries that time in `ce_time`. Broker,
//! service, feed and reader share one machine and one clock.
//!
//! `cargo bench --bench latency -- [SECONDS]`

#[path = "../tests/support/mod.rs"]
mod support;

use std::{
    collections::HashMap,
    env,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use rapporteur::{
    article::{Decoder, Mapping},
    data,
    extract::{self, Engine},
    stream::{clients::Quiet, record::Record, wire},
};
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    admin::{NewTopic, TopicReplication},
    consumer::{BaseConsumer, Consumer as _},
    producer::{BaseProducer, BaseRecord, Producer as _},
};
use support::{
    broker::broker,
    process::Rapporteur,
    say,
    topics::{create_as, fresh, wait_caught_up},
};

const PARTITIONS: i32 = 6;
const WARM_UP: Duration = Duration::from_secs(5);

fn main() {
    let args: Vec<String> = env::args().skip(1).filter(|a| a != "--bench").collect();
    let seconds = args.first().map_or(20, |n| n.parse().unwrap());
    let broker = broker();
    assert!(broker.real, "the latency benchmark needs a real broker");
    let engine = Engine::load(&data::Source::Embedded).unwrap();
    let decoder = Decoder::new(&Mapping::default());
    let tells = |article: &serde_json::Value| {
        let article = decoder.decode(article.to_string().as_bytes(), None).unwrap();
        !extract::extract(&engine, &article).is_empty()
    };
    let samples: Vec<serde_json::Value> = include_str!("../tests/gold/demo.jsonl")
        .lines()
        .chain(include_str!("../tests/gold/wire-en.jsonl").lines().take(20))
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["article"].take())
        .filter(tells)
        .collect();
    drop(engine);
    let cores = thread::available_parallelism().map_or(0, std::num::NonZero::get);
    say(&format!(
        "append of an article to visibility of its event, {cores} cores shared with the broker"
    ));
    say("articles/s   seen      p50 ms   p90 ms   p99 ms   max ms   a commit: articles   ms");
    for rate in [100_u32, 1_000] {
        let (mut waits, commits) = measure(&broker.bootstrap, &samples, rate, Duration::from_secs(seconds));
        waits.sort_unstable();
        let at = |share: f64| {
            #[allow(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss
            )]
            let index = ((waits.len() - 1) as f64 * share) as usize;
            waits[index]
        };
        say(&format!(
            "{rate:>10} {:>6} {:>11} {:>8} {:>8} {:>8} {:>20.0} {:>4.0}",
            waits.len(),
            at(0.5),
            at(0.9),
            at(0.99),
            at(1.0),
            commits.articles,
            commits.milliseconds
        ));
    }
}

fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap()
}

/// What a commit is on average.
struct Commits {
    articles: f64,
    milliseconds: f64,
}

/// Milliseconds that the first event of each article took.
fn measure(bootstrap: &str, samples: &[serde_json::Value], rate: u32, time: Duration) -> (Vec<i64>, Commits) {
    let mut settings = fresh(bootstrap, "latency", PARTITIONS);
    settings.topics.input.push_str(".stamped");
    create_as(
        bootstrap,
        NewTopic::new(&settings.topics.input, PARTITIONS, TopicReplication::Fixed(-1))
            .set("message.timestamp.type", "LogAppendTime"),
    );
    let service = Rapporteur::run(&settings);
    service.wait_for_log(&["partitions assigned"]);

    let done = Arc::new(AtomicBool::new(false));
    let reader = {
        let (done, topic) = (Arc::clone(&done), settings.topics.output.clone());
        let consumer: BaseConsumer<Quiet> = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("group.id", "latency")
            .set("isolation.level", "read_committed")
            .set("fetch.wait.max.ms", "10")
            .create_with_context(Quiet)
            .unwrap();
        let mut list = TopicPartitionList::new();
        for partition in 0..PARTITIONS {
            list.add_partition_offset(&topic, partition, Offset::Beginning)
                .unwrap();
        }
        consumer.assign(&list).unwrap();
        thread::spawn(move || {
            let mut seen: HashMap<String, i64> = HashMap::new();
            while !done.load(Ordering::Relaxed) {
                if let Some(Ok(message)) = consumer.poll(Duration::from_millis(50)) {
                    let now = now_ms();
                    let record = Record::from(&message);
                    let id = record.header(wire::CE_SUBJECT).unwrap();
                    let appended: jiff::Timestamp = record.header(wire::CE_TIME).unwrap().parse().unwrap();
                    seen.entry(id.to_owned())
                        .or_insert(now - appended.as_millisecond());
                }
            }
            seen
        })
    };

    let producer: BaseProducer<Quiet> = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("linger.ms", "0")
        .create_with_context(Quiet)
        .unwrap();
    let pause = Duration::from_secs(1) / rate;
    let started = Instant::now();
    let mut sent = 0_u32;
    while started.elapsed() < WARM_UP + time {
        let due = pause * sent;
        if let Some(left) = due.checked_sub(started.elapsed()) {
            producer.poll(left);
            continue;
        }
        let warm = if due < WARM_UP { "warm" } else { "counts" };
        let mut article = samples[sent as usize % samples.len()].clone();
        article["id"] = format!("{warm}-{sent}").into();
        let value = article.to_string();
        let partition = i32::try_from(sent).unwrap() % PARTITIONS;
        producer
            .send(
                BaseRecord::<[u8], [u8]>::to(&settings.topics.input)
                    .partition(partition)
                    .payload(value.as_bytes()),
            )
            .map_err(|(error, _)| error)
            .unwrap();
        sent += 1;
    }
    producer.flush(Duration::from_secs(30)).unwrap();
    wait_caught_up(&settings);
    thread::sleep(Duration::from_millis(300));
    done.store(true, Ordering::Relaxed);
    let seen = reader.join().unwrap();
    let metrics = service.metrics();
    let mean = |name: &str| {
        let of = |part: &str| metrics.sum(&format!("rapporteur_{name}_{part}"), &[]);
        of("sum") / of("count")
    };
    let commits = Commits {
        articles: mean("batch_articles"),
        milliseconds: mean("transaction_seconds") * 1e3,
    };
    service.stop();
    let counts = seen.into_iter().filter(|(id, _)| id.starts_with("counts"));
    (counts.map(|(_, wait)| wait).collect(), commits)
}
