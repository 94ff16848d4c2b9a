//! `rapporteur demo`: the whole service on a machine that has nothing.
//!
//! An in-process broker stands in for Kafka (librdkafka's mock cluster, on a loopback port); everything else
//! is what `run` runs. Sample articles are produced to the input topic, and the events are read back from
//! the output topic and shown as they arrive.

use std::{
    io::{self, Write as _},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use prost::Message as _;
use rapporteur::{
    event::ContactEvent,
    ops::{Observed, logs},
    settings::Settings,
    stream::{Service, clients::Quiet, wire},
};
use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaError,
    message::{Headers as _, Message as _},
    mocking::MockCluster,
    producer::{BaseProducer, BaseRecord, Producer as _},
};

use super::{pretty, report, run};

/// Show it at work with an in-process broker and sample articles.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Leave it running when the articles are read, so that more can be produced; ends with Ctrl-C.
    #[arg(long)]
    keep: bool,
    /// Show the service's log as well.
    #[arg(long)]
    log: bool,
    #[command(flatten)]
    overlays: super::Overlays,
}

const SAMPLES: &str = include_str!("../../tests/gold/demo.jsonl");
const PATIENCE: Duration = Duration::from_secs(60);

/// Why the demo could not be shown.
#[derive(Debug, thiserror::Error)]
enum DemoError {
    #[error("in-process broker: {0}")]
    Kafka(#[from] KafkaError),
    #[error("sample articles: {0}")]
    Samples(#[from] serde_json::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("an event on the output topic cannot be read: {0}")]
    Event(#[from] prost::DecodeError),
    #[error("the articles were not read within {} seconds", PATIENCE.as_secs())]
    TooSlow,
}

/// Shows it.
pub fn main(args: &Args) -> u8 {
    let mut settings = Settings::default();
    settings.http.listen.clear();
    settings.register.overlays.clone_from(&args.overlays.overlays);
    settings.log.level = if args.log { "info" } else { "error" }.into();
    if let Err(error) = logs::init(&settings.log, None) {
        return report(&error, 2);
    }
    let extraction = match run::extraction(&settings) {
        Ok(extraction) => extraction,
        Err(code) => return code,
    };
    let broker = match broker(&settings) {
        Ok(broker) => broker,
        Err(error) => return report(&error, 6),
    };
    settings.kafka.brokers = broker.bootstrap_servers();
    let service = Service::new(settings, extraction);
    let (settings, observed, shutdown) = (
        Arc::clone(&service.settings),
        Arc::clone(&service.observed),
        Arc::clone(&service.shutdown),
    );
    let stream = thread::Builder::new()
        .name("poller".into())
        .spawn(move || service.run());
    let stream = match stream {
        Ok(stream) => stream,
        Err(error) => return report(&error, 6),
    };
    let shown = show(&settings, &observed, args.keep);
    shutdown.ask();
    let ended = stream.join();
    match (shown, ended) {
        (_, Ok(Err(error))) => report(&error, error.exit_code()),
        // Whoever reads us has seen enough.
        (Err(DemoError::Io(error)), _) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        (Err(error), _) => report(&error, 6),
        (Ok(()), Ok(Ok(()))) => 0,
        (Ok(()), Err(_)) => 70,
    }
}

fn broker(
    settings: &Settings,
) -> Result<MockCluster<'static, rdkafka::producer::DefaultProducerContext>, DemoError> {
    let broker = MockCluster::new(1)?;
    broker.create_topic(&settings.topics.input, 3, 1)?;
    broker.create_topic(&settings.topics.output, 3, 1)?;
    broker.create_topic(&settings.topics.dead_letters, 1, 1)?;
    Ok(broker)
}

/// Produces the samples and shows what comes back.
fn show(settings: &Settings, observed: &Observed, keep: bool) -> Result<(), DemoError> {
    let mut out = anstream::stdout();
    let articles = samples()?;
    writeln!(
        out,
        "An in-process broker listens on {}. {} articles go to topic `{}`; their contacts come back on `{}`.\n",
        settings.kafka.brokers,
        articles.len(),
        settings.topics.input,
        settings.topics.output
    )?;
    produce(settings, &articles)?;

    let consumer: BaseConsumer<Quiet> = ClientConfig::new()
        .set("bootstrap.servers", &settings.kafka.brokers)
        .set("group.id", "rapporteur-demo")
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create_with_context(Quiet)?;
    consumer.subscribe(&[&settings.topics.output])?;
    let expected = articles.len() as u64;
    let started = Instant::now();
    let mut seen = 0;
    loop {
        let progress = observed.progress();
        let done = progress.articles >= expected && seen >= progress.events;
        if done && !keep {
            writeln!(
                out,
                "{} articles read: {} contacts from {}, none in {}, {} dead letters.",
                progress.articles,
                progress.events,
                progress.with_events,
                progress.without_events,
                progress.dead_letters
            )?;
            return Ok(());
        }
        if !done && !keep && started.elapsed() > PATIENCE {
            return Err(DemoError::TooSlow);
        }
        match consumer.poll(Duration::from_millis(50)) {
            Some(Ok(message)) => {
                seen += 1;
                let event = ContactEvent::decode(message.payload().unwrap_or_default())?;
                let header = |name: &str| {
                    message.headers().and_then(|headers| {
                        let found = headers.iter().find(|h| h.key == name)?;
                        found.value.map(|v| String::from_utf8_lossy(v).into_owned())
                    })
                };
                let place = format!(
                    "{}[{}]@{}  {} {}",
                    message.topic(),
                    message.partition(),
                    message.offset(),
                    header(wire::CE_TYPE).unwrap_or_default(),
                    header(wire::CE_ID).unwrap_or_default()
                );
                writeln!(out, "{place}")?;
                pretty::write(&mut out, &[event])?;
                out.flush()?;
            }
            // The broker is young: its topics' leaders may still be unknown to us.
            Some(Err(error)) => tracing::debug!(%error, "demo consumer"),
            None => {}
        }
    }
}

fn samples() -> Result<Vec<serde_json::Value>, serde_json::Error> {
    SAMPLES
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let mut gold: serde_json::Value = serde_json::from_str(line)?;
            Ok(gold["article"].take())
        })
        .collect()
}

fn produce(settings: &Settings, articles: &[serde_json::Value]) -> Result<(), KafkaError> {
    let producer: BaseProducer<Quiet> = ClientConfig::new()
        .set("bootstrap.servers", &settings.kafka.brokers)
        .create_with_context(Quiet)?;
    for article in articles {
        let key = article["id"].as_str().unwrap_or_default();
        let value = article.to_string();
        producer
            .send(BaseRecord::to(&settings.topics.input).key(key).payload(&value))
            .map_err(|(error, _)| error)?;
    }
    producer.flush(PATIENCE)
}
