//! The word to stop, given once and heard by whoever waits.

use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::Duration,
};

/// Starts unset; once set stays set.
#[derive(Debug, Default)]
pub struct Shutdown {
    asked: Mutex<bool>,
    changed: Condvar,
}

impl Shutdown {
    /// Asks for the stop.
    pub fn ask(&self) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Whether the stop was asked for.
    #[must_use]
    pub fn asked(&self) -> bool {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits, at most so long; true where the stop was asked for.
    pub fn wait(&self, at_most: Duration) -> bool {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let (asked, _) = self
            .changed
            .wait_timeout_while(asked, at_most, |asked| !*asked)
            .unwrap_or_else(PoisonError::into_inner);
        *asked
    }
}
