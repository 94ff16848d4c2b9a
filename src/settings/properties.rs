//! Properties handed on to librdkafka as they are.
//!
//! They hold passwords and keys, so they print themselves with those struck out: in `Debug` as in what serde
//! writes. Only [`Properties::iter`] gives the values away, and only the Kafka clients call it.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeMap};

/// What stands for a secret wherever settings are printed.
pub const REDACTED: &str = "[redacted]";

/// Properties of librdkafka, by name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Properties(BTreeMap<String, String>);

impl Properties {
    /// All properties with their true values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// Sets a property.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// The value of a property, where it is set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn shown(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter()
            .map(|(name, value)| (name, if is_secret(name) { REDACTED } else { value }))
    }
}

/// Whether the value of a property must never be printed.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let url = name.ends_with(".url") || name.ends_with(".location");
    !url && [
        "password",
        "secret",
        "token",
        "credential",
        "jaas",
        "key.pem",
        "key_pem",
        "assertion",
        "oauthbearer.config",
    ]
    .iter()
    .any(|part| name.contains(part))
}

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.shown()).finish()
    }
}

impl Serialize for Properties {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.shown() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Properties {
    /// Values may be written as strings, numbers or booleans; names from the environment have `_` for `.`.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Scalar {
            Bool(bool),
            Int(i64),
            Float(f64),
            Text(String),
        }
        let raw = BTreeMap::<String, Scalar>::deserialize(deserializer)?;
        Ok(Self(
            raw.into_iter()
                .map(|(name, value)| {
                    let value = match value {
                        Scalar::Bool(v) => v.to_string(),
                        Scalar::Int(v) => v.to_string(),
                        Scalar::Float(v) => v.to_string(),
                        Scalar::Text(v) => v,
                    };
                    (name.replace('_', "."), value)
                })
                .collect(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_struck_out_wherever_properties_are_printed() {
        let mut properties = Properties::default();
        for name in [
            "sasl.password",
            "ssl.key.password",
            "ssl.key.pem",
            "sasl.oauthbearer.client.secret",
            "sasl.oauthbearer.config",
        ] {
            properties.set(name, "hunter2");
        }
        properties.set("sasl.username", "alice");
        properties.set("ssl.key.location", "/etc/key.pem");
        properties.set("sasl.oauthbearer.token.endpoint.url", "https://idp.example/token");
        let debug = format!("{properties:?}");
        let toml = toml::to_string(&properties).unwrap();
        for printed in [debug, toml] {
            assert!(!printed.contains("hunter2"), "{printed}");
            assert!(
                printed.contains("alice")
                    && printed.contains("/etc/key.pem")
                    && printed.contains("idp.example")
            );
        }
        assert_eq!(properties.get("sasl.password"), Some("hunter2"));
    }
}
