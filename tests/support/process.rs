//! The service as users run it: the binary, its log, its signals, its exit code.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread::{self, JoinHandle},
    time::Instant,
};

use rapporteur::settings::Settings;

use super::PATIENCE;

/// A running `rapporteur`.
pub struct Rapporteur {
    child: Child,
    log: Arc<Log>,
    reader: Option<JoinHandle<()>>,
    _config: tempfile::NamedTempFile,
}

#[derive(Default)]
struct Log {
    lines: Mutex<Vec<String>>,
    more: Condvar,
}

/// A command of the binary under test.
pub fn command(settings: &Settings, args: &[&str]) -> (Command, tempfile::NamedTempFile) {
    let mut config = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    config.write_all(settings.redacted().as_bytes()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_rapporteur"));
    command
        .arg("--config")
        .arg(config.path())
        .args(args)
        .stdin(Stdio::null());
    (command, config)
}

impl Rapporteur {
    /// Starts `rapporteur run`.
    pub fn run(settings: &Settings) -> Self {
        Self::run_with(settings, &[])
    }

    /// Starts `rapporteur run` with more in its environment: what must not stand in a file.
    pub fn run_with(settings: &Settings, environment: &[(&str, &str)]) -> Self {
        let (mut command, config) = command(settings, &["run"]);
        let mut child = command
            .envs(environment.iter().copied())
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let log = Arc::new(Log::default());
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let reader = {
            let log = Arc::clone(&log);
            thread::spawn(move || {
                for line in stderr.lines().map_while(Result::ok) {
                    log.lines.lock().unwrap().push(line);
                    log.more.notify_all();
                }
            })
        };
        Self {
            child,
            log,
            reader: Some(reader),
            _config: config,
        }
    }

    /// Process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a log line that holds all of the words, and returns it.
    #[track_caller]
    pub fn wait_for_log(&self, words: &[&str]) -> String {
        let started = Instant::now();
        let mut lines = self.log.lines.lock().unwrap();
        loop {
            if let Some(line) = lines
                .iter()
                .find(|line| words.iter().all(|word| line.contains(word)))
            {
                return line.clone();
            }
            let left = PATIENCE.checked_sub(started.elapsed());
            let Some(left) = left else {
                panic!("no log line with {words:?} in:\n{}", lines.join("\n"));
            };
            (lines, _) = self.log.more.wait_timeout(lines, left).unwrap();
        }
    }

    /// The log so far.
    pub fn log(&self) -> Vec<String> {
        self.log.lines.lock().unwrap().clone()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args([&format!("-{signal}"), &self.id().to_string()])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Waits for its end.
    #[track_caller]
    pub fn wait(mut self) -> (ExitStatus, Vec<String>) {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "does not end:\n{}",
                self.log().join("\n")
            );
            thread::sleep(std::time::Duration::from_millis(20));
        };
        self.reader.take().unwrap().join().unwrap();
        (status, self.log())
    }

    /// Stops it in order, which must succeed.
    #[track_caller]
    pub fn stop(self) -> Vec<String> {
        self.signal("TERM");
        let (status, log) = self.wait();
        assert!(status.success(), "{status}:\n{}", log.join("\n"));
        log
    }

    /// `host:port` of its HTTP server.
    pub fn http_address(&self) -> String {
        let line = self.wait_for_log(&["health and metrics"]);
        let (_, address) = line.rsplit_once("address=").unwrap();
        address.trim().to_owned()
    }

    /// The metrics of this moment.
    pub fn metrics(&self) -> Metrics {
        let (status, page) = self.get("/metrics");
        assert_eq!(status, 200, "{page}");
        Metrics(page)
    }

    /// Status and body of a page.
    pub fn get(&self, path: &str) -> (u16, String) {
        get(&self.http_address(), path)
    }
}

impl Drop for Rapporteur {
    fn drop(&mut self) {
        // A test that failed leaves nothing running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A page of metrics.
pub struct Metrics(pub String);

impl Metrics {
    /// The sum of all series of that name whose labels hold all of these.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.series(name, labels).iter().sum()
    }

    /// Whether there is such a series.
    pub fn has(&self, name: &str, labels: &[(&str, &str)]) -> bool {
        !self.series(name, labels).is_empty()
    }

    fn series(&self, name: &str, labels: &[(&str, &str)]) -> Vec<f64> {
        let series = self.0.lines().filter_map(|line| {
            let rest = line.strip_prefix(name)?;
            let (found, value) = match rest.strip_prefix('{') {
                Some(rest) => rest.rsplit_once("} ")?,
                None => ("", rest.strip_prefix(' ')?),
            };
            let all = labels
                .iter()
                .all(|(k, v)| found.contains(&format!("{k}=\"{v}\"")));
            all.then(|| value.parse().unwrap())
        });
        series.collect()
    }
}

/// Runs a command of the binary to its end: its exit code, and all that it said.
pub fn output(settings: &Settings, args: &[&str]) -> (i32, String) {
    output_with(settings, args, &[])
}

/// As [`output`], with more in its environment.
pub fn output_with(settings: &Settings, args: &[&str], environment: &[(&str, &str)]) -> (i32, String) {
    let (mut command, _config) = command(settings, args);
    command.envs(environment.iter().copied());
    let output = command.output().unwrap();
    let words = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.code().unwrap(), words)
}

/// Status and body of a page.
pub fn get(address: &str, path: &str) -> (u16, String) {
    request(address, "GET", path, "")
}

/// Status and body of the answer to a request.
pub fn request(address: &str, method: &str, path: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}
