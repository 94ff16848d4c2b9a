//! A call that may never return, made on a thread of its own.
//!
//! librdkafka's `send_offsets_to_transaction` keeps to its time limit in most troubles, not in all: where the
//! group's coordinator vanishes from the cluster while the request is on its way, nobody answers the call
//! (confluentinc/librdkafka#5511), and the thread that made it is lost. Made apart, it costs only that thread:
//! who asked waits for a bounded time, gives the producer up and goes on with a new one, which fences the old.

use std::{
    io,
    sync::mpsc::{self, Receiver, Sender},
    thread,
    time::Duration,
};

/// Answers questions on a thread of its own, one after the other.
#[derive(Debug)]
pub struct Apart<Q, A> {
    questions: Sender<Q>,
    answers: Receiver<A>,
}

impl<Q: Send + 'static, A: Send + 'static> Apart<Q, A> {
    /// Starts the thread, which ends with this value, unless it hangs.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(name: &str, answer: impl Fn(Q) -> A + Send + 'static) -> io::Result<Self> {
        let (questions, asked) = mpsc::channel();
        let (answered, answers) = mpsc::channel();
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            for question in asked {
                if answered.send(answer(question)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { questions, answers })
    }

    /// Asks, and waits for the answer. `None` where none came in time: then none is to be asked for again, for
    /// the next answer would be that of this question.
    pub fn ask(&self, question: Q, patience: Duration) -> Option<A> {
        self.questions.send(question).ok()?;
        self.answers.recv_timeout(patience).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_gets_answers_in_order_and_is_not_kept_by_a_call_that_never_returns() {
        let doubling = Apart::start("doubling", |n: u64| {
            if n == 0 {
                loop {
                    thread::park();
                }
            }
            n * 2
        })
        .unwrap();
        for n in 1..100 {
            assert_eq!(doubling.ask(n, Duration::from_secs(60)), Some(n * 2));
        }
        assert_eq!(doubling.ask(0, Duration::from_millis(50)), None);
    }

    #[test]
    fn a_thread_that_panicked_gives_no_answer() {
        let broken: Apart<(), ()> = Apart::start("broken", |()| panic!("on purpose")).unwrap();
        assert_eq!(broken.ask((), Duration::from_secs(60)), None);
    }
}
