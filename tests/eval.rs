//! The figures of an evaluation are what they are said to be.
//!
//! `tests/eval/figures.json` was computed by another implementation of the same definitions, over gold articles
//! and events that were made from them with mistakes of every kind.

use std::{fs, path::Path};

use rapporteur::{
    eval::{Figure, Figures, GoldArticle, MissKind, Predicted, predicted, score, score_with_misses},
    event::ContactEvent,
};
use serde_json::Value;

fn read(name: &str) -> String {
    fs::read_to_string(Path::new("tests/eval").join(name)).unwrap()
}

fn example() -> (Vec<GoldArticle>, Predicted) {
    let gold = read("gold.jsonl")
        .lines()
        .map(|line| GoldArticle::parse(line).unwrap())
        .collect();
    let events: Vec<ContactEvent> = read("predicted.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    (gold, predicted(&events))
}

fn assert_equal(figures: &Figures, expected: &Value, row: &str) {
    for figure in Figure::ALL {
        let expected = expected[row][figure.name()].as_f64().unwrap();
        let value = figures.get(figure);
        assert!(
            (value - expected).abs() < 1e-12,
            "{row} {figure}: {value} is not {expected}"
        );
    }
}

#[test]
fn figures_equal_those_of_the_reference_scorer() {
    let (gold, found) = example();
    let expected: Value = serde_json::from_str(&read("figures.json")).unwrap();
    assert_equal(&score(&gold, &found), &expected, "all");
    for language in ["ar", "en", "fr", "ru", "tr", "zh"] {
        let figures = score(gold.iter().filter(|article| article.language == language), &found);
        assert_equal(&figures, &expected, language);
    }
}

#[test]
fn misses_tell_everything_that_is_not_right() {
    let (gold, found) = example();
    let (figures, misses) = score_with_misses(&gold, &found);
    let count = |kind| misses.iter().filter(|miss| miss.kind == kind).count();
    let (missed, extra) = (count(MissKind::Missed), count(MissKind::Extra));
    assert_eq!((count(MissKind::Wrong), missed, extra), (35, 9, 12));
    #[allow(clippy::cast_precision_loss)]
    let found = figures.get(Figure::Gold) - missed as f64;
    assert!((found - figures.get(Figure::Recall) * figures.get(Figure::Gold)).abs() < 1e-9);
    assert!(
        misses
            .iter()
            .all(|miss| miss.gold.is_some() || miss.found.is_some())
    );
    let wrong = misses.iter().find(|miss| miss.kind == MissKind::Wrong).unwrap();
    assert_ne!(wrong.gold.unwrap().to_string(), wrong.found.unwrap().to_string());
}

#[test]
fn gold_against_itself_is_perfect() {
    let (gold, _) = example();
    let itself: Predicted = gold
        .iter()
        .map(|article| (article.id.clone(), article.events.clone()))
        .collect();
    let figures = score(&gold, &itself);
    for figure in Figure::ALL.into_iter().filter(|figure| !figure.is_count()) {
        let perfect = if figure == Figure::Alarms { 0.0 } else { 1.0 };
        assert!(
            (figures.get(figure) - perfect).abs() < 1e-12,
            "{figure} {}",
            figures.get(figure)
        );
    }
}

#[test]
fn nothing_extracted_is_no_division_by_zero() {
    let (gold, _) = example();
    let figures = score(&gold, &Predicted::new());
    for figure in Figure::ALL {
        assert!(figures.get(figure).is_finite(), "{figure}");
    }
    assert!(figures.get(Figure::Event).abs() < 1e-12);
}

#[test]
fn a_line_that_is_no_gold_article_is_refused() {
    for line in [
        "",
        "{}",
        r#"{"article": {}, "events": []}"#,
        r#"{"article": {"id": "a", "language": "fr"}}"#,
    ] {
        assert!(GoldArticle::parse(line).is_err(), "{line}");
    }
    let line = r#"{"article": {"id": "a", "language": "fr-CH"}, "events": []}"#;
    assert_eq!(GoldArticle::parse(line).unwrap().language, "fr");
}
