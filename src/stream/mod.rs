//! Kafka in, Kafka out: every article exactly once, in order, within bounded memory.
//!
//! # The problem
//!
//! Between reading a record and having its events on disk at the brokers anything may fail: this process, a
//! broker, the network, the group's idea of who owns the partition. Two promises must survive that: an
//! article's events appear once (or, at choice, at least once) for whoever reads `read_committed`, and in
//! the order of the articles of its partition. And neither lag, nor a slow article, nor a broker that is
//! away may take more memory than set.
//!
//! # How data passes through
//!
//! ```text
//!  poll thread ──admit──►  ┌────────┐ ──job──► worker threads: decode, extract, encode
//!  (consumer,              │ ledger │ ◄─settle─┘
//!   rebalances) ──revoke─► │        │ ──batch─► publisher thread: begin, produce, offsets, commit
//!                          └────────┘ ◄─retire─┘
//! ```
//!
//! * [`ledger`]: what is in hand: per partition a queue in the order of the input, finished out of order,
//!   taken in order. It bounds memory and knows what is still ours.
//! * [`poller`]: the thread that polls the consumer. It stops for moments when the ledger is full and pauses
//!   the partitions when that lasts, so that it always answers the group in time.
//! * [`settle`]: one record to its outcome: encoded events or a dead letter. No I/O.
//! * [`pool`]: the worker threads, replaced when an article takes longer than its budget.
//! * [`publisher`]: the thread that writes. Exactly once: events, dead letters and offsets in one
//!   transaction. An aborted batch is still in hand and is written again in the next.
//! * [`wire`]: keys and headers of the records written.
//! * [`registry`]: ids of the events' schema, where a schema registry keeps it.
//! * [`clients`], [`token`], [`startup`]: Kafka clients from settings; waiting for brokers and topics.
//! * [`service`]: all of it, started and stopped.
//!
//! # Why a rebalance loses nothing
//!
//! A partition is given up inside the revoke callback: its lane takes no more work, a transaction that holds
//! some of it is let finish, then the lane goes with all that was not written; the new owner reads that
//! again from the committed offset. Where the partition was already lost the transaction is aborted instead.
//! A transaction that comes too late all the same is refused by the broker, which checks the group
//! generation that goes with the offsets; that generation is asked for anew in each transaction.

pub mod apart;
pub mod clients;
pub mod error;
pub mod ledger;
pub mod poller;
pub mod pool;
pub mod publisher;
pub mod record;
pub mod registry;
pub mod service;
pub mod settle;
pub mod shutdown;
pub mod startup;
pub mod token;
pub mod wire;

pub use error::StreamError;
pub use service::Service;
pub use settle::{Extraction, Transform};
pub use shutdown::Shutdown;
