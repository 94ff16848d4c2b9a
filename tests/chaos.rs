//! Everything that production does to a stream, done on purpose, one after the other: after each of them every
//! article's events are there exactly once, in the order of the input, and the offsets are at the end.
//!
//! Three lines run at the same time on one cluster of three brokers: exactly once under the classic group
//! protocol with instances that keep their transactional ids; exactly once under the protocol of KIP-848 with
//! ids made up at each start; at least once, where repeats are counted and nothing may be lost.
//!
//! The short form does three of the faults, in an order that the seed decides. The long form does all of them,
//! with longer pauses, and goes on in any order for a time:
//!
//! ```console
//! $ RAPPORTEUR_CHAOS_MINUTES=30 cargo test --release --test chaos -- --nocapture
//! ```
//!
//! `RAPPORTEUR_CHAOS_SEED` repeats an order, `RAPPORTEUR_CHAOS_RATE` sets the articles a second of each line,
//! `RAPPORTEUR_CHAOS_FAULTS` names the only faults to do, separated by commas: `sigkill`, `sigterm`, `zombie`,
//! `join-leave`, `partitions`, `broker`, `coordinator`, `network`, `frozen-broker`, `kill-all`, `rolling`.

mod support;

use std::{
    env,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rapporteur::settings::Guarantee;
use support::{
    cluster::Breakable,
    eventually,
    kafka::Unavailable,
    line::{Dice, Line, Sum, Templates},
    say,
    topics::{add_partitions, fresh},
};

const PARTITIONS: i32 = 6;
/// Longer than the brokers wait for an instance's sign of life before they give its partitions away.
const BEYOND_SESSION: Duration = Duration::from_secs(7);

struct World {
    cluster: Breakable,
    lines: Vec<Line>,
    dice: Dice,
    rate: u32,
    partitions: i32,
    /// How much longer everything lasts than in the short form.
    patience: u32,
}

type Fault = fn(&mut World);

const FAULTS: [(&str, Fault); 11] = [
    ("sigkill", World::sigkill_in_mid_transaction),
    ("sigterm", World::sigterm_and_start_again),
    ("zombie", World::zombie),
    ("join-leave", World::instances_join_and_leave),
    ("partitions", World::partitions_are_added),
    ("broker", World::broker_killed_and_restarted),
    ("coordinator", World::coordinator_killed_and_restarted),
    ("network", World::network_pause),
    ("frozen-broker", World::broker_frozen),
    ("kill-all", World::all_instances_killed),
    ("rolling", World::rolling_restart),
];

/// What the short form does: time is short there.
const SHORT: [&str; 3] = ["sigkill", "zombie", "coordinator"];

#[test]
fn whatever_breaks_every_article_is_told_of_exactly_once_and_in_order() {
    let cluster = match Breakable::start(3) {
        Ok(cluster) => cluster,
        Err(reason) => return not_tested(&reason),
    };
    let number = |name: &str| env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let seed = number("RAPPORTEUR_CHAOS_SEED").unwrap_or_else(|| getrandom::u64().unwrap() % 1_000_000);
    let default_rate = if cfg!(debug_assertions) { 15 } else { 60 };
    let rate = u32::try_from(number("RAPPORTEUR_CHAOS_RATE").unwrap_or(default_rate)).unwrap();
    let long = number("RAPPORTEUR_CHAOS_MINUTES").map(|minutes| Duration::from_secs(minutes * 60));
    say(&format!(
        "chaos: RAPPORTEUR_CHAOS_SEED={seed}, {rate} articles a second and line"
    ));

    let templates = Arc::new(Templates::load());
    let mut dice = Dice(seed);
    let lines = ["exactly-once", "exactly-once, KIP-848", "at-least-once"]
        .into_iter()
        .enumerate()
        .map(|(i, name)| line(&cluster, name, &templates, seed + i as u64))
        .collect();
    let mut faults = FAULTS.to_vec();
    if long.is_none() {
        faults.retain(|(name, _)| SHORT.contains(name));
    }
    if let Ok(only) = env::var("RAPPORTEUR_CHAOS_FAULTS") {
        faults = FAULTS.to_vec();
        faults.retain(|(name, _)| only.split(',').any(|wanted| wanted == *name));
    }
    for i in (1..faults.len()).rev() {
        faults.swap(i, dice.roll(i + 1));
    }
    let mut world = World {
        cluster,
        lines,
        dice,
        rate,
        partitions: PARTITIONS,
        patience: if long.is_some() { 3 } else { 1 },
    };
    let started = Instant::now();
    world.round("start", |world| {
        for line in &mut world.lines {
            line.start(0);
            if line.exactly_once() {
                line.start(1);
            }
        }
        world.progress();
    });
    for (name, fault) in &faults {
        world.round(name, *fault);
    }
    while long.is_some_and(|long| started.elapsed() < long) {
        let (name, fault) = faults[world.dice.roll(faults.len())];
        world.round(name, fault);
    }
    let seconds = started.elapsed().as_secs();
    for line in &mut world.lines {
        for (_, instance) in std::mem::take(&mut line.instances) {
            instance.stop();
        }
        let sum = words(&line.account());
        say(&format!("chaos: {} in {seconds} s: {sum}", line.name));
    }
}

fn not_tested(reason: &Unavailable) {
    let required = env::var("RAPPORTEUR_REQUIRE_BROKER").is_ok_and(|v| v == "1");
    assert!(
        !required,
        "RAPPORTEUR_REQUIRE_BROKER=1, but there is no real broker: {reason}"
    );
    say(&format!("chaos: NOT TESTED, it needs real brokers: {reason}"));
}

fn line(cluster: &Breakable, name: &'static str, templates: &Arc<Templates>, seed: u64) -> Line {
    let mut settings = fresh(&cluster.bootstrap(), "chaos", PARTITIONS);
    settings.kafka.transaction_timeout_ms = 5_000;
    settings
        .kafka
        .properties
        .set("topic.metadata.refresh.interval.ms", "1000");
    // Small batches: more of them to fall into.
    settings.delivery.max_records = 20;
    settings.pipeline.max_records_in_flight = 200;
    settings.pipeline.workers = 1;
    if name.contains("848") {
        settings.kafka.consumer.set("group.protocol", "consumer");
    } else {
        settings.kafka.consumer.set("session.timeout.ms", "4000");
        settings.kafka.consumer.set("heartbeat.interval.ms", "500");
    }
    if name.starts_with("at-least") {
        settings.delivery.guarantee = Guarantee::AtLeastOnce;
    }
    let mut line = Line::new(name, settings, templates, PARTITIONS, seed);
    line.named = name == "exactly-once";
    line
}

fn words(sum: &Sum) -> String {
    format!(
        "{} articles, {} with events, {} events, {} dead letters; lost {}, repeated {}, strange {}, out of order {}",
        sum.articles,
        sum.with_events,
        sum.events,
        sum.dead_letters,
        sum.lost,
        sum.repeated,
        sum.strange,
        sum.out_of_order
    )
}

impl World {
    /// Does something under load, lets everything come to rest and holds it against the promise.
    fn round(&mut self, name: &str, fault: impl FnOnce(&mut Self)) {
        let started = Instant::now();
        self.load(self.rate);
        self.linger(Duration::from_millis(300));
        fault(self);
        self.linger(Duration::from_millis(500));
        for line in &mut self.lines {
            line.come_to_rest();
            let sum = line.account();
            say(&format!(
                "chaos: {name:<14} {:>3} s  {:<22} {}",
                started.elapsed().as_secs(),
                line.name,
                words(&sum)
            ));
            let wrong = if line.exactly_once() {
                sum.lost + sum.strange + sum.repeated + sum.out_of_order
            } else {
                sum.lost + sum.strange
            };
            assert_eq!(
                wrong,
                0,
                "{} after {name}: {}\n{}",
                line.name,
                line.complaints(),
                line.logs()
            );
        }
    }

    fn load(&self, rate: u32) {
        for line in &self.lines {
            line.rate(rate);
        }
    }

    /// Lets time pass under load: the faults are about time.
    fn linger(&self, time: Duration) {
        thread::sleep(time * self.patience);
    }

    /// Waits until every line has committed something more.
    fn progress(&self) {
        for line in &self.lines {
            let before = line.committed();
            eventually(&format!("{}: something committed", line.name), || {
                let now = line.committed();
                if now > before {
                    Ok(())
                } else {
                    Err(format!("still {now}\n{}", line.logs()))
                }
            });
        }
    }

    fn sigkill_in_mid_transaction(&mut self) {
        self.load(self.rate * 3);
        for line in &mut self.lines {
            if line.exactly_once() {
                // Transactions are shorter than the look for one: held still, an instance keeps its own.
                eventually("an open transaction to fall into", || {
                    line.instances[&0].signal("STOP");
                    if line.transaction_left_open() {
                        return Ok(());
                    }
                    line.instances[&0].signal("CONT");
                    Err("none".into())
                });
            }
            drop(line.instances.remove(&0));
            if line.exactly_once() {
                let left = if line.transaction_left_open() { "a" } else { "no" };
                say(&format!(
                    "chaos:   {}: {left} transaction left open by SIGKILL",
                    line.name
                ));
            }
        }
        self.load(self.rate);
        for line in &mut self.lines {
            line.start(0);
        }
        for line in &self.lines {
            line.instances[&0].wait_for_log(&["partitions assigned"]);
        }
        self.progress();
    }

    fn all_instances_killed(&mut self) {
        for line in &mut self.lines {
            let slots: Vec<usize> = line.instances.keys().copied().collect();
            line.instances.clear();
            for slot in slots {
                line.start(slot);
            }
        }
        self.progress();
    }

    fn sigterm_and_start_again(&mut self) {
        for line in &mut self.lines {
            line.instances.remove(&0).unwrap().stop();
            line.start(0);
        }
        for line in &self.lines {
            line.instances[&0].wait_for_log(&["partitions assigned"]);
        }
        self.progress();
    }

    fn zombie(&mut self) {
        for line in &self.lines {
            line.instances[&0].signal("STOP");
        }
        self.linger(BEYOND_SESSION);
        for line in &self.lines {
            line.instances[&0].signal("CONT");
        }
        self.progress();
        for line in &self.lines {
            let log = line.instances[&0].log();
            let fenced = log
                .iter()
                .filter(|l| l.contains("aborting") || l.contains("no more use") || l.contains("not written"));
            let lost = log.iter().filter(|l| l.contains("lost=true")).count();
            say(&format!(
                "chaos:   {}: the zombie lost its partitions {lost} times, gave up {} transactions",
                line.name,
                fenced.count()
            ));
        }
    }

    fn instances_join_and_leave(&mut self) {
        for line in &mut self.lines {
            for slot in [2, 3] {
                line.start(slot);
            }
            for slot in [2, 3] {
                // Not the empty assignment that a newcomer may get first.
                eventually(&format!("{}: partitions for {slot}", line.name), || {
                    let log = line.instances[&slot].log();
                    let some = |l: &String| l.contains("partitions assigned") && !l.contains("partitions=[]");
                    if log.iter().any(some) {
                        Ok(())
                    } else {
                        Err(log.join("\n"))
                    }
                });
            }
        }
        self.linger(Duration::from_secs(1));
        for line in &mut self.lines {
            line.instances.remove(&2).unwrap().stop();
            line.instances.remove(&3).unwrap().stop();
        }
        self.progress();
    }

    fn partitions_are_added(&mut self) {
        if self.partitions >= 30 {
            return;
        }
        self.partitions += 2;
        for line in &self.lines {
            let total = usize::try_from(self.partitions).unwrap();
            add_partitions(&line.settings.kafka.brokers, &line.settings.topics.input, total);
        }
        self.cluster.wait_whole();
        // Time for the feed itself to hear of them.
        thread::sleep(Duration::from_secs(2));
        for line in &self.lines {
            line.partitions(self.partitions);
        }
        self.progress();
    }

    fn restart_after(&mut self, node: usize, time: Duration) {
        self.linger(time);
        self.cluster.brokers.restart(node);
        self.cluster.wait_whole();
        self.progress();
    }

    fn broker_killed_and_restarted(&mut self) {
        let node = self.dice.roll(self.cluster.brokers.size());
        self.cluster.brokers.kill(node);
        self.restart_after(node, Duration::from_secs(2));
    }

    fn coordinator_killed_and_restarted(&mut self) {
        let node = self.cluster.coordinator(&self.lines[0].transactional_id(0));
        say(&format!(
            "chaos:   broker {} coordinates {}",
            node + 1,
            self.lines[0].transactional_id(0)
        ));
        self.cluster.brokers.kill(node);
        self.restart_after(node, Duration::from_secs(4));
    }

    fn broker_frozen(&mut self) {
        let node = self.dice.roll(self.cluster.brokers.size());
        self.cluster.brokers.freeze(node);
        self.linger(BEYOND_SESSION);
        self.cluster.brokers.thaw(node);
        self.cluster.wait_whole();
        self.progress();
    }

    fn network_pause(&mut self) {
        self.cluster.hold();
        self.linger(BEYOND_SESSION);
        self.cluster.release();
        self.progress();
    }

    fn rolling_restart(&mut self) {
        for node in 0..self.cluster.brokers.size() {
            self.cluster.brokers.stop(node);
            self.cluster.brokers.restart(node);
            self.cluster.wait_whole();
        }
        self.progress();
    }
}
