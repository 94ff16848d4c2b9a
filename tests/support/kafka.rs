//! Apache Kafka for tests: jars from Maven Central, one or more KRaft nodes on free loopback ports.
//!
//! A node is a child of a shell that waits for the end of its standard input: however the test process ends,
//! the pipe closes, the shell kills the node and removes its directory (unless the word `keep` comes first:
//! then the node is to be started again).

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::Mutex,
    time::{Duration, Instant},
};

/// Version of Apache Kafka under test.
pub const VERSION: &str = "4.1.1";
const LOG4J: &str = "2.25.2";

/// Why there is no real broker.
pub type Unavailable = String;

/// The directory with Kafka's jars, fetched on first use.
pub fn jars() -> Result<PathBuf, Unavailable> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap();
    run("java", Command::new(java()).arg("-version"))?;
    let cache = match env::var_os("RAPPORTEUR_TEST_CACHE") {
        Some(dir) => PathBuf::from(dir),
        None => Path::new(env!("CARGO_TARGET_TMPDIR")).join("../kafka"),
    };
    let jars = cache.join(VERSION);
    if jars.join("complete").is_file() {
        return Ok(jars);
    }
    // Into a directory of our own first, so that another process never sees half of them.
    let fetching = cache.join(format!("{VERSION}.{}", std::process::id()));
    fs::create_dir_all(&fetching).map_err(|e| format!("{}: {e}", fetching.display()))?;
    let pom = fetching.join("pom.xml");
    fs::write(&pom, pom_xml()).map_err(|e| e.to_string())?;
    super::say(&format!("fetching Apache Kafka {VERSION} from Maven Central …"));
    run(
        "mvn",
        Command::new("mvn")
            .args(["-q", "-B", "-f"])
            .arg(&pom)
            .args([
                "dependency:copy-dependencies",
                "-DincludeScope=runtime",
                "-DoutputDirectory=.",
            ])
            .current_dir(&fetching),
    )?;
    fs::write(fetching.join("complete"), "").map_err(|e| e.to_string())?;
    if fs::rename(&fetching, &jars).is_err() {
        // Somebody else was faster, or left half a directory behind.
        if !jars.join("complete").is_file() {
            let _ = fs::remove_dir_all(&jars);
            fs::rename(&fetching, &jars).map_err(|e| format!("{}: {e}", jars.display()))?;
        }
    }
    Ok(jars)
}

fn java() -> PathBuf {
    env::var_os("JAVA_HOME")
        .map(|home| Path::new(&home).join("bin/java"))
        .filter(|java| java.is_file())
        .unwrap_or_else(|| "java".into())
}

fn run(what: &str, command: &mut Command) -> Result<(), Unavailable> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("{what} cannot be started: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    let words = [output.stdout, output.stderr].concat();
    Err(format!("{what} failed: {}", String::from_utf8_lossy(&words)))
}

fn pom_xml() -> String {
    let dependency = |group: &str, artifact: &str, version: &str| {
        format!(
            "<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>\
             <version>{version}</version></dependency>"
        )
    };
    format!(
        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><modelVersion>4.0.0</modelVersion>\
         <groupId>rapporteur</groupId><artifactId>test-broker</artifactId><version>1</version>\
         <dependencies>{}{}{}</dependencies></project>",
        dependency("org.apache.kafka", "kafka_2.13", VERSION),
        dependency("org.apache.logging.log4j", "log4j-slf4j-impl", LOG4J),
        dependency("org.apache.logging.log4j", "log4j-core", LOG4J),
    )
}

/// A port that is free now, and stays so when a node that had it is down: below those that the system gives to
/// connections.
pub fn free_port() -> u16 {
    for _ in 0..1_000 {
        let port = 15_000 + u16::try_from(getrandom::u32().unwrap() % 15_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port between 15000 and 30000");
}

/// How a cluster is to be made.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// A client port for each node; `None` takes a free one.
    pub ports: Vec<Option<u16>>,
    /// What the nodes tell clients to connect to, where that is not the client port itself: something in
    /// between. Brokers then talk to each other on ports of their own.
    pub advertised: Option<Vec<u16>>,
    /// More listeners of the first node, each a name, its security protocol and a port.
    pub listeners: Vec<(&'static str, &'static str, u16)>,
    /// Lines for `server.properties`; they win over what stands there.
    pub extra: Vec<String>,
    /// Arguments for the formatting of storage.
    pub format: Vec<String>,
    /// Heap of each node.
    pub heap_mb: Option<u32>,
}

/// A cluster of one or more nodes, each broker and controller.
pub struct Cluster {
    nodes: Vec<Node>,
    advertised: Vec<u16>,
}

struct Node {
    port: u16,
    dir: PathBuf,
    jars: PathBuf,
    heap_mb: u32,
    running: Option<Running>,
}

struct Running {
    shell: Child,
    stdin: Option<ChildStdin>,
    java: u32,
}

impl Cluster {
    /// Starts a cluster and waits until it takes connections. `extra` are lines for `server.properties`.
    pub fn start(nodes: usize, extra: &[&str]) -> Result<Self, Unavailable> {
        Self::start_at(&vec![None; nodes], extra)
    }

    /// As [`Cluster::start`], on the client ports given.
    pub fn start_at(ports: &[Option<u16>], extra: &[&str]) -> Result<Self, Unavailable> {
        Self::start_as(&Layout {
            ports: ports.to_vec(),
            extra: extra.iter().map(|line| (*line).to_owned()).collect(),
            ..Layout::default()
        })
    }

    /// Starts a cluster of that layout and waits until it takes connections.
    pub fn start_as(layout: &Layout) -> Result<Self, Unavailable> {
        let jars = jars()?;
        let ports: Vec<(u16, u16, u16)> = layout
            .ports
            .iter()
            .map(|port| (port.unwrap_or_else(free_port), free_port(), free_port()))
            .collect();
        let advertised = match &layout.advertised {
            Some(ports) => ports.clone(),
            None => ports.iter().map(|(port, _, _)| *port).collect(),
        };
        let voters: Vec<String> = ports
            .iter()
            .enumerate()
            .map(|(i, (_, controller, _))| format!("{}@127.0.0.1:{controller}", i + 1))
            .collect();
        let replicas = ports.len().min(3);
        let mut cluster = Self {
            nodes: Vec::new(),
            advertised,
        };
        for (i, (port, controller, between)) in ports.iter().enumerate() {
            let dir = env::temp_dir().join(super::unique("rapporteur-kafka"));
            fs::create_dir_all(&dir).map_err(|e| e.to_string())?;
            let more = if i == 0 { layout.listeners.as_slice() } else { &[] };
            let also: String = more
                .iter()
                .map(|(name, _, port)| format!(",{name}://127.0.0.1:{port}"))
                .collect();
            let protocols: String = more
                .iter()
                .map(|(name, protocol, _)| format!(",{name}:{protocol}"))
                .collect();
            let properties = format!(
                "process.roles=broker,controller\n\
                 node.id={id}\n\
                 controller.quorum.voters={voters}\n\
                 listeners=PLAINTEXT://127.0.0.1:{port},BETWEEN://127.0.0.1:{between},CONTROLLER://127.0.0.1:{controller}{also}\n\
                 advertised.listeners=PLAINTEXT://127.0.0.1:{advertised},BETWEEN://127.0.0.1:{between}{also}\n\
                 inter.broker.listener.name=BETWEEN\n\
                 controller.listener.names=CONTROLLER\n\
                 listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,BETWEEN:PLAINTEXT{protocols}\n\
                 log.dirs={data}\n\
                 offsets.topic.replication.factor={replicas}\n\
                 offsets.topic.num.partitions=4\n\
                 transaction.state.log.replication.factor={replicas}\n\
                 transaction.state.log.min.isr={isr}\n\
                 transaction.state.log.num.partitions=4\n\
                 default.replication.factor={replicas}\n\
                 min.insync.replicas={isr}\n\
                 group.initial.rebalance.delay.ms=0\n\
                 group.min.session.timeout.ms=1000\n\
                 auto.create.topics.enable=false\n\
                 {extra}\n",
                id = i + 1,
                advertised = cluster.advertised[i],
                voters = voters.join(","),
                data = dir.join("data").display(),
                isr = if replicas == 3 { 2 } else { 1 },
                extra = layout.extra.join("\n"),
            );
            fs::write(dir.join("server.properties"), properties).map_err(|e| e.to_string())?;
            cluster.nodes.push(Node {
                port: *port,
                dir,
                jars: jars.clone(),
                heap_mb: layout.heap_mb.unwrap_or(384),
                running: None,
            });
        }
        for node in &cluster.nodes {
            node.format(&layout.format)?;
        }
        for i in 0..cluster.nodes.len() {
            cluster.nodes[i].spawn()?;
        }
        for node in &cluster.nodes {
            node.wait_up()?;
        }
        Ok(cluster)
    }

    /// `host:port` of every node.
    pub fn bootstrap(&self) -> String {
        let all: Vec<String> = self
            .advertised
            .iter()
            .map(|port| format!("127.0.0.1:{port}"))
            .collect();
        all.join(",")
    }

    /// How many nodes it has.
    pub fn size(&self) -> usize {
        self.nodes.len()
    }

    /// Where a node itself listens, behind whatever is in between.
    pub fn port(&self, node: usize) -> u16 {
        self.nodes[node].port
    }

    /// Kills a node as a power cut would.
    pub fn kill(&mut self, node: usize) {
        self.nodes[node].signal("KILL");
        self.nodes[node].reap();
    }

    /// Stops a node in order.
    pub fn stop(&mut self, node: usize) {
        self.nodes[node].signal("TERM");
        self.nodes[node].reap();
    }

    /// Stops a node's clock: it holds its connections and says nothing.
    pub fn freeze(&self, node: usize) {
        self.nodes[node].signal("STOP");
    }

    /// Sets a frozen node's clock going again.
    pub fn thaw(&self, node: usize) {
        self.nodes[node].signal("CONT");
    }

    /// Starts a node again that was killed or stopped.
    pub fn restart(&mut self, node: usize) {
        self.nodes[node].spawn().unwrap();
        self.nodes[node].wait_up().unwrap();
    }
}

impl Node {
    fn classpath(&self) -> String {
        format!("{}/*", self.jars.display())
    }

    fn format(&self, more: &[String]) -> Result<(), Unavailable> {
        run(
            "kafka storage format",
            Command::new(java())
                .args(["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"])
                .arg(self.classpath())
                .args([
                    "kafka.tools.StorageTool",
                    "format",
                    "-t",
                    "cmFwcG9ydGV1ci10ZXN0cw",
                    "-c",
                ])
                .arg(self.dir.join("server.properties"))
                .args(more),
        )
    }

    fn spawn(&mut self) -> Result<(), Unavailable> {
        let script = r#""$0" "$3" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$1" kafka.Kafka \
                "$2/server.properties" >> "$2/log" 2>&1 < /dev/null &
            echo $!
            word=
            read -r word
            kill -KILL $! 2>/dev/null
            wait
            test "$word" = keep || rm -rf "$2""#;
        let mut shell = Command::new("sh")
            .args(["-c", script])
            .arg(java())
            .arg(self.classpath())
            .arg(&self.dir)
            .arg(format!("-Xmx{}m", self.heap_mb))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("sh cannot be started: {e}"))?;
        let mut line = String::new();
        BufReader::new(shell.stdout.take().unwrap())
            .read_line(&mut line)
            .map_err(|e| e.to_string())?;
        self.running = Some(Running {
            stdin: shell.stdin.take(),
            java: line.trim().parse().map_err(|e| format!("no process id: {e}"))?,
            shell,
        });
        Ok(())
    }

    fn wait_up(&self) -> Result<(), Unavailable> {
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if started.elapsed() > Duration::from_secs(60) {
                let log = fs::read_to_string(self.dir.join("log")).unwrap_or_default();
                let tail: Vec<&str> = log.lines().rev().take(20).collect();
                return Err(format!("Kafka does not listen on {}: {tail:#?}", self.port));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    fn signal(&self, signal: &str) {
        let Some(running) = &self.running else { return };
        let status = Command::new("kill")
            .args([&format!("-{signal}"), &running.java.to_string()])
            .status()
            .unwrap();
        assert!(status.success(), "kill -{signal} {}", running.java);
    }

    /// Waits for the node's end, which something else has brought about.
    fn reap(&mut self) {
        if let Some(mut running) = self.running.take() {
            let started = Instant::now();
            while Path::new(&format!("/proc/{}/exe", running.java)).exists()
                && fs::read_to_string(format!("/proc/{}/stat", running.java))
                    .is_ok_and(|stat| !stat.contains(") Z "))
                && started.elapsed() < Duration::from_secs(60)
            {
                std::thread::sleep(Duration::from_millis(20));
            }
            let mut stdin = running.stdin.take().unwrap();
            stdin.write_all(b"keep\n").unwrap();
            drop(stdin);
            running.shell.wait().unwrap();
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            drop(running.stdin.take());
            let _ = running.shell.wait();
        }
        let _ = fs::remove_dir_all(&self.dir);
    }
}
