//! What the tests of the stream share: a broker, topics, records in and out, the service as a process.
#![allow(dead_code)] // every test file uses its own part

pub mod broker;
pub mod cluster;
pub mod kafka;
pub mod line;
pub mod process;
pub mod topics;

use std::time::{Duration, Instant};

/// Longest wait for anything that should happen: generous, because it is only reached in failure.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Asks again and again until the answer is yes; panics with the last "no" when patience is at its end.
#[track_caller]
pub fn eventually<T>(what: &str, mut ask: impl FnMut() -> Result<T, String>) -> T {
    let started = Instant::now();
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(no) => assert!(started.elapsed() < PATIENCE, "{what}: {no} after {PATIENCE:?}"),
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A name that no other test run uses.
pub fn unique(name: &str) -> String {
    format!("{name}-{:08x}", getrandom::u32().unwrap())
}

/// Says something that the test runner does not swallow.
pub fn say(words: &str) {
    use std::io::Write as _;
    let mut stderr = std::io::stderr().lock();
    writeln!(stderr, "{words}").unwrap();
}
