//! Why the stream stopped, and the exit code that says so.

use rdkafka::{error::KafkaError, types::RDKafkaErrorCode};

/// Why the stream could not go on.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StreamError {
    /// A client could not be made from the settings.
    #[error("cannot make the Kafka {client}: {reason}")]
    Client {
        /// Which client.
        client: &'static str,
        /// What librdkafka says.
        reason: String,
    },
    /// A topic is missing and stayed so.
    #[error(
        "topic `{topic}` ({setting}) does not exist at {brokers}; make it with `rapporteur topics create`, \
         or name another in {setting}"
    )]
    TopicMissing {
        /// The topic.
        topic: String,
        /// The setting that names it.
        setting: &'static str,
        /// Where it was looked for.
        brokers: String,
    },
    /// The brokers do not let us.
    #[error("not permitted: {operation}: {reason}; grant it to this service's principal")]
    Forbidden {
        /// What was tried, with the resource's name.
        operation: String,
        /// The broker's answer.
        reason: String,
    },
    /// The schema registry does not take the schema, or us.
    #[error("schema registry: subject `{subject}`: {reason}")]
    Registry {
        /// The subject.
        subject: String,
        /// What it says, and what to do.
        reason: String,
    },
    /// Another instance uses the same transactional id.
    #[error(
        "fenced {times} times in a row: another instance uses the transactional id `{transactional_id}`; \
         give each its own in kafka.transactional_id"
    )]
    Fenced {
        /// The id.
        transactional_id: String,
        /// How often without a commit between.
        times: u32,
    },
    /// Too many articles outran their budget and still keep their threads.
    #[error(
        "{stuck} articles outran pipeline.article_budget_ms and still hold their threads; \
         they are in the dead letters, restart to free the threads"
    )]
    Stuck {
        /// How many.
        stuck: usize,
    },
    /// librdkafka can do no more.
    #[error("{operation}: {reason}")]
    Fatal {
        /// What was tried.
        operation: &'static str,
        /// What librdkafka says.
        reason: String,
    },
    /// Stopped before all in hand was written. It will be read again: nothing is lost.
    #[error(
        "stopped with {records} articles in hand unwritten after {waited_ms} ms; they will be read again"
    )]
    Unfinished {
        /// How many.
        records: usize,
        /// How long they were waited for.
        waited_ms: u64,
    },
    /// A thread of the service panicked: a defect of the program.
    #[error("the {thread} thread panicked: this is a defect of rapporteur, please report it")]
    Panicked {
        /// Which.
        thread: &'static str,
    },
}

impl StreamError {
    /// The process's exit code for this end; see the README's table.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Client { .. } => 2,
            Self::TopicMissing { .. } => 4,
            Self::Forbidden { .. } => 5,
            Self::Fenced { .. } | Self::Stuck { .. } | Self::Fatal { .. } => 6,
            Self::Unfinished { .. } => 7,
            Self::Registry { .. } => 8,
            Self::Panicked { .. } => 70,
        }
    }
}

/// What an error of Kafka means for who meets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The same call may succeed when made again.
    Retriable,
    /// The transaction must be aborted; the batch may be written again.
    Abort,
    /// The producer is of no more use; a new one may be.
    Rebuild,
    /// The brokers refuse us; only an operator can help.
    Forbidden,
    /// A topic is not there.
    TopicMissing,
    /// A record is larger than a broker or the client takes.
    TooLarge,
}

impl Severity {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Retriable,
        Self::Abort,
        Self::Rebuild,
        Self::Forbidden,
        Self::TopicMissing,
        Self::TooLarge,
    ];

    /// Its name in logs and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Retriable => "retriable",
            Self::Abort => "abort",
            Self::Rebuild => "rebuild",
            Self::Forbidden => "forbidden",
            Self::TopicMissing => "topic_missing",
            Self::TooLarge => "too_large",
        }
    }
}

/// Sorts an error.
#[must_use]
pub fn severity(error: &KafkaError) -> Severity {
    use RDKafkaErrorCode as Code;
    let code = error.rdkafka_error_code();
    match code {
        Some(
            Code::TopicAuthorizationFailed
            | Code::GroupAuthorizationFailed
            | Code::ClusterAuthorizationFailed
            | Code::TransactionalIdAuthorizationFailed
            | Code::SaslAuthenticationFailed
            | Code::Authentication,
        ) => return Severity::Forbidden,
        Some(Code::UnknownTopicOrPartition | Code::UnknownTopic | Code::UnknownPartition) => {
            return Severity::TopicMissing;
        }
        Some(Code::MessageSizeTooLarge | Code::InvalidMessageSize) => return Severity::TooLarge,
        Some(Code::Fenced | Code::Fatal | Code::ProducerFenced | Code::InvalidProducerEpoch) => {
            return Severity::Rebuild;
        }
        _ => {}
    }
    match error {
        KafkaError::Transaction(e) if e.is_fatal() => Severity::Rebuild,
        KafkaError::Transaction(e) if e.txn_requires_abort() => Severity::Abort,
        KafkaError::Transaction(e) if e.is_retriable() => Severity::Retriable,
        // Neither retriable nor abortable: a call out of turn. A fresh producer starts in a known state.
        KafkaError::Transaction(_) => Severity::Rebuild,
        _ => Severity::Abort,
    }
}

/// The code of an error, where it has one.
#[must_use]
pub fn code(error: &KafkaError) -> RDKafkaErrorCode {
    error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Fail)
}
