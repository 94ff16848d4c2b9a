//! Kafka clients from settings: their properties, their callbacks, and the routing of librdkafka's log.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use rdkafka::{
    ClientConfig, ClientContext, Statistics,
    client::OAuthToken,
    config::RDKafkaLogLevel,
    consumer::{BaseConsumer, Consumer as _, ConsumerContext, Rebalance},
    error::{KafkaError, KafkaResult},
    message::DeliveryResult,
    producer::{BaseProducer, NoCustomPartitioner, ProducerContext},
    topic_partition_list::TopicPartitionList,
    types::RDKafkaErrorCode,
};

use super::{error::StreamError, ledger::Ledger, token};
use crate::{
    ops::Observed,
    settings::{Guarantee, Settings, properties::is_secret},
};

/// The consumer, with its callbacks.
pub type Consumer = BaseConsumer<ConsumerEvents>;
/// The producer, with its callbacks.
pub type Producer = BaseProducer<ProducerEvents>;

/// How long a revocation waits for the transaction that holds a partition: well within the shortest
/// rebalance timeout in use (`max.poll.interval.ms`), beyond the longest commit of a healthy cluster.
const REVOKE_PATIENCE: Duration = Duration::from_secs(20);

/// Properties common to all clients.
fn common(settings: &Settings) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &settings.kafka.brokers)
        .set("client.id", "rapporteur")
        .set("reconnect.backoff.ms", "100")
        .set("reconnect.backoff.max.ms", "1000")
        .set("topic.metadata.refresh.interval.ms", "30000")
        .set("allow.auto.create.topics", "false");
    if !settings.kafka.token_file.as_os_str().is_empty() {
        let file = settings.kafka.token_file.display();
        config.set("sasl.oauthbearer.config", format!("{}{file}", token::FILE));
    }
    config
}

/// The token for SASL/OAUTHBEARER; without one, says why.
fn bearer_token(config: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
    token::read(config).map_err(|error| {
        tracing::error!(%error, "no token to log in with; trying again in a while");
        error.into()
    })
}

fn apply(config: &mut ClientConfig, properties: &crate::settings::Properties) {
    for (name, value) in properties.iter() {
        config.set(name, value);
    }
}

/// Properties of a client that only asks for metadata.
#[must_use]
pub fn admin_config(settings: &Settings) -> ClientConfig {
    let mut config = common(settings);
    apply(&mut config, &settings.kafka.properties);
    config
}

/// Properties of the consumer.
#[must_use]
pub fn consumer_config(settings: &Settings) -> ClientConfig {
    let mut config = common(settings);
    let new_protocol = [&settings.kafka.consumer, &settings.kafka.properties]
        .iter()
        .any(|p| {
            p.get("group.protocol")
                .is_some_and(|v| v.eq_ignore_ascii_case("consumer"))
        });
    config
        .set("auto.offset.reset", "earliest")
        // What librdkafka reads ahead is memory too.
        .set("queued.max.messages.kbytes", "16384")
        .set("fetch.queue.backoff.ms", "20")
        .set("statistics.interval.ms", "5000");
    if !new_protocol {
        config.set("partition.assignment.strategy", "cooperative-sticky");
    }
    apply(&mut config, &settings.kafka.properties);
    apply(&mut config, &settings.kafka.consumer);
    config
        .set("group.id", &settings.kafka.group)
        // Also what makes a new owner wait for the offsets of a transaction that is still open.
        .set("isolation.level", "read_committed")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false");
    config
}

/// Properties of the producer.
#[must_use]
pub fn producer_config(settings: &Settings, transactional_id: &str) -> ClientConfig {
    let mut config = common(settings);
    config
        .set("compression.type", "lz4")
        .set("linger.ms", "1")
        .set("statistics.interval.ms", "5000")
        // How large a record may be is the broker's to say.
        .set("message.max.bytes", "100000000")
        .set("batch.size", "900000");
    apply(&mut config, &settings.kafka.properties);
    apply(&mut config, &settings.kafka.producer);
    config.set("enable.idempotence", "true");
    if settings.delivery.guarantee == Guarantee::ExactlyOnce {
        config.set("transactional.id", transactional_id).set(
            "transaction.timeout.ms",
            settings.kafka.transaction_timeout_ms.to_string(),
        );
    }
    config
}

/// Makes the consumer.
///
/// # Errors
/// Where librdkafka refuses the properties.
pub fn consumer(
    settings: &Settings,
    ledger: &Arc<Ledger>,
    observed: &Arc<Observed>,
) -> Result<Consumer, StreamError> {
    let events = ConsumerEvents {
        topic: settings.topics.input.clone(),
        ledger: Arc::clone(ledger),
        observed: Arc::clone(observed),
        refused: Mutex::default(),
        log: LogRouter::default(),
    };
    consumer_config(settings)
        .create_with_context(events)
        .map_err(|error| StreamError::Client {
            client: "consumer",
            reason: describe(&error),
        })
}

/// Makes the producer.
///
/// # Errors
/// Where librdkafka refuses the properties.
pub fn producer(
    settings: &Settings,
    transactional_id: &str,
    observed: &Arc<Observed>,
) -> Result<Producer, StreamError> {
    let events = ProducerEvents {
        failures: Mutex::default(),
        observed: Arc::clone(observed),
        log: LogRouter::default(),
    };
    producer_config(settings, transactional_id)
        .create_with_context(events)
        .map_err(|error| StreamError::Client {
            client: "producer",
            reason: describe(&error),
        })
}

/// Whether librdkafka knows a property and takes the value.
///
/// # Errors
/// What is wrong, without the value where that is secret.
pub fn check_property(name: &str, value: &str) -> Result<(), String> {
    ClientConfig::new()
        .set(name, value)
        .create_native_config()
        .map(drop)
        .map_err(|error| describe(&error))
}

/// Whether a consumer can be made from the settings.
///
/// # Errors
/// What librdkafka says against it.
pub fn check_consumer(settings: &Settings) -> Result<(), String> {
    if settings.kafka.properties == settings.kafka.consumer
        && settings.kafka.consumer == crate::settings::Properties::default()
    {
        return Ok(());
    }
    consumer_config(settings)
        .create_with_context::<_, BaseConsumer<Quiet>>(Quiet)
        .map(drop)
        .map_err(|error| describe(&error))
}

/// Whether a producer can be made from the settings.
///
/// # Errors
/// What librdkafka says against it.
pub fn check_producer(settings: &Settings) -> Result<(), String> {
    producer_config(settings, "rapporteur-check")
        .create_with_context::<_, BaseProducer<Quiet>>(Quiet)
        .map(drop)
        .map_err(|error| describe(&error))
}

/// An error of the configuration in words that give no secret away.
fn describe(error: &KafkaError) -> String {
    match error {
        KafkaError::ClientConfig(_, _, name, _) if is_secret(name) => {
            format!("librdkafka refuses the value of `{name}`")
        }
        KafkaError::ClientConfig(_, reason, _, _) => reason.clone(),
        KafkaError::ClientCreation(reason) => reason.clone(),
        other => other.to_string(),
    }
}

/// Callbacks that keep still.
#[derive(Debug, Clone, Copy)]
pub struct Quiet;

impl ClientContext for Quiet {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, config: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        bearer_token(config)
    }

    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        tracing::debug!(target: "librdkafka", facility, "{message}");
    }
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(target: "librdkafka", %error, "{reason}");
    }
    fn stats(&self, _: Statistics) {}
}

impl ConsumerContext for Quiet {}

impl ProducerContext for Quiet {
    type DeliveryOpaque = ();
    fn delivery(&self, _: &DeliveryResult<'_>, (): ()) {}
}

/// That the brokers would not have us.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// When it was said first.
    pub since: Instant,
    /// What it was about.
    pub code: RDKafkaErrorCode,
    /// In words.
    pub reason: String,
}

/// Callbacks of the consumer: rebalances move lanes of the ledger, statistics become metrics.
pub struct ConsumerEvents {
    topic: String,
    ledger: Arc<Ledger>,
    observed: Arc<Observed>,
    refused: Mutex<Option<Refusal>>,
    log: LogRouter,
}

impl ConsumerEvents {
    /// The first refusal of the brokers to let us log in or use our group, where there was one.
    pub fn refused(&self) -> Option<Refusal> {
        self.refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn partitions(&self, list: &TopicPartitionList) -> Vec<i32> {
        list.elements()
            .iter()
            .filter(|e| e.topic() == self.topic)
            .map(|e| e.partition())
            .collect()
    }
}

impl ClientContext for ConsumerEvents {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, config: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        bearer_token(config)
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.log.log(level, facility, message);
    }
    fn error(&self, error: KafkaError, reason: &str) {
        // Said once by librdkafka, perhaps before anybody listens: kept.
        if let Some(
            code @ (RDKafkaErrorCode::Authentication
            | RDKafkaErrorCode::SaslAuthenticationFailed
            | RDKafkaErrorCode::GroupAuthorizationFailed),
        ) = error.rdkafka_error_code()
        {
            self.refused
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_or_insert_with(|| Refusal {
                    since: Instant::now(),
                    code,
                    reason: reason.to_owned(),
                });
        }
        self.log.error("consumer", &error, reason);
    }
    fn stats(&self, statistics: Statistics) {
        self.observed.consumer_statistics(&self.topic, &statistics);
    }
}

impl ConsumerContext for ConsumerEvents {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Assign(list) => {
                let partitions = self.partitions(list);
                tracing::info!(?partitions, "partitions assigned");
                self.observed.rebalanced("assign");
                self.ledger.assign(partitions);
            }
            Rebalance::Revoke(list) => {
                let partitions = self.partitions(list);
                let lost = consumer.assignment_lost();
                tracing::info!(?partitions, lost, "partitions revoked");
                self.observed.rebalanced(if lost { "lost" } else { "revoke" });
                self.ledger.revoke(Some(&partitions), lost, REVOKE_PATIENCE);
            }
            Rebalance::Error(error) => {
                tracing::warn!(%error, "rebalance failed; all partitions given up");
                self.observed.rebalanced("error");
                self.ledger.revoke(None, true, REVOKE_PATIENCE);
            }
        }
        self.observed.assigned(&self.ledger.partitions());
    }
}

/// A record that could not be written: its index in the batch, and why.
pub type DeliveryFailure = (usize, KafkaError);

/// Callbacks of the producer: which records of the batch failed.
pub struct ProducerEvents {
    failures: Mutex<Vec<DeliveryFailure>>,
    observed: Arc<Observed>,
    log: LogRouter,
}

impl ProducerEvents {
    /// The failures since the last call.
    pub fn take_failures(&self) -> Vec<DeliveryFailure> {
        std::mem::take(&mut *self.failures.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ClientContext for ProducerEvents {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, config: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        bearer_token(config)
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.log.log(level, facility, message);
    }
    fn error(&self, error: KafkaError, reason: &str) {
        self.log.error("producer", &error, reason);
    }
    fn stats(&self, statistics: Statistics) {
        self.observed.producer_statistics(&statistics);
    }
}

impl ProducerContext<NoCustomPartitioner> for ProducerEvents {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, index: usize) {
        if let Err((error, _)) = result {
            self.failures
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((index, error.clone()));
        }
    }
}

/// Routes librdkafka's log into ours, the same complaint at most once in a while.
#[derive(Default)]
pub struct LogRouter {
    last: Mutex<HashMap<String, Instant>>,
}

const LOG_INTERVAL: Duration = Duration::from_secs(5);

impl LogRouter {
    fn due(&self, what: &str) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match last.get(what) {
            Some(then) if now.duration_since(*then) < LOG_INTERVAL => false,
            _ => {
                last.insert(what.to_owned(), now);
                true
            }
        }
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        match level {
            // Lost and refused connections come by the dozen while a broker is away, and reach
            // `error` below as one.
            _ if matches!(facility, "FAIL" | "ERROR" | "DISCONN" | "CONFWARN") => {
                tracing::debug!(target: "librdkafka", facility, "{message}");
            }
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error
                if self.due(facility) =>
            {
                tracing::error!(target: "librdkafka", facility, "{message}");
            }
            RDKafkaLogLevel::Warning if self.due(facility) => {
                tracing::warn!(target: "librdkafka", facility, "{message}");
            }
            _ => tracing::debug!(target: "librdkafka", facility, "{message}"),
        }
    }

    fn error(&self, client: &'static str, error: &KafkaError, reason: &str) {
        let what = error
            .rdkafka_error_code()
            .map_or_else(|| error.to_string(), |c| c.to_string());
        if self.due(&what) {
            tracing::warn!(target: "librdkafka", client, %error, "{reason}");
        } else {
            tracing::debug!(target: "librdkafka", client, %error, "{reason}");
        }
    }
}

/// What both kinds of client answer.
///
/// # Errors
/// As librdkafka does.
pub fn metadata<C: ClientContext>(
    client: &rdkafka::client::Client<C>,
    topic: &str,
    timeout: Duration,
) -> KafkaResult<rdkafka::metadata::Metadata> {
    client.fetch_metadata(Some(topic), timeout)
}
