//! Settings: layered, checked as a whole before anything starts, and never printed with their secrets.
//!
//! A service that starts with a mistyped key runs with a default that nobody meant. So every key that is
//! given must be one that exists, every value must make sense beside the others, and all that is wrong is
//! told at once.
//!
//! Layers, later ones win: [`Settings::default`], a TOML file, the environment. In the environment a key is
//! written with its path in capitals: `kafka.brokers` is `RAPPORTEUR__KAFKA__BROKERS`. Properties of
//! librdkafka have dots in their names, which the environment writes as `_`:
//! `RAPPORTEUR__KAFKA__PROPERTIES__SECURITY_PROTOCOL=SASL_SSL`.
//!
//! # Layout
//!
//! * [`load`]: from layers to [`Settings`].
//! * `validate`: what must hold of them.
//! * [`properties`]: pass-through properties of librdkafka, and which of them are secret.
//! * [`secret`]: a value that is never printed.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize};

use crate::article::Mapping;

pub mod load;
pub mod properties;
pub mod secret;
mod validate;

pub use load::{SettingsError, load};
pub use properties::Properties;
pub use secret::Secret;

/// Everything that can be set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The brokers and how to talk to them.
    pub kafka: Kafka,
    /// The topics read and written.
    pub topics: Topics,
    /// Where the ids of the events' schema come from.
    pub schema_registry: SchemaRegistry,
    /// Where the fields of an article are in a record.
    pub article: Mapping,
    /// What is guaranteed, and how output is batched.
    pub delivery: Delivery,
    /// Workers and the bounds of memory.
    pub pipeline: Pipeline,
    /// Where lexicons and register come from.
    pub data: Data,
    /// What is laid on the register.
    pub register: Overlays,
    /// Health and metrics.
    pub http: Http,
    /// What is logged.
    pub log: Log,
    /// Where spans go.
    pub traces: Traces,
}

/// The brokers and how to talk to them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kafka {
    /// Brokers to start from, `host:port`, separated by commas.
    pub brokers: String,
    /// Consumer group.
    pub group: String,
    /// Names this instance towards the transaction coordinator. Set to something that is this instance's
    /// alone and survives its restarts (a pod's name in a stateful set), a restart takes over at once from
    /// where a killed one stopped; empty, each start makes up its own and a killed instance's open
    /// transaction lingers until `transaction_timeout_ms`.
    pub transactional_id: String,
    /// How long the coordinator leaves a transaction open whose producer is silent.
    pub transaction_timeout_ms: u32,
    /// How long a missing topic is waited for before the service gives up.
    pub topic_grace_ms: u64,
    /// File with the token for SASL/OAUTHBEARER, a JWT that somebody else keeps fresh.
    pub token_file: PathBuf,
    /// Properties of librdkafka for every client.
    pub properties: Properties,
    /// Properties of librdkafka for the consumer alone.
    pub consumer: Properties,
    /// Properties of librdkafka for the producer alone.
    pub producer: Properties,
}

/// The topics read and written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Topics {
    /// Articles in.
    pub input: String,
    /// Contacts out.
    pub output: String,
    /// Records that could not be read, as they came.
    pub dead_letters: String,
    /// Contacts once more, on a compacted topic that keeps the last event of each; empty for none.
    pub latest: String,
}

/// Where the ids of the events' schema come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SchemaRegistry {
    /// Base address of a registry that speaks Confluent's interface; empty for none.
    pub url: String,
    /// Whether the schema is registered where it is not there; else it is only looked up.
    pub register: bool,
    /// The subject that the schema goes by.
    pub subject: SubjectStrategy,
    /// User name for basic authentication; empty for none.
    pub username: String,
    /// Its password.
    pub password: Secret,
    /// Certificates of the authorities to trust (PEM); empty for the system's.
    pub ca_file: PathBuf,
    /// Longest time for one answer.
    pub timeout_ms: u64,
}

/// How a schema's subject is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectStrategy {
    /// `<topic>-value`.
    TopicName,
    /// `<message>`.
    RecordName,
    /// `<topic>-<message>`.
    TopicRecordName,
}

/// What holds of every article, whatever fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guarantee {
    /// Events, dead letters and input offsets move in one transaction.
    ExactlyOnce,
    /// Offsets move after the events are written: after a failure events may be repeated, never lost.
    AtLeastOnce,
}

/// What is guaranteed, and how output is batched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Delivery {
    /// `exactly-once` or `at-least-once`.
    pub guarantee: Guarantee,
    /// How long the first finished article waits for others to share its transaction.
    pub linger_ms: u64,
    /// Most articles in one transaction.
    pub max_records: usize,
    /// Most bytes of input and output in one transaction.
    pub max_bytes: usize,
}

/// Workers and the bounds of memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pipeline {
    /// Worker threads; 0 is one for each core.
    pub workers: usize,
    /// Most articles in hand: read, and not yet committed.
    pub max_records_in_flight: usize,
    /// Most bytes in hand, of articles and of their events.
    pub max_bytes_in_flight: usize,
    /// Longest time for one article; what takes longer becomes a dead letter.
    pub article_budget_ms: u64,
    /// Longest time to finish what is in hand when told to stop.
    pub shutdown_timeout_ms: u64,
}

/// Where lexicons and register come from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Data {
    /// A directory laid out as `data/`; empty for the data compiled in.
    pub directory: PathBuf,
}

/// The user's own rows of the register.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Overlays {
    /// Files of rows laid on the register's, later ones on top; in the environment one string, separated as `PATH` is.
    #[serde(deserialize_with = "paths")]
    pub overlays: Vec<PathBuf>,
}

/// A list of paths, or one string as `PATH` is written.
fn paths<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PathBuf>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Paths {
        One(String),
        Many(Vec<PathBuf>),
    }
    Ok(match Paths::deserialize(deserializer)? {
        Paths::One(text) => std::env::split_paths(&text)
            .filter(|path| !path.as_os_str().is_empty())
            .collect(),
        Paths::Many(paths) => paths,
    })
}

/// Health and metrics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Http {
    /// Address to listen on, `host:port`; port 0 takes a free one, empty opens none.
    pub listen: String,
    /// With articles in hand, how old the last commit may be for the service to count as ready.
    pub ready_commit_age_ms: u64,
}

/// What is logged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Log {
    /// `text` or `json`.
    pub format: LogFormat,
    /// A level (`info`), or levels by module (`info,rapporteur::stream=debug`).
    pub level: String,
}

/// Where spans go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Traces {
    /// An OpenTelemetry collector that takes OTLP over HTTP or HTTPS (`http://127.0.0.1:4318`); empty sends none.
    pub otlp_endpoint: String,
    /// Authorities to trust, PEM; empty trusts the system's.
    pub ca_file: PathBuf,
    /// The name under which the service's spans are found.
    pub service_name: String,
    /// Share of articles traced that come without a `traceparent`, 0 to 1; one that comes with it decides by
    /// its own flag.
    pub sample: f64,
}

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for Kafka {
    fn default() -> Self {
        Self {
            brokers: "localhost:9092".into(),
            group: "rapporteur".into(),
            transactional_id: String::new(),
            transaction_timeout_ms: 15_000,
            topic_grace_ms: 60_000,
            token_file: PathBuf::new(),
            properties: Properties::default(),
            consumer: Properties::default(),
            producer: Properties::default(),
        }
    }
}

impl Default for Topics {
    fn default() -> Self {
        Self {
            input: "articles".into(),
            output: "contacts".into(),
            dead_letters: "contacts.dead-letters".into(),
            latest: String::new(),
        }
    }
}

impl Topics {
    /// Every topic that the service reads or writes, with the setting that names it.
    #[must_use]
    pub fn all(&self) -> Vec<(&'static str, &String)> {
        let mut all = vec![
            ("topics.input", &self.input),
            ("topics.output", &self.output),
            ("topics.dead_letters", &self.dead_letters),
        ];
        if !self.latest.is_empty() {
            all.push(("topics.latest", &self.latest));
        }
        all
    }
}

impl Default for SchemaRegistry {
    fn default() -> Self {
        Self {
            url: String::new(),
            register: true,
            subject: SubjectStrategy::TopicName,
            username: String::new(),
            password: Secret::default(),
            ca_file: PathBuf::new(),
            timeout_ms: 5_000,
        }
    }
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            guarantee: Guarantee::ExactlyOnce,
            linger_ms: 10,
            max_records: 500,
            max_bytes: 8 << 20,
        }
    }
}

impl Default for Pipeline {
    fn default() -> Self {
        Self {
            workers: 0,
            max_records_in_flight: 2_000,
            max_bytes_in_flight: 64 << 20,
            article_budget_ms: 10_000,
            shutdown_timeout_ms: 25_000,
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:9464".into(),
            ready_commit_age_ms: 60_000,
        }
    }
}

impl Default for Traces {
    fn default() -> Self {
        Self {
            otlp_endpoint: String::new(),
            ca_file: PathBuf::new(),
            service_name: "rapporteur".into(),
            sample: 1.0,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            level: "info".into(),
        }
    }
}

impl Settings {
    /// Everything that is wrong with these settings, each with its key; empty where all is well.
    #[must_use]
    pub fn problems(&self) -> Vec<load::Problem> {
        validate::problems(self)
    }

    /// The settings as TOML, secrets struck out.
    #[must_use]
    pub fn redacted(&self) -> String {
        toml::to_string_pretty(self).unwrap_or_else(|error| format!("# cannot be shown: {error}\n"))
    }

    /// The data that the settings name.
    #[must_use]
    pub fn data_source(&self) -> crate::data::Source {
        if self.data.directory.as_os_str().is_empty() {
            crate::data::Source::Embedded
        } else {
            crate::data::Source::Directory(self.data.directory.clone())
        }
    }

    /// How many worker threads there will be.
    #[must_use]
    pub fn worker_count(&self) -> usize {
        match self.pipeline.workers {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            n => n,
        }
    }
}
