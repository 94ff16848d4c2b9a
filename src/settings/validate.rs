//! What must hold of settings before anything starts.

use std::net::ToSocketAddrs as _;

use super::{SchemaRegistry, Settings, load::Problem};
use crate::stream::clients;

/// Properties that the service sets itself, with what to use instead.
const RESERVED: [(&str, &str); 10] = [
    ("bootstrap.servers", "set kafka.brokers"),
    ("metadata.broker.list", "set kafka.brokers"),
    ("group.id", "set kafka.group"),
    (
        "sasl.oauthbearer.config",
        "set kafka.token_file to the file that holds the token",
    ),
    ("transactional.id", "set kafka.transactional_id"),
    ("transaction.timeout.ms", "set kafka.transaction_timeout_ms"),
    (
        "enable.auto.commit",
        "offsets move with the events; see delivery.guarantee",
    ),
    (
        "enable.auto.offset.store",
        "offsets move with the events; see delivery.guarantee",
    ),
    ("enable.idempotence", "it is always on"),
    (
        "isolation.level",
        "it is always read_committed: with anything else a new owner of a partition would not wait for the \
         offsets of a transaction that is still open, and repeat its articles",
    ),
];

pub(super) fn problems(settings: &Settings) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut wrong = |key: &str, reason: String| {
        found.push(Problem {
            key: key.to_owned(),
            reason,
        });
    };

    for address in settings.kafka.brokers.split(',').map(str::trim) {
        if let Err(reason) = broker_address(address) {
            wrong("kafka.brokers", format!("`{address}` {reason}"));
        }
    }
    if settings.kafka.group.trim().is_empty() {
        wrong("kafka.group", "must not be empty".into());
    }
    if settings.kafka.transaction_timeout_ms < 1_000 {
        wrong("kafka.transaction_timeout_ms", "must be 1000 or more".into());
    }

    let bearer = [
        &settings.kafka.properties,
        &settings.kafka.consumer,
        &settings.kafka.producer,
    ]
    .iter()
    .flat_map(|properties| {
        [
            properties.get("sasl.mechanism"),
            properties.get("sasl.mechanisms"),
        ]
    })
    .flatten()
    .any(|mechanism| mechanism.eq_ignore_ascii_case("OAUTHBEARER"));
    let token_file = !settings.kafka.token_file.as_os_str().is_empty();
    if bearer && !token_file {
        wrong(
            "kafka.token_file",
            "must name the file with the token: sasl.mechanism is OAUTHBEARER".into(),
        );
    }
    if token_file && !bearer {
        wrong(
            "kafka.token_file",
            "is of use only where sasl.mechanism is OAUTHBEARER".into(),
        );
    }

    let topics = &settings.topics;
    for (key, name) in topics.all() {
        if let Err(reason) = topic_name(name) {
            wrong(key, format!("`{name}` {reason}"));
        }
    }
    if topics.output == topics.input {
        wrong(
            "topics.output",
            "must not be topics.input: the service would read what it writes".into(),
        );
    }
    if topics.dead_letters == topics.input {
        wrong(
            "topics.dead_letters",
            "must not be topics.input: a poison record would come round for ever".into(),
        );
    }
    if topics.dead_letters == topics.output {
        wrong(
            "topics.dead_letters",
            "must not be topics.output: its readers expect events".into(),
        );
    }

    for (key, other) in topics
        .all()
        .into_iter()
        .filter(|(key, _)| *key != "topics.latest")
    {
        if topics.latest == *other {
            wrong(
                "topics.latest",
                format!("must not be {key}: compaction would remove its records"),
            );
        }
    }
    for (key, reason) in schema_registry(&settings.schema_registry) {
        wrong(key, reason);
    }

    for (key, value) in [
        ("article.max_bytes", settings.article.max_bytes),
        ("delivery.max_records", settings.delivery.max_records),
        ("delivery.max_bytes", settings.delivery.max_bytes),
        (
            "pipeline.max_records_in_flight",
            settings.pipeline.max_records_in_flight,
        ),
        (
            "pipeline.max_bytes_in_flight",
            settings.pipeline.max_bytes_in_flight,
        ),
    ] {
        if value == 0 {
            wrong(key, "must be 1 or more".into());
        }
    }
    if settings.delivery.linger_ms > u64::from(settings.kafka.transaction_timeout_ms) / 2 {
        wrong(
            "delivery.linger_ms",
            "must be at most half of kafka.transaction_timeout_ms".into(),
        );
    }
    if settings.pipeline.article_budget_ms < 100 {
        wrong("pipeline.article_budget_ms", "must be 100 or more".into());
    }
    if settings.pipeline.workers > 1_024 {
        wrong("pipeline.workers", "must be at most 1024".into());
    }

    if !settings.data.directory.as_os_str().is_empty() && !settings.data.directory.is_dir() {
        wrong(
            "data.directory",
            format!(
                "`{}` is no directory that can be read",
                settings.data.directory.display()
            ),
        );
    }
    for overlay in settings.register.overlays.iter().filter(|path| !path.is_file()) {
        let reason = format!("`{}` is no file that can be read", overlay.display());
        wrong("register.overlays", reason);
    }
    if !settings.http.listen.is_empty()
        && let Err(error) = settings.http.listen.to_socket_addrs()
    {
        let listen = &settings.http.listen;
        wrong("http.listen", format!("`{listen}`: {error}; write host:port"));
    }
    let traces = &settings.traces;
    if !traces.otlp_endpoint.is_empty()
        && let Err(reason) = crate::ops::traces::endpoint(&traces.otlp_endpoint)
    {
        wrong(
            "traces.otlp_endpoint",
            format!("`{}`: {reason}", traces.otlp_endpoint),
        );
    }
    if !traces.ca_file.as_os_str().is_empty() && !traces.ca_file.is_file() {
        wrong(
            "traces.ca_file",
            format!("`{}` is no file that can be read", traces.ca_file.display()),
        );
    }
    if !(0.0..=1.0).contains(&traces.sample) {
        wrong("traces.sample", "must be between 0 and 1".into());
    }
    if let Err(error) = tracing_subscriber::EnvFilter::try_new(&settings.log.level) {
        wrong("log.level", format!("`{}`: {error}", settings.log.level));
    }

    let sections = [
        ("kafka.properties", &settings.kafka.properties),
        ("kafka.consumer", &settings.kafka.consumer),
        ("kafka.producer", &settings.kafka.producer),
    ];
    for (section, properties) in sections {
        for (name, value) in properties.iter() {
            let key = format!("{section}.\"{name}\"");
            if let Some((_, instead)) = RESERVED.iter().find(|(reserved, _)| *reserved == name) {
                wrong(&key, format!("cannot be set here: {instead}"));
            } else if let Err(reason) = clients::check_property(name, value) {
                wrong(&key, reason);
            }
        }
    }
    if found.is_empty() {
        for (key, result) in [
            ("kafka.consumer", clients::check_consumer(settings)),
            ("kafka.producer", clients::check_producer(settings)),
        ] {
            if let Err(reason) = result {
                found.push(Problem {
                    key: key.to_owned(),
                    reason,
                });
            }
        }
    }
    found
}

fn schema_registry(registry: &SchemaRegistry) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if registry.url.is_empty() {
        return found;
    }
    // Without the address itself, where a password may be.
    match registry.url.split_once("://") {
        Some(("http" | "https", rest)) if rest.split('/').next().is_some_and(|host| host.contains('@')) => found.push((
            "schema_registry.url",
            "must not hold a user's name: set schema_registry.username and schema_registry.password".to_owned(),
        )),
        Some(("http" | "https", rest)) if !rest.is_empty() && !rest.starts_with('/') && !rest.contains('?') => {}
        _ => found.push((
            "schema_registry.url",
            "is no address; write http://host:port or https://host:port, with the path of the interface where it has one".to_owned(),
        )),
    }
    if registry.username.is_empty() && !registry.password.is_empty() {
        found.push((
            "schema_registry.username",
            "must not be empty where there is a password".to_owned(),
        ));
    }
    if registry.timeout_ms == 0 {
        found.push(("schema_registry.timeout_ms", "must be 1 or more".to_owned()));
    }
    if !registry.ca_file.as_os_str().is_empty() && !registry.ca_file.is_file() {
        found.push((
            "schema_registry.ca_file",
            format!("`{}` is no file that can be read", registry.ca_file.display()),
        ));
    }
    found
}

fn broker_address(address: &str) -> Result<(), &'static str> {
    let bare = address.split_once("://").map_or(address, |(_, rest)| rest);
    if bare.is_empty() {
        return Err("is empty; write host:port, several separated by commas");
    }
    match bare.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() => match port.parse::<u16>() {
            Ok(1..) => Ok(()),
            _ => Err("has no port between 1 and 65535"),
        },
        Some(_) => Err("has no host"),
        None => Err("has no port; write host:port"),
    }
}

fn topic_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() || name == "." || name == ".." {
        return Err("is no topic name");
    }
    if name.len() > 249 {
        return Err("is longer than 249 characters");
    }
    if !name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    {
        return Err("may hold only letters, digits, `.`, `_` and `-`");
    }
    Ok(())
}
