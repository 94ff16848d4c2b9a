//! Alive and ready, judged by facts that the stream leaves behind.
//!
//! *Alive* is a poll thread that still polls: one that does not is best restarted. *Ready* is a service that
//! is connected, has its producer, has been told its partitions by the group (a spare: that there are none for
//! it), and, while it has articles in hand, commits.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How long the poll thread may be silent. A revocation waits for a transaction for less than this.
const SILENCE: Duration = Duration::from_secs(120);

#[derive(Debug)]
struct Facts {
    phase: Phase,
    /// Partitions that are ours; `None` until the group has said.
    assigned: Option<usize>,
    last_poll: Instant,
    last_commit: Option<Instant>,
    /// Since when there has been something in hand and no commit.
    waiting_since: Option<Instant>,
    /// How long that may last.
    patience: Duration,
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
    /// Starting. With articles in hand a commit may be that long in coming.
    #[must_use]
    pub fn new(patience: Duration) -> Self {
        Self {
            facts: Mutex::new(Facts {
                phase: Phase::Starting,
                assigned: None,
                last_poll: Instant::now(),
                last_commit: None,
                waiting_since: None,
                patience,
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

    /// The poll thread is alive, and so many articles are in hand.
    pub fn polled(&self, in_hand: usize) {
        let mut facts = self.lock();
        let now = Instant::now();
        facts.last_poll = now;
        if in_hand == 0 {
            facts.waiting_since = None;
        } else {
            facts.waiting_since.get_or_insert(now);
        }
    }

    /// So many partitions are assigned.
    pub fn assigned(&self, partitions: usize) {
        self.lock().assigned = Some(partitions);
    }

    /// A batch was committed.
    pub fn committed(&self) {
        let mut facts = self.lock();
        let now = Instant::now();
        facts.last_commit = Some(now);
        if facts.waiting_since.is_some() {
            facts.waiting_since = Some(now);
        }
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
        let waiting = facts.waiting_since.map(|since| since.elapsed());
        let (well, phase) = match (facts.phase, facts.assigned) {
            (Phase::Starting, _) => (false, "starting"),
            (Phase::Stopping, _) => (false, "stopping"),
            (Phase::Running, None) => (false, "joining the group"),
            (Phase::Running, Some(_)) if waiting.is_some_and(|waiting| waiting > facts.patience) => {
                (false, "running, but nothing goes out")
            }
            (Phase::Running, Some(_)) => (true, "running"),
        };
        let waiting = waiting.map_or_else(String::new, |waiting| {
            format!(", articles in hand and no commit for {} ms", waiting.as_millis())
        });
        Verdict {
            well,
            why: format!(
                "{phase}, {} partitions, {commit}{waiting}",
                facts.assigned.unwrap_or(0)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_ready_when_it_runs_has_been_told_its_partitions_and_commits_what_it_has_in_hand() {
        let health = Health::new(Duration::ZERO);
        assert!(!health.ready().well, "starting");
        health.phase(Phase::Running);
        assert!(!health.ready().well, "not in the group yet");
        health.assigned(0);
        assert!(health.ready().well, "a spare");
        health.polled(3);
        std::thread::sleep(Duration::from_millis(2));
        assert!(!health.ready().well, "nothing goes out");
        health.polled(0);
        assert!(health.ready().well, "nothing in hand");
        health.phase(Phase::Stopping);
        assert!(!health.ready().well);
        assert!(health.alive().well);
    }
}
