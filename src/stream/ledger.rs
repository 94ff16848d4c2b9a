//! What is in hand: read from the input topic and not yet committed.
//!
//! Records are admitted in the order of their partition, settled by workers in any order, and taken for
//! publication in the order of their partition again: a lane's front is taken only up to the first record
//! that is not settled. One slow article holds up its own partition, no other.
//!
//! The ledger also bounds memory (by records and bytes) and knows whose a partition is. Each assignment of a
//! partition makes a lane with a new epoch; whatever belongs to an older epoch is of no more interest, so a
//! late worker or a late transaction cannot touch what came after.
//!
//! All threads meet here, and nowhere else, under one lock that is held for moments.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{error::StreamError, record::Record, settle::Outcome};

/// Bounds of what may be in hand.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Records read and not committed.
    pub records: usize,
    /// Bytes of those records and of their outcomes.
    pub bytes: usize,
}

/// When a batch is full, or old enough to go.
#[derive(Debug, Clone, Copy)]
pub struct BatchLimits {
    /// Most records.
    pub records: usize,
    /// Most bytes.
    pub bytes: usize,
    /// Longest wait of the first settled record for others.
    pub linger: Duration,
}

/// Stands for one record in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket {
    partition: i32,
    epoch: u64,
    sequence: u64,
}

/// A record for a worker.
#[derive(Debug, Clone)]
pub struct Job {
    /// To settle it with.
    pub ticket: Ticket,
    /// The record.
    pub record: Arc<Record>,
}

/// A record and what came of it.
#[derive(Debug, Clone)]
pub struct Settled {
    /// The record.
    pub record: Arc<Record>,
    /// What came of it.
    pub outcome: Outcome,
}

/// Settled records of one partition, in order.
#[derive(Debug)]
pub struct Slice {
    /// The partition.
    pub partition: i32,
    epoch: u64,
    /// The records.
    pub settled: Vec<Settled>,
}

impl Slice {
    /// The offset to commit: the next one to read.
    #[must_use]
    pub fn next_offset(&self) -> Option<i64> {
        self.settled.last().map(|s| s.record.offset + 1)
    }
}

/// Settled records for one transaction.
#[derive(Debug, Default)]
pub struct Batch {
    /// By partition.
    pub slices: Vec<Slice>,
}

impl Batch {
    /// How many records.
    #[must_use]
    pub fn records(&self) -> usize {
        self.slices.iter().map(|s| s.settled.len()).sum()
    }
}

#[derive(Debug)]
enum Progress {
    Waiting,
    Settled(Outcome),
    Taken,
}

#[derive(Debug)]
struct Entry {
    record: Arc<Record>,
    bytes: usize,
    progress: Progress,
}

/// The records in hand of one partition, in one assignment of it.
#[derive(Debug)]
struct Lane {
    epoch: u64,
    /// Sequence number of the front entry.
    base: u64,
    entries: VecDeque<Entry>,
    /// Length of the front part that is settled.
    ready: usize,
    /// Length of the front part that the publisher holds.
    taken: usize,
    /// Offsets below this one have been admitted.
    admitted_to: Option<i64>,
    /// Being revoked: nothing more is taken from it.
    closing: bool,
}

#[derive(Debug, Default)]
struct State {
    lanes: BTreeMap<i32, Lane>,
    epochs: u64,
    queue: VecDeque<Job>,
    working: HashMap<usize, (Ticket, Instant)>,
    records: usize,
    bytes: usize,
    ready_records: usize,
    ready_bytes: usize,
    first_ready: Option<Instant>,
    publishing: Vec<(i32, u64)>,
    /// Partition the last batch ended with: the next starts after it.
    last_taken: i32,
    assignments: u64,
    draining: bool,
    closed: bool,
    failure: Option<StreamError>,
}

/// See the module's documentation.
#[derive(Debug)]
pub struct Ledger {
    state: Mutex<State>,
    limits: Limits,
    /// There is a job, or none will come.
    work: Condvar,
    /// There is something settled, or none will come.
    ready: Condvar,
    /// Something was retired, revoked, given back; or the end has come.
    room: Condvar,
}

/// How full the ledger is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InHand {
    /// Records.
    pub records: usize,
    /// Bytes.
    pub bytes: usize,
}

/// Why a record was not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Its partition is not ours.
    NotOurs,
    /// It has been admitted before.
    Repeated,
}

impl Ledger {
    /// An empty ledger.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            state: Mutex::default(),
            limits,
            work: Condvar::new(),
            ready: Condvar::new(),
            room: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // What the poll thread does.

    /// Opens lanes for partitions that were assigned.
    pub fn assign(&self, partitions: impl IntoIterator<Item = i32>) {
        let mut state = self.lock();
        for partition in partitions {
            state.epochs += 1;
            let lane = Lane {
                epoch: state.epochs,
                base: 0,
                entries: VecDeque::new(),
                ready: 0,
                taken: 0,
                admitted_to: None,
                closing: false,
            };
            state.remove_lane(partition);
            state.lanes.insert(partition, lane);
        }
        state.assignments += 1;
    }

    /// Gives up partitions: `None` is all of them. Returns once no transaction holds any of them, or
    /// patience is at its end (then the broker refuses that transaction, or the publisher aborts it).
    /// Lost partitions are given up before the wait, so that the publisher aborts; others after it, so that
    /// it may finish.
    pub fn revoke(&self, partitions: Option<&[i32]>, lost: bool, patience: Duration) {
        let mut state = self.lock();
        let given_up: Vec<(i32, u64)> = state
            .lanes
            .iter()
            .filter(|(partition, _)| partitions.is_none_or(|p| p.contains(partition)))
            .map(|(partition, lane)| (*partition, lane.epoch))
            .collect();
        for (partition, _) in &given_up {
            state.close_lane(*partition);
        }
        if lost {
            for (partition, _) in &given_up {
                state.remove_lane(*partition);
            }
        }
        let (mut state, _) = self
            .room
            .wait_timeout_while(state, patience, |state| {
                state.publishing.iter().any(|held| given_up.contains(held))
            })
            .unwrap_or_else(PoisonError::into_inner);
        for (partition, _) in &given_up {
            state.remove_lane(*partition);
        }
        state.assignments += 1;
        drop(state);
        self.room.notify_all();
    }

    /// Takes a record in hand.
    ///
    /// # Errors
    /// Where its partition is not ours, or it was in hand before.
    pub fn admit(&self, record: Record) -> Result<(), Refused> {
        let mut state = self.lock();
        let bytes = record.bytes();
        let Some(lane) = state.lanes.get_mut(&record.partition).filter(|l| !l.closing) else {
            return Err(Refused::NotOurs);
        };
        if lane.admitted_to.is_some_and(|next| record.offset < next) {
            return Err(Refused::Repeated);
        }
        lane.admitted_to = Some(record.offset + 1);
        let ticket = Ticket {
            partition: record.partition,
            epoch: lane.epoch,
            sequence: lane.base + lane.entries.len() as u64,
        };
        let record = Arc::new(record);
        lane.entries.push_back(Entry {
            record: Arc::clone(&record),
            bytes,
            progress: Progress::Waiting,
        });
        state.queue.push_back(Job { ticket, record });
        state.records += 1;
        state.bytes += bytes;
        drop(state);
        self.work.notify_one();
        Ok(())
    }

    /// Whether another record may be read.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.lock().has_room(self.limits)
    }

    /// Waits for room; true where there is some.
    pub fn wait_for_room(&self, at_most: Duration) -> bool {
        let state = self.lock();
        let (state, _) = self
            .room
            .wait_timeout_while(state, at_most, |s| {
                !s.has_room(self.limits) && !s.closed && s.failure.is_none()
            })
            .unwrap_or_else(PoisonError::into_inner);
        state.has_room(self.limits)
    }

    /// Changes whenever partitions come or go.
    #[must_use]
    pub fn assignments(&self) -> u64 {
        self.lock().assignments
    }

    /// Partitions that are ours.
    #[must_use]
    pub fn partitions(&self) -> Vec<i32> {
        self.lock().lanes.keys().copied().collect()
    }

    /// Workers whose job has taken longer than the budget. The job is taken from them, which they are told
    /// when they are done.
    pub fn overdue(&self, budget: Duration) -> Vec<(usize, Ticket)> {
        let mut state = self.lock();
        let overdue: Vec<(usize, Ticket)> = state
            .working
            .iter()
            .filter(|(_, (_, since))| since.elapsed() > budget)
            .map(|(worker, (ticket, _))| (*worker, *ticket))
            .collect();
        for (worker, _) in &overdue {
            state.working.remove(worker);
        }
        overdue
    }

    /// Partition and offset that a ticket stands for, while it is in hand.
    #[must_use]
    pub fn position(&self, ticket: Ticket) -> Option<(i32, i64)> {
        let state = self.lock();
        let lane = state
            .lanes
            .get(&ticket.partition)
            .filter(|l| l.epoch == ticket.epoch)?;
        let index = usize::try_from(ticket.sequence.checked_sub(lane.base)?).ok()?;
        Some((ticket.partition, lane.entries.get(index)?.record.offset))
    }

    /// From now on nothing waits for company: what is in hand is to be finished.
    pub fn drain(&self) {
        self.lock().draining = true;
        self.ready.notify_all();
    }

    /// The end: workers and publisher go home.
    pub fn close(&self) {
        self.lock().closed = true;
        self.work.notify_all();
        self.ready.notify_all();
        self.room.notify_all();
    }

    /// Whether the end has come.
    #[must_use]
    pub fn closed(&self) -> bool {
        self.lock().closed
    }

    /// Waits for the end, at most so long; true where it has come.
    pub fn wait_closed(&self, at_most: Duration) -> bool {
        let state = self.lock();
        let (state, _) = self
            .room
            .wait_timeout_while(state, at_most, |s| !s.closed)
            .unwrap_or_else(PoisonError::into_inner);
        state.closed
    }

    /// Reports a failure after which the stream cannot go on; the first one counts.
    pub fn fail(&self, error: StreamError) {
        self.lock().failure.get_or_insert(error);
        self.room.notify_all();
    }

    /// The failure, where there is one.
    #[must_use]
    pub fn failure(&self) -> Option<StreamError> {
        self.lock().failure.clone()
    }

    /// How full it is.
    #[must_use]
    pub fn in_hand(&self) -> InHand {
        let state = self.lock();
        InHand {
            records: state.records,
            bytes: state.bytes,
        }
    }

    // What workers do.

    /// The next record to settle; `None` when the end has come.
    pub fn next_job(&self, worker: usize) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let Some(job) = state.queue.pop_front() {
                state.working.insert(worker, (job.ticket, Instant::now()));
                return Some(job);
            }
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A worker is done with a job. False where the job had been taken from it: then it has been replaced
    /// and goes home.
    pub fn done(&self, worker: usize, ticket: Ticket, outcome: Outcome) -> bool {
        let mut state = self.lock();
        if state.working.get(&worker).is_none_or(|(t, _)| *t != ticket) {
            return false;
        }
        state.working.remove(&worker);
        let ready = state.settle(ticket, outcome);
        drop(state);
        if ready {
            self.ready.notify_one();
        }
        true
    }

    /// Settles a record in its worker's place.
    pub fn settle(&self, ticket: Ticket, outcome: Outcome) {
        if self.lock().settle(ticket, outcome) {
            self.ready.notify_one();
        }
    }

    // What the publisher does.

    /// The next batch, once one is full or its first record has waited long enough; `None` when the end has
    /// come. Must be given back by [`Ledger::retire`] or [`Ledger::give_back`] before the next. While there is
    /// nothing to write `idle` is called every second or so.
    pub fn next_batch(&self, limits: BatchLimits, idle: &mut dyn FnMut()) -> Option<Batch> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            let wait = match state.first_ready {
                Some(first) if state.ready_records > 0 => {
                    let full = state.ready_records >= limits.records || state.ready_bytes >= limits.bytes;
                    let waited = first.elapsed();
                    if full || state.draining || waited >= limits.linger {
                        return Some(state.take(limits));
                    }
                    limits.linger - waited
                }
                _ => Duration::from_secs(1),
            };
            let (waited, timeout) = self
                .ready
                .wait_timeout(state, wait)
                .unwrap_or_else(PoisonError::into_inner);
            state = waited;
            if timeout.timed_out() && state.ready_records == 0 {
                drop(state);
                idle();
                state = self.lock();
            }
        }
    }

    /// Whether all of the batch is still ours.
    #[must_use]
    pub fn owns(&self, batch: &Batch) -> bool {
        let state = self.lock();
        batch
            .slices
            .iter()
            .all(|s| state.lanes.get(&s.partition).is_some_and(|l| l.epoch == s.epoch))
    }

    /// The batch is committed: it is in hand no more.
    pub fn retire(&self, batch: &Batch) {
        let mut state = self.lock();
        for slice in &batch.slices {
            state.retire(slice);
        }
        state.publishing.clear();
        drop(state);
        self.room.notify_all();
    }

    /// No transaction holds the batch at this time: its partitions may go.
    pub fn give_back(&self) {
        self.lock().publishing.clear();
        self.room.notify_all();
    }

    /// Takes the batch up again for another transaction, without what has gone meanwhile. False where
    /// nothing is left of it.
    pub fn take_again(&self, batch: &mut Batch) -> bool {
        let mut state = self.lock();
        batch.slices.retain(|slice| {
            state
                .lanes
                .get(&slice.partition)
                .is_some_and(|lane| lane.epoch == slice.epoch && !lane.closing)
        });
        state.publishing = batch.slices.iter().map(|s| (s.partition, s.epoch)).collect();
        !batch.slices.is_empty()
    }
}

impl State {
    fn has_room(&self, limits: Limits) -> bool {
        self.records < limits.records && self.bytes < limits.bytes
    }

    /// True where the publisher has something new to look at.
    fn settle(&mut self, ticket: Ticket, outcome: Outcome) -> bool {
        let Some(lane) = self
            .lanes
            .get_mut(&ticket.partition)
            .filter(|l| l.epoch == ticket.epoch)
        else {
            return false;
        };
        let Some(entry) = ticket
            .sequence
            .checked_sub(lane.base)
            .and_then(|index| usize::try_from(index).ok())
            .and_then(|index| lane.entries.get_mut(index))
            .filter(|entry| matches!(entry.progress, Progress::Waiting))
        else {
            return false;
        };
        let more = outcome.bytes();
        entry.bytes += more;
        entry.progress = Progress::Settled(outcome);
        self.bytes += more;
        let before = self.ready_records;
        while let Some(entry) = lane.entries.get(lane.ready) {
            if !matches!(entry.progress, Progress::Settled(_)) {
                break;
            }
            lane.ready += 1;
            if !lane.closing {
                self.ready_records += 1;
                self.ready_bytes += entry.bytes;
            }
        }
        if self.ready_records > before {
            self.first_ready.get_or_insert_with(Instant::now);
            return true;
        }
        false
    }

    fn take(&mut self, limits: BatchLimits) -> Batch {
        let mut batch = Batch::default();
        let (mut records, mut bytes) = (0, 0);
        let after: Vec<i32> = self
            .lanes
            .range(self.last_taken.saturating_add(1)..)
            .map(|(p, _)| *p)
            .collect();
        let before: Vec<i32> = self.lanes.range(..=self.last_taken).map(|(p, _)| *p).collect();
        for partition in after.into_iter().chain(before) {
            let Some(lane) = self.lanes.get_mut(&partition).filter(|l| !l.closing) else {
                continue;
            };
            let mut slice = Slice {
                partition,
                epoch: lane.epoch,
                settled: Vec::new(),
            };
            while lane.taken < lane.ready && records < limits.records && bytes < limits.bytes {
                let Some(entry) = lane.entries.get_mut(lane.taken) else {
                    break;
                };
                if let Progress::Settled(outcome) = std::mem::replace(&mut entry.progress, Progress::Taken) {
                    slice.settled.push(Settled {
                        record: Arc::clone(&entry.record),
                        outcome,
                    });
                }
                lane.taken += 1;
                records += 1;
                bytes += entry.bytes;
                self.ready_records -= 1;
                self.ready_bytes -= entry.bytes;
            }
            if !slice.settled.is_empty() {
                self.last_taken = partition;
                self.publishing.push((partition, slice.epoch));
                batch.slices.push(slice);
            }
        }
        if self.ready_records == 0 {
            self.first_ready = None;
        }
        batch
    }

    fn retire(&mut self, slice: &Slice) {
        let Some(lane) = self
            .lanes
            .get_mut(&slice.partition)
            .filter(|l| l.epoch == slice.epoch)
        else {
            return;
        };
        let count = slice.settled.len().min(lane.taken);
        for entry in lane.entries.drain(..count) {
            self.records -= 1;
            self.bytes -= entry.bytes;
        }
        lane.base += count as u64;
        lane.taken -= count;
        lane.ready -= count;
    }

    /// Takes no more from a lane, and lets nobody begin work for it.
    fn close_lane(&mut self, partition: i32) {
        let Some(lane) = self.lanes.get_mut(&partition).filter(|l| !l.closing) else {
            return;
        };
        lane.closing = true;
        for entry in lane.entries.range(lane.taken..lane.ready) {
            self.ready_records -= 1;
            self.ready_bytes -= entry.bytes;
        }
        if self.ready_records == 0 {
            self.first_ready = None;
        }
        self.queue.retain(|job| job.ticket.partition != partition);
    }

    fn remove_lane(&mut self, partition: i32) {
        self.close_lane(partition);
        if let Some(lane) = self.lanes.remove(&partition) {
            self.records -= lane.entries.len();
            self.bytes -= lane.entries.iter().map(|e| e.bytes).sum::<usize>();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIG: Limits = Limits {
        records: 1_000,
        bytes: 1 << 20,
    };
    const ALL: BatchLimits = BatchLimits {
        records: 1_000,
        bytes: 1 << 20,
        linger: Duration::ZERO,
    };

    fn record(partition: i32, offset: i64) -> Record {
        Record {
            partition,
            offset,
            key: None,
            value: Some(vec![0; 10]),
            headers: Vec::new(),
            timestamp_ms: None,
        }
    }

    fn admitted(ledger: &Ledger, partition: i32, offsets: std::ops::Range<i64>) -> Vec<Job> {
        offsets
            .map(|offset| {
                ledger.admit(record(partition, offset)).unwrap();
                ledger.next_job(0).unwrap()
            })
            .collect()
    }

    fn nothing() -> Outcome {
        Outcome::Events {
            events: Vec::new(),
            language: None,
        }
    }

    fn offsets(batch: &Batch) -> Vec<(i32, Vec<i64>)> {
        batch
            .slices
            .iter()
            .map(|s| (s.partition, s.settled.iter().map(|x| x.record.offset).collect()))
            .collect()
    }

    #[test]
    fn records_settled_out_of_order_are_taken_in_order() {
        let ledger = Ledger::new(BIG);
        ledger.assign([0, 1]);
        let a = admitted(&ledger, 0, 10..13);
        let b = admitted(&ledger, 1, 5..6);
        ledger.settle(a[2].ticket, nothing());
        ledger.settle(b[0].ticket, nothing());
        let batch = ledger.next_batch(ALL, &mut || ()).unwrap();
        assert_eq!(
            offsets(&batch),
            [(1, vec![5])],
            "offset 10 is not settled: 12 must wait"
        );
        ledger.retire(&batch);
        ledger.settle(a[0].ticket, nothing());
        ledger.settle(a[1].ticket, nothing());
        let batch = ledger.next_batch(ALL, &mut || ()).unwrap();
        assert_eq!(offsets(&batch), [(0, vec![10, 11, 12])]);
        assert_eq!(batch.slices[0].next_offset(), Some(13));
        ledger.retire(&batch);
        assert_eq!(ledger.in_hand(), InHand { records: 0, bytes: 0 });
    }

    #[test]
    fn there_is_room_again_only_when_a_batch_is_committed() {
        let ledger = Ledger::new(Limits {
            records: 2,
            bytes: 1 << 20,
        });
        ledger.assign([0]);
        let jobs = admitted(&ledger, 0, 0..2);
        assert!(!ledger.has_room());
        for job in &jobs {
            ledger.settle(job.ticket, nothing());
        }
        let batch = ledger.next_batch(ALL, &mut || ()).unwrap();
        assert!(!ledger.has_room());
        ledger.retire(&batch);
        assert!(ledger.wait_for_room(Duration::ZERO));
    }

    #[test]
    fn what_was_revoked_is_forgotten_even_when_the_partition_comes_back() {
        let ledger = Ledger::new(BIG);
        ledger.assign([0]);
        let old = admitted(&ledger, 0, 0..2);
        ledger.settle(old[0].ticket, nothing());
        ledger.revoke(None, false, Duration::ZERO);
        assert_eq!(ledger.in_hand().records, 0);
        assert_eq!(ledger.admit(record(0, 2)), Err(Refused::NotOurs));
        ledger.assign([0]);
        let new = admitted(&ledger, 0, 0..1);
        ledger.settle(old[1].ticket, nothing());
        ledger.settle(new[0].ticket, nothing());
        let batch = ledger.next_batch(ALL, &mut || ()).unwrap();
        assert_eq!(offsets(&batch), [(0, vec![0])]);
    }

    #[test]
    fn a_revocation_waits_for_the_transaction_that_holds_the_partition() {
        let ledger = Arc::new(Ledger::new(BIG));
        ledger.assign([0, 1]);
        let jobs = [admitted(&ledger, 0, 0..1), admitted(&ledger, 1, 0..1)].concat();
        for job in &jobs {
            ledger.settle(job.ticket, nothing());
        }
        let batch = ledger.next_batch(ALL, &mut || ()).unwrap();
        let (begun, revoking) = std::sync::mpsc::channel();
        let revoker = {
            let ledger = Arc::clone(&ledger);
            std::thread::spawn(move || {
                begun.send(()).unwrap();
                ledger.revoke(Some(&[0]), false, Duration::from_secs(60));
                ledger.partitions()
            })
        };
        revoking.recv().unwrap();
        assert!(
            ledger.owns(&batch),
            "a partition being revoked is ours until the transaction is over"
        );
        ledger.retire(&batch);
        assert_eq!(revoker.join().unwrap(), [1]);
    }

    #[test]
    fn a_batch_of_a_lost_partition_is_no_longer_ours_but_the_rest_can_be_written_again() {
        let ledger = Ledger::new(BIG);
        ledger.assign([0, 1]);
        let jobs = [admitted(&ledger, 0, 0..1), admitted(&ledger, 1, 0..1)].concat();
        for job in &jobs {
            ledger.settle(job.ticket, nothing());
        }
        let mut batch = ledger.next_batch(ALL, &mut || ()).unwrap();
        ledger.revoke(Some(&[0]), true, Duration::ZERO);
        assert!(!ledger.owns(&batch));
        ledger.give_back();
        assert!(ledger.take_again(&mut batch));
        assert_eq!(offsets(&batch), [(1, vec![0])]);
        assert!(ledger.owns(&batch));
        ledger.retire(&batch);
        assert_eq!(ledger.in_hand(), InHand { records: 0, bytes: 0 });
    }

    #[test]
    fn a_record_that_comes_twice_is_admitted_once() {
        let ledger = Ledger::new(BIG);
        ledger.assign([0]);
        admitted(&ledger, 0, 7..8);
        assert_eq!(ledger.admit(record(0, 7)), Err(Refused::Repeated));
    }

    #[test]
    fn an_overdue_job_is_taken_from_its_worker_who_then_goes_home() {
        let ledger = Ledger::new(BIG);
        ledger.assign([0]);
        ledger.admit(record(0, 0)).unwrap();
        let job = ledger.next_job(4).unwrap();
        assert!(ledger.overdue(Duration::from_secs(60)).is_empty());
        assert_eq!(ledger.overdue(Duration::ZERO), [(4, job.ticket)]);
        ledger.settle(job.ticket, Outcome::dead("x", "too slow"));
        assert!(!ledger.done(4, job.ticket, nothing()));
        let batch = ledger.next_batch(ALL, &mut || ()).unwrap();
        assert!(matches!(
            batch.slices[0].settled[0].outcome,
            Outcome::DeadLetter { .. }
        ));
    }

    #[test]
    fn a_batch_keeps_within_its_bounds_and_every_partition_gets_its_turn() {
        let ledger = Ledger::new(BIG);
        ledger.assign([0, 1]);
        let jobs = [admitted(&ledger, 0, 0..4), admitted(&ledger, 1, 0..2)].concat();
        for job in &jobs {
            ledger.settle(job.ticket, nothing());
        }
        let two = BatchLimits { records: 2, ..ALL };
        let mut seen = Vec::new();
        for _ in 0..3 {
            let batch = ledger.next_batch(two, &mut || ()).unwrap();
            seen.extend(offsets(&batch));
            ledger.retire(&batch);
        }
        assert_eq!(seen, [(1, vec![0, 1]), (0, vec![0, 1]), (0, vec![2, 3])]);
    }
}
