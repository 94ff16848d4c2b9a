//! What holds for the events of any article whatever. Shared by the property tests and the fuzz targets.

use std::collections::HashSet;

use rapporteur::{
    article::Article,
    event::{ContactEvent, ContactKind, ContactStatus, Section, Span, identity},
};

/// Panics where the events of an article break a promise of the schema.
pub fn assert_hold(article: &Article, events: &[ContactEvent]) {
    let title: Vec<char> = article.title.chars().collect();
    let body: Vec<char> = article.body.chars().collect();
    let check = |span: &Span| {
        let text = match span.section() {
            Section::Title => &title,
            Section::Body => &body,
            Section::Unspecified => panic!("a span names no section: {span:?}"),
        };
        let (start, end) = (span.start as usize, span.end as usize);
        assert!(start <= end && end <= text.len(), "out of bounds: {span:?}");
        assert_eq!(
            text[start..end].iter().collect::<String>(),
            span.text,
            "other words than the span says"
        );
    };
    let mut ids = HashSet::new();
    for event in events {
        let is_name = |id: &str| id.len() == 32 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        assert!(
            is_name(&event.event_id) && is_name(&event.contact_key),
            "{event:?}"
        );
        assert!(ids.insert(&event.event_id), "an id twice: {}", event.event_id);
        assert_eq!(event.contact_key, identity::contact_key(event));
        let reference = event.article.as_ref().expect("a reference to the article");
        assert_eq!((&reference.id, &reference.title), (&article.id, &article.title));
        assert_eq!(reference.published_at, article.published_at.text);
        assert_ne!(event.kind(), ContactKind::Unspecified);
        assert_ne!(event.status(), ContactStatus::Unspecified);
        assert!(
            (0.0..=1.0).contains(&event.confidence),
            "confidence {}",
            event.confidence
        );

        let codes: Vec<&str> = event.participants.iter().map(identity::party_code).collect();
        assert!(
            codes.iter().collect::<HashSet<_>>().len() >= 2,
            "fewer than two parties: {event:?}"
        );
        assert!(codes.is_sorted(), "participants out of order: {codes:?}");
        for participant in &event.participants {
            assert_ne!(
                participant.country.is_empty(),
                participant.organization.is_empty(),
                "{participant:?}"
            );
            assert!(participant.roles.is_sorted(), "{participant:?}");
            participant.mentions.iter().for_each(check);
        }
        if let Some(date) = &event.date {
            let day = |text: &str| text.parse::<jiff::civil::Date>().expect("an ISO date");
            assert!(day(&date.start) <= day(&date.end), "{date:?}");
            date.span.iter().for_each(check);
        }
        if let Some(place) = &event.place {
            place.span.iter().for_each(check);
        }
        assert!(
            event.topics.is_sorted_by(|a, b| a.code < b.code),
            "{:?}",
            event.topics
        );
        for topic in &event.topics {
            assert!((0.0..=1.0).contains(&topic.score));
            topic.spans.iter().for_each(check);
        }
        assert!(
            !event.evidence.is_empty(),
            "an event that rests on nothing: {event:?}"
        );
        for evidence in &event.evidence {
            check(evidence.span.as_ref().expect("evidence has a place"));
        }
    }
}
