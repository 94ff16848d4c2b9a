//! Which extracted event stands for which gold event.

use super::{gold::Event, names};

/// Kinds that are near each other.
const NEAR: [&[&str]; 3] = [
    &["MEETING", "VISIT", "SUMMIT", "NEGOTIATION", "EXCHANGE"],
    &["PHONE_CALL", "VIDEO_CALL", "EXCHANGE"],
    &["MESSAGE", "EXCHANGE"],
];

/// F1 of `common` hits among `a` and `b` things; 1 where there is nothing to find and nothing found.
#[allow(clippy::cast_precision_loss)]
pub(super) fn f1(common: usize, a: usize, b: usize) -> f64 {
    if a + b == 0 {
        1.0
    } else {
        2.0 * common as f64 / (a + b) as f64
    }
}

/// How many codes two sorted lists share.
pub(super) fn common(a: &[&str], b: &[&str]) -> usize {
    a.iter().filter(|code| b.binary_search(code).is_ok()).count()
}

/// How alike two events are, 0 where they cannot be the same.
fn likeness(gold: &Event, found: &Event) -> f64 {
    let (ours, theirs) = (gold.parties(), found.parties());
    let common = common(&ours, &theirs);
    let parties = f1(common, ours.len(), theirs.len());
    let shared = names::shared(gold, found).len();
    let overlap = matches!((&gold.date, &found.date), (Some(a), Some(b)) if a.overlaps(b));
    let dates = gold.date == found.date || overlap;
    if parties < 0.5 || (common == 1 && shared == 0 && !(gold.date.is_some() && dates)) {
        return 0.0;
    }
    let near = gold.kind == found.kind
        || NEAR
            .iter()
            .any(|kinds| kinds.contains(&gold.kind.as_str()) && kinds.contains(&found.kind.as_str()));
    let one = |holds: bool| f64::from(u8::from(holds));
    0.45 * parties
        + 0.2 * f1(shared, gold.named().count(), found.named().count())
        + 0.15 * one(gold.date == found.date)
        + 0.05 * one(dates)
        + 0.1 * one(gold.kind == found.kind)
        + 0.05 * one(near)
}

/// Pairs of indices, one to one, the likest first.
pub(crate) fn align(gold: &[Event], found: &[Event]) -> Vec<(usize, usize)> {
    let mut candidates = Vec::new();
    for (i, g) in gold.iter().enumerate() {
        for (j, f) in found.iter().enumerate() {
            let likeness = likeness(g, f);
            if likeness > 0.0 {
                candidates.push((likeness, i, j));
            }
        }
    }
    // Stable: of equals the earlier ones pair.
    candidates.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut taken, mut given) = (vec![false; gold.len()], vec![false; found.len()]);
    let mut pairs = Vec::new();
    for (_, i, j) in candidates {
        if !taken[i] && !given[j] {
            taken[i] = true;
            given[j] = true;
            pairs.push((i, j));
        }
    }
    pairs
}
