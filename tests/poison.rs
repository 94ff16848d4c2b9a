//! Records that nobody should write, and someone does: none stops the line, each is accounted for, and those
//! that were put aside can be put back, once.

mod support;

use std::collections::{BTreeMap, HashSet};

use prost::Message as _;
use rapporteur::{event::ContactEvent, settings::Settings, stream::wire};
use rdkafka::admin::{NewTopic, TopicReplication};
use support::{
    broker::real_broker,
    eventually,
    line::Dice,
    process::{Rapporteur, output},
    say,
    topics::{Input, create_as, fresh, produce, read_all, wait_caught_up},
};

const PARTITIONS: i32 = 3;

fn good(id: &str) -> String {
    let body =
        "Le président français Emmanuel Macron a reçu mardi à Paris le chancelier allemand Olaf Scholz.";
    serde_json::json!({"id": id, "title": "", "body": body, "published_at": "2023-05-25", "language": "fr"})
        .to_string()
}

fn article(id: &str, body: &str) -> String {
    serde_json::json!({"id": id, "title": "t", "body": body, "published_at": "2023-05-25"}).to_string()
}

/// A meeting of everybody with everybody.
fn crowd(people: usize) -> String {
    let capitals = [
        "Paris", "Berlin", "Rome", "Madrid", "Warsaw", "Vienna", "Lisbon", "Athens", "Oslo", "Ankara",
    ];
    let people: Vec<String> = (0..people)
        .map(|i| {
            format!(
                "Foreign Minister Anna{i} Ex{} of {}",
                i % 97,
                capitals[i % capitals.len()]
            )
        })
        .collect();
    format!("On Tuesday {} met in Geneva to discuss trade.", people.join(", "))
}

/// Bodies and records to hurt a reader, each of many kinds.
fn storm(dice: &mut Dice) -> Vec<(&'static str, Input)> {
    let mut storm: Vec<(&'static str, Input)> = Vec::new();
    for i in 0..200 {
        let bytes: Vec<u8> = (0..dice.roll(4_000))
            .map(|_| u8::try_from(dice.roll(256)).unwrap())
            .collect();
        storm.push(("random bytes", Input::value(bytes)));
        let id = format!("cut-{i}");
        let mut cut = good(&id).into_bytes();
        cut.truncate(dice.roll(cut.len()));
        storm.push(("cut short", Input::value(cut)));
        let mut flipped = good(&format!("flip-{i}")).into_bytes();
        let at = dice.roll(flipped.len());
        flipped[at] ^= 1 << dice.roll(8);
        storm.push(("a bit flipped", Input::value(flipped)));
    }
    for depth in [200, 20_000, 400_000] {
        storm.push(("deep JSON", Input::value("[".repeat(depth))));
        storm.push((
            "deep JSON",
            Input::value(format!("{}1{}", "{\"body\":".repeat(depth), "}".repeat(depth))),
        ));
    }
    for value in [
        "null",
        "7",
        "\"\"",
        "[]",
        "{}",
        "{\"body\": 7}",
        "{\"body\": {\"body\": \"x\"}}",
        "{\"body\": null}",
        "{\"body\": \"x\", \"published_at\": [2023]}",
        "{\"body\": \"x\", \"published_at\": \"99999-99-99\"}",
        "{\"id\": {}, \"body\": \"x\", \"published_at\": \"2023-05-25\"}",
        "{\"id\": \"twice\", \"id\": \"twice\", \"body\": \"x\", \"published_at\": \"2023-05-25\"}",
        "{\"id\": \"s\", \"body\": \"\\ud800 lone\", \"published_at\": \"2023-05-25\"}",
        "{\"id\": \"s\", \"body\": \"\\udc00\\ud800\", \"title\": \"\\udfff\", \"published_at\": \"2023-05-25\"}",
        "{\"id\": \"\", \"body\": \"\", \"published_at\": \"\"}",
    ] {
        storm.push(("wrong types", Input::value(value)));
    }
    let html = [
        format!("<html><body>{}Macron met Scholz.", "<div>".repeat(200_000)),
        format!("<p>{}</p>", "&amp;".repeat(300_000)),
        format!("<p {}>Macron met Scholz.</p>", "a=\"b\" ".repeat(100_000)),
        format!("<table>{}", "<tr><td><table>".repeat(50_000)),
        format!("<!--{}", "<!--".repeat(200_000)),
        "<script>".repeat(100_000),
        format!("<p>{}</p>", "&#x0;&#xD800;&#x110000;".repeat(50_000)),
    ];
    for (i, html) in html.iter().enumerate() {
        storm.push(("HTML bomb", Input::value(article(&format!("html-{i}"), html))));
    }
    for (i, body) in [
        crowd(10_000),
        "Macron met Scholz ".repeat(50_000),
        "«".repeat(300_000),
        "a".repeat(1_000_000),
        "met with ".repeat(100_000),
        "01/02/2023 ".repeat(50_000),
        "\u{202e}\u{200d}\u{feff}\u{1f1eb}\u{1f1f7}".repeat(40_000),
    ]
    .iter()
    .enumerate()
    {
        storm.push(("long-winded", Input::value(article(&format!("long-{i}"), body))));
    }
    for megabytes in [3, 4, 6, 8] {
        // Nothing that compression makes small.
        let noise: Vec<u8> = (0..megabytes << 20)
            .map(|_| u8::try_from(dice.roll(256)).unwrap())
            .collect();
        storm.push((
            "giant",
            Input::value(article("giant", &"Nothing new. ".repeat(megabytes * 80_000))),
        ));
        storm.push(("giant", Input::value(noise)));
    }
    for i in 0..10 {
        storm.push((
            "tombstone",
            Input {
                key: Some(vec![0xff, i]),
                ..Input::default()
            },
        ));
        let headers = (0..50)
            .map(|n| (format!("h{n}"), vec![0x80 | i; 1_000]))
            .collect();
        storm.push((
            "odd headers",
            Input {
                headers,
                ..Input::value("no article")
            },
        ));
        let headers = vec![
            ("traceparent".to_owned(), b"00-zz-\xff".to_vec()),
            ("rapporteur-reason".to_owned(), b"made-up".to_vec()),
        ];
        storm.push((
            "odd headers",
            Input {
                headers,
                ..Input::value(good(&format!("odd-{i}")))
            },
        ));
    }
    storm
}

/// Topics that take large records in and small ones only out.
fn narrow(bootstrap: &str, name: &str) -> Settings {
    let mut settings = fresh(bootstrap, name, PARTITIONS);
    let make = |topic: &str, partitions, limit: &str| {
        let new =
            NewTopic::new(topic, partitions, TopicReplication::Fixed(-1)).set("max.message.bytes", limit);
        create_as(bootstrap, new);
    };
    for topic in [
        &mut settings.topics.input,
        &mut settings.topics.output,
        &mut settings.topics.dead_letters,
    ] {
        topic.push_str(".narrow");
    }
    make(&settings.topics.input, PARTITIONS, "20000000");
    make(&settings.topics.output, PARTITIONS, "6000");
    make(&settings.topics.dead_letters, 1, "300000");
    settings
}

#[test]
fn a_storm_of_poison_is_accounted_for_to_the_last_record() {
    let Some(broker) = real_broker("a_storm_of_poison") else {
        return;
    };
    let settings = narrow(&broker.bootstrap, "storm");
    let seed = getrandom::u64().unwrap() % 1_000_000;
    say(&format!("poison: seed {seed}"));
    let mut dice = Dice(seed);
    let mut inputs = Vec::new();
    for (i, (_, poison)) in storm(&mut dice).into_iter().enumerate() {
        let partition = i32::try_from(i).unwrap() % PARTITIONS;
        inputs.push(poison.partition(partition));
        inputs.push(Input::value(good(&format!("good-{i}"))).partition(partition));
    }
    // One that is fine but for the size of its event, which the output topic does not take.
    let mut wide: serde_json::Value = serde_json::from_str(&good("wide")).unwrap();
    // Nothing that compression makes small.
    let path: String = (0..40_000)
        .map(|_| char::from(b'a' + u8::try_from(dice.roll(26)).unwrap()))
        .collect();
    wide["url"] = format!("https://example.org/{}", path).into();
    inputs.push(Input::value(wide.to_string()).partition(0));
    let total = inputs.len();
    let goods = inputs.len() / 2;
    produce(&broker.bootstrap, &settings.topics.input, inputs);

    let service = Rapporteur::run(&settings);
    wait_caught_up(&settings);
    let metrics = eventually("the last commit counted", || {
        let metrics = service.metrics();
        let counted = metrics.sum("rapporteur_articles_total", &[]);
        if counted >= total as f64 {
            Ok(metrics)
        } else {
            Err(format!("{counted} of {total}"))
        }
    });
    let by = |outcome| metrics.sum("rapporteur_articles_total", &[("outcome", outcome)]);
    let (with, without, dead) = (
        by("events"),
        by("no_events") + by("passed_over"),
        by("dead_letter"),
    );
    let memory = metrics.sum("process_resident_memory_bytes", &[]);
    say(&format!(
        "poison: {total} in = {with} with events + {without} without + {dead} dead letters, {:.0} MB",
        memory / 1e6
    ));
    assert_eq!(
        with + without + dead,
        total as f64,
        "in = with events + without events + dead letters"
    );

    let letters = read_all(&broker.bootstrap, &settings.topics.dead_letters);
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut places = HashSet::new();
    for letter in &letters {
        *reasons
            .entry(letter.header(wire::DEAD_REASON).unwrap().to_owned())
            .or_default() += 1;
        let place =
            [wire::DEAD_PARTITION, wire::DEAD_OFFSET].map(|name| letter.header(name).unwrap().to_owned());
        assert!(places.insert(place), "a record has one dead letter");
    }
    say(&format!("poison: {reasons:?}"));
    assert_eq!(
        letters.len() as f64,
        dead,
        "the metric counts what stands on the topic"
    );
    assert_eq!(metrics.sum("rapporteur_dead_letters_total", &[]), dead);
    for (reason, count) in &reasons {
        let counted = metrics.sum("rapporteur_dead_letters_total", &[("reason", reason)]);
        assert_eq!(counted, *count as f64, "{reason}");
    }
    assert_eq!(reasons.get("event-too-large"), Some(&1), "{reasons:?}");
    let omitted = letters
        .iter()
        .filter(|l| l.header(wire::DEAD_OMITTED) == Some("value"))
        .count();
    assert!(
        omitted >= 4,
        "giant records leave a dead letter without their value: {omitted}"
    );

    let events = read_all(&broker.bootstrap, &settings.topics.output);
    let mut told: HashSet<(i32, i64)> = HashSet::new();
    let mut fine = HashSet::new();
    for event in &events {
        let event = ContactEvent::decode(event.value.as_deref().unwrap()).unwrap();
        let article = event.article.unwrap();
        let at = article.kafka.unwrap();
        told.insert((at.partition, at.offset));
        if article.id.starts_with("good-") {
            assert!(fine.insert(article.id), "each once");
        }
    }
    assert_eq!(
        told.len() as f64,
        with,
        "articles with events on the output topic"
    );
    assert_eq!(metrics.sum("rapporteur_events_total", &[]), events.len() as f64);
    assert_eq!(fine.len(), goods, "no good article is held up or lost");
    assert_eq!(service.get("/readyz").0, 200);
    service.stop();
}

/// Records on the input topic.
fn input_end(settings: &Settings) -> i64 {
    read_all(&settings.kafka.brokers, &settings.topics.input)
        .len()
        .try_into()
        .unwrap()
}

#[test]
fn dead_letters_are_put_back_by_reason_and_each_once() {
    let Some(broker) = real_broker("dead_letters_are_put_back") else {
        return;
    };
    let mut settings = fresh(&broker.bootstrap, "replay", 2);
    // First the articles' text is looked for where it is not.
    let right = settings.article.clone();
    settings.article = serde_json::from_value(serde_json::json!({"body": "/text"})).unwrap();
    let inputs = (0..20).map(|i| Input {
        key: Some(format!("key-{i}").into_bytes()),
        headers: vec![("feed".into(), b"wire".to_vec())],
        ..Input::value(if i % 2 == 0 {
            good(&format!("r-{i}"))
        } else {
            format!("no JSON {i}")
        })
        .partition(i % 4 / 2)
    });
    let inputs: Vec<Input> = inputs.collect();
    produce(&broker.bootstrap, &settings.topics.input, inputs.clone());
    let service = Rapporteur::run(&settings);
    wait_caught_up(&settings);
    service.stop();
    let letters = read_all(&broker.bootstrap, &settings.topics.dead_letters);
    assert_eq!(letters.len(), 20);
    let reasons: HashSet<&str> = letters
        .iter()
        .map(|l| l.header(wire::DEAD_REASON).unwrap())
        .collect();
    let missing = letters
        .iter()
        .find(|l| l.value.as_deref().unwrap().starts_with(b"{"))
        .unwrap();
    let missing = missing.header(wire::DEAD_REASON).unwrap();
    assert_eq!(reasons.len(), 2, "{reasons:?}");

    let replay = |args: &[&str]| {
        let (code, words) = output(&settings, &[&["replay"], args].concat());
        assert_eq!(code, 0, "{words}");
        words
    };
    let words = replay(&["--dry-run"]);
    assert!(words.contains("20 dead letters to put back"), "{words}");
    assert_eq!(input_end(&settings), 20, "a dry run puts nothing back");

    let words = replay(&["--reason", missing]);
    assert!(words.contains("10 dead letters put back"), "{words}");
    let put_back = read_all(&broker.bootstrap, &settings.topics.input);
    assert_eq!(put_back.len(), 30);
    for record in put_back.iter().filter(|r| r.header(wire::REPLAYS).is_some()) {
        let first = inputs.iter().find(|i| i.key == record.key).unwrap();
        assert_eq!(record.value, first.value);
        assert_eq!(
            Some(record.partition),
            first.partition,
            "back to its own partition"
        );
        let names: Vec<&str> = record.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            ["feed", wire::REPLAYS],
            "the headers it came with, and the count"
        );
        assert!(String::from_utf8_lossy(record.value.as_ref().unwrap()).contains("r-"));
    }
    let words = replay(&["--reason", missing]);
    assert!(
        words.contains("0 dead letters put back") && words.contains("10 put back before"),
        "{words}"
    );
    assert_eq!(input_end(&settings), 30, "a second run repeats nothing");
    let words = replay(&[]);
    assert!(words.contains("10 dead letters put back"), "{words}");
    assert_eq!(input_end(&settings), 40);
    assert!(replay(&[]).contains("0 dead letters put back"));

    // With the mapping mended the articles are read; what is no JSON fails again, and stays.
    settings.article = right;
    let service = Rapporteur::run(&settings);
    // What was put back came in transactions, whose marks stand at the ends.
    eventually("no lag", || {
        let metrics = service.metrics();
        let done = metrics.sum("rapporteur_articles_total", &[]);
        let lag = metrics.sum("rapporteur_consumer_lag_records", &[]);
        if done == 20.0 && lag == 0.0 {
            Ok(())
        } else {
            Err(format!("{done} read, {lag} behind"))
        }
    });
    service.stop();
    let told = read_all(&broker.bootstrap, &settings.topics.output);
    let ids: HashSet<String> = told
        .iter()
        .map(|r| {
            ContactEvent::decode(r.value.as_deref().unwrap())
                .unwrap()
                .article
                .unwrap()
                .id
        })
        .collect();
    assert_eq!(ids.len(), 10);
    let replay = |args: &[&str]| output(&settings, &[&["replay"], args].concat()).1;
    let words = replay(&[]);
    assert!(
        words.contains("0 dead letters put back") && words.contains("10 were put back once"),
        "{words}"
    );
    let words = replay(&["--again"]);
    assert!(words.contains("10 dead letters put back"), "{words}");
    assert!(replay(&["--again"]).contains("0 dead letters put back"));
    assert_eq!(input_end(&settings), 50);
}
