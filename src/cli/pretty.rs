//! Events for a person at a terminal: who, what, when, where, about what, and the words it rests on.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use rapporteur::event::{
    ContactEvent, ContactKind, ContactStatus, EvidenceRole, Office, Participant, ParticipantRole, Span,
};

const HEAD: Style = Style::new().bold().underline();
const KIND: Style = AnsiColor::Cyan.on_default().bold();
const NAME: Style = Style::new().bold();
const LABEL: Style = Style::new().dimmed();
const TRIGGER: Style = AnsiColor::Yellow.on_default().bold();

/// Writes the events of one article, which share their reference to it. Nothing is written where there are none.
pub fn write(out: &mut impl Write, events: &[ContactEvent]) -> io::Result<()> {
    let Some(first) = events.first() else {
        return Ok(());
    };
    if let Some(article) = &first.article {
        let title = if article.title.is_empty() {
            &article.id
        } else {
            &article.title
        };
        writeln!(out, "{HEAD}{}{HEAD:#}", line(title))?;
        let facts = [
            &article.source,
            &article.published_at,
            &article.language,
            &article.id,
        ];
        let facts: Vec<String> = facts
            .into_iter()
            .filter(|f| !f.is_empty())
            .map(|f| line(f))
            .collect();
        writeln!(out, "{LABEL}{}{LABEL:#}", facts.join(" · "))?;
    }
    for event in events {
        writeln!(out)?;
        write_event(out, event)?;
    }
    writeln!(out)
}

fn write_event(out: &mut impl Write, event: &ContactEvent) -> io::Result<()> {
    let status = status(event.status());
    let colour = status_style(event.status());
    writeln!(
        out,
        "  {KIND}{}{KIND:#} {colour}{status}{colour:#} {LABEL}confidence {:.2}{LABEL:#}",
        kind(event.kind()),
        event.confidence
    )?;
    for (i, participant) in event.participants.iter().enumerate() {
        label(out, if i == 0 { "who" } else { "" })?;
        write_participant(out, participant)?;
    }
    if let Some(date) = &event.date {
        label(out, "when")?;
        write!(out, "{}", line(&date.start))?;
        if date.end != date.start && !date.end.is_empty() {
            write!(out, " to {}", line(&date.end))?;
        }
        quote(out, &date.text)?;
    }
    if let Some(place) = &event.place {
        label(out, "where")?;
        let parts: Vec<String> = [&place.name, &place.country]
            .into_iter()
            .filter(|p| !p.is_empty())
            .map(|p| line(p))
            .collect();
        write!(out, "{}", parts.join(", "))?;
        quote(out, place.span.as_ref().map_or("", |span| &span.text))?;
    }
    for (i, topic) in event.topics.iter().enumerate() {
        label(out, if i == 0 { "about" } else { "" })?;
        write!(out, "{}", line(&topic.code))?;
        let words: Vec<&str> = topic.spans.iter().map(|span| span.text.as_str()).collect();
        quote(out, &words.join(" … "))?;
    }
    let spans = |role| move |e: &&rapporteur::event::Evidence| e.role() == role;
    let triggers: Vec<&Span> = event
        .evidence
        .iter()
        .filter(|e| e.role() != EvidenceRole::Sentence)
        .filter_map(|e| e.span.as_ref())
        .collect();
    let sentences = event
        .evidence
        .iter()
        .filter(spans(EvidenceRole::Sentence))
        .filter_map(|e| e.span.as_ref());
    for (i, sentence) in sentences.enumerate() {
        label(out, if i == 0 { "words" } else { "" })?;
        write_sentence(out, sentence, &triggers)?;
    }
    Ok(())
}

fn write_participant(out: &mut impl Write, participant: &Participant) -> io::Result<()> {
    let party = if participant.country.is_empty() {
        &participant.organization
    } else {
        &participant.country
    };
    if participant.name.is_empty() {
        write!(out, "{NAME}{}{NAME:#}", line(party))?;
    } else {
        write!(out, "{NAME}{}{NAME:#}, {}", line(&participant.name), line(party))?;
    }
    let office = participant.office();
    if !matches!(office, Office::Unspecified | Office::Unknown | Office::Delegation) {
        write!(out, ", {}", words(office.as_str_name(), "OFFICE_"))?;
    }
    for role in participant.roles() {
        if role != ParticipantRole::Unspecified {
            write!(out, " [{}]", words(role.as_str_name(), "PARTICIPANT_ROLE_"))?;
        }
    }
    if participant.resolved_from_register {
        write!(out, " {LABEL}(from the register){LABEL:#}")?;
    }
    quote(out, &participant.mention)
}

/// A sentence with the words that the event rests on set off.
fn write_sentence(out: &mut impl Write, sentence: &Span, triggers: &[&Span]) -> io::Result<()> {
    let inside = |at: u32| {
        triggers
            .iter()
            .any(|t| t.section == sentence.section && t.start <= at && at < t.end)
    };
    let mut lit = false;
    write!(out, "“")?;
    for (at, c) in (sentence.start..).zip(line(&sentence.text).chars()) {
        if inside(at) != lit {
            lit = !lit;
            if lit {
                write!(out, "{TRIGGER}")?;
            } else {
                write!(out, "{TRIGGER:#}")?;
            }
        }
        write!(out, "{c}")?;
    }
    if lit {
        write!(out, "{TRIGGER:#}")?;
    }
    writeln!(out, "”")
}

fn label(out: &mut impl Write, label: &str) -> io::Result<()> {
    write!(out, "    {LABEL}{label:<6}{LABEL:#}")
}

fn quote(out: &mut impl Write, words: &str) -> io::Result<()> {
    if words.is_empty() {
        writeln!(out)
    } else {
        writeln!(out, " {LABEL}“{}”{LABEL:#}", line(words))
    }
}

/// A text on one line and without control characters, which are for the terminal and not from articles;
/// as many characters as before, so that offsets hold.
fn line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn words(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix)
        .unwrap_or(name)
        .to_lowercase()
        .replace('_', " ")
}

fn kind(kind: ContactKind) -> String {
    words(kind.as_str_name(), "CONTACT_KIND_").to_uppercase()
}

fn status(status: ContactStatus) -> String {
    words(status.as_str_name(), "CONTACT_STATUS_")
}

fn status_style(status: ContactStatus) -> Style {
    match status {
        ContactStatus::Held | ContactStatus::Ongoing => AnsiColor::Green.on_default(),
        ContactStatus::Planned | ContactStatus::Proposed => AnsiColor::Blue.on_default(),
        ContactStatus::Cancelled | ContactStatus::Refused => AnsiColor::Red.on_default(),
        ContactStatus::Unspecified => Style::new(),
    }
}

#[cfg(test)]
mod tests {
    use rapporteur::event::{ArticleRef, ContactDate, Evidence, Place, Section, Topic};

    use super::*;

    fn span(start: u32, text: &str) -> Span {
        let end = start + u32::try_from(text.chars().count()).unwrap();
        Span {
            section: Section::Body.into(),
            start,
            end,
            text: text.into(),
        }
    }

    fn plain(events: &[ContactEvent]) -> String {
        let mut bytes = Vec::new();
        write(&mut anstream::StripStream::new(&mut bytes), events).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn an_event_is_told_in_words() {
        let event = ContactEvent {
            kind: ContactKind::PhoneCall.into(),
            status: ContactStatus::Held.into(),
            confidence: 0.934,
            article: Some(ArticleRef {
                id: "a".into(),
                title: "Headline\u{1b}[2J".into(),
                source: "Agency".into(),
                published_at: "2021-12-14".into(),
                ..ArticleRef::default()
            }),
            participants: vec![
                Participant {
                    name: "Emmanuel Macron".into(),
                    country: "FRA".into(),
                    office: Office::HeadOfState.into(),
                    roles: vec![ParticipantRole::Initiator.into()],
                    mention: "Macron".into(),
                    ..Participant::default()
                },
                Participant {
                    country: "RUS".into(),
                    office: Office::Delegation.into(),
                    ..Participant::default()
                },
            ],
            date: Some(ContactDate {
                start: "2021-12-14".into(),
                end: "2021-12-14".into(),
                text: "mardi".into(),
                ..ContactDate::default()
            }),
            place: Some(Place {
                name: "Paris".into(),
                country: "FRA".into(),
                span: None,
            }),
            topics: vec![Topic {
                code: "peace-process".into(),
                spans: vec![span(30, "paix")],
                ..Topic::default()
            }],
            evidence: vec![
                Evidence {
                    role: EvidenceRole::Sentence.into(),
                    span: Some(span(0, "Élu, il a\nappelé Moscou.")),
                },
                Evidence {
                    role: EvidenceRole::Trigger.into(),
                    span: Some(span(10, "appelé")),
                },
            ],
            ..ContactEvent::default()
        };
        assert_eq!(
            plain(std::slice::from_ref(&event)),
            "Headline [2J\nAgency · 2021-12-14 · a\n\n  PHONE CALL held confidence 0.93\n    \
             who   Emmanuel Macron, FRA, head of state [initiator] “Macron”\n          RUS\n    \
             when  2021-12-14 “mardi”\n    where Paris, FRA\n    about peace-process “paix”\n    \
             words “Élu, il a appelé Moscou.”\n\n"
        );
        let mut coloured = Vec::new();
        write(&mut coloured, &[event]).unwrap();
        let coloured = String::from_utf8(coloured).unwrap();
        assert!(
            coloured.contains(&format!("il a {TRIGGER}appelé{TRIGGER:#} Moscou")),
            "{coloured:?}"
        );
    }

    #[test]
    fn an_article_without_contacts_prints_nothing() {
        assert_eq!(plain(&[]), "");
    }
}
