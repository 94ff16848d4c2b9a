//! `rapporteur tail`: the contacts on the output topic, decoded, filtered, for people or as JSON.
//!
//! It reads without a group, commits nothing and sees committed events only, so it can be run beside anything.
//! Without more it shows the last few and ends; the last few are looked for among the newest records of each
//! partition, not in the whole topic.

use std::{
    collections::{BTreeSet, VecDeque},
    io::{self, Write},
    path::Path,
    time::{Duration, Instant},
};

use prost::Message as _;
use rapporteur::{
    event::{ContactEvent, ContactKind, ContactStatus},
    settings::Settings,
    stream::{
        clients::{self, Quiet},
        error::{Severity, code, severity},
        wire,
    },
};
use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaError,
    message::{BorrowedMessage, Message as _},
};

use super::{load_settings, pretty, report};

/// Show the contacts on the output topic.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Show everything that is on the topic, not just the last.
    #[arg(long)]
    from_beginning: bool,
    /// Go on with what comes, until Ctrl-C.
    #[arg(long, short)]
    follow: bool,
    /// End after so many events.
    #[arg(long, value_name = "N")]
    max: Option<usize>,
    /// How many of the last events are shown.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 10,
        conflicts_with = "from_beginning"
    )]
    last: usize,
    /// Only contacts of this party: an ISO 3166-1 alpha-3 code or an organisation's; several times, any of them.
    #[arg(long, value_name = "CODE")]
    party: Vec<String>,
    /// Only contacts of this kind: meeting, phone-call …; several times, any of them.
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Vec<ContactKind>,
    /// Only contacts of this status: held, planned, cancelled …; several times, any of them.
    #[arg(long, value_name = "STATUS", value_parser = status)]
    status: Vec<ContactStatus>,
    /// Only contacts about this topic: energy, peace-process …; several times, any of them.
    #[arg(long, value_name = "CODE")]
    topic: Vec<String>,
    /// Only contacts at least as sure as this.
    #[arg(long, value_name = "X", value_parser = super::extract::confidence)]
    min_confidence: Option<f64>,
    /// For people, or one line of ProtoJSON an event.
    #[arg(long, value_enum, default_value_t = Format::Pretty)]
    format: Format,
    /// Kafka topic to read, where it is not the output topic of the settings.
    #[arg(long, value_name = "NAME")]
    kafka_topic: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Pretty,
    Json,
}

/// Records of each partition among which the last events are looked for.
const LOOK_BACK: i64 = 2_000;
const TIMEOUT: Duration = Duration::from_secs(15);
/// Longest silence of the brokers before the end of the topic is given up on.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why it ended early.
#[derive(Debug, thiserror::Error)]
enum TailError {
    #[error("Kafka: {0}")]
    Kafka(#[from] KafkaError),
    #[error("topic `{0}` does not exist; `rapporteur topics create` makes the topics of the settings")]
    NoTopic(String),
    #[error("no answer from {brokers} for {} seconds", PATIENCE.as_secs())]
    Silence { brokers: String },
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("an event cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl TailError {
    fn exit_code(&self) -> u8 {
        match self {
            Self::NoTopic(_) => 4,
            Self::Kafka(error) if severity(error) == Severity::Forbidden => 5,
            Self::Kafka(error) if severity(error) == Severity::TopicMissing => 4,
            Self::Kafka(_) | Self::Silence { .. } => 6,
            Self::Io(_) | Self::Json(_) => 74,
        }
    }
}

/// Shows events. Exit code 1 where some record was no event.
pub fn main(args: &Args, config: Option<&Path>) -> u8 {
    let settings = match load_settings(config) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    let mut out = anstream::stdout().lock();
    match tail(args, &settings, &mut out) {
        Ok(0) => 0,
        Ok(_) => 1,
        // Whoever reads us has seen enough.
        Err(TailError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(error) => report(&error, error.exit_code()),
    }
}

/// An event and where it was.
struct Shown {
    place: String,
    timestamp: i64,
    event: ContactEvent,
}

/// Shows events, and returns how many records were none.
fn tail(args: &Args, settings: &Settings, out: &mut impl Write) -> Result<usize, TailError> {
    let topic = args.kafka_topic.as_ref().unwrap_or(&settings.topics.output);
    let consumer = consumer(settings)?;
    let mut open = assign(&consumer, topic, args)?;
    let most = args.max.unwrap_or(usize::MAX);
    // Of the last events none is shown before all partitions are read to their ends.
    let mut held: Option<VecDeque<Shown>> = (!args.from_beginning).then(VecDeque::new);
    let (mut shown, mut bad) = (0, 0);
    let mut heard = Instant::now();
    while shown < most {
        if open.is_empty() {
            if let Some(held) = held.take() {
                for event in held.iter().take(most) {
                    print(out, event, args.format)?;
                    shown += 1;
                }
            }
            if !args.follow {
                break;
            }
        }
        match consumer.poll(Duration::from_millis(200)) {
            None if open.is_empty() || heard.elapsed() < PATIENCE => {}
            None => {
                return Err(TailError::Silence {
                    brokers: settings.kafka.brokers.clone(),
                });
            }
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                open.remove(&partition);
            }
            Some(Err(error)) => match severity(&error) {
                Severity::Forbidden | Severity::TopicMissing => return Err(error.into()),
                // The client goes on trying by itself.
                _ => eprintln!("rapporteur: {}: {error}", code(&error)),
            },
            Some(Ok(message)) => {
                heard = Instant::now();
                // A tombstone of a compacted topic is no event.
                let Some(value) = message.payload() else {
                    continue;
                };
                let event = match read(&message, value) {
                    Ok(event) => event,
                    Err(reason) => {
                        eprintln!("rapporteur: {}: no event: {reason}", place(&message));
                        bad += 1;
                        continue;
                    }
                };
                if !wanted(args, &event.event) {
                    continue;
                }
                match &mut held {
                    None => {
                        print(out, &event, args.format)?;
                        shown += 1;
                    }
                    Some(held) => keep(held, event, args.last),
                }
            }
        }
    }
    Ok(bad)
}

fn consumer(settings: &Settings) -> Result<BaseConsumer<Quiet>, KafkaError> {
    clients::consumer_config(settings)
        .set("isolation.level", "read_committed")
        .set("enable.partition.eof", "true")
        .create_with_context(Quiet)
}

/// Takes the topic's partitions from where they are to be read, and returns those that hold anything.
fn assign(consumer: &BaseConsumer<Quiet>, topic: &str, args: &Args) -> Result<BTreeSet<i32>, TailError> {
    let metadata = consumer.fetch_metadata(Some(topic), TIMEOUT)?;
    let partitions = metadata.topics().iter().find(|t| t.name() == topic);
    let partitions = partitions.map_or(&[][..], |found| found.partitions());
    if partitions.is_empty() {
        return Err(TailError::NoTopic(topic.to_owned()));
    }
    let mut list = TopicPartitionList::new();
    let offset = match args.from_beginning {
        true => Offset::Beginning,
        false => Offset::OffsetTail(LOOK_BACK),
    };
    for partition in partitions {
        list.add_partition_offset(topic, partition.id(), offset)?;
    }
    consumer.assign(&list)?;
    Ok(partitions.iter().map(|p| p.id()).collect())
}

fn read(message: &BorrowedMessage<'_>, value: &[u8]) -> Result<Shown, String> {
    let value = wire::unframed(value).ok_or("the frame of a schema registry is cut off")?;
    Ok(Shown {
        event: ContactEvent::decode(value).map_err(|error| error.to_string())?,
        timestamp: message.timestamp().to_millis().unwrap_or_default(),
        place: place(message),
    })
}

fn place(message: &BorrowedMessage<'_>) -> String {
    format!(
        "{}[{}]@{}",
        message.topic(),
        message.partition(),
        message.offset()
    )
}

/// Keeps the newest, in the order of their time.
fn keep(held: &mut VecDeque<Shown>, event: Shown, most: usize) {
    let at = held.partition_point(|other| other.timestamp <= event.timestamp);
    held.insert(at, event);
    if held.len() > most {
        held.pop_front();
    }
}

fn print(out: &mut impl Write, shown: &Shown, format: Format) -> Result<(), TailError> {
    match format {
        Format::Pretty => {
            writeln!(out, "{}  {}", shown.place, shown.event.contact_key)?;
            pretty::write(out, std::slice::from_ref(&shown.event))?;
        }
        Format::Json => {
            serde_json::to_writer(&mut *out, &shown.event)?;
            writeln!(out)?;
        }
    }
    // Whoever follows sees an event when it comes.
    Ok(out.flush()?)
}

fn wanted(args: &Args, event: &ContactEvent) -> bool {
    let parties = event.participants.iter();
    any(
        &args.party,
        parties.flat_map(|p| [p.country.as_str(), p.organization.as_str()]),
    ) && any(&args.topic, event.topics.iter().map(|t| t.code.as_str()))
        && (args.kind.is_empty() || args.kind.contains(&event.kind()))
        && (args.status.is_empty() || args.status.contains(&event.status()))
        && args.min_confidence.is_none_or(|least| event.confidence >= least)
}

fn any<'a>(wanted: &[String], mut there: impl Iterator<Item = &'a str>) -> bool {
    wanted.is_empty() || there.any(|code| wanted.iter().any(|w| w.eq_ignore_ascii_case(code)))
}

fn kind(text: &str) -> Result<ContactKind, String> {
    named(
        text,
        "CONTACT_KIND_",
        |i| ContactKind::try_from(i).ok(),
        ContactKind::as_str_name,
    )
}

fn status(text: &str) -> Result<ContactStatus, String> {
    named(
        text,
        "CONTACT_STATUS_",
        |i| ContactStatus::try_from(i).ok(),
        |s| s.as_str_name(),
    )
}

/// The value of that name among those of an enum of the schema; 0 stands for none.
fn named<T: Copy>(
    text: &str,
    prefix: &str,
    number: impl Fn(i32) -> Option<T>,
    name: impl Fn(&T) -> &'static str,
) -> Result<T, String> {
    let short = |value: &T| {
        name(value)
            .trim_start_matches(prefix)
            .to_lowercase()
            .replace('_', "-")
    };
    let values: Vec<T> = (1..).map_while(number).collect();
    let wanted = text.to_lowercase().replace('_', "-");
    values
        .iter()
        .find(|value| short(value) == wanted)
        .copied()
        .ok_or_else(|| {
            let names: Vec<String> = values.iter().map(short).collect();
            format!("one of {}", names.join(", "))
        })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use rapporteur::event::{Participant, Topic};

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn args(line: &[&str]) -> Result<Args, String> {
        Line::try_parse_from([&["tail"], line].concat())
            .map(|line| line.args)
            .map_err(|error| error.to_string())
    }

    fn event() -> ContactEvent {
        ContactEvent {
            kind: ContactKind::PhoneCall.into(),
            status: ContactStatus::Held.into(),
            confidence: 0.8,
            participants: vec![
                Participant {
                    country: "FRA".into(),
                    ..Participant::default()
                },
                Participant {
                    organization: "NATO".into(),
                    ..Participant::default()
                },
            ],
            topics: vec![Topic {
                code: "energy".into(),
                ..Topic::default()
            }],
            ..ContactEvent::default()
        }
    }

    #[test]
    fn an_event_is_shown_where_every_filter_has_a_hit() {
        for line in [
            &[][..],
            &["--party", "fra"],
            &["--party", "DEU", "--party", "NATO"],
            &["--kind", "phone-call", "--status", "HELD"],
            &["--kind", "PHONE_CALL", "--kind", "meeting"],
            &["--topic", "energy", "--min-confidence", "0.8"],
        ] {
            assert!(wanted(&args(line).unwrap(), &event()), "{line:?}");
        }
        for line in [
            &["--party", "DEU"][..],
            &["--kind", "meeting"],
            &["--status", "planned"],
            &["--topic", "trade"],
            &["--min-confidence", "0.81"],
            &["--party", "FRA", "--kind", "visit"],
        ] {
            assert!(!wanted(&args(line).unwrap(), &event()), "{line:?}");
        }
    }

    #[test]
    fn a_kind_that_does_not_exist_is_refused_with_those_that_do() {
        let error = args(&["--kind", "telegram"]).unwrap_err();
        assert!(error.contains("phone-call, video-call"), "{error}");
        let error = args(&["--status", "unspecified"]).unwrap_err();
        assert!(error.contains("held, ongoing"), "{error}");
    }

    #[test]
    fn of_the_last_events_the_newest_are_kept_in_the_order_of_time() {
        let mut held = VecDeque::new();
        for timestamp in [5, 1, 9, 7, 3, 8] {
            let event = Shown {
                place: timestamp.to_string(),
                timestamp,
                event: event(),
            };
            keep(&mut held, event, 3);
        }
        let places: Vec<&str> = held.iter().map(|e| e.place.as_str()).collect();
        assert_eq!(places, ["7", "8", "9"]);
    }
}
