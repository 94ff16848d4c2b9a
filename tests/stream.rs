//! Articles in at one topic, events out at another: in order, exactly once, whatever comes between.

mod support;

use std::{collections::BTreeMap, process::Stdio, sync::Arc, thread, time::Duration};

use prost::Message as _;
use rapporteur::{
    article::{Decoder, Mapping, RecordContext},
    data,
    event::{ArticleRef, ContactEvent, KafkaCoordinates},
    extract::{self, Engine, Extracted},
    ops::Observed,
    settings::{Guarantee, Settings},
    stream::{Extraction, Service, Shutdown, StreamError, record::Record, wire},
};
use support::{
    broker::{broker, real_broker},
    eventually,
    kafka::{Cluster, free_port},
    process::{Rapporteur, command},
    say,
    topics::{Input, create, fresh, positions, produce, read_all, wait_caught_up},
};

/// A stream in this process, with an extraction of the test's own.
struct InProcess {
    observed: Arc<Observed>,
    shutdown: Arc<Shutdown>,
    thread: thread::JoinHandle<Result<(), StreamError>>,
}

impl InProcess {
    fn start(settings: &Settings, extraction: Extraction) -> Self {
        let service = Service {
            settings: Arc::new(settings.clone()),
            decoder: Arc::new(Decoder::new(&Mapping::default())),
            extraction,
            observed: Arc::new(Observed::new(&settings.http)),
            shutdown: Arc::new(Shutdown::default()),
        };
        Self {
            observed: Arc::clone(&service.observed),
            shutdown: Arc::clone(&service.shutdown),
            thread: thread::spawn(move || service.run()),
        }
    }

    fn wait_for(&self, articles: u64) {
        eventually("articles committed", || {
            let progress = self.observed.progress();
            if progress.articles >= articles {
                Ok(())
            } else {
                Err(format!("{progress:?} of {articles}"))
            }
        });
    }

    fn stop(self) {
        self.shutdown.ask();
        self.thread.join().unwrap().unwrap();
    }
}

/// An extraction that tells one event an article, keyed by the article's partition.
fn one_each(work: impl Fn(i64) + Send + Sync + 'static) -> Extraction {
    Extraction {
        transform: Arc::new(move |article| {
            let record = article.record.clone().unwrap();
            work(record.offset);
            Extracted::Events(vec![ContactEvent {
                event_id: article.id.clone(),
                contact_key: format!("partition-{}", record.partition),
                article: Some(ArticleRef {
                    id: article.id.clone(),
                    kafka: Some(KafkaCoordinates {
                        topic: record.topic,
                        partition: record.partition,
                        offset: record.offset,
                    }),
                    ..ArticleRef::default()
                }),
                ..ContactEvent::default()
            }])
        }),
        language: Arc::new(|_| None),
        version: "test".into(),
    }
}

fn article(id: &str) -> String {
    serde_json::json!({"id": id, "title": "", "body": "Nothing happened.", "published_at": "2023-05-25"})
        .to_string()
}

fn events(records: &[Record]) -> Vec<ContactEvent> {
    records
        .iter()
        .map(|r| ContactEvent::decode(r.value.as_deref().unwrap()).unwrap())
        .collect()
}

fn ids(records: &[Record]) -> Vec<String> {
    events(records).into_iter().map(|e| e.event_id).collect()
}

#[test]
fn the_sample_articles_come_back_as_their_events_with_all_attributes() {
    let broker = broker();
    let settings = fresh(&broker.bootstrap, "samples", 3);
    let samples: Vec<String> = include_str!("gold/demo.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["article"].to_string())
        .collect();
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let inputs = samples.iter().map(|sample| Input {
        headers: vec![("traceparent".into(), trace.into()), ("other".into(), "x".into())],
        ..Input::value(sample.as_str()).partition(1)
    });
    produce(&broker.bootstrap, &settings.topics.input, inputs);

    let engine = Arc::new(Engine::load(&data::Source::Embedded).unwrap());
    let extraction = {
        let engine = Arc::clone(&engine);
        Extraction {
            transform: Arc::new(move |article| extract::extract_or_pass(&engine, article)),
            language: Arc::new(|_| None),
            version: "test".into(),
        }
    };
    let stream = InProcess::start(&settings, extraction);
    stream.wait_for(samples.len() as u64);
    stream.stop();

    let decoder = Decoder::new(&Mapping::default());
    let mut expected = Vec::new();
    for (offset, sample) in samples.iter().enumerate() {
        let context = RecordContext {
            topic: &settings.topics.input,
            partition: 1,
            offset: i64::try_from(offset).unwrap(),
            key: None,
            timestamp_ms: None,
        };
        let article = decoder.decode(sample.as_bytes(), Some(&context)).unwrap();
        expected.extend(extract::extract(&engine, &article));
    }
    let records = read_all(&broker.bootstrap, &settings.topics.output);
    let mut told = events(&records);
    told.sort_by(|a, b| a.event_id.cmp(&b.event_id));
    expected.sort_by(|a, b| a.event_id.cmp(&b.event_id));
    assert_eq!(told, expected);
    for (record, event) in records.iter().zip(events(&records)) {
        let article = event.article.as_ref().unwrap();
        assert_eq!(record.key.as_deref(), Some(event.contact_key.as_bytes()));
        assert_eq!(record.header(wire::CE_ID), Some(event.event_id.as_str()));
        assert_eq!(record.header(wire::CE_SPECVERSION), Some("1.0"));
        assert_eq!(record.header(wire::CE_TYPE), Some("rapporteur.v1.ContactEvent"));
        assert_eq!(
            record.header(wire::CE_SOURCE),
            Some(format!("/rapporteur/{}", settings.topics.input).as_str())
        );
        assert_eq!(record.header(wire::CE_SUBJECT), Some(article.id.as_str()));
        assert_eq!(record.header("content-type"), Some(wire::CONTENT_TYPE));
        assert_eq!(record.header("traceparent"), Some(trace));
        assert_eq!(record.header("other"), None);
        let time = record.header(wire::CE_TIME).unwrap();
        assert!(time.parse::<jiff::Timestamp>().is_ok(), "{time}");
    }
}

#[test]
fn a_poison_record_goes_to_the_dead_letters_as_it_came_and_stops_nobody() {
    let broker = broker();
    let settings = fresh(&broker.bootstrap, "poison", 1);
    let poison: Vec<Input> = vec![
        Input {
            key: Some(b"k\xff".to_vec()),
            headers: vec![("feed".into(), b"\x00\xfe".to_vec())],
            ..Input::value(b"\xff\x00 no JSON".as_slice())
        },
        Input::value("{}"),
        Input::value("[1]"),
        Input::value("\"text\""),
        Input {
            key: Some(b"tombstone".to_vec()),
            ..Input::default()
        },
        Input::value(r#"{"id": 7, "body": ["no text"], "published_at": false}"#),
        Input::value(""),
    ];
    let mut inputs = Vec::new();
    for (i, bad) in poison.iter().enumerate() {
        inputs.push(Input::value(article(&format!("before-{i}"))));
        inputs.push(bad.clone());
    }
    inputs.push(Input::value(article("last")));
    produce(&broker.bootstrap, &settings.topics.input, inputs.clone());

    let stream = InProcess::start(&settings, one_each(|_| {}));
    stream.wait_for(inputs.len() as u64);
    let progress = stream.observed.progress();
    stream.stop();

    assert_eq!(progress.dead_letters, poison.len() as u64);
    assert_eq!(
        progress.with_events + progress.without_events + progress.dead_letters,
        progress.articles
    );
    let out = read_all(&broker.bootstrap, &settings.topics.output);
    let mut good: Vec<String> = (0..poison.len()).map(|i| format!("before-{i}")).collect();
    good.push("last".into());
    assert_eq!(ids(&out), good);

    let dead = read_all(&broker.bootstrap, &settings.topics.dead_letters);
    assert_eq!(dead.len(), poison.len());
    for (i, (letter, bad)) in dead.iter().zip(&poison).enumerate() {
        assert_eq!(letter.value, bad.value, "the bytes as they came");
        assert_eq!(letter.key, bad.key);
        for (name, value) in &bad.headers {
            let found = letter.headers.iter().find(|(n, _)| n == name).unwrap();
            assert_eq!(found.1.as_ref(), Some(value));
        }
        assert_eq!(
            letter.header(wire::DEAD_TOPIC),
            Some(settings.topics.input.as_str())
        );
        assert_eq!(letter.header(wire::DEAD_PARTITION), Some("0"));
        assert_eq!(
            letter.header(wire::DEAD_OFFSET),
            Some((i * 2 + 1).to_string().as_str())
        );
        assert_eq!(letter.header(wire::DEAD_EXTRACTOR), Some("test"));
        let reason = letter.header(wire::DEAD_REASON).unwrap();
        assert!(
            reason
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
            "{reason}"
        );
        assert!(!letter.header(wire::DEAD_MESSAGE).unwrap().is_empty());
    }
}

#[test]
fn a_thousand_articles_over_six_partitions_keep_the_order_of_their_partition() {
    let broker = broker();
    let mut settings = fresh(&broker.bootstrap, "thousand", 6);
    settings.pipeline.workers = 4;
    settings.pipeline.max_records_in_flight = 200;
    settings.delivery.max_records = 64;
    let inputs = (0..1_000).map(|i| Input::value(article(&format!("{i:04}"))).partition(i % 6));
    produce(&broker.bootstrap, &settings.topics.input, inputs);

    // Workers finish out of order: some articles take a while, most take no time.
    let stream = InProcess::start(
        &settings,
        one_each(|offset| {
            if offset % 17 == 0 {
                thread::sleep(Duration::from_millis(5));
            }
        }),
    );
    stream.wait_for(1_000);
    stream.stop();

    let out = events(&read_all(&broker.bootstrap, &settings.topics.output));
    assert_eq!(out.len(), 1_000);
    let mut offsets: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
    for event in out {
        let at = event.article.unwrap().kafka.unwrap();
        offsets.entry(at.partition).or_default().push(at.offset);
    }
    for (partition, offsets) in offsets {
        let all: Vec<i64> = (0..i64::try_from(offsets.len()).unwrap()).collect();
        assert_eq!(offsets, all, "partition {partition}");
    }
}

#[test]
fn a_panic_of_the_extractor_costs_that_article_alone() {
    let broker = broker();
    let settings = fresh(&broker.bootstrap, "panic", 1);
    produce(
        &broker.bootstrap,
        &settings.topics.input,
        ["a", "b", "c"].map(|id| Input::value(article(id))),
    );
    let stream = InProcess::start(
        &settings,
        one_each(|offset| assert!(offset != 1, "cannot read this")),
    );
    stream.wait_for(3);
    stream.stop();
    assert_eq!(
        ids(&read_all(&broker.bootstrap, &settings.topics.output)),
        ["a", "c"]
    );
    let dead = read_all(&broker.bootstrap, &settings.topics.dead_letters);
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].header(wire::DEAD_REASON), Some("extractor-panic"));
}

#[test]
fn an_article_that_outruns_its_budget_becomes_a_dead_letter_and_the_rest_goes_on() {
    let broker = broker();
    let mut settings = fresh(&broker.bootstrap, "budget", 1);
    settings.pipeline.workers = 1;
    settings.pipeline.article_budget_ms = 200;
    produce(
        &broker.bootstrap,
        &settings.topics.input,
        ["a", "b", "c"].map(|id| Input::value(article(id))),
    );
    let (release, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let stream = InProcess::start(
        &settings,
        one_each(move |offset| {
            if offset == 1 {
                // Until the test lets go: longer than any budget.
                let _ = held.lock().unwrap().recv();
            }
        }),
    );
    stream.wait_for(3);
    drop(release);
    stream.stop();
    assert_eq!(
        ids(&read_all(&broker.bootstrap, &settings.topics.output)),
        ["a", "c"]
    );
    let dead = read_all(&broker.bootstrap, &settings.topics.dead_letters);
    assert_eq!(dead[0].header(wire::DEAD_REASON), Some("extractor-timeout"));
}

#[test]
fn partitions_that_were_paused_and_given_up_are_read_again_when_they_come_back() {
    let Some(broker) = real_broker("partitions_that_were_paused_and_given_up") else {
        return;
    };
    let mut settings = fresh(&broker.bootstrap, "given-back", 4);
    settings.pipeline.workers = 1;
    settings.pipeline.max_records_in_flight = 10;
    settings.kafka.consumer.set("session.timeout.ms", "6000");
    settings.kafka.consumer.set("heartbeat.interval.ms", "300");
    let feed = |from: i32| {
        let inputs = (from..from + 200).map(|i| Input::value(article(&format!("{i:03}"))).partition(i % 4));
        produce(&broker.bootstrap, &settings.topics.input, inputs);
    };
    let (release, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let blocked = one_each(move |_| {
        // Until the test lets go, and from then on at once.
        let _ = held.lock().unwrap().recv();
    });
    feed(0);
    let first = InProcess::start(&settings, blocked);
    let metric = |stream: &InProcess, line: &str| {
        stream
            .observed
            .metrics
            .encode()
            .unwrap()
            .lines()
            .any(|l| l == line)
    };
    eventually("the first is full and has paused", || {
        if metric(&first, "rapporteur_paused 1") {
            Ok(())
        } else {
            Err("not yet".into())
        }
    });
    let second = InProcess::start(&settings, one_each(|_| {}));
    eventually("the second has its share", || {
        if metric(&second, "rapporteur_assigned_partitions 2") {
            Ok(())
        } else {
            Err("not yet".into())
        }
    });
    drop(release);
    eventually("the first goes on", || {
        if metric(&first, "rapporteur_paused 0") {
            Ok(())
        } else {
            Err("not yet".into())
        }
    });
    second.stop();
    feed(200);
    wait_caught_up(&settings);
    first.stop();
    let mut out = ids(&read_all(&broker.bootstrap, &settings.topics.output));
    out.sort();
    let all: Vec<String> = (0..400).map(|i| format!("{i:03}")).collect();
    assert_eq!(out, all);
}

#[test]
fn at_least_once_writes_every_article_and_moves_the_offsets() {
    let broker = broker();
    let mut settings = fresh(&broker.bootstrap, "at-least-once", 2);
    settings.delivery.guarantee = Guarantee::AtLeastOnce;
    let inputs = (0..200).map(|i| Input::value(article(&format!("{i:03}"))).partition(i % 2));
    produce(&broker.bootstrap, &settings.topics.input, inputs);
    let stream = InProcess::start(&settings, one_each(|_| {}));
    stream.wait_for(200);
    stream.stop();
    let mut out = ids(&read_all(&broker.bootstrap, &settings.topics.output));
    out.sort();
    let all: Vec<String> = (0..200).map(|i| format!("{i:03}")).collect();
    assert_eq!(out, all, "with nothing failing nothing is repeated either");
    if broker.real {
        assert_eq!(
            positions(&settings),
            [(0, (100, Some(100))), (1, (100, Some(100)))].into()
        );
    }
}

#[test]
fn sigterm_and_restart_lose_nothing_and_repeat_nothing() {
    let Some(broker) = real_broker("sigterm_and_restart_lose_nothing_and_repeat_nothing") else {
        return;
    };
    let mut settings = fresh(&broker.bootstrap, "restart", 3);
    // Small batches: the signal falls between two of them, or into one.
    settings.delivery.max_records = 5;
    settings.pipeline.max_records_in_flight = 50;
    let total = 2_400;
    let poison = |i: i32| Input::value(format!("no article {i}")).partition(i % 3);
    produce(
        &broker.bootstrap,
        &settings.topics.input,
        (0..total / 2).map(poison),
    );

    let first = Rapporteur::run(&settings);
    eventually("some committed, not all", || {
        let committed: i64 = positions(&settings).values().filter_map(|p| p.1).sum();
        if committed > 0 {
            Ok(())
        } else {
            Err("nothing committed".into())
        }
    });
    first.stop();
    let after_first: i64 = positions(&settings).values().filter_map(|p| p.1).sum();
    say(&format!("stopped after {after_first} of {}", total / 2));
    assert!(
        after_first < i64::from(total / 2),
        "the stop came too late to show anything"
    );
    produce(
        &broker.bootstrap,
        &settings.topics.input,
        (total / 2..total).map(poison),
    );
    let second = Rapporteur::run(&settings);
    wait_caught_up(&settings);
    second.stop();

    let dead = read_all(&broker.bootstrap, &settings.topics.dead_letters);
    let mut seen: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
    for letter in &dead {
        let number = |name| letter.header(name).unwrap().parse::<i64>().unwrap();
        let partition = i32::try_from(number(wire::DEAD_PARTITION)).unwrap();
        seen.entry(partition).or_default().push(number(wire::DEAD_OFFSET));
    }
    for (partition, offsets) in &seen {
        let all: Vec<i64> = (0..i64::from(total / 3)).collect();
        assert_eq!(offsets, &all, "partition {partition}: each once, in order");
    }
    assert_eq!(dead.len(), usize::try_from(total).unwrap());
}

#[test]
fn it_waits_for_a_broker_that_is_not_there_and_is_up_soon_after_it_comes() {
    if real_broker("it_waits_for_a_broker_that_is_not_there").is_none() {
        return;
    }
    let port = free_port();
    let mut settings = Settings::default();
    settings.kafka.brokers = format!("127.0.0.1:{port}");
    settings.http.listen = "127.0.0.1:0".into();
    let service = Rapporteur::run(&settings);
    service.wait_for_log(&["no broker answers", &settings.kafka.brokers]);
    assert_eq!(service.get("/readyz").0, 503);
    assert_eq!(service.get("/livez").0, 200);
    let cluster = Cluster::start_at(&[Some(port)], &[]).unwrap();
    service.wait_for_log(&["topic does not exist", "articles", "rapporteur topics create"]);
    for topic in [
        &settings.topics.input,
        &settings.topics.output,
        &settings.topics.dead_letters,
    ] {
        create(&settings.kafka.brokers, topic, 1);
    }
    service.wait_for_log(&["partitions assigned"]);
    eventually("ready", || match service.get("/readyz") {
        (200, _) => Ok(()),
        other => Err(format!("{other:?}")),
    });
    let log = service.stop();
    let said = log
        .iter()
        .filter(|line| line.contains("no broker answers"))
        .count();
    assert!(said <= 8, "said {said} times:\n{}", log.join("\n"));
    drop(cluster);
}

#[test]
fn a_committed_offset_that_is_gone_ends_it_with_a_code_where_no_other_may_be_taken() {
    let Some(broker) = real_broker("a_committed_offset_that_is_gone") else {
        return;
    };
    let mut settings = fresh(&broker.bootstrap, "gone", 1);
    settings.kafka.consumer.set("auto.offset.reset", "error");
    produce(
        &broker.bootstrap,
        &settings.topics.input,
        [Input::value(article("a"))],
    );
    let (status, log) = Rapporteur::run(&settings).wait();
    let log = log.join("\n");
    assert_eq!(status.code(), Some(6), "{log}");
    assert!(log.contains("auto.offset.reset"), "{log}");
}

#[test]
fn a_topic_that_stays_missing_ends_it_with_a_code_and_a_remedy() {
    let Some(broker) = real_broker("a_topic_that_stays_missing") else {
        return;
    };
    let mut settings = fresh(&broker.bootstrap, "missing", 1);
    settings.topics.output = "there-is-no-such-topic".into();
    settings.kafka.topic_grace_ms = 1_000;
    let (status, log) = Rapporteur::run(&settings).wait();
    assert_eq!(status.code(), Some(4));
    let log = log.join("\n");
    assert!(
        log.contains("there-is-no-such-topic") && log.contains("rapporteur topics create"),
        "{log}"
    );
}

#[test]
fn metrics_tell_what_was_done() {
    let Some(broker) = real_broker("metrics_tell_what_was_done") else {
        return;
    };
    let settings = fresh(&broker.bootstrap, "metrics", 1);
    let inputs = ["no article".to_owned(), article("a"), article("b")].map(Input::value);
    produce(&broker.bootstrap, &settings.topics.input, inputs);
    let service = Rapporteur::run(&settings);
    wait_caught_up(&settings);
    eventually("lag", || {
        let (status, page) = service.get("/metrics");
        assert_eq!(status, 200);
        let has = |line: &str| page.lines().any(|l| l == line);
        let all = has("rapporteur_articles_total{outcome=\"dead_letter\",language=\"unknown\"} 1")
            && has("rapporteur_articles_total{outcome=\"no_events\",language=\"en\"} 2")
            && has("rapporteur_consumer_lag_records{partition=\"0\"} 0")
            && has("rapporteur_in_flight_records 0")
            && has("rapporteur_assigned_partitions 1");
        if all { Ok(()) } else { Err(page) }
    });
    assert_eq!(service.get("/readyz").0, 200);
    service.stop();
}

#[test]
fn check_tells_whether_it_would_run() {
    let Some(broker) = real_broker("check_tells_whether_it_would_run") else {
        return;
    };
    let mut settings = fresh(&broker.bootstrap, "check", 2);
    let check = |settings: &Settings| {
        let (mut command, _config) = command(settings, &["check", "--connect", "--timeout", "5"]);
        let output = command.stderr(Stdio::piped()).output().unwrap();
        let words = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code().unwrap(), words)
    };
    let (code, words) = check(&settings);
    assert_eq!(code, 0, "{words}");
    assert!(
        words.contains(&format!("{}, 2 partitions", settings.topics.input)),
        "{words}"
    );
    settings.topics.dead_letters = "there-is-no-such-topic".into();
    let (code, words) = check(&settings);
    assert_eq!(code, 4, "{words}");
    assert!(words.contains("there-is-no-such-topic"), "{words}");
    settings.kafka.brokers = format!("127.0.0.1:{}", free_port());
    let (code, words) = check(&settings);
    assert_eq!(code, 6, "{words}");
}
