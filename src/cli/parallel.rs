//! Work on all cores, results in the order of the input.
//!
//! Every job is queued twice: with the workers, who take whatever comes next, and with the consumer, who
//! waits for the results in order. Both queues are bounded, so that the memory is bounded however long the
//! input is and however much longer one job takes than the others; and a result is handed on as soon as it
//! and all before it are there, so that a slow input is answered at once.

use std::{
    num::NonZeroUsize,
    ops::ControlFlow,
    sync::{
        Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

/// Jobs in hand, a worker.
const DEPTH: usize = 4;

/// Feeds jobs into the pipeline; see [`ordered`].
pub struct Feed<J, R> {
    jobs: SyncSender<(J, SyncSender<R>)>,
    results: SyncSender<Receiver<R>>,
}

impl<J, R> Feed<J, R> {
    /// Hands a job over; waits while enough of them are in hand. Breaks when nobody wants results any more.
    pub fn give(&self, job: J) -> ControlFlow<()> {
        let (give, take) = sync_channel(1);
        if self.results.send(take).is_err() || self.jobs.send((job, give)).is_err() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

/// Runs `produce` on a thread of its own, `work` on `workers` threads for every job that it gives, and `consume`
/// on this thread for every result in the order of the jobs, and `idle` before it waits for a further one.
/// Where one of the two breaks, no further job is taken.
pub fn ordered<J: Send, R: Send, P: Send>(
    workers: NonZeroUsize,
    produce: impl FnOnce(&Feed<J, R>) -> P + Send,
    work: impl Fn(J) -> R + Sync,
    mut consume: impl FnMut(R) -> ControlFlow<()>,
    mut idle: impl FnMut() -> ControlFlow<()>,
) -> thread::Result<P> {
    let depth = workers.get() * DEPTH;
    let (give_job, take_job) = sync_channel::<(J, SyncSender<R>)>(depth);
    let (give_result, take_result) = sync_channel::<Receiver<R>>(depth);
    let take_job = Mutex::new(take_job);
    thread::scope(|scope| {
        let producer = scope.spawn(move || {
            produce(&Feed {
                jobs: give_job,
                results: give_result,
            })
        });
        for _ in 0..workers.get() {
            scope.spawn(|| {
                loop {
                    // Only the taking is under the lock, and a worker that panics does not hold it.
                    let job = take_job.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((job, answer)) = job else { break };
                    // Nobody may be waiting any more: then the result is not wanted.
                    drop(answer.send(work(job)));
                }
            });
        }
        loop {
            let next = if let Ok(next) = take_result.try_recv() {
                Some(next)
            } else {
                if idle().is_break() {
                    break;
                }
                take_result.recv().ok()
            };
            let Some(next) = next else { break };
            // A worker that panicked leaves no answer; the scope hands its panic on.
            let Ok(result) = next.recv() else { break };
            if consume(result).is_break() {
                break;
            }
        }
        drop(take_result);
        producer.join()
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn workers(n: usize) -> NonZeroUsize {
        NonZeroUsize::new(n).unwrap()
    }

    #[test]
    fn results_come_in_the_order_of_the_jobs() {
        let mut seen = Vec::new();
        let given = ordered(
            workers(4),
            |feed| {
                for n in 0..200_u64 {
                    if feed.give(n).is_break() {
                        return n;
                    }
                }
                200
            },
            |n| {
                thread::sleep(Duration::from_micros((n * 7919) % 300));
                n * 2
            },
            |n| {
                seen.push(n);
                ControlFlow::Continue(())
            },
            || ControlFlow::Continue(()),
        );
        assert_eq!(given.unwrap(), 200);
        assert_eq!(seen, (0..200).map(|n| n * 2).collect::<Vec<_>>());
    }

    #[test]
    fn a_consumer_that_stops_stops_the_producer() {
        let given = ordered(
            workers(2),
            |feed| (0..u64::MAX).find(|n| feed.give(*n).is_break()),
            |n| n,
            |n| {
                if n == 10 {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            },
            || ControlFlow::Continue(()),
        );
        assert!(given.unwrap().unwrap() < 10 + 8 * DEPTH as u64);
    }
}
