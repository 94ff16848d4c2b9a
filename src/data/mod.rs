//! Where the tables of `data/` come from: compiled into the program, or a directory named in the settings.
//!
//! Everything that reads data asks a [`Source`] for files by their path below `data/`, so that a linguist can
//! try a changed lexicon without a build and a release carries its own.

use std::{borrow::Cow, fs, io, path::PathBuf};

use include_dir::{Dir, include_dir};

mod finding;

pub use finding::{Finding, Findings, Severity};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/data");

/// A tree of data files.
#[derive(Debug, Clone)]
pub enum Source {
    /// The files compiled into the program.
    Embedded,
    /// A directory laid out as `data/`.
    Directory(PathBuf),
}

impl Source {
    /// The text of the file at `path` (relative, `/`-separated).
    ///
    /// # Errors
    /// Where there is no such file or it is not UTF-8.
    pub fn read(&self, path: &str) -> io::Result<Cow<'static, str>> {
        match self {
            Self::Embedded => EMBEDDED
                .get_file(path)
                .and_then(include_dir::File::contents_utf8)
                .map(Cow::Borrowed)
                .ok_or_else(|| {
                    io::Error::new(io::ErrorKind::NotFound, format!("no embedded data file {path}"))
                }),
            Self::Directory(root) => {
                let file = root.join(path);
                fs::read_to_string(&file)
                    .map(Cow::Owned)
                    .map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", file.display())))
            }
        }
    }

    /// Paths of the files directly below the folder `path`, sorted.
    ///
    /// # Errors
    /// Where the folder cannot be listed.
    pub fn files(&self, path: &str) -> io::Result<Vec<String>> {
        self.list(path, false)
    }

    /// Names of the folders directly below the folder `path`, sorted.
    ///
    /// # Errors
    /// Where the folder cannot be listed.
    pub fn folders(&self, path: &str) -> io::Result<Vec<String>> {
        let paths = self.list(path, true)?;
        Ok(paths
            .iter()
            .filter_map(|p| p.rsplit('/').next())
            .map(str::to_owned)
            .collect())
    }

    fn list(&self, path: &str, folders: bool) -> io::Result<Vec<String>> {
        let mut found = match self {
            Self::Embedded => {
                let dir = EMBEDDED.get_dir(path).ok_or_else(|| {
                    io::Error::new(io::ErrorKind::NotFound, format!("no embedded data folder {path}"))
                })?;
                if folders {
                    dir.dirs()
                        .map(|d| d.path().to_string_lossy().replace('\\', "/"))
                        .collect::<Vec<_>>()
                } else {
                    dir.files()
                        .map(|f| f.path().to_string_lossy().replace('\\', "/"))
                        .collect()
                }
            }
            Self::Directory(root) => {
                let mut found = Vec::new();
                for entry in fs::read_dir(root.join(path))? {
                    let entry = entry?;
                    if entry.path().is_dir() == folders {
                        found.push(format!("{path}/{}", entry.file_name().to_string_lossy()));
                    }
                }
                found
            }
        };
        found.sort_unstable();
        Ok(found)
    }
}
