//! A cluster to be broken: brokers behind relays that can hold the traffic back.
//!
//! Clients reach each broker through a relay of ours on its advertised port; brokers reach one another
//! directly. Holding a relay is a network that goes silent: connections stay open, nothing passes, nothing is
//! lost.

use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::Duration,
};

use rapporteur::stream::clients::Quiet;
use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer as _},
};

use super::{
    eventually,
    kafka::{Cluster, Layout, Unavailable, free_port},
    topics::leaders,
};

/// Lets traffic pass, or holds it.
#[derive(Default)]
struct Gate {
    held: Mutex<bool>,
    changed: Condvar,
}

impl Gate {
    fn hold(&self, held: bool) {
        *self.held.lock().unwrap() = held;
        self.changed.notify_all();
    }

    fn pass(&self) {
        let held = self.held.lock().unwrap();
        drop(self.changed.wait_while(held, |held| *held).unwrap());
    }
}

/// Relays connections from one port to another, for as long as the process lives.
fn relay(from: u16, to: u16, gate: &Arc<Gate>) -> std::io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", from))?;
    let gate = Arc::clone(gate);
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let gate = Arc::clone(&gate);
            thread::spawn(move || {
                gate.pass();
                // A broker that is down refuses: so do we, by closing.
                let Ok(broker) = TcpStream::connect(("127.0.0.1", to)) else {
                    return;
                };
                for stream in [&client, &broker] {
                    // Without it small requests wait for acknowledgements of others.
                    let _ = stream.set_nodelay(true);
                }
                let back = (broker.try_clone(), client.try_clone());
                if let (Ok(broker), Ok(client)) = back {
                    let gate = Arc::clone(&gate);
                    thread::spawn(move || copy(broker, client, &gate));
                }
                copy(client, broker, &gate);
            });
        }
    });
    Ok(())
}

fn copy(mut from: TcpStream, mut to: TcpStream, gate: &Gate) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(read) = from.read(&mut buffer) {
        gate.pass();
        if read == 0 || to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    for stream in [from, to] {
        // It may be closed already.
        let _ = stream.shutdown(Shutdown::Both);
    }
}

/// Brokers behind relays.
pub struct Breakable {
    pub brokers: Cluster,
    gates: Vec<Arc<Gate>>,
}

impl Breakable {
    /// Starts it and waits until it answers. Timeouts are short, so that a test sees them pass.
    pub fn start(nodes: usize) -> Result<Self, Unavailable> {
        let advertised: Vec<u16> = (0..nodes).map(|_| free_port()).collect();
        let brokers = Cluster::start_as(&Layout {
            ports: vec![None; nodes],
            advertised: Some(advertised.clone()),
            heap_mb: Some(256),
            extra: [
                "broker.session.timeout.ms=5000",
                "broker.heartbeat.interval.ms=1000",
                "replica.lag.time.max.ms=5000",
                "controlled.shutdown.enable=true",
                "transaction.abort.timed.out.transaction.cleanup.interval.ms=500",
                "group.consumer.min.session.timeout.ms=1000",
                "group.consumer.session.timeout.ms=4000",
                "group.consumer.min.heartbeat.interval.ms=100",
                "group.consumer.heartbeat.interval.ms=500",
                "num.network.threads=2",
                "num.io.threads=4",
                "num.replica.fetchers=1",
                "log.cleaner.enable=false",
                "message.max.bytes=1048588",
            ]
            .map(str::to_owned)
            .to_vec(),
            ..Layout::default()
        })?;
        let gates: Vec<Arc<Gate>> = advertised.iter().map(|_| Arc::default()).collect();
        for (node, from) in advertised.iter().enumerate() {
            relay(*from, brokers.port(node), &gates[node]).map_err(|e| format!("relay at {from}: {e}"))?;
        }
        let cluster = Self { brokers, gates };
        eventually("all brokers", || {
            let seen = cluster.client().fetch_metadata(None, Duration::from_secs(2));
            match seen.map(|m| m.brokers().len()) {
                Ok(n) if n == nodes => Ok(()),
                other => Err(format!("{other:?}")),
            }
        });
        Ok(cluster)
    }

    /// `host:port` of every relay.
    pub fn bootstrap(&self) -> String {
        self.brokers.bootstrap()
    }

    fn client(&self) -> BaseConsumer<Quiet> {
        ClientConfig::new()
            .set("bootstrap.servers", self.bootstrap())
            .create_with_context(Quiet)
            .unwrap()
    }

    /// Nothing passes between clients and brokers until [`Breakable::release`].
    pub fn hold(&self) {
        self.gates.iter().for_each(|gate| gate.hold(true));
    }

    /// Nothing passes between clients and that broker until [`Breakable::release`].
    pub fn hold_node(&self, node: usize) {
        self.gates[node].hold(true);
    }

    /// Traffic passes again, what was held first.
    pub fn release(&self) {
        self.gates.iter().for_each(|gate| gate.hold(false));
    }

    /// The node that leads a partition.
    pub fn leader(&self, topic: &str, partition: i32) -> usize {
        let client = self.client();
        eventually(&format!("leader of {topic}/{partition}"), || {
            let leaders = leaders(&client, topic)?;
            let led = leaders.get(&partition).ok_or("no leader")?;
            usize::try_from(led - 1).map_err(|_| format!("leader {led}"))
        })
    }

    /// The node that coordinates the transactions of an id.
    pub fn coordinator(&self, transactional_id: &str) -> usize {
        self.leader("__transaction_state", slot(transactional_id))
    }

    /// The node that coordinates a group.
    pub fn group_coordinator(&self, group: &str) -> usize {
        self.leader("__consumer_offsets", slot(group))
    }

    /// Waits until every partition of every topic has a leader and all its replicas again.
    pub fn wait_whole(&self) {
        let client = self.client();
        eventually("all replicas in sync", || {
            let metadata = client
                .fetch_metadata(None, Duration::from_secs(2))
                .map_err(|e| e.to_string())?;
            let mut behind = BTreeMap::new();
            for topic in metadata.topics() {
                for partition in topic.partitions() {
                    if partition.leader() < 0 || partition.isr().len() < partition.replicas().len() {
                        behind.insert((topic.name(), partition.id()), partition.isr().len());
                    }
                }
            }
            if behind.is_empty() && metadata.brokers().len() == self.brokers.size() {
                Ok(())
            } else {
                Err(format!(
                    "{} brokers, behind: {behind:?}",
                    metadata.brokers().len()
                ))
            }
        });
    }
}

/// The partition of a coordinator's topic that a name belongs to, as brokers reckon it: Java's hash of the
/// name, over the four partitions that these topics have here.
fn slot(name: &str) -> i32 {
    let hash = name.encode_utf16().fold(0_i32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(i32::from(unit))
    });
    (hash & 0x7fff_ffff) % 4
}
