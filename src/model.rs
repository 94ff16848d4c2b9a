//! Weights learnt from annotated articles: how sure a contact is, and which topics are its own.
//!
//! A model is a table `data/model/<name>.toml`: a weight for every feature by its name, what it was trained on,
//! and the threshold from which on a reading counts. The program knows the features; a table that names others,
//! or lacks one, is refused, so that weights and program never drift apart unseen.

use std::{borrow::Cow, collections::BTreeMap, fmt::Write as _, io};

use serde::Deserialize;

use crate::data::Source;

/// Features of one case: their numbers and values, what is absent is 0.
pub type Case = Vec<(u16, f32)>;

/// A logistic model.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Logistic {
    /// A weight for each feature.
    pub weights: Vec<f64>,
    /// The probability from which on a reading counts.
    pub threshold: f64,
}

/// The models of an engine.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Models {
    /// Whether a contact is right.
    pub confidence: Logistic,
    /// Whether a topic is a contact's.
    pub topics: Logistic,
}

/// What a model was trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Articles.
    pub articles: usize,
    /// Cases: contacts, or contacts and topics.
    pub cases: usize,
    /// Cases that were right.
    pub right: usize,
}

/// Why a model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The table cannot be read.
    #[error("{file}: {source}")]
    Read {
        /// The table.
        file: String,
        /// What went wrong.
        source: io::Error,
    },
    /// It is no table of this form.
    #[error("{file}: {source}")]
    Form {
        /// The table.
        file: String,
        /// What is wrong with it.
        source: Box<toml::de::Error>,
    },
    /// Its features are not the program's.
    #[error("{file}: the weights are for other features than the program's ({what}): train it again")]
    Features {
        /// The table.
        file: String,
        /// A feature too many or too few.
        what: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    threshold: f64,
    #[serde(rename = "trained_on")]
    _trained_on: Training,
    weights: BTreeMap<String, f64>,
}

/// The table `model/<name>.toml`; a data directory without any models goes with those built in.
///
/// # Errors
/// Where it cannot be read.
pub fn text(source: &Source, name: &str) -> io::Result<Cow<'static, str>> {
    let own = match source {
        Source::Directory(root) => root.join("model").is_dir(),
        Source::Embedded => true,
    };
    let file = format!("model/{name}.toml");
    if own {
        source.read(&file)
    } else {
        Source::Embedded.read(&file)
    }
}

impl Logistic {
    /// A model that knows nothing: every case is as likely as not, and all count.
    #[must_use]
    pub fn blank(features: usize) -> Self {
        Self {
            weights: vec![0.0; features],
            threshold: 0.0,
        }
    }

    /// Loads `model/<name>.toml`; a data directory without any models goes with those built in.
    ///
    /// # Errors
    /// Where it cannot be read, or its features are not `names`.
    pub fn load(source: &Source, name: &str, names: &[String]) -> Result<Self, ModelError> {
        let file = format!("model/{name}.toml");
        let text = text(source, name).map_err(|source| ModelError::Read {
            file: file.clone(),
            source,
        })?;
        let mut read: File = toml::from_str(&text).map_err(|source| ModelError::Form {
            file: file.clone(),
            source: Box::new(source),
        })?;
        let features = |what: String| ModelError::Features {
            file: file.clone(),
            what,
        };
        let mut weights = Vec::with_capacity(names.len());
        for name in names {
            weights.push(
                read.weights
                    .remove(name)
                    .ok_or_else(|| features(format!("no weight for `{name}`")))?,
            );
        }
        match read.weights.into_keys().next() {
            Some(other) => Err(features(format!("`{other}` is none"))),
            None => Ok(Self {
                weights,
                threshold: read.threshold,
            }),
        }
    }

    /// The probability of a case.
    #[must_use]
    pub fn probability(&self, case: &[(u16, f32)]) -> f64 {
        let sum: f64 = case
            .iter()
            .map(|(f, v)| self.weights[*f as usize] * f64::from(*v))
            .sum();
        1.0 / (1.0 + (-sum).exp())
    }

    /// The probability that at least one of the cases holds, each taken by itself.
    #[must_use]
    pub fn any(&self, cases: &[Case]) -> f64 {
        1.0 - cases
            .iter()
            .map(|case| 1.0 - self.probability(case))
            .product::<f64>()
    }

    /// The table.
    #[must_use]
    pub fn table(&self, names: &[String], training: Training) -> String {
        let mut out =
            String::from("# Made by `rapporteur train` from annotated articles; not to be edited by hand.\n");
        let _ = writeln!(out, "threshold = {:.3}\n", self.threshold);
        let _ = writeln!(
            out,
            "[trained_on]\narticles = {}\ncases = {}\nright = {}\n",
            training.articles, training.cases, training.right
        );
        out.push_str("[weights]\n");
        for (name, weight) in names.iter().zip(&self.weights) {
            let _ = writeln!(out, "\"{name}\" = {weight:.4}");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(all: &[&str]) -> Vec<String> {
        all.iter().map(|&name| name.to_owned()).collect()
    }

    fn directory(names: &[String], weights: Vec<f64>) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("model")).unwrap();
        let model = Logistic {
            weights,
            threshold: 0.25,
        };
        let table = model.table(names, Training::default());
        std::fs::write(directory.path().join("model/m.toml"), table).unwrap();
        directory
    }

    #[test]
    fn a_table_is_read_as_it_was_written() {
        let names = names(&["a", "b.c"]);
        let directory = directory(&names, vec![1.5, -2.0]);
        let source = Source::Directory(directory.path().to_owned());
        let model = Logistic::load(&source, "m", &names).unwrap();
        assert_eq!(model.weights, [1.5, -2.0]);
        assert!((model.threshold - 0.25).abs() < 1e-9);
        assert!(model.probability(&[(0, 1.0)]) > 0.8);
        let both = model.any(&[vec![(0, 1.0)], vec![(0, 1.0)]]);
        assert!(both > model.probability(&[(0, 1.0)]));
    }

    #[test]
    fn weights_for_other_features_are_refused() {
        let directory = directory(&names(&["a", "b"]), vec![1.0, 2.0]);
        let source = Source::Directory(directory.path().to_owned());
        for (wanted, fault) in [
            (names(&["a", "b", "c"]), "`c`"),
            (names(&["a"]), "`b`"),
            (names(&["a", "d"]), "`d`"),
        ] {
            let error = Logistic::load(&source, "m", &wanted).unwrap_err();
            assert!(error.to_string().contains(fault), "{error}");
        }
    }

    #[test]
    fn a_directory_without_models_goes_with_those_built_in() {
        let directory = tempfile::tempdir().unwrap();
        let source = Source::Directory(directory.path().to_owned());
        assert_eq!(
            text(&source, "topics").unwrap(),
            text(&Source::Embedded, "topics").unwrap()
        );
    }
}
