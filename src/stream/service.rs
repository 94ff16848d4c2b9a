//! All of it, started in order and stopped in order.
//!
//! Start: consumer made, brokers, topics and schema registry waited for, producer made known, workers and publisher started,
//! then the subscription, so that the first record finds everything ready. Stop: reading ends, what is in
//! hand is committed, the ledger is closed, all threads come home, the consumer leaves its group.

use std::{sync::Arc, thread};

use rdkafka::consumer::Consumer as _;

use super::{
    clients,
    error::StreamError,
    ledger::{Ledger, Limits},
    poller::Poller,
    pool::{Bench, Pool},
    publisher::Publisher,
    registry,
    settle::Extraction,
    shutdown::Shutdown,
    startup,
};
use crate::{
    article::Decoder,
    ops::{Observed, health::Phase},
    settings::Settings,
};

/// The stream from the input topic to the output topics.
pub struct Service {
    /// The settings.
    pub settings: Arc<Settings>,
    /// From bytes to article.
    pub decoder: Arc<Decoder>,
    /// From article to events.
    pub extraction: Extraction,
    /// Where facts go.
    pub observed: Arc<Observed>,
    /// The word to stop.
    pub shutdown: Arc<Shutdown>,
}

impl Service {
    /// The service that those settings describe, not yet started.
    pub fn new(settings: Settings, extraction: Extraction) -> Self {
        Self {
            decoder: Arc::new(Decoder::new(&settings.article)),
            observed: Arc::new(Observed::new(&settings.http)),
            settings: Arc::new(settings),
            extraction,
            shutdown: Arc::new(Shutdown::default()),
        }
    }

    /// Runs on this thread until told to stop.
    ///
    /// # Errors
    /// Where it cannot start, cannot go on, or cannot finish what is in hand.
    pub fn run(&self) -> Result<(), StreamError> {
        let settings = &self.settings;
        let ledger = Arc::new(Ledger::new(Limits {
            records: settings.pipeline.max_records_in_flight,
            bytes: settings.pipeline.max_bytes_in_flight,
        }));
        let consumer = Arc::new(clients::consumer(settings, &ledger, &self.observed)?);
        if !startup::wait(settings, &consumer, &self.shutdown)? {
            return Ok(());
        }
        let Some(routes) = registry::routes(settings, &|wait| self.shutdown.wait(wait))? else {
            return Ok(());
        };
        let transactional_id = transactional_id(settings)?;
        let publisher = Publisher::new(
            Arc::clone(settings),
            Arc::clone(&ledger),
            Arc::clone(&self.observed),
            Arc::clone(&consumer),
            transactional_id,
            self.extraction.version.clone(),
            &|wait| self.shutdown.wait(wait),
        )?;
        let Some(publisher) = publisher.map(|publisher| publisher.to(routes)) else {
            return Ok(());
        };
        let bench = Bench {
            topic: settings.topics.input.as_str().into(),
            decoder: Arc::clone(&self.decoder),
            extraction: self.extraction.clone(),
            ledger: Arc::clone(&ledger),
            observed: Arc::clone(&self.observed),
        };
        let mut pool = Pool::start(bench, settings.worker_count()).map_err(thread_refused)?;
        let publishing = {
            let ledger = Arc::clone(&ledger);
            thread::Builder::new()
                .name("publisher".into())
                .spawn(move || {
                    // Told to the poll thread however this thread ends.
                    let end = EndOfPublisher(&ledger);
                    let result = publisher.run();
                    if let Err(error) = &result {
                        ledger.fail(error.clone());
                    }
                    drop(end);
                })
                .map_err(thread_refused)?
        };

        let polled = self.poll(&consumer, &ledger, &mut pool);
        ledger.close();
        pool.join();
        let published = publishing.join();
        tracing::debug!("threads are home; leaving the group");
        drop(consumer);
        polled?;
        published.map_err(|_| StreamError::Panicked { thread: "publisher" })?;
        // A failure on the way down, after the poll thread had looked last.
        ledger.failure().map_or(Ok(()), Err)
    }

    fn poll(
        &self,
        consumer: &clients::Consumer,
        ledger: &Ledger,
        pool: &mut Pool,
    ) -> Result<(), StreamError> {
        let input = self.settings.topics.input.as_str();
        consumer.subscribe(&[input]).map_err(|error| StreamError::Fatal {
            operation: "subscribe",
            reason: error.to_string(),
        })?;
        self.observed.health.phase(Phase::Running);
        tracing::info!(
            input,
            output = self.settings.topics.output,
            group = self.settings.kafka.group,
            guarantee = ?self.settings.delivery.guarantee,
            workers = self.settings.worker_count(),
            "reading"
        );
        Poller {
            consumer,
            ledger,
            settings: &self.settings,
            shutdown: &self.shutdown,
            observed: &self.observed,
            pool,
        }
        .run()
    }
}

struct EndOfPublisher<'a>(&'a Ledger);

impl Drop for EndOfPublisher<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.fail(StreamError::Panicked { thread: "publisher" });
        }
    }
}

fn thread_refused(error: std::io::Error) -> StreamError {
    StreamError::Fatal {
        operation: "start a thread",
        reason: error.to_string(),
    }
}

/// The id set, or one made up for this start.
fn transactional_id(settings: &Settings) -> Result<String, StreamError> {
    if !settings.kafka.transactional_id.is_empty() {
        return Ok(settings.kafka.transactional_id.clone());
    }
    let random = getrandom::u64().map_err(|error| StreamError::Fatal {
        operation: "make up a transactional id",
        reason: error.to_string(),
    })?;
    Ok(format!("{}-{random:016x}", settings.kafka.group))
}
