//! What a check of the data finds: a place, what is wrong there and what to do.

use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The data says something false or nothing at all.
    Error,
    /// It may be right, and somebody should look.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// Something wrong with a data file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The file, below `data/`, or the overlay's path.
    pub file: String,
    /// Its line, 0 where the file as a whole is at fault.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<7}  {}", self.severity, self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {}; {}", self.problem, self.remedy)
    }
}

/// Gathers findings.
#[derive(Debug, Default)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    /// Something that must be mended.
    pub fn error(&mut self, file: &str, line: usize, problem: impl Into<String>, remedy: impl Into<String>) {
        self.add(Severity::Error, file, line, problem.into(), remedy.into());
    }

    /// Something that somebody should look at.
    pub fn warning(
        &mut self,
        file: &str,
        line: usize,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.add(Severity::Warning, file, line, problem.into(), remedy.into());
    }

    fn add(&mut self, severity: Severity, file: &str, line: usize, problem: String, remedy: String) {
        self.0.push(Finding {
            severity,
            file: file.to_owned(),
            line,
            problem,
            remedy,
        });
    }
}
