//! What the system says of this process, under the names that Prometheus' own clients use.

use std::fs;

/// Facts of the moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Process {
    /// Memory in use, in bytes.
    pub resident_bytes: u64,
    /// Processor time since the start, of all threads, in seconds.
    pub cpu_seconds: f64,
    /// Threads.
    pub threads: u64,
}

/// Ticks of the processor clock in a second: a constant of Linux' interface to programs.
const TICKS: f64 = 100.0;

impl Process {
    /// Asks; `None` on systems that do not say.
    #[must_use]
    pub fn now() -> Option<Self> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        Self::read(&status, &stat)
    }

    fn read(status: &str, stat: &str) -> Option<Self> {
        let field = |name: &str| -> Option<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        // The name of the process comes second, in parentheses, and may hold anything.
        let (_, after) = stat.rsplit_once(") ")?;
        let ticks: f64 = after
            .split(' ')
            .skip(11)
            .take(2)
            .filter_map(|ticks| ticks.parse::<f64>().ok())
            .sum();
        Some(Self {
            resident_bytes: field("VmRSS:")? * 1024,
            cpu_seconds: ticks / TICKS,
            threads: field("Threads:")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_found_whatever_the_process_is_called() {
        let status = "Name:\tx\nVmHWM:\t  900 kB\nVmRSS:\t  512 kB\nThreads:\t7\n";
        let stat = "1 (a) b (c) S 0 1 1 0 -1 0 0 0 0 0 250 50 0 0 20 0 7 0 1";
        let process = Process::read(status, stat).unwrap();
        assert_eq!(
            process,
            Process {
                resident_bytes: 512 * 1024,
                cpu_seconds: 3.0,
                threads: 7
            }
        );
        assert_eq!(Process::read("", stat), None);
    }
}
