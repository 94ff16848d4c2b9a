//! One broker for all tests of a file: real where there can be one, else in-process.
//!
//! `KAFKA_BROKERS` names a running cluster to use (`in-process` asks for the in-process one); without it Apache Kafka is fetched and started, which
//! needs Java and Maven. Where that cannot be, librdkafka's mock cluster takes its place, which keeps no
//! offsets of transactions and shows aborted records: tests that need those say that they do nothing.
//! With `RAPPORTEUR_REQUIRE_BROKER=1` (as in CI) the lack of a real broker is a failure.

use std::{
    env,
    sync::{Mutex, OnceLock, mpsc},
    thread,
};

use rdkafka::mocking::MockCluster;

use super::{kafka::Cluster, say};

/// A broker to test against.
pub struct Broker {
    /// `host:port`, several separated by commas.
    pub bootstrap: String,
    /// Whether it is Apache Kafka.
    pub real: bool,
    _cluster: Option<Cluster>,
}

/// The broker that the tests of this file share.
pub fn broker() -> &'static Broker {
    static BROKER: OnceLock<Broker> = OnceLock::new();
    BROKER.get_or_init(|| {
        let named = env::var("KAFKA_BROKERS").ok();
        if let Some(bootstrap) = named.clone().filter(|named| named != "in-process") {
            say(&format!("tests use the brokers of KAFKA_BROKERS: {bootstrap}"));
            return Broker {
                bootstrap,
                real: true,
                _cluster: None,
            };
        }
        let started = match named {
            Some(_) => Err("KAFKA_BROKERS=in-process".to_owned()),
            None => Cluster::start(1, &[]),
        };
        match started {
            Ok(cluster) => {
                let bootstrap = cluster.bootstrap();
                say(&format!(
                    "tests use Apache Kafka {} at {bootstrap}",
                    super::kafka::VERSION
                ));
                Broker {
                    bootstrap,
                    real: true,
                    _cluster: Some(cluster),
                }
            }
            Err(reason) => {
                let required = env::var("RAPPORTEUR_REQUIRE_BROKER").is_ok_and(|v| v == "1");
                assert!(
                    !required,
                    "RAPPORTEUR_REQUIRE_BROKER=1, but there is no real broker: {reason}"
                );
                say(&format!(
                    "NO REAL BROKER ({reason})\n\
                     tests use the in-process broker; what only a real one can show is not tested"
                ));
                Broker {
                    bootstrap: in_process(),
                    real: false,
                    _cluster: None,
                }
            }
        }
    })
}

/// The broker, where it is a real one; else says that the test does nothing.
pub fn real_broker(test: &str) -> Option<&'static Broker> {
    let broker = broker();
    if !broker.real {
        say(&format!("{test}: NOT TESTED, it needs a real broker"));
    }
    broker.real.then_some(broker)
}

/// A wish for a topic of the mock cluster: name, partitions, and where to say that it is there.
type Wish = (String, i32, mpsc::Sender<()>);

static WISHES: OnceLock<(String, Mutex<mpsc::Sender<Wish>>)> = OnceLock::new();

/// A mock cluster that lives as long as the process. It makes topics only for its own thread.
fn in_process() -> String {
    let (send, receive) = mpsc::channel();
    let (wish, wishes) = mpsc::channel::<Wish>();
    thread::spawn(move || {
        let cluster = MockCluster::new(1).unwrap();
        send.send(cluster.bootstrap_servers()).unwrap();
        for (topic, partitions, done) in wishes {
            cluster.create_topic(&topic, partitions, 1).unwrap();
            done.send(()).unwrap();
        }
    });
    let bootstrap: String = receive.recv().unwrap();
    assert!(WISHES.set((bootstrap.clone(), Mutex::new(wish))).is_ok());
    bootstrap
}

/// Makes a topic where the broker is the in-process one; false where it is not.
pub fn create_in_process(bootstrap: &str, topic: &str, partitions: i32) -> bool {
    let Some((_, wish)) = WISHES.get().filter(|(ours, _)| ours == bootstrap) else {
        return false;
    };
    let (done, made) = mpsc::channel();
    wish.lock()
        .unwrap()
        .send((topic.to_owned(), partitions, done))
        .unwrap();
    made.recv().unwrap();
    true
}
