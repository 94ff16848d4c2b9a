//! From layers to settings: defaults, then a file, then the environment; keys that do not exist are refused.

use std::{fmt, path::Path};

use config::{Config, Environment, File, FileFormat, Value, ValueKind};

use super::Settings;

/// Prefix of environment variables that hold settings.
pub const ENVIRONMENT_PREFIX: &str = "RAPPORTEUR";

/// Sections whose keys are not ours to know.
const OPEN_SECTIONS: [&str; 3] = ["kafka.properties", "kafka.consumer", "kafka.producer"];

/// One thing wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key, from the root.
    pub key: String,
    /// What is wrong, and what would be right.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.reason)
    }
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read or is no TOML, or a value is of the wrong type.
    #[error("settings: {0}")]
    Source(#[from] config::ConfigError),
    /// Keys that do not exist, or values that cannot be.
    #[error("settings: {}", list(.0))]
    Invalid(Vec<Problem>),
}

fn list(problems: &[Problem]) -> String {
    match problems {
        [one] => one.to_string(),
        many => {
            let lines: Vec<String> = many.iter().map(|p| format!("\n  {p}")).collect();
            format!("{} problems{}", many.len(), lines.concat())
        }
    }
}

/// Reads the settings from a file, where one is named, and the process's environment.
///
/// # Errors
/// Where a layer cannot be read, a key does not exist or a value cannot be; all problems at once.
pub fn load(file: Option<&Path>) -> Result<Settings, SettingsError> {
    load_from(file, std::env::vars().collect())
}

/// As [`load`], with the environment given.
///
/// # Errors
/// As [`load`].
pub fn load_from(
    file: Option<&Path>,
    environment: std::collections::HashMap<String, String>,
) -> Result<Settings, SettingsError> {
    let mut layers = Config::builder();
    if let Some(path) = file {
        layers = layers.add_source(File::from(path).format(FileFormat::Toml));
    }
    let layers = layers
        .add_source(
            Environment::with_prefix(ENVIRONMENT_PREFIX)
                .prefix_separator("__")
                .separator("__")
                .source(Some(environment)),
        )
        .build()?;

    let unknown = unknown_keys(&layers.cache);
    if !unknown.is_empty() {
        return Err(SettingsError::Invalid(unknown));
    }
    let settings: Settings = layers.try_deserialize()?;
    let problems = settings.problems();
    if problems.is_empty() {
        Ok(settings)
    } else {
        Err(SettingsError::Invalid(problems))
    }
}

/// Keys that no setting answers to, each with the nearest that one does.
fn unknown_keys(given: &Value) -> Vec<Problem> {
    let defaults = serde_json::to_value(Settings::default()).unwrap_or_default();
    let mut known = Vec::new();
    known_keys(&defaults, "", &mut known);
    let mut problems = Vec::new();
    compare(given, "", &known, &mut problems);
    problems.sort_by(|a: &Problem, b| a.key.cmp(&b.key));
    problems
}

fn known_keys(value: &serde_json::Value, path: &str, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(map) if !OPEN_SECTIONS.contains(&path) => {
            for (key, value) in map {
                known_keys(value, &join(path, key), found);
            }
        }
        _ => found.push(path.to_owned()),
    }
}

fn compare(value: &Value, path: &str, known: &[String], problems: &mut Vec<Problem>) {
    if known.iter().any(|k| k == path) {
        return;
    }
    let prefix = format!("{path}.");
    let section = path.is_empty() || known.iter().any(|k| k.starts_with(&prefix));
    match &value.kind {
        ValueKind::Table(table) if section => {
            for (key, value) in table {
                compare(value, &join(path, key), known, problems);
            }
        }
        _ => {
            let origin = value.origin().map(|o| format!(" (in {o})")).unwrap_or_default();
            let reason = if section {
                format!("is a section, not a value{origin}")
            } else {
                let near = match value.kind {
                    ValueKind::Table(_) => nearest(path, &sections(known)),
                    _ => nearest(path, known),
                };
                match near {
                    Some(near) => format!("there is no such key{origin}; the nearest is {near}"),
                    None => format!("there is no such key{origin}"),
                }
            };
            problems.push(Problem {
                key: path.to_owned(),
                reason,
            });
        }
    }
}

fn sections(known: &[String]) -> Vec<String> {
    known
        .iter()
        .filter_map(|key| Some(key.rsplit_once('.')?.0.to_owned()))
        .chain(OPEN_SECTIONS.map(str::to_owned))
        .collect()
}

fn nearest(path: &str, known: &[String]) -> Option<String> {
    let last = |p: &str| p.rsplit('.').next().unwrap_or_default().to_owned();
    known
        .iter()
        .map(|k| {
            let whole = strsim::normalized_damerau_levenshtein(path, k);
            let leaf = strsim::normalized_damerau_levenshtein(&last(path), &last(k)) * 0.95;
            (k, whole.max(leaf))
        })
        .filter(|(_, likeness)| *likeness > 0.4)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(k, _)| k.clone())
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn load_text(toml: &str, environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let mut file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        file.write_all(toml.as_bytes()).unwrap();
        let environment = environment
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        load_from(Some(file.path()), environment)
    }

    #[test]
    fn nothing_given_gives_the_defaults() {
        assert_eq!(load_from(None, [].into()).unwrap(), Settings::default());
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
        let settings = load_text(
            "[kafka]\nbrokers = \"file:1\"\ngroup = \"from-file\"\n[delivery]\nlinger_ms = 7\n",
            &[
                ("RAPPORTEUR__KAFKA__BROKERS", "env:1,env:2"),
                ("RAPPORTEUR__DELIVERY__MAX_RECORDS", "9"),
                ("RAPPORTEUR__DELIVERY__GUARANTEE", "at-least-once"),
            ],
        )
        .unwrap();
        assert_eq!(settings.kafka.brokers, "env:1,env:2");
        assert_eq!(settings.kafka.group, "from-file");
        assert_eq!(settings.delivery.linger_ms, 7);
        assert_eq!(settings.delivery.max_records, 9);
        assert_eq!(
            settings.delivery.guarantee,
            crate::settings::Guarantee::AtLeastOnce
        );
        assert_eq!(settings.topics, crate::settings::Topics::default());
    }

    #[test]
    fn properties_of_librdkafka_pass_through_from_file_and_environment() {
        let settings = load_text(
            "[kafka.properties]\n\"security.protocol\" = \"plaintext\"\nsocket.keepalive.enable = true\n",
            &[("RAPPORTEUR__KAFKA__CONSUMER__SESSION_TIMEOUT_MS", "9000")],
        );
        // A dotted key without quotes is a table in TOML: that is a mistake worth a message, not a guess.
        assert!(settings.is_err());
        let settings = load_text(
            "[kafka.properties]\n\"security.protocol\" = \"plaintext\"\n\"socket.keepalive.enable\" = true\n",
            &[("RAPPORTEUR__KAFKA__CONSUMER__SESSION_TIMEOUT_MS", "9000")],
        )
        .unwrap();
        assert_eq!(
            settings.kafka.properties.get("security.protocol"),
            Some("plaintext")
        );
        assert_eq!(
            settings.kafka.properties.get("socket.keepalive.enable"),
            Some("true")
        );
        assert_eq!(settings.kafka.consumer.get("session.timeout.ms"), Some("9000"));
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_nearest_known_one() {
        let error = load_text("[kafka]\nbroker = \"x:1\"\n[delvery]\nlinger_ms = 1\n", &[])
            .unwrap_err()
            .to_string();
        assert!(error.contains("kafka.broker: there is no such key"), "{error}");
        assert!(error.contains("the nearest is kafka.brokers"), "{error}");
        assert!(error.contains("the nearest is delivery"), "{error}");
    }

    #[test]
    fn the_mapping_of_articles_is_a_section_like_any_other() {
        let settings = load_text("[article]\npreset = \"ninjs\"\nbody = [\"/a\", \"/b\"]\n", &[]).unwrap();
        assert_eq!(settings.article.preset, crate::article::Preset::Ninjs);
        assert_eq!(load_text(&settings.redacted(), &[]).unwrap(), settings);
        let error = load_text("[article]\nbdy = \"/a\"\n", &[])
            .unwrap_err()
            .to_string();
        assert!(error.contains("the nearest is article.body"), "{error}");
        let error = load_text("[article]\nbody = \"a\"\n", &[])
            .unwrap_err()
            .to_string();
        assert!(error.contains("JSON Pointer"), "{error}");
    }

    #[test]
    fn overlays_are_a_list_in_the_file_and_a_path_in_the_environment() {
        let here = tempfile::NamedTempFile::new().unwrap();
        let path = here.path().to_str().unwrap();
        let toml = load_text(&format!("[register]\noverlays = ['{path}']\n"), &[]).unwrap();
        assert_eq!(toml.register.overlays, [here.path()]);
        let variable = [("RAPPORTEUR__REGISTER__OVERLAYS", path)];
        assert_eq!(load_text("", &variable).unwrap().register, toml.register);
        assert_eq!(load_text(&toml.redacted(), &[]).unwrap(), toml);
        let error = load_text("[register]\noverlays = [\"no-such-file\"]\n", &[])
            .unwrap_err()
            .to_string();
        assert!(error.contains("register.overlays: `no-such-file`"), "{error}");
    }

    #[test]
    fn a_value_of_the_wrong_type_is_named_by_its_key() {
        let error = load_text("[delivery]\nlinger_ms = \"soon\"\n", &[])
            .unwrap_err()
            .to_string();
        assert!(error.contains("linger_ms"), "{error}");
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_and_no_secret_with_it() {
        let error = load_text(
            "[topics]\ninput = \"a\"\noutput = \"a\"\n[kafka]\ngroup = \"\"\n\
             [kafka.properties]\n\"sasl.passwort\" = \"hunter2\"\n\"enable.auto.commit\" = true\n",
            &[],
        )
        .unwrap_err()
        .to_string();
        for key in [
            "topics.output",
            "kafka.group",
            "sasl.passwort",
            "enable.auto.commit",
        ] {
            assert!(error.contains(key), "{key} in {error}");
        }
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn shown_settings_can_be_read_back() {
        let text = Settings::default().redacted();
        assert_eq!(load_text(&text, &[]).unwrap(), Settings::default(), "{text}");
    }
}
