//! Where in a record's JSON the fields of an article are.
//!
//! The input contract's own names are the preset `default`. A pipeline whose articles look otherwise names
//! another preset, or gives JSON Pointers (RFC 6901) of its own, in the settings:
//!
//! ```toml
//! preset = "ninjs"
//! source = "/infosource/0/name"
//! body = ["/content/text", "/content/html"]
//! ```
//!
//! A field may have several pointers: the first that leads to something other than `null` counts. An empty
//! list means that the articles have no such field.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

/// Bytes of a record that are read unless the mapping says otherwise: 5 MB.
pub const DEFAULT_MAX_BYTES: usize = 5_000_000;

/// A field of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The article's id.
    Id,
    /// The headline.
    Title,
    /// The text.
    Body,
    /// The time of publication.
    PublishedAt,
    /// The language tag.
    Language,
    /// The address.
    Url,
    /// The publisher.
    Source,
}

impl Field {
    /// All fields.
    pub const ALL: [Self; 7] = [
        Self::Id,
        Self::Title,
        Self::Body,
        Self::PublishedAt,
        Self::Language,
        Self::Url,
        Self::Source,
    ];

    /// The field's name in the input contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Title => "title",
            Self::Body => "body",
            Self::PublishedAt => "published_at",
            Self::Language => "language",
            Self::Url => "url",
            Self::Source => "source",
        }
    }
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A JSON Pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer(String);

impl Pointer {
    /// # Errors
    /// Where the text is no JSON Pointer.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidPointer> {
        let text = text.into();
        let tildes = text.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
        if tildes && (text.is_empty() || text.starts_with('/')) {
            Ok(Self(text))
        } else {
            Err(InvalidPointer(text))
        }
    }

    /// The pointer as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that is no JSON Pointer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no JSON Pointer: one starts with '/', and '~' is followed by 0 or 1 (RFC 6901)")]
pub struct InvalidPointer(pub String);

/// The pointers of one field, in the order in which they are tried. In settings: one text or a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointers(pub Vec<Pointer>);

impl Pointers {
    fn preset(pointers: &[&str]) -> Self {
        Self(
            pointers
                .iter()
                .map(|pointer| Pointer((*pointer).to_owned()))
                .collect(),
        )
    }

    /// The first value other than `null`, with the pointer that led there.
    #[must_use]
    pub fn find<'p, 'v>(&'p self, record: &'v Value) -> Option<(&'p Pointer, &'v Value)> {
        self.0.iter().find_map(|pointer| {
            record
                .pointer(pointer.as_str())
                .filter(|value| !value.is_null())
                .map(|value| (pointer, value))
        })
    }
}

impl Serialize for Pointers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Pointer::as_str))
    }
}

impl<'de> Deserialize<'de> for Pointers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a JSON Pointer or a list of them")]
        enum Written {
            One(String),
            Several(Vec<String>),
        }
        let texts = match Written::deserialize(deserializer)? {
            Written::One(text) => vec![text],
            Written::Several(texts) => texts,
        };
        let pointers: Result<_, _> = texts.into_iter().map(Pointer::new).collect();
        pointers.map(Self).map_err(de::Error::custom)
    }
}

/// A layout of articles that is known by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// The input contract's own field names.
    #[default]
    Default,
    /// IPTC ninjs, versions 1 to 3.
    Ninjs,
}

impl Preset {
    /// Where this layout has a field.
    #[must_use]
    pub fn pointers(self, field: Field) -> Pointers {
        Pointers::preset(match (self, field) {
            (Self::Default, Field::Id) => &["/id"],
            (Self::Default, Field::Title) => &["/title"],
            (Self::Default, Field::Body) => &["/body"],
            (Self::Default, Field::PublishedAt) => &["/published_at"],
            (Self::Default, Field::Language) => &["/language"],
            (Self::Default, Field::Url) => &["/url"],
            (Self::Default, Field::Source) => &["/source"],
            (Self::Ninjs, Field::Id) => &["/uri"],
            (Self::Ninjs, Field::Title) => &["/headline", "/headlines/0/value", "/title"],
            (Self::Ninjs, Field::Body) => &["/body_text", "/body_xhtml", "/body_html", "/bodies/0/value"],
            // The time of this version is what "today" in its text means, not the time of the first one.
            (Self::Ninjs, Field::PublishedAt) => &[
                "/versioncreated",
                "/contentcreated",
                "/firstcreated",
                "/versionCreated",
                "/firstCreated",
            ],
            (Self::Ninjs, Field::Language) => &["/language"],
            (Self::Ninjs, Field::Url) => &["/url", "/renditions/web/href", "/altids/url"],
            (Self::Ninjs, Field::Source) => &[
                "/infosource/0/name",
                "/infosources/0/name",
                "/copyrightholder",
                "/copyrightHolder",
                "/by",
            ],
        })
    }
}

/// How records become articles: a preset, and what differs from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// The layout to start from.
    pub preset: Preset,
    /// Pointers for [`Field::Id`] in place of the preset's; so for the other fields.
    pub id: Option<Pointers>,
    /// See [`Field::Title`].
    pub title: Option<Pointers>,
    /// See [`Field::Body`].
    pub body: Option<Pointers>,
    /// See [`Field::PublishedAt`].
    pub published_at: Option<Pointers>,
    /// See [`Field::Language`].
    pub language: Option<Pointers>,
    /// See [`Field::Url`].
    pub url: Option<Pointers>,
    /// See [`Field::Source`].
    pub source: Option<Pointers>,
    /// A record of more bytes is refused unread.
    pub max_bytes: usize,
}

impl Default for Mapping {
    fn default() -> Self {
        Self {
            preset: Preset::Default,
            id: None,
            title: None,
            body: None,
            published_at: None,
            language: None,
            url: None,
            source: None,
            max_bytes: DEFAULT_MAX_BYTES,
        }
    }
}

impl Mapping {
    /// Where a field is, by this mapping.
    #[must_use]
    pub fn pointers(&self, field: Field) -> Pointers {
        let own = match field {
            Field::Id => &self.id,
            Field::Title => &self.title,
            Field::Body => &self.body,
            Field::PublishedAt => &self.published_at,
            Field::Language => &self.language,
            Field::Url => &self.url,
            Field::Source => &self.source,
        };
        own.clone().unwrap_or_else(|| self.preset.pointers(field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_may_give_one_pointer_or_several() {
        let mapping: Mapping =
            toml::from_str("preset = 'ninjs'\nsource = '/a~1b/0'\nbody = ['/text', '/html']\nurl = []")
                .unwrap();
        assert_eq!(
            mapping.pointers(Field::Body),
            Pointers::preset(&["/text", "/html"])
        );
        assert_eq!(mapping.pointers(Field::Source), Pointers::preset(&["/a~1b/0"]));
        assert_eq!(mapping.pointers(Field::Url), Pointers::preset(&[]));
        assert_eq!(mapping.pointers(Field::Id), Pointers::preset(&["/uri"]));
        assert_eq!(mapping.max_bytes, DEFAULT_MAX_BYTES);
        assert_eq!(toml::from_str::<Mapping>("").unwrap(), Mapping::default());
    }

    #[test]
    fn a_wrong_pointer_preset_or_key_is_refused_by_name() {
        for (settings, reason) in [
            ("body = 'text'", "\"text\" is no JSON Pointer"),
            ("body = '/a~2'", "\"/a~2\" is no JSON Pointer"),
            ("body = 5", "a JSON Pointer or a list of them"),
            ("preset = 'nitf'", "unknown variant `nitf`"),
            ("text = '/body'", "unknown field `text`"),
        ] {
            let error = toml::from_str::<Mapping>(settings).unwrap_err().to_string();
            assert!(error.contains(reason), "{settings}: {error}");
        }
    }

    #[test]
    fn every_preset_pointer_is_a_pointer() {
        for preset in [Preset::Default, Preset::Ninjs] {
            for field in Field::ALL {
                for pointer in preset.pointers(field).0 {
                    assert_eq!(Pointer::new(pointer.as_str()), Ok(pointer.clone()));
                }
            }
        }
    }
}
