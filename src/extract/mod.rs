//! From an article to its contacts: a pure function, deterministic to the byte.
//!
//! # Stages
//!
//! ```text
//! article ─► document ─► names ─► mentions ─► entities ─┐
//!               │                                       ├─► contacts ─► merge ─► publish ─► events
//!               ├─► times ──────────────────────────────┤       │
//!               └─► status cues, places ────────────────┘   topics, confidence
//! ```
//!
//! * `document`: tokens, and everything that the lexicon and the register recognise in them.
//! * `names`, `mentions`: people, states, offices, put together into noun phrases that may take part in a contact.
//! * `entities`: who each mention is: coreference inside the article, office holders from the register.
//! * `times`: expressions of time and the days they mean.
//! * `contacts`: predicates and their arguments.
//! * `status`, `places`: the rest of what is told of a contact.
//! * `merge`: one contact, one event.
//! * `topics`: what each contact was about.
//! * `confidence`: how sure a reading is.
//! * `publish`: the event of the public schema.
//! * `trial`: beside all this, the lexicon tried on its own examples.
//! * `tongues`: where paragraphs are in several languages, each language's go through the stages above by themselves,
//!   over the same offsets; what they tell alike is put together.

mod confidence;
mod contacts;
mod document;
mod engine;
mod entities;
mod explain;
mod mentions;
mod merge;
mod names;
mod places;
mod publish;
mod status;
mod times;
mod tongues;
mod topics;
mod trial;

pub use engine::{Engine, LoadError};
pub use explain::Explanation;
pub use trial::trial;

use std::ops::Range;

use crate::{
    article::Article,
    event::ContactEvent,
    lexicon::Pack,
    model::Case,
    text::{Found, SectionMap},
};
use document::Document;

/// A contact before it is judged: what a model is trained on.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The event, whatever its confidence.
    pub event: ContactEvent,
    /// What its confidence is computed from.
    pub case: Case,
    /// The topics whose words the article tells, by code, with what is known of each hit.
    pub topics: Vec<(String, Vec<Case>)>,
}

/// What an article came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Extracted {
    /// The contacts that it tells, in the order of the text.
    Events(Vec<ContactEvent>),
    /// It is in a language that has no pack, or in none that is recognised (`und`): the ISO 639-3 code.
    PassedOver(&'static str),
}

/// All that might be contacts in an article, the unlikely ones too.
#[must_use]
pub fn readings(engine: &Engine, article: &Article) -> Vec<Reading> {
    read(engine, article, None).unwrap_or_default()
}

/// Names of the features of a contact's confidence, in the order of the model's weights.
#[must_use]
pub fn confidence_features() -> Vec<String> {
    confidence::features()
}

/// Names of the features of a topic word, in the order of the model's weights.
#[must_use]
pub fn topic_features(register: &crate::register::Register) -> Vec<String> {
    topics::features(register)
}

/// The contacts that an article tells, in the order of the text; none where its language has no pack.
#[must_use]
pub fn extract(engine: &Engine, article: &Article) -> Vec<ContactEvent> {
    match extract_or_pass(engine, article) {
        Extracted::Events(events) => events,
        Extracted::PassedOver(_) => Vec::new(),
    }
}

/// The contacts that an article tells, or that it was passed over.
#[must_use]
pub fn extract_or_pass(engine: &Engine, article: &Article) -> Extracted {
    match read(engine, article, None) {
        Ok(readings) => Extracted::Events(publish::chosen(engine, article, readings)),
        Err(language) => Extracted::PassedOver(language),
    }
}

/// What each stage made of an article, and what it came to.
#[must_use]
pub fn explain(engine: &Engine, article: &Article) -> (Extracted, Explanation) {
    let mut explanation = Explanation::default();
    let extracted = match read(engine, article, Some(&mut explanation)) {
        Ok(readings) => Extracted::Events(publish::chosen(engine, article, readings)),
        Err(language) => Extracted::PassedOver(language),
    };
    (extracted, explanation)
}

/// Reads an article, every language of it by its own pack; the code of its language where that has none.
fn read(
    engine: &Engine,
    article: &Article,
    mut explanation: Option<&mut Explanation>,
) -> Result<Vec<Reading>, &'static str> {
    let main = match engine.language(article) {
        Found::Known(main) => main,
        Found::Other(language) => return Err(language),
    };
    let map = SectionMap::new(&article.title, &article.body);
    let Some(parts) = engine.languages().parts(map.text(), main) else {
        return Ok(read_part(
            engine,
            &engine.packs()[main],
            article,
            &map,
            None,
            explanation,
        ));
    };
    let mut told = Vec::new();
    for part in &parts {
        let pack = &engine.packs()[part.language];
        let paragraphs = Some(&part.paragraphs[..]);
        let more = read_part(
            engine,
            pack,
            article,
            &map,
            paragraphs,
            explanation.as_deref_mut(),
        );
        tongues::join(&mut told, more);
    }
    tongues::sort(&mut told);
    Ok(told)
}

fn read_part(
    engine: &Engine,
    pack: &Pack,
    article: &Article,
    map: &SectionMap,
    paragraphs: Option<&[Range<usize>]>,
    explanation: Option<&mut Explanation>,
) -> Vec<Reading> {
    let document = Document::read(engine, pack, article, map, paragraphs);
    let names = names::find(&document);
    let mentions = mentions::assemble(&document, &names);
    let entities = entities::resolve(&document, &mentions);
    let times = times::read(&document);
    let found = contacts::find(&document, &mentions, &entities, &times);
    let mut merged = merge::merge(&entities, found.clone());
    topics::assign(&document, &mentions, &entities, &times, &mut merged);
    if let Some(explanation) = explanation {
        explanation.stages(&document, &mentions, &entities, &times);
        explanation.contacts("contacts found", &document, &entities, &found);
        explanation.contacts("contacts after merging", &document, &entities, &merged);
    }
    publish::readings(&document, &mentions, &entities, &times, &merged)
}
