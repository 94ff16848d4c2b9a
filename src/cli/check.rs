//! `rapporteur check`: would it run?

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rapporteur::{
    data::{Finding, Severity, Source},
    extract::{Engine, trial},
    lexicon,
    register::{self, Register},
    settings::{Guarantee, Settings},
    stream::{
        clients::{self, Quiet},
        error::{Severity as Failure, severity},
        registry,
        startup::{TopicState, topic_state},
    },
};
use rdkafka::{
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaError,
    producer::{BaseProducer, Producer as _},
    topic_partition_list::TopicPartitionList,
};

use super::{BAD_DATA, load_engine, load_settings};

/// Check the settings and, on request, the brokers, without starting.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Also ask the brokers: are they there, are the topics, and are we let?
    #[arg(long)]
    connect: bool,
    /// Check register and language packs row by row, those of a directory where one is named.
    #[arg(long, value_name = "DIR", num_args = 0..=1)]
    data: Option<Option<PathBuf>>,
    #[command(flatten)]
    overlays: super::Overlays,
    /// Print the settings in force, secrets struck out.
    #[arg(long)]
    print: bool,
    /// Longest wait for the brokers' answers, in seconds.
    #[arg(long, default_value_t = 10)]
    timeout: u64,
}

/// Checks, and says line by line what holds.
pub fn main(args: &Args, config: Option<&Path>) -> u8 {
    let mut settings = match load_settings(config) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    settings
        .register
        .overlays
        .extend_from_slice(&args.overlays.overlays);
    if let Some(Some(directory)) = &args.data {
        settings.data.directory.clone_from(directory);
    }
    println!("settings  ok");
    if args.print {
        print!("{}", settings.redacted());
    }
    let (source, overlays) = (settings.data_source(), &settings.register.overlays);
    let loaded = load_engine(&source, overlays);
    if let Ok(engine) = &loaded {
        println!("data      ok, version {}", engine.data_version());
    }
    if args.data.is_some() && !data(&source, overlays, loaded.as_ref().ok()) {
        return BAD_DATA;
    }
    if let Err(code) = loaded {
        return code;
    }
    if args.connect {
        connect(&settings, Duration::from_secs(args.timeout))
    } else {
        0
    }
}

/// Tells all that is wrong with the data; whether it may stay as it is.
fn data(source: &Source, overlays: &[PathBuf], engine: Option<&Engine>) -> bool {
    let mut findings: Vec<Finding> = register::check(source, overlays);
    // Packs are read against the register's codes: without its tables nothing can be said of them.
    if let Ok(tables) = Register::load_tables(source) {
        findings.extend(lexicon::check(source, &tables));
    }
    if let Some(engine) = engine {
        findings.extend(trial(engine, source));
    }
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    println!("rows      {errors} errors, {} warnings", findings.len() - errors);
    errors == 0
}

fn connect(settings: &Settings, timeout: Duration) -> u8 {
    let made = clients::consumer_config(settings).create_with_context::<_, BaseConsumer<Quiet>>(Quiet);
    let consumer = match made {
        Ok(consumer) => consumer,
        Err(error) => {
            println!("consumer  FAILED: {error}");
            return 2;
        }
    };
    let mut worst = brokers_and_topics(settings, &consumer, timeout);
    if worst == 6 {
        return worst;
    }
    worst = worst.max(group(settings, timeout));
    worst = worst.max(schema(settings));
    if settings.delivery.guarantee == Guarantee::ExactlyOnce {
        worst = worst.max(transactions(settings, timeout));
    }
    worst
}

fn brokers_and_topics(settings: &Settings, consumer: &BaseConsumer<Quiet>, timeout: Duration) -> u8 {
    let mut worst = 0;
    for (setting, topic) in settings.topics.all() {
        match topic_state(consumer, topic, timeout) {
            TopicState::There(partitions) => println!("topic     ok: {topic}, {partitions} partitions"),
            TopicState::Missing => {
                println!(
                    "topic     FAILED: `{topic}` ({setting}) does not exist at {}; \
                     make it with `rapporteur topics create`",
                    settings.kafka.brokers
                );
                worst = worst.max(4);
            }
            TopicState::Forbidden(code) => {
                println!("topic     FAILED: not permitted to describe `{topic}` ({setting}): {code}");
                worst = worst.max(5);
            }
            TopicState::Unknown(reason) => {
                println!(
                    "brokers   FAILED: {} do not answer: {reason}",
                    settings.kafka.brokers
                );
                return 6;
            }
        }
    }
    println!("brokers   ok: {}", settings.kafka.brokers);
    worst
}

fn schema(settings: &Settings) -> u8 {
    if settings.schema_registry.url.is_empty() {
        return 0;
    }
    match registry::look_up(settings) {
        Ok(found) => {
            for (subject, id) in found {
                match id {
                    Some(id) => println!("schema    ok: {subject}, id {id}"),
                    None => println!("schema    ok: {subject} is to be registered"),
                }
            }
            0
        }
        Err(error) => {
            println!("schema    FAILED: {error}");
            error.exit_code()
        }
    }
}

fn group(settings: &Settings, timeout: Duration) -> u8 {
    // One that nobody has listened to yet: a refusal of the group is said once.
    let made = clients::consumer_config(settings).create_with_context::<_, BaseConsumer<Quiet>>(Quiet);
    let consumer = match made {
        Ok(consumer) => consumer,
        Err(error) => return told("group", "make a consumer", Some(error)),
    };
    // What is said of the group before we ask; and we log in by way of a callback.
    let refusals = || {
        let said = std::iter::from_fn(|| consumer.poll(Duration::from_millis(100)));
        let said: Vec<KafkaError> = said.take(100).filter_map(Result::err).collect();
        said.into_iter().find(|said| severity(said) == Failure::Forbidden)
    };
    let before = refusals();
    let mut list = TopicPartitionList::new();
    list.add_partition(&settings.topics.input, 0);
    let answer = consumer.committed_offsets(list, timeout);
    let failed = match &answer {
        Ok(list) => list.elements().iter().find_map(|e| e.error().err()),
        Err(error) => Some(error.clone()),
    };
    let failed = failed.map(|error| before.or_else(refusals).unwrap_or(error));
    told("group", &format!("use group `{}`", settings.kafka.group), failed)
}

fn transactions(settings: &Settings, timeout: Duration) -> u8 {
    // Not the running instance's own id: that would fence it.
    let id = format!("{}-check", settings.kafka.group);
    let made = clients::producer_config(settings, &id).create_with_context::<_, BaseProducer<Quiet>>(Quiet);
    let failed = match made {
        Ok(producer) => {
            // Lets callbacks be called: what we log in with comes from one.
            producer.poll(Duration::from_millis(100));
            producer.init_transactions(timeout).err()
        }
        Err(error) => Some(error),
    };
    told(
        "producer",
        &format!("use transactional ids such as `{id}`"),
        failed,
    )
}

fn told(what: &str, operation: &str, failed: Option<KafkaError>) -> u8 {
    match failed {
        None => {
            println!("{what:<9} ok: may {operation}");
            0
        }
        Some(error) if severity(&error) == Failure::Forbidden => {
            println!("{what:<9} FAILED: not permitted to {operation}: {error}");
            5
        }
        Some(error) => {
            println!("{what:<9} FAILED: cannot {operation}: {error}");
            6
        }
    }
}
