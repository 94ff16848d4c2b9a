//! Memory that stays where it is: with the output gone, and under load for a long time.
//!
//! The soak lasts twenty seconds here; longer by
//!
//! ```console
//! $ RAPPORTEUR_SOAK_MINUTES=10 cargo test --release --test pressure soak -- --nocapture
//! ```

mod support;

use std::{
    collections::HashSet,
    env,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rapporteur::{
    settings::Settings,
    stream::{
        clients::{self, Quiet},
        wire,
    },
};
use rdkafka::{
    admin::{NewTopic, TopicReplication},
    consumer::{BaseConsumer, Consumer as _},
    producer::{BaseProducer, Producer as _},
    topic_partition_list::TopicPartitionList,
};
use support::{
    cluster::Breakable,
    eventually,
    line::{Line, Templates},
    process::{Rapporteur, get},
    say,
    topics::{Input, create_as, fresh, positions, produce, read_all, wait_caught_up},
    unique,
};

/// Two brokers, for one test at a time; `None` where there can be none.
fn cluster() -> Option<MutexGuard<'static, Breakable>> {
    static CLUSTER: OnceLock<Result<Mutex<Breakable>, String>> = OnceLock::new();
    match CLUSTER.get_or_init(|| Breakable::start(2).map(Mutex::new)) {
        Ok(cluster) => Some(cluster.lock().unwrap_or_else(PoisonError::into_inner)),
        Err(reason) => {
            let required = env::var("RAPPORTEUR_REQUIRE_BROKER").is_ok_and(|v| v == "1");
            assert!(
                !required,
                "RAPPORTEUR_REQUIRE_BROKER=1, but there is no real broker: {reason}"
            );
            say(&format!("pressure: NOT TESTED, it needs real brokers: {reason}"));
            None
        }
    }
}

/// Names whose group and transactions the first broker coordinates.
fn coordinated_by_the_first(cluster: &Breakable) -> (String, String) {
    let mut settings = Settings::default();
    settings.kafka.brokers = cluster.bootstrap();
    // The topics of both coordinators are made when they are first asked for.
    let consumer: BaseConsumer<Quiet> = clients::consumer_config(&settings)
        .create_with_context(Quiet)
        .unwrap();
    let mut list = TopicPartitionList::new();
    list.add_partition("none", 0);
    eventually("a group coordinator", || {
        let answer = consumer.committed_offsets(list.clone(), Duration::from_secs(5));
        answer.map(drop).map_err(|e| e.to_string())
    });
    let producer: BaseProducer<Quiet> = clients::producer_config(&settings, "first")
        .create_with_context(Quiet)
        .unwrap();
    eventually("a transaction coordinator", || {
        producer
            .init_transactions(Duration::from_secs(5))
            .map_err(|e| e.to_string())
    });
    let named = |of: &dyn Fn(&str) -> usize| loop {
        let name = unique("pressure");
        if of(&name) == 0 {
            break name;
        }
    };
    (
        named(&|name| cluster.group_coordinator(name)),
        named(&|name| cluster.coordinator(name)),
    )
}

#[test]
fn with_the_output_gone_memory_stays_bounded_polling_goes_on_and_it_recovers_by_itself() {
    let Some(cluster) = cluster() else { return };
    let (group, transactional_id) = coordinated_by_the_first(&cluster);
    let mut settings = Settings::default();
    settings.kafka.brokers = cluster.bootstrap();
    settings.topics.input = format!("{group}.in");
    settings.topics.output = format!("{group}.out");
    settings.topics.dead_letters = format!("{group}.dead");
    settings.kafka.group = group;
    settings.kafka.transactional_id = transactional_id;
    settings.http.listen = "127.0.0.1:0".into();
    settings.http.ready_commit_age_ms = 3_000;
    settings.pipeline.max_records_in_flight = 500;
    settings.pipeline.max_bytes_in_flight = 4 << 20;
    settings.kafka.consumer.set("session.timeout.ms", "6000");
    settings.kafka.consumer.set("max.poll.interval.ms", "8000");
    // Articles come from the first broker, what comes of them goes to the second.
    let (first, second): (&[i32], &[i32]) = (&[1], &[2]);
    for (topic, assignment) in [
        (&settings.topics.input, &[first, first]),
        (&settings.topics.output, &[second, second]),
        (&settings.topics.dead_letters, &[second, second]),
    ] {
        create_as(
            &settings.kafka.brokers,
            NewTopic::new(topic, 2, TopicReplication::Variable(assignment)),
        );
    }
    let poison = |i: usize| {
        let value = format!("no article {i} {}", "x".repeat(4_000));
        Input::value(value).partition(i32::from(i % 2 == 1))
    };
    let (before, after) = (2_000, 20_000);
    produce(
        &settings.kafka.brokers,
        &settings.topics.input,
        (0..before).map(poison),
    );
    let service = Rapporteur::run(&settings);
    let address = service.http_address();
    wait_caught_up(&settings);
    let memory = || service.metrics().sum("process_resident_memory_bytes", &[]) / 1e6;
    let baseline = memory();

    cluster.hold_node(1);
    produce(
        &settings.kafka.brokers,
        &settings.topics.input,
        (before..before + after).map(poison),
    );
    // Twice as long as the group would wait for a member that does not poll.
    let started = Instant::now();
    let mut highest = 0.0_f64;
    let mut unready = false;
    while started.elapsed() < Duration::from_secs(18) {
        let metrics = service.metrics();
        assert!(metrics.sum("rapporteur_in_flight_records", &[]) <= 501.0);
        highest = highest.max(metrics.sum("process_resident_memory_bytes", &[]) / 1e6);
        unready |= get(&address, "/readyz").0 == 503;
        assert_eq!(get(&address, "/livez").0, 200);
        thread::sleep(Duration::from_millis(500));
    }
    let done: i64 = positions(&settings).values().filter_map(|p| p.1).sum();
    assert!(
        done < i64::try_from(before + after).unwrap(),
        "nothing was held back"
    );
    assert_eq!(service.metrics().sum("rapporteur_paused", &[]), 1.0);
    assert!(unready, "not ready while nothing goes out");
    say(&format!(
        "pressure: memory {baseline:.0} MB before, at most {highest:.0} MB with the output gone"
    ));
    // In hand 4 MB, twice over as they wait to be written; read ahead 16 MB; and what the allocator keeps.
    assert!(highest < baseline + 64.0, "{baseline} MB grew to {highest} MB");

    cluster.release();
    let released = Instant::now();
    wait_caught_up(&settings);
    say(&format!(
        "pressure: all written {:.1} s after the output came back",
        released.elapsed().as_secs_f64()
    ));
    eventually("ready again", || match get(&address, "/readyz") {
        (200, _) => Ok(()),
        other => Err(format!("{other:?}")),
    });
    let log = service.stop();
    assert!(
        !log.iter().any(|line| line.contains("max.poll.interval.ms")),
        "{}",
        log.join("\n")
    );
    let letters = read_all(&settings.kafka.brokers, &settings.topics.dead_letters);
    let places: HashSet<_> = letters
        .iter()
        .map(|l| [wire::DEAD_PARTITION, wire::DEAD_OFFSET].map(|name| l.header(name).unwrap().to_owned()))
        .collect();
    assert_eq!(
        (letters.len(), places.len()),
        (before + after, before + after),
        "each exactly once"
    );
}

#[test]
fn told_to_stop_with_the_brokers_silent_it_ends_with_a_code_that_says_so_and_loses_nothing() {
    let Some(cluster) = cluster() else { return };
    for (twice, code) in [(false, 7), (true, 143)] {
        let mut settings = fresh(&cluster.bootstrap(), "leave", 1);
        // Long enough in hand for the brokers to fall silent.
        settings.delivery.linger_ms = 7_000;
        settings.pipeline.shutdown_timeout_ms = if twice { 60_000 } else { 2_000 };
        let inputs = (0..10).map(|i| Input::value(format!("no article {i}")));
        produce(&settings.kafka.brokers, &settings.topics.input, inputs);
        let service = Rapporteur::run(&settings);
        eventually("articles in hand", || {
            let in_hand = service.metrics().sum("rapporteur_in_flight_records", &[]);
            if in_hand == 10.0 {
                Ok(())
            } else {
                Err(format!("{in_hand} in hand"))
            }
        });
        cluster.hold();
        service.signal("TERM");
        service.wait_for_log(&["told to stop"]);
        if twice {
            // Sooner it would be the same word, said to the process and its group.
            thread::sleep(Duration::from_millis(1_100));
            service.signal("TERM");
        }
        let told = Instant::now();
        let (status, log) = service.wait();
        cluster.release();
        say(&format!(
            "pressure: ended {:.1} s after the last word",
            told.elapsed().as_secs_f64()
        ));
        assert_eq!(status.code(), Some(code), "{}", log.join("\n"));

        let service = Rapporteur::run(&settings);
        wait_caught_up(&settings);
        service.stop();
        let letters = read_all(&settings.kafka.brokers, &settings.topics.dead_letters);
        assert_eq!(letters.len(), 10, "each once");
    }
}

#[test]
fn soak_memory_and_throughput_stay_level_under_a_steady_load() {
    let Some(cluster) = cluster() else { return };
    let minutes = env::var("RAPPORTEUR_SOAK_MINUTES")
        .ok()
        .and_then(|m| m.parse::<u64>().ok());
    let time = minutes.map_or(Duration::from_secs(20), |m| Duration::from_secs(m * 60));
    let rate = env::var("RAPPORTEUR_SOAK_RATE").ok().and_then(|r| r.parse().ok());
    let rate: u32 = rate.unwrap_or(if cfg!(debug_assertions) { 20 } else { 200 });
    let templates = Arc::new(Templates::load());
    let settings = fresh(&cluster.bootstrap(), "soak", 6);
    let mut line = Line::new("soak", settings, &templates, 6, 1);
    line.start(0);
    line.rate(rate);
    line.instances[&0].wait_for_log(&["partitions assigned"]);

    let step = time / 20;
    let mut memory = Vec::new();
    let mut last = (Instant::now(), 0.0);
    let started = Instant::now();
    say("soak:   seconds  articles/s   lag  memory MB");
    while started.elapsed() < time {
        thread::sleep(step);
        let metrics = line.instances[&0].metrics();
        let articles = metrics.sum("rapporteur_articles_total", &[]);
        let resident = metrics.sum("process_resident_memory_bytes", &[]) / 1e6;
        say(&format!(
            "soak: {:>9.0} {:>11.0} {:>5.0} {:>10.1}",
            started.elapsed().as_secs_f64(),
            (articles - last.1) / last.0.elapsed().as_secs_f64(),
            metrics.sum("rapporteur_consumer_lag_records", &[]),
            resident
        ));
        last = (Instant::now(), articles);
        memory.push(resident);
    }
    line.come_to_rest();
    let sum = line.account();
    say(&format!("soak: {sum:?}"));
    assert_eq!(sum.lost + sum.repeated + sum.strange + sum.out_of_order, 0);
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let quarter = memory.len() / 4;
    let (early, late) = (mean(&memory[quarter..2 * quarter]), mean(&memory[3 * quarter..]));
    say(&format!(
        "soak: memory {early:.1} MB in the second quarter, {late:.1} MB in the last"
    ));
    assert!(late < early * 1.1 + 16.0, "memory grows: {memory:?}");
}
