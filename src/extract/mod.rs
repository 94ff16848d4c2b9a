//! From an article to its contacts: a pure function, deterministic to the byte.
//!
//! # Stages
//!
//! ```text
//! article ─► document ─► names ─► mentions ─► entities ─┐
//!               │                                       ├─► contacts ─► merge ─► publish ─► events
//!               ├─► times ──────────────────────────────┤       │
//!               └─► status cues, places, topics ────────┘   confidence
//! ```
//!
//! * `document`: tokens, and everything that the lexicon and the register recognise in them.
//! * `names`, `mentions`: people, states, offices, put together into noun phrases that may take part in a contact.
//! * `entities`: who each mention is: coreference inside the article, office holders from the register.
//! * `times`: expressions of time and the days they mean.
//! * `contacts`: predicates and their arguments.
//! * `status`, `places`, `topics`: the rest of what is told of a contact.
//! * `merge`: one contact, one event.
//! * `confidence`: how sure a reading is.
//! * `publish`: the event of the public schema.

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

pub use engine::{Engine, LoadError};
pub use explain::Explanation;

use crate::{article::Article, event::ContactEvent, text::SectionMap};
use document::Document;

/// The contacts that an article tells, in the order of the text.
#[must_use]
pub fn extract(engine: &Engine, article: &Article) -> Vec<ContactEvent> {
    read(engine, article, None)
}

/// What each stage made of an article, and the events that came of it.
#[must_use]
pub fn explain(engine: &Engine, article: &Article) -> (Vec<ContactEvent>, Explanation) {
    let mut explanation = Explanation::default();
    let events = read(engine, article, Some(&mut explanation));
    (events, explanation)
}

fn read(engine: &Engine, article: &Article, explanation: Option<&mut Explanation>) -> Vec<ContactEvent> {
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
    let merged = merge::merge(&document, &entities, found.clone());
    if let Some(explanation) = explanation {
        *explanation = Explanation::stages(&document, &mentions, &entities, &times);
        explanation.contacts("contacts found", &document, &entities, &found);
        explanation.contacts("contacts after merging", &document, &entities, &merged);
    }
    publish::events(&document, &mentions, &entities, &times, merged)
}
