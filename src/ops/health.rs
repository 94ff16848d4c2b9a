//! Alive and ready, judged by facts that the stream leaves behind.
//!
//! *Alive* is a poll thread that still polls: one that does not is best restarted. *Ready* is a service that
//! is connected, has its producer and has partitions, or waits as a spare in its group.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How long the poll thread may be silent. A revocation waits for a transaction for less than this.
const SILENCE: Duration = Duration::from_secs(120);

#[derive(Debug)]
struct Facts {
    phase: Phase,
    assigned: usize,
    last_poll: Instant,
    last_commit: Option<Instant>,
}

/// How far the service has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Waiting for brokers, topics, and the producer.
    Starting,
    /// Reading and writing.
    Running,
    /// Finishing what is in hand.
    Stopping,
}

/// See the module's documentation.
#[derive(Debug)]
pub struct Health {
    facts: Mutex<Facts>,
}

/// A verdict, and the fact it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether all is well.
    pub well: bool,
    /// Why, in words.
    pub why: String,
}

impl Health {
    /// Starting.
    #[must_use]
    pub fn new() -> Self {
        Self {
            facts: Mutex::new(Facts {
                phase: Phase::Starting,
                assigned: 0,
                last_poll: Instant::now(),
                last_commit: None,
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The service has come so far.
    pub fn phase(&self, phase: Phase) {
        let mut facts = self.lock();
        facts.phase = phase;
        facts.last_poll = Instant::now();
    }

    /// The poll thread is alive.
    pub fn polled(&self) {
        self.lock().last_poll = Instant::now();
    }

    /// So many partitions are assigned.
    pub fn assigned(&self, partitions: usize) {
        self.lock().assigned = partitions;
    }

    /// A batch was committed.
    pub fn committed(&self) {
        self.lock().last_commit = Some(Instant::now());
    }

    /// Whether the process is worth keeping.
    #[must_use]
    pub fn alive(&self) -> Verdict {
        let facts = self.lock();
        let silent = facts.last_poll.elapsed();
        Verdict {
            well: silent < SILENCE,
            why: format!("polled {} ms ago", silent.as_millis()),
        }
    }

    /// Whether it does its work.
    #[must_use]
    pub fn ready(&self) -> Verdict {
        let facts = self.lock();
        let commit = facts.last_commit.map_or_else(
            || "nothing committed yet".to_owned(),
            |at| format!("last commit {} ms ago", at.elapsed().as_millis()),
        );
        let (well, phase) = match facts.phase {
            Phase::Starting => (false, "starting"),
            Phase::Running => (true, "running"),
            Phase::Stopping => (false, "stopping"),
        };
        Verdict {
            well,
            why: format!("{phase}, {} partitions, {commit}", facts.assigned),
        }
    }
}

impl Default for Health {
    fn default() -> Self {
        Self::new()
    }
}
