//! By what channel a contact took place, and what that makes of its kind.
//!
//! The words of a channel ("by phone", "par visioconférence") count for the predicate nearest to them; a contact by wire
//! has no place.

use super::Finder;
use crate::{
    event::ContactKind,
    extract::document::{Trigger, starting},
};

impl Finder<'_, '_> {
    /// The channel told nearest to the predicate in its clause.
    pub(super) fn channel(&self, trigger: &Trigger, bounds: (usize, usize)) -> Option<ContactKind> {
        let document = self.document;
        let (first, last) = document.sentence(trigger.start);
        let bounds = (bounds.0.max(first), bounds.1.min(last));
        starting(&document.channels, bounds.0, bounds.1)
            .iter()
            .filter(|c| c.end <= bounds.1)
            .map(|c| {
                let distance = if c.end <= trigger.start {
                    trigger.start - c.end
                } else {
                    c.start.saturating_sub(trigger.end)
                };
                let between = |from: usize, to: usize| {
                    starting(&document.triggers, from, to)
                        .iter()
                        .any(|t| t.start != trigger.start && t.end <= to)
                };
                let other = between(trigger.end, c.start) || between(c.end, trigger.start);
                (distance + if other { 20 } else { 0 }, c.value)
            })
            .filter(|(d, _)| *d <= 22 * document.scale())
            .min_by_key(|(d, k)| (*d, *k as i32))
            .map(|(_, k)| k)
    }
}

/// Whether a contact of this kind has no place.
pub fn wired(kind: ContactKind) -> bool {
    matches!(
        kind,
        ContactKind::PhoneCall | ContactKind::VideoCall | ContactKind::Message
    )
}

/// The kind that a channel makes of a kind.
pub(super) fn with_channel(kind: ContactKind, channel: ContactKind) -> ContactKind {
    match (kind, channel) {
        (
            ContactKind::Exchange | ContactKind::Meeting | ContactKind::PhoneCall,
            ContactKind::PhoneCall | ContactKind::VideoCall,
        ) => channel,
        (ContactKind::Summit, ContactKind::VideoCall) => ContactKind::VideoCall,
        (ContactKind::Exchange, channel) => channel,
        _ => kind,
    }
}
