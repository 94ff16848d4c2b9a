//! Before the first record: brokers that answer, topics that are there.
//!
//! A service is often started before its broker, or before its topics. That is no reason to fail: it says
//! every few seconds what it waits for, and goes on within a second or so of its coming. A topic that stays
//! away longer than its grace is, and so is a broker that refuses us.

use std::time::{Duration, Instant};

use rdkafka::{
    consumer::{BaseConsumer, Consumer as _, ConsumerContext},
    error::KafkaError,
    types::RDKafkaErrorCode as Code,
};

use super::{
    clients::{Consumer, Refusal},
    error::{Severity, StreamError, severity},
    shutdown::Shutdown,
};
use crate::settings::Settings;

const ASK: Duration = Duration::from_secs(2);
const SAY: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(500);
/// Most events that are taken between two questions.
const MOST_EVENTS: usize = 100;
/// How long a refused login is tried again: brokers that start may not know their users yet, a token may be
/// on its way.
const LOGIN_GRACE: Duration = Duration::from_secs(10);

/// The state of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TopicState {
    /// It is there, with so many partitions.
    There(usize),
    /// It is not there.
    Missing,
    /// We may not ask.
    Forbidden(Code),
    /// No answer that helps, for the reason given.
    Unknown(String),
}

/// Asks for a topic.
pub fn topic_state<C: ConsumerContext>(
    client: &BaseConsumer<C>,
    topic: &str,
    timeout: Duration,
) -> TopicState {
    // Lets callbacks be called: without a token to log in with no broker would answer. There is no record to
    // be had before the subscription.
    for _ in 0..MOST_EVENTS {
        if client.poll(Duration::from_millis(5)).is_none() {
            break;
        }
    }
    match client.fetch_metadata(Some(topic), timeout) {
        Ok(metadata) => {
            let Some(found) = metadata.topics().iter().find(|t| t.name() == topic) else {
                return TopicState::Missing;
            };
            match found.error().map(Code::from) {
                None if found.partitions().is_empty() => TopicState::Missing,
                None => TopicState::There(found.partitions().len()),
                Some(Code::UnknownTopicOrPartition | Code::UnknownTopic) => TopicState::Missing,
                Some(code @ Code::TopicAuthorizationFailed) => TopicState::Forbidden(code),
                Some(code) => TopicState::Unknown(code.to_string()),
            }
        }
        Err(error) => match (severity(&error), &error) {
            (Severity::Forbidden, KafkaError::MetadataFetch(code)) => TopicState::Forbidden(*code),
            (Severity::TopicMissing, _) => TopicState::Missing,
            (_, KafkaError::MetadataFetch(code)) => TopicState::Unknown(code.to_string()),
            _ => TopicState::Unknown(error.to_string()),
        },
    }
}

/// Waits until all topics are there. False where the stop was asked for meanwhile.
///
/// # Errors
/// Where a topic stays missing beyond its grace, or we may not see it.
pub fn wait(settings: &Settings, client: &Consumer, shutdown: &Shutdown) -> Result<bool, StreamError> {
    let wanted = settings.topics.all();
    let brokers = &settings.kafka.brokers;
    let grace = Duration::from_millis(settings.kafka.topic_grace_ms);
    let started = Instant::now();
    let mut said: Option<Instant> = None;
    let mut missing_since: Option<Instant> = None;
    let mut next = wanted.iter();
    let mut current = next.next();
    while let Some((setting, topic)) = current {
        if shutdown.asked() {
            return Ok(false);
        }
        if let Some(refusal) = client.context().refused() {
            refused(settings, &refusal)?;
        }
        let due = said.is_none_or(|at| at.elapsed() >= SAY);
        match topic_state(client, topic, ASK) {
            TopicState::There(partitions) => {
                tracing::debug!(topic, partitions, "topic is there");
                missing_since = None;
                current = next.next();
                continue;
            }
            TopicState::Missing => {
                let since = *missing_since.get_or_insert_with(Instant::now);
                if since.elapsed() >= grace {
                    return Err(StreamError::TopicMissing {
                        topic: (*topic).clone(),
                        setting,
                        brokers: brokers.clone(),
                    });
                }
                if due {
                    tracing::warn!(
                        topic,
                        setting,
                        brokers,
                        "topic does not exist; waiting for it: make it with `rapporteur topics create`"
                    );
                    said = Some(Instant::now());
                }
            }
            TopicState::Forbidden(code) => {
                return Err(StreamError::Forbidden {
                    operation: format!("describe topic `{topic}` ({setting})"),
                    reason: code.to_string(),
                });
            }
            TopicState::Unknown(reason) => {
                if due {
                    tracing::warn!(
                        brokers,
                        reason,
                        waited_s = started.elapsed().as_secs(),
                        "no broker answers; trying on"
                    );
                    said = Some(Instant::now());
                }
            }
        }
        if shutdown.wait(PAUSE) {
            return Ok(false);
        }
    }
    if let Some(refusal) = client.context().refused()
        && refusal.code == Code::GroupAuthorizationFailed
    {
        refused(settings, &refusal)?;
    }
    tracing::info!(brokers, "brokers answer, topics are there");
    Ok(true)
}

/// A group that is not ours stays so; a login may be let in yet.
fn refused(settings: &Settings, refusal: &Refusal) -> Result<(), StreamError> {
    let operation = match refusal.code {
        Code::GroupAuthorizationFailed => format!("read in group `{}` (kafka.group)", settings.kafka.group),
        _ if refusal.since.elapsed() < LOGIN_GRACE => return Ok(()),
        _ => format!("log in at {}", settings.kafka.brokers),
    };
    Err(StreamError::Forbidden {
        operation,
        reason: refusal.reason.clone(),
    })
}
