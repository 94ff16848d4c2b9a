//! A value that is never printed: struck out in `Debug` as in what serde writes.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use super::properties::REDACTED;

/// A password or the like.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The true value: for whom it is meant alone.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn shown(&self) -> &str {
        if self.is_empty() { "" } else { REDACTED }
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn a_password_is_struck_out_wherever_settings_are_printed() {
        let mut settings = Settings::default();
        settings.schema_registry.password = "hunter2".into();
        for text in [settings.redacted(), format!("{settings:?}")] {
            assert!(!text.contains("hunter2") && text.contains(REDACTED), "{text}");
        }
        assert_eq!(settings.schema_registry.password.reveal(), "hunter2");
        assert!(!Settings::default().redacted().contains(REDACTED));
    }
}
