//! What a predicate says of a contact told earlier, instead of telling one of its own.
//!
//! "The talks lasted two hours in Geneva" adds to the contact told last, "to discuss trade" is its purpose, "at separate
//! trilateral meetings" its occasion.

use super::{
    Draft, Finder,
    arguments::Arguments,
    channels::{wired, with_channel},
    parties_of,
    reading::Predicate,
};
use crate::{
    event::{ContactKind, ContactStatus},
    extract::{document::covering, places::Where},
    lexicon::{Frame, Tense, Word},
};

impl Finder<'_, '_> {
    /// "The talks lasted two hours in Geneva": what is told of the contact told last.
    pub(super) fn add_to_last(&mut self, p: &Predicate<'_>, draft: &Draft) {
        if p.tense != Tense::Noun || p.rule.frame == Frame::Visit {
            return;
        }
        let title = self.document.in_title(self.document.sentences[p.sentence].0);
        let Some(last) = self.found.last_mut() else { return };
        if p.sentence > last.sentence + 3
            || title
            || last.traits.title
            || draft.status.status != last.status.status
        {
            return;
        }
        if last.when.is_none() {
            last.when = draft.when;
        }
        // "The talks also covered developments in Gaza": what is far behind the noun is what they were about.
        let near = |w: &Where| {
            w.span
                .is_none_or(|s| s.0.saturating_sub(p.trigger.end) <= 6 * self.document.scale())
        };
        if last.place.is_none() && !wired(last.kind) {
            last.place = draft.place.filter(near);
        }
        let one_day = match (draft.when, last.when) {
            (Some(x), Some(y)) => x.days == y.days,
            _ => true,
        };
        if p.channel.is_some() && !last.channel_told && one_day {
            last.kind = with_channel(last.kind, draft.kind);
            last.channel_told = true;
        }
    }

    /// "Held a meeting in Lima to discuss trade": whether the contact of the same parties told before in the sentence
    /// takes the predicate in. A visit does not: those whom it is to bring together have its status.
    pub(super) fn is_purpose_of_last(&mut self, p: &Predicate<'_>, draft: &mut Draft) -> bool {
        let purpose = p.tense == Tense::Infinitive
            && draft.status.cue.is_none()
            && matches!(p.rule.frame, Frame::Meet | Frame::Negotiate);
        if !purpose {
            return false;
        }
        let entities = self.entities;
        let own = parties_of(entities, &draft.participants);
        let main = self.found.iter_mut().rfind(|c| {
            c.sentence + 1 >= p.sentence
                && c.trigger.1 <= p.trigger.start
                && matches!(c.status.status, ContactStatus::Held | ContactStatus::Ongoing)
                && c.parties(entities) == own
        });
        let Some(main) = main else { return false };
        if main.kind == ContactKind::Visit {
            draft.status.status = main.status.status;
            return false;
        }
        main.evidence.push((p.trigger.start, p.trigger.end));
        true
    }

    /// "Met A and B at separate trilateral meetings": a noun that says at what occasion the verb's contact took place.
    pub(super) fn is_occasion(&self, p: &Predicate<'_>, arguments: &Arguments) -> bool {
        let document = self.document;
        let bare = arguments.nobody();
        let trigger = p.trigger;
        let (first, _) = document.sentence(trigger.start);
        let told = self
            .found
            .last()
            .is_some_and(|c| c.trigger.0 >= first && c.trigger.1 <= trigger.start && !c.traits.noun);
        let preposition = (trigger.start.saturating_sub(3).max(first)..trigger.start)
            .rev()
            .take_while(|i| covering(self.mentions, *i).is_none())
            .any(|i| document.words(i).any(&[Word::In, Word::During]));
        p.tense == Tense::Noun
            && bare
            && told
            && preposition
            && document.pack.names.cased
            && !document.pack.syntax.marker_after
    }
}
