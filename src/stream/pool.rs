//! The worker threads: decode, extract, encode.
//!
//! An article that outruns its budget cannot be stopped, only given up: its record is settled as a dead
//! letter in its worker's place and a fresh worker takes over. The old thread goes home when it is done, if
//! ever; how many may be out like that is bounded.

use std::{
    collections::HashMap,
    io,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Instant,
};

use super::{
    ledger::Ledger,
    settle::{Extraction, settle},
};
use crate::{article::Decoder, ops::Observed};

/// What every worker works with.
#[derive(Clone)]
pub struct Bench {
    /// Input topic.
    pub topic: Arc<str>,
    /// From bytes to article.
    pub decoder: Arc<Decoder>,
    /// From article to events.
    pub extraction: Extraction,
    /// Where jobs come from.
    pub ledger: Arc<Ledger>,
    /// Where time is reported.
    pub observed: Arc<Observed>,
}

/// The worker threads.
pub struct Pool {
    bench: Bench,
    threads: HashMap<usize, JoinHandle<()>>,
    next: usize,
    /// Threads that were given up.
    astray: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Starts so many workers.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(bench: Bench, workers: usize) -> io::Result<Self> {
        let mut pool = Self {
            bench,
            threads: HashMap::with_capacity(workers),
            next: 0,
            astray: Vec::new(),
        };
        for _ in 0..workers {
            pool.add()?;
        }
        Ok(pool)
    }

    /// Starts a worker in the place of one that is given up. Returns how many are astray now.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn replace(&mut self, worker: usize) -> io::Result<usize> {
        self.astray.extend(self.threads.remove(&worker));
        self.astray.retain(|thread| !thread.is_finished());
        self.add()?;
        Ok(self.astray.len())
    }

    fn add(&mut self) -> io::Result<()> {
        let (bench, worker) = (self.bench.clone(), self.next);
        self.next += 1;
        let thread = thread::Builder::new()
            .name(format!("worker-{worker}"))
            .spawn(move || work(&bench, worker))?;
        self.threads.insert(worker, thread);
        Ok(())
    }

    /// Waits for the workers, once the ledger is closed. Those astray are left behind: they hold nothing but
    /// their article, and the process is about to end.
    pub fn join(self) {
        for thread in self.threads.into_values() {
            // Workers catch the extractor's panics; a panic of the worker itself has been told by the hook,
            // and the end has come anyway.
            if thread.join().is_err() {
                tracing::error!("a worker panicked");
            }
        }
    }
}

fn work(bench: &Bench, worker: usize) {
    while let Some(job) = bench.ledger.next_job(worker) {
        let started = Instant::now();
        let outcome = settle(&job.record, &bench.topic, &bench.decoder, &bench.extraction);
        bench.observed.metrics.extraction(started.elapsed());
        if !bench.ledger.done(worker, job.ticket, outcome) {
            return;
        }
    }
}
