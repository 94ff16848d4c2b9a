//! What an operator sees from outside: metrics, health, log level, traces, and how the service takes its leave.

mod support;

use std::{
    io::{BufRead as _, BufReader, Read, Write},
    net::TcpListener,
    sync::mpsc,
    thread,
    time::Duration,
};

use prost::Message;
use rapporteur::settings::LogFormat;
use support::{
    broker::real_broker,
    eventually,
    process::{Rapporteur, request},
    topics::{Input, fresh, produce, read_all, wait_caught_up},
};

fn article(id: &str, language: &str, body: &str) -> String {
    serde_json::json!({"id": id, "title": "", "body": body, "published_at": "2023-05-25", "language": language})
        .to_string()
}

fn french(id: &str) -> String {
    let body =
        "Le président français Emmanuel Macron a reçu mardi à Paris le chancelier allemand Olaf Scholz.";
    article(id, "fr", body)
}

#[test]
fn the_metrics_tell_all_that_was_done_under_names_of_prometheus_conventions() {
    let Some(broker) = real_broker("the_metrics_tell_all") else {
        return;
    };
    let mut settings = fresh(&broker.bootstrap, "metrics", 2);
    settings.kafka.producer.set("statistics.interval.ms", "500");
    let english = article(
        "en",
        "en",
        "It rained on the city all day, and the trains were late again.",
    );
    let inputs = ["no article".into(), french("a"), french("b"), english]
        .map(|v: String| Input::value(v).partition(1));
    produce(&broker.bootstrap, &settings.topics.input, inputs);
    let service = Rapporteur::run(&settings);
    wait_caught_up(&settings);
    let metrics = eventually("statistics of both clients", || {
        let metrics = service.metrics();
        let there = |client| metrics.sum("rapporteur_kafka_requests_total", &[("client", client)]) > 0.0;
        let lag = metrics.has("rapporteur_consumer_lag_records", &[("partition", "1")]);
        if there("consumer") && there("producer") && lag {
            Ok(metrics)
        } else {
            Err(metrics.0)
        }
    });
    let sum = |name, labels: &[(&str, &str)]| metrics.sum(name, labels);
    assert_eq!(
        sum(
            "rapporteur_articles_total",
            &[("outcome", "events"), ("language", "fr")]
        ),
        2.0
    );
    assert_eq!(
        sum(
            "rapporteur_articles_total",
            &[("outcome", "no_events"), ("language", "en")]
        ),
        1.0
    );
    assert_eq!(
        sum("rapporteur_articles_total", &[("outcome", "dead_letter")]),
        1.0
    );
    let labels = [("kind", "MEETING"), ("status", "HELD"), ("language", "fr")];
    assert_eq!(sum("rapporteur_events_total", &labels), 2.0);
    assert_eq!(
        sum("rapporteur_dead_letters_total", &[("reason", "invalid-json")]),
        1.0,
        "{}",
        metrics.0
    );
    assert_eq!(sum("rapporteur_extraction_seconds_count", &[]), 4.0);
    let commits = sum("rapporteur_commits_total", &[]);
    assert!(commits >= 1.0);
    assert_eq!(sum("rapporteur_transaction_seconds_count", &[]), commits);
    assert_eq!(sum("rapporteur_batch_articles_sum", &[]), 4.0);
    assert_eq!(sum("rapporteur_rebalances_total", &[("reason", "assign")]), 1.0);
    assert_eq!(sum("rapporteur_consumer_lag_records", &[("partition", "1")]), 0.0);
    assert_eq!(sum("rapporteur_in_flight_records", &[]), 0.0);
    assert_eq!(sum("rapporteur_in_flight_bytes", &[]), 0.0);
    assert_eq!(sum("rapporteur_paused", &[]), 0.0);
    assert!(sum("rapporteur_last_commit_timestamp_seconds", &[]) > 1.6e9);
    for client in ["consumer", "producer"] {
        for class in [
            "retriable",
            "abort",
            "rebuild",
            "forbidden",
            "topic_missing",
            "too_large",
        ] {
            assert!(
                metrics.has("rapporteur_errors_total", &[("client", client), ("class", class)]),
                "{class}"
            );
        }
        for name in [
            "rapporteur_kafka_received_bytes_total",
            "rapporteur_kafka_brokers_up",
        ] {
            assert!(sum(name, &[("client", client)]) > 0.0, "{name} of the {client}");
        }
    }
    for reason in [
        "partitions_lost",
        "too_large",
        "topic_missing",
        "producer_fatal",
        "retried",
    ] {
        assert!(
            metrics.has("rapporteur_aborts_total", &[("reason", reason)]),
            "{reason}"
        );
    }
    assert_eq!(sum("rapporteur_producer_rebuilds_total", &[]), 0.0);
    assert!(sum("process_resident_memory_bytes", &[]) > 1e6);
    assert!(sum("process_cpu_seconds_total", &[]) > 0.0);
    conventional(&metrics.0);
    let (status, words) = service.get("/readyz");
    assert_eq!(status, 200, "{words}");
    assert!(
        words.contains("2 partitions") && words.contains("last commit"),
        "{words}"
    );
    assert_eq!(service.get("/livez").0, 200);
    assert_eq!(
        files_open_for_writing(service.id()),
        Vec::<String>::new(),
        "it needs no disk of its own"
    );
    service.stop();
}

/// Files of a process that it could write to: what a read-only file system would not let it.
fn files_open_for_writing(process: u32) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(format!("/proc/{process}/fd")).unwrap() {
        let entry = entry.unwrap();
        let Ok(target) = std::fs::read_link(entry.path()) else {
            continue;
        };
        let info = std::fs::read_to_string(format!("/proc/{process}/fdinfo/{}", entry.file_name().display()));
        let flags = info.unwrap_or_default();
        let flags = flags.lines().find_map(|line| line.strip_prefix("flags:"));
        let writes = flags.is_some_and(|flags| i64::from_str_radix(flags.trim(), 8).unwrap() & 3 != 0);
        if writes && target.is_file() && !target.starts_with("/proc") {
            found.push(target.display().to_string());
        }
    }
    found
}

/// Each family is described, counters end in `_total`, units are base units.
fn conventional(page: &str) {
    assert!(page.ends_with("# EOF\n"));
    let mut described = 0;
    let mut counter: Option<String> = None;
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            described += 1;
            assert!(
                page.contains(&format!("# HELP {name} ")),
                "{name} is not described"
            );
            assert!(
                !["_ms", "_millis", "_kb", "_minutes"]
                    .iter()
                    .any(|unit| name.ends_with(unit)),
                "{name}"
            );
            counter = (kind == "counter").then(|| name.to_owned());
        } else if !line.starts_with('#')
            && let Some(counter) = &counter
        {
            assert!(line.starts_with(&format!("{counter}_total")), "{line}");
        }
        if !line.starts_with('#') {
            let name = line.split(['{', ' ']).next().unwrap();
            let ours = name.starts_with("rapporteur_") || name.starts_with("process_");
            assert!(
                ours && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'),
                "{name}"
            );
        }
    }
    assert!(described > 30, "{described} families");
}

#[test]
fn the_log_level_is_changed_while_it_runs_and_two_quick_signals_are_one_word() {
    let Some(broker) = real_broker("the_log_level_is_changed") else {
        return;
    };
    let mut settings = fresh(&broker.bootstrap, "level", 1);
    settings.log.format = LogFormat::Json;
    settings.log.level = "info".into();
    let service = Rapporteur::run(&settings);
    let line = service.wait_for_log(&["health and metrics"]);
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    let address = line["address"].as_str().unwrap().to_owned();
    service.wait_for_log(&["partitions assigned"]);
    assert!(!service.log().iter().any(|l| l.contains("\"DEBUG\"")));

    assert_eq!(request(&address, "GET", "/log-level", ""), (200, "info\n".into()));
    let (status, words) = request(&address, "PUT", "/log-level", "no=such=level");
    assert_eq!(status, 400, "{words}");
    assert_eq!(request(&address, "GET", "/log-level", "").1, "info\n");
    assert_eq!(
        request(&address, "PUT", "/log-level", "warn,rapporteur::stream=debug").0,
        200
    );
    service.signal("TERM");
    service.signal("TERM");
    let (status, log) = service.wait();
    assert_eq!(status.code(), Some(0), "{}", log.join("\n"));
    assert!(
        log.iter()
            .any(|l| l.contains("\"DEBUG\"") && l.contains("leaving the group")),
        "{}",
        log.join("\n")
    );
    for line in &log {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["timestamp"].is_string() && line["level"].is_string() && line["target"].is_string());
    }
}

/// The fields of OTLP that the test looks at, by their numbers in the published schema.
mod otlp {
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Request {
        #[prost(message, repeated, tag = "1")]
        pub resource_spans: Vec<ResourceSpans>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct ResourceSpans {
        #[prost(message, optional, tag = "1")]
        pub resource: Option<Resource>,
        #[prost(message, repeated, tag = "2")]
        pub scope_spans: Vec<ScopeSpans>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Resource {
        #[prost(message, repeated, tag = "1")]
        pub attributes: Vec<KeyValue>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct ScopeSpans {
        #[prost(message, repeated, tag = "2")]
        pub spans: Vec<Span>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Span {
        #[prost(bytes = "vec", tag = "1")]
        pub trace_id: Vec<u8>,
        #[prost(bytes = "vec", tag = "2")]
        pub span_id: Vec<u8>,
        #[prost(bytes = "vec", tag = "4")]
        pub parent_span_id: Vec<u8>,
        #[prost(string, tag = "5")]
        pub name: String,
        #[prost(int32, tag = "6")]
        pub kind: i32,
        #[prost(fixed64, tag = "7")]
        pub start_time_unix_nano: u64,
        #[prost(fixed64, tag = "8")]
        pub end_time_unix_nano: u64,
        #[prost(message, repeated, tag = "9")]
        pub attributes: Vec<KeyValue>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct KeyValue {
        #[prost(string, tag = "1")]
        pub key: String,
        #[prost(message, optional, tag = "2")]
        pub value: Option<AnyValue>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct AnyValue {
        #[prost(string, optional, tag = "1")]
        pub string_value: Option<String>,
        #[prost(int64, optional, tag = "3")]
        pub int_value: Option<i64>,
    }

    /// The value of an attribute, as text.
    pub fn of(attributes: &[KeyValue], key: &str) -> Option<String> {
        let found = attributes.iter().find(|a| a.key == key)?.value.clone()?;
        found
            .string_value
            .or_else(|| found.int_value.map(|n| n.to_string()))
    }
}

/// What was posted to a collector: the request line, the content type, the body.
type Posted = (String, String, Vec<u8>);

/// Answers what is posted over one connection, and hands it on.
fn collect(stream: impl Read + Write, send: &mpsc::Sender<Posted>) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut path = String::new();
        if stream.read_line(&mut path).unwrap_or(0) == 0 {
            return;
        }
        let (mut length, mut kind) = (0, String::new());
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            let line = line.trim().to_ascii_lowercase();
            match line.split_once(':') {
                None => break,
                Some(("content-length", value)) => length = value.trim().parse().unwrap(),
                Some(("content-type", value)) => value.trim().clone_into(&mut kind),
                Some(_) => {}
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        send.send((path.trim().to_owned(), kind, body)).unwrap();
        stream
            .get_mut()
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .unwrap();
    }
}

/// A collector, over TLS where there is something to prove itself with: its `host:port`, and what is posted to it.
fn collector(tls: Option<native_tls::TlsAcceptor>) -> (String, mpsc::Receiver<Posted>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (send, tls) = (send.clone(), tls.clone());
            thread::spawn(move || match tls {
                None => collect(stream, &send),
                // Who does not trust us goes away in the middle of it.
                Some(tls) => drop(tls.accept(stream).map(|stream| collect(stream, &send))),
            });
        }
    });
    (address.to_string(), receive)
}

#[test]
fn spans_go_over_tls_to_a_collector_that_is_trusted_and_to_no_other() {
    let Some(broker) = real_broker("spans_go_over_tls") else {
        return;
    };
    let key = rcgen::KeyPair::generate().unwrap();
    let own = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    let identity =
        native_tls::Identity::from_pkcs8(own.pem().as_bytes(), key.serialize_pem().as_bytes()).unwrap();
    let (address, posted) = collector(Some(native_tls::TlsAcceptor::new(identity).unwrap()));
    let ca = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(ca.path(), own.pem()).unwrap();

    for trusted in [true, false] {
        let mut settings = fresh(&broker.bootstrap, "traces-tls", 1);
        settings.traces.otlp_endpoint = format!("https://{address}");
        if trusted {
            settings.traces.ca_file = ca.path().to_owned();
        }
        produce(
            &broker.bootstrap,
            &settings.topics.input,
            [Input::value(french("a"))],
        );
        let service = Rapporteur::run(&settings);
        wait_caught_up(&settings);
        let log = service.stop().join("\n");
        assert_eq!(read_all(&broker.bootstrap, &settings.topics.output).len(), 1);
        let came = posted.recv_timeout(Duration::from_millis(500));
        assert_eq!(came.is_ok(), trusted, "{log}");
        if trusted {
            assert_eq!(came.unwrap().0, "POST /v1/traces HTTP/1.1");
        } else {
            assert!(log.contains("spans could not be sent"), "{log}");
        }
    }
}

#[test]
fn an_articles_span_continues_its_trace_and_its_events_continue_the_span() {
    let Some(broker) = real_broker("an_articles_span") else {
        return;
    };
    let (address, posted) = collector(None);
    let mut settings = fresh(&broker.bootstrap, "traces", 1);
    settings.traces.otlp_endpoint = format!("http://{address}");
    settings.log.level = "warn,rapporteur::stream=info,rapporteur::cli=info,rapporteur=info".into();
    let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let with = |id: &str, traceparent: &str| Input {
        headers: vec![
            ("traceparent".into(), traceparent.into()),
            ("tracestate".into(), b"vendor=1".to_vec()),
        ],
        ..Input::value(french(id))
    };
    let inputs = [
        with("traced", &format!("00-{trace}-{parent}-01")),
        // Its sender does not want it traced.
        with(
            "untraced",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
        ),
        Input::value(french("alone")),
        Input::value("no article"),
    ];
    produce(&broker.bootstrap, &settings.topics.input, inputs);
    let service = Rapporteur::run(&settings);
    wait_caught_up(&settings);
    service.stop();

    let mut spans = Vec::new();
    while let Ok((path, kind, body)) = posted.recv_timeout(Duration::from_millis(200)) {
        assert_eq!(path, "POST /v1/traces HTTP/1.1");
        assert_eq!(kind, "application/x-protobuf");
        for of_resource in otlp::Request::decode(body.as_slice()).unwrap().resource_spans {
            let attributes = of_resource.resource.unwrap().attributes;
            assert_eq!(
                otlp::of(&attributes, "service.name").as_deref(),
                Some("rapporteur")
            );
            spans.extend(of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans));
        }
    }
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let of = |id: &str| {
        spans
            .iter()
            .find(|s| otlp::of(&s.attributes, "id").as_deref() == Some(id))
    };
    assert_eq!(spans.len(), 3, "{spans:#?}");
    assert!(of("untraced").is_none());
    let traced = of("traced").unwrap();
    assert_eq!(traced.name, "article");
    assert_eq!(traced.kind, 5, "a consumer's span");
    assert_eq!(hex(&traced.trace_id), trace);
    assert_eq!(hex(&traced.parent_span_id), parent);
    assert!(traced.end_time_unix_nano > traced.start_time_unix_nano);
    assert_eq!(otlp::of(&traced.attributes, "outcome").as_deref(), Some("events"));
    assert_eq!(
        otlp::of(&traced.attributes, "messaging.kafka.offset").as_deref(),
        Some("0")
    );
    assert!(
        of("alone").unwrap().parent_span_id.is_empty(),
        "a trace of its own"
    );
    let dead = spans
        .iter()
        .find(|s| otlp::of(&s.attributes, "id").is_none())
        .unwrap();
    assert_ne!(otlp::of(&dead.attributes, "outcome").as_deref(), Some("events"));

    let events = read_all(&broker.bootstrap, &settings.topics.output);
    let parent_of = |id: &str| {
        let event = events
            .iter()
            .find(|r| r.header("ce_subject") == Some(id))
            .unwrap();
        event.header("traceparent").unwrap().to_owned()
    };
    assert_eq!(
        parent_of("traced"),
        format!("00-{trace}-{}-01", hex(&traced.span_id))
    );
    assert!(parent_of("untraced").starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
    assert!(
        parent_of("untraced").ends_with("-00"),
        "the word not to trace is passed on"
    );
    let state = events
        .iter()
        .find(|r| r.header("ce_subject") == Some("traced"))
        .unwrap();
    assert_eq!(state.header("tracestate"), Some("vendor=1"));
}
