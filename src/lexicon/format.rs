//! What the files of a language pack look like: one struct a file, unknown keys refused.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::text::{Script, TokenRules};

/// `language.toml`: what kind of language this is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LanguageFile {
    /// BCP 47 primary tag; the folder's name.
    pub code: String,
    /// ISO 639-3 code.
    pub iso639_3: String,
    /// English name.
    pub name: String,
    /// Writing system that its names stand in.
    pub script: Script,
    /// Letters that texts of this language never hold, and those of a relative do.
    #[serde(default)]
    pub alien_letters: String,
    /// How words are split.
    #[serde(default)]
    pub tokens: TokenRules,
    /// How names look.
    #[serde(default)]
    pub names: NameRules,
    /// How sentences are built.
    #[serde(default)]
    pub syntax: SyntaxRules,
    /// What may be taken off a word to find its plain form.
    #[serde(default)]
    pub affixes: Vec<Affix>,
    /// Abbreviations for use in entries: `$name`.
    #[serde(default)]
    pub macros: BTreeMap<String, String>,
}

/// How names of people look.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NameRules {
    /// Names begin with a capital and other words do not.
    pub cased: bool,
    /// Every noun has a capital, so that a capital alone says nothing.
    pub capital_nouns: bool,
    /// Lower-case words inside names: de, von, al.
    pub particles: Vec<String>,
    /// Words before a name that are no office: M., Mrs, général.
    pub honorifics: Vec<String>,
    /// Capitalised words that are never part of a name.
    pub not_names: Vec<String>,
    /// Most words that a name has.
    pub max_words: usize,
}

impl Default for NameRules {
    fn default() -> Self {
        Self {
            cased: true,
            capital_nouns: false,
            particles: Vec::new(),
            honorifics: Vec::new(),
            not_names: Vec::new(),
            max_words: 5,
        }
    }
}

/// Where the parts of a sentence stand.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SyntaxRules {
    /// Markers follow their noun phrase (postpositions, case endings).
    pub marker_after: bool,
    /// A verb comes before its subject as a rule.
    pub verb_first: bool,
    /// A verb comes after its objects as a rule.
    pub verb_last: bool,
    /// Auxiliary and participle stand around what the clause tells: "hat X in Berlin den Präsidenten Y empfangen".
    pub bracket: bool,
    /// A verb may leave its subject out, its ending telling the person.
    pub drops_subject: bool,
    /// Endings of finite verbs whose subject is several: "se reunieron".
    pub plural_endings: Vec<String>,
    /// The article as it is written onto a word: an office that carries it takes no state's name behind it.
    pub article_prefix: String,
    /// An office stands behind the name of its holder ("Rusya Devlet Başkanı", "Putin'in").
    pub party_before_office: bool,
}

/// What may be taken off a word: a clitic, a case ending.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Affix {
    /// Taken off the beginning.
    #[serde(default)]
    pub prefix: String,
    /// Taken off the end.
    #[serde(default)]
    pub suffix: String,
    /// Put in its place.
    #[serde(default)]
    pub put: String,
    /// The marker it stands for, where it stands for one: `of`, `to`, `with` …
    #[serde(default)]
    pub marker: Option<String>,
    /// Letters that must be left.
    #[serde(default = "two")]
    pub min: usize,
}

fn two() -> usize {
    2
}

/// `words.toml`: function words by class.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordsFile {
    /// Class (see [`super::Word`]) and its entries.
    pub words: BTreeMap<String, Vec<String>>,
}

/// `offices.toml`: offices, and words for several people at once.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficesFile {
    /// Offices.
    pub office: Vec<OfficeEntry>,
    /// "les deux dirigeants", "the three ministers".
    #[serde(default)]
    pub collective: Vec<CollectiveEntry>,
}

/// An office and how it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficeEntry {
    /// Office code of the schema, or `LEADER` (whoever leads that state), `COUNTERPART`.
    pub code: String,
    /// Party, where the words tell it: "le chef du Kremlin".
    #[serde(default)]
    pub party: String,
    /// Singular forms.
    #[serde(default)]
    pub forms: Vec<String>,
    /// Plural forms.
    #[serde(default)]
    pub plural: Vec<String>,
    /// The words hold no more than a hint: without a party or a name beside them they are no mention.
    #[serde(default)]
    pub weak: bool,
    /// Sentences that hold it.
    #[serde(default)]
    pub examples: Vec<String>,
}

/// Words for several participants told before.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectiveEntry {
    /// How they are written.
    pub forms: Vec<String>,
    /// How many, 0 where the words do not say.
    #[serde(default)]
    pub count: usize,
    /// Their office, where the words tell it.
    #[serde(default)]
    pub office: String,
    /// Sentences that hold it.
    #[serde(default)]
    pub examples: Vec<String>,
}

/// `contacts.toml`: the predicates that tell a contact.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactsFile {
    /// Predicates.
    pub contact: Vec<ContactEntry>,
    /// Words that tell the channel of a contact told otherwise.
    #[serde(default)]
    pub channel: Vec<ChannelEntry>,
    /// Words after which a gathering is no more than the setting: "en marge de".
    #[serde(default)]
    pub setting: Vec<String>,
    /// Expressions that hold a predicate's word and tell no contact: "press conference", "meet the deadline".
    #[serde(default)]
    pub idioms: Vec<String>,
    /// Words before the party on whose initiative a contact takes place.
    #[serde(default)]
    pub initiative: Vec<String>,
}

/// A predicate, its forms and its frame.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactEntry {
    /// Unique name in the pack.
    pub id: String,
    /// Kind code of the schema.
    pub kind: String,
    /// Which arguments it takes: see [`super::Frame`].
    pub frame: String,
    /// Finite forms in a past tense.
    #[serde(default)]
    pub past: Vec<String>,
    /// Finite forms in the present tense.
    #[serde(default)]
    pub present: Vec<String>,
    /// Finite forms in a future tense.
    #[serde(default)]
    pub future: Vec<String>,
    /// Conditional and subjunctive forms.
    #[serde(default)]
    pub conditional: Vec<String>,
    /// Infinitives.
    #[serde(default)]
    pub infinitive: Vec<String>,
    /// Past participles.
    #[serde(default)]
    pub participle: Vec<String>,
    /// Present participles, gerunds.
    #[serde(default)]
    pub gerund: Vec<String>,
    /// Passive finite forms where they are words of their own.
    #[serde(default)]
    pub passive: Vec<String>,
    /// Nouns.
    #[serde(default)]
    pub noun: Vec<String>,
    /// Tells a contact only with two parties found by its own frame, both in its clause.
    #[serde(default)]
    pub strict: bool,
    /// Counts only where its clause tells the channel: "a eu X au téléphone".
    #[serde(default)]
    pub with_channel: bool,
    /// Leaves the channel open: what tells it elsewhere in the article counts, and only where nothing does the kind is
    /// this one ("görüştü", "s'est entretenu").
    #[serde(default)]
    pub open: bool,
    /// Sentences that hold it.
    #[serde(default)]
    pub examples: Vec<String>,
}

/// Words that tell the channel.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelEntry {
    /// Kind code that the contact becomes.
    pub kind: String,
    /// How it is written.
    pub forms: Vec<String>,
}

/// `status.toml`: words that decide whether a contact has taken place.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusFile {
    /// Cues.
    pub cue: Vec<CueEntry>,
}

/// A cue to a status.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CueEntry {
    /// Status code of the schema.
    pub status: String,
    /// Where the contact's words stand, seen from the cue: `after` (the cue governs what follows), `before`, `any`.
    pub governs: String,
    /// How it is written.
    pub forms: Vec<String>,
    /// Sentences that hold it.
    #[serde(default)]
    pub examples: Vec<String>,
}

/// `time.toml`: words and rules for dates.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeFile {
    /// January to December, each with its spellings.
    pub months: Vec<Vec<String>>,
    /// Monday to Sunday, each with its spellings.
    pub weekdays: Vec<Vec<String>>,
    /// Numbers in words.
    pub numbers: BTreeMap<String, u16>,
    /// Rules.
    pub rule: Vec<TimeRule>,
}

/// A way to tell a date.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeRule {
    /// How it is written, with the slots `<day> <monthnum> <year> <n> <month> <weekday>`.
    pub forms: Vec<String>,
    /// What it means: see [`super::TimeValue`].
    pub value: String,
    /// `words | publication day | start..end`, each a test.
    pub examples: Vec<String>,
}

/// `topics.toml`: topic codes and the words that tell them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicsFile {
    /// Codes and entries.
    pub topics: BTreeMap<String, Vec<String>>,
}

/// `contexts.toml`: surroundings in which the words of a contact tell none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContextsFile {
    /// Names of surroundings (sport, culture …) and the words that betray them.
    pub contexts: BTreeMap<String, Vec<String>>,
}
