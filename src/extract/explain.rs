//! What each stage made of an article, for whoever wonders why an event came out as it did.

use std::fmt;

use super::{
    contacts::{Contact, Who, party_of},
    document::Document,
    entities::{Entities, Referent},
    mentions::Mention,
    times::{Direction, Times},
};
use crate::register::PartyId;

/// The stages of an article's reading, printable.
#[derive(Debug, Clone, Default)]
pub struct Explanation {
    lines: Vec<String>,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}

impl Explanation {
    pub(super) fn stages(
        &mut self,
        document: &Document<'_>,
        mentions: &[Mention],
        entities: &Entities,
        times: &Times,
    ) {
        let lines = &mut self.lines;
        lines.push(format!(
            "article {} read as {}, days counted from {}{}",
            document.article.id,
            document.pack.name,
            times.anchor,
            entities
                .home
                .map(|h| format!(", at home in {}", code(document, h)))
                .unwrap_or_default()
        ));
        for (number, &(first, last)) in document.sentences.iter().enumerate() {
            lines.push(format!("sentence {number}: {}", document.text(first, last)));
            for (m, referent) in mentions
                .iter()
                .zip(&entities.of)
                .filter(|(m, _)| m.start >= first && m.end <= last)
            {
                lines.push(format!(
                    "  mention `{}` group {} {}{}{}: {}",
                    document.text(m.start, m.end),
                    m.group,
                    if m.free() { "free" } else { "governed" },
                    if m.speaker { " speaker" } else { "" },
                    if m.possessive { " possessive" } else { "" },
                    referent_text(document, entities, referent)
                ));
            }
            for t in document
                .triggers
                .iter()
                .filter(|t| t.start >= first && t.end <= last)
            {
                let readings: Vec<String> = t
                    .readings
                    .iter()
                    .map(|(rule, tense)| format!("{} {tense:?}", document.pack.contacts[*rule].id))
                    .collect();
                lines.push(format!(
                    "  predicate `{}`: {}",
                    document.text(t.start, t.end),
                    readings.join(" | ")
                ));
            }
            for t in times.all.iter().filter(|t| t.start >= first && t.end <= last) {
                let past = t
                    .resolve(times.anchor, Direction::Past)
                    .map(|d| format!("{}..{}", d.start, d.end));
                lines.push(format!(
                    "  time `{}`{}: {}",
                    document.text(t.start, t.end),
                    if t.dateline { " (dateline)" } else { "" },
                    past.unwrap_or_else(|| "no ground".to_owned())
                ));
            }
            for c in document.cues.iter().filter(|t| t.start >= first && t.end <= last) {
                lines.push(format!(
                    "  cue `{}`: {:?}",
                    document.text(c.start, c.end),
                    document.pack.cues[c.value].status
                ));
            }
        }
    }

    pub(super) fn contacts(
        &mut self,
        heading: &str,
        document: &Document<'_>,
        entities: &Entities,
        contacts: &[Contact],
    ) {
        self.lines.push(format!("{heading}: {}", contacts.len()));
        for c in contacts {
            let who: Vec<String> = c
                .participants
                .iter()
                .map(|p| {
                    let party = party_of(entities, p.who)
                        .map(|p| code(document, p))
                        .unwrap_or_default();
                    format!(
                        "{}/{party}{}",
                        who_text(entities, p.who),
                        if p.roles.is_empty() {
                            String::new()
                        } else {
                            format!(" {:?}", p.roles)
                        }
                    )
                })
                .collect();
            self.lines.push(format!(
                "  {:?} {:?} by `{}` (rule {}, sentence {}): {} on {} at {}; told {} times{}",
                c.kind,
                c.status.status,
                document.text(c.trigger.0, c.trigger.1),
                c.rule,
                c.sentence,
                who.join(", "),
                c.when.map_or("no date".to_owned(), |w| format!(
                    "{}..{} from `{}`",
                    w.days.start,
                    w.days.end,
                    document.text(w.span.0, w.span.1)
                )),
                c.place
                    .and_then(|p| p.span)
                    .map_or("no place", |s| document.text(s.0, s.1)),
                c.traits.told,
                c.status
                    .cue
                    .map(|s| format!(", status from `{}`", document.text(s.0, s.1)))
                    .unwrap_or_default()
            ));
        }
    }
}

fn code(document: &Document<'_>, party: PartyId) -> String {
    document.register().party_info(party).code.clone()
}

fn who_text(entities: &Entities, who: Who) -> String {
    match who {
        Who::Entity(e) => entities.all[e].name.clone(),
        Who::Post(_, office) => format!("<{office:?}>"),
        Who::Party(_) => "·".to_owned(),
    }
}

fn referent_text(document: &Document<'_>, entities: &Entities, referent: &Referent) -> String {
    match referent {
        Referent::Entity(e) => {
            let entity = &entities.all[*e];
            format!(
                "{} ({}, {:?}, {})",
                entity.name,
                entity.party.map(|p| code(document, p)).unwrap_or_default(),
                entity.office,
                if entity.person.is_some() {
                    "in the register"
                } else {
                    "not in the register"
                }
            )
        }
        Referent::Parties(parties) => parties
            .iter()
            .map(|p| code(document, *p))
            .collect::<Vec<_>>()
            .join("+"),
        Referent::Posts(posts) => posts
            .iter()
            .map(|(p, o)| format!("{o:?} of {}", code(document, *p)))
            .collect::<Vec<_>>()
            .join(", "),
        other => format!("{other:?}"),
    }
}
