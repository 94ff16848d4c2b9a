//! What the hardest ordinary dispatch holds is read whole and right.
//!
//! `tests/gold/reference.jsonl` holds French dispatches of one build: an exchange that a seat of power tells of,
//! with a counterpart who is not named; a video call as background, in a part of a month; a phone call of the
//! same day, on one side's initiative, taken up again by "the two leaders"; a trilateral meeting of leaders of
//! whom only the states are told. Names, countries, offices, dates and the order of the paragraphs differ: what
//! holds of one must hold of all.

use std::{collections::BTreeSet, fmt::Write as _};

use rapporteur::{
    article::Decoder,
    data::Source,
    eval::{Figure, GoldArticle, MissKind, Predicted, predicted, score, score_with_misses},
    extract::{Engine, extract},
};

/// What must be right of every event; and no event may be missed or added.
const STRICT: [Figure; 8] = [
    Figure::Event,
    Figure::Kind,
    Figure::Status,
    Figure::Parties,
    Figure::Names,
    Figure::Date,
    Figure::Place,
    Figure::Initiator,
];

/// Least F1 of the topics of all articles together.
const TOPICS: f64 = 0.8;

fn read() -> (Vec<GoldArticle>, Predicted) {
    let gold: Vec<GoldArticle> = include_str!("gold/reference.jsonl")
        .lines()
        .map(|line| GoldArticle::parse(line).unwrap())
        .collect();
    let engine = Engine::load(&Source::Embedded).unwrap();
    let decoder = Decoder::default();
    let mut events = Vec::new();
    for article in &gold {
        let bytes = article.article.to_string();
        events.extend(extract(&engine, &decoder.decode(bytes.as_bytes(), None).unwrap()));
    }
    let found = predicted(&events);
    (gold, found)
}

fn right(share: f64) -> bool {
    share > 1.0 - 1e-9
}

#[test]
fn every_contact_of_a_reference_dispatch_is_told_once_with_its_people_date_place_and_initiator() {
    let (gold, found) = read();
    let ids: BTreeSet<&str> = gold.iter().map(|article| article.id.as_str()).collect();
    assert_eq!(ids.len(), gold.len(), "an id twice");
    assert!(gold.len() >= 12, "{} articles", gold.len());

    let mut faults = String::new();
    for article in &gold {
        let (figures, misses) = score_with_misses([article], &found);
        let wrong: Vec<String> = STRICT
            .into_iter()
            .filter(|&figure| !right(figures.get(figure)))
            .map(|figure| format!("{figure} {:.3}", figures.get(figure)))
            .collect();
        if wrong.is_empty() {
            continue;
        }
        writeln!(faults, "{}: {}", article.id, wrong.join(", ")).unwrap();
        for miss in misses {
            let kind = match miss.kind {
                MissKind::Wrong => "wrong",
                MissKind::Missed => "missed",
                MissKind::Extra => "one too many",
            };
            writeln!(faults, "  {kind}").unwrap();
            for (side, event) in [("told", miss.gold), ("read", miss.found)] {
                if let Some(event) = event {
                    writeln!(faults, "    {side} {event}").unwrap();
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn most_topics_of_the_reference_dispatches_are_right() {
    let (gold, found) = read();
    let topics = score(&gold, &found).get(Figure::Topics);
    assert!(topics >= TOPICS, "F1 of the topics is {topics:.3}");
}
