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
mod topics;
mod trial;

pub use engine::{Engine, LoadError};
pub use explain::Explanation;
pub use trial::trial;

use crate::{article::Article, event::ContactEvent, model::Case, text::SectionMap};
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

/// All that might be contacts in an article, the unlikely ones too.
#[must_use]
pub fn readings(engine: &Engine, article: &Article) -> Vec<Reading> {
    read(engine, article, None)
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

/// The contacts that an article tells, in the order of the text.
#[must_use]
pub fn extract(engine: &Engine, article: &Article) -> Vec<ContactEvent> {
    publish::chosen(engine, article, read(engine, article, None))
}

/// What each stage made of an article, and the events that came of it.
#[must_use]
pub fn explain(engine: &Engine, article: &Article) -> (Vec<ContactEvent>, Explanation) {
    let mut explanation = Explanation::default();
    let events = publish::chosen(engine, article, read(engine, article, Some(&mut explanation)));
    (events, explanation)
}

fn read(engine: &Engine, article: &Article, explanation: Option<&mut Explanation>) -> Vec<Reading> {
    let map = SectionMap::new(&article.title, &article.body);
    let Some(pack) = engine.pack_for(article) else {
        return Vec::new();
    };
    let document = Document::read(engine, pack, article, &map);
    let names = names::find(&document);
    let mentions = mentions::assemble(&document, &names);
    let entities = entities::resolve(&document, &mentions);
    let times = times::read(&document);
    let found = contacts::find(&document, &mentions, &entities, &times);
    let mut merged = merge::merge(&entities, found.clone());
    topics::assign(&document, &mentions, &entities, &times, &mut merged);
    if let Some(explanation) = explanation {
        *explanation = Explanation::stages(&document, &mentions, &entities, &times);
        explanation.contacts("contacts found", &document, &entities, &found);
        explanation.contacts("contacts after merging", &document, &entities, &merged);
    }
    publish::readings(&document, &mentions, &entities, &times, &merged)
}
