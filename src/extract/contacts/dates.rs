//! The day of a contact.
//!
//! The time told nearest to the predicate counts, other clauses, other predicates and the days of reports between them
//! making it farther. Where the sentence tells none, the contact has the day of the story before it, or of the live
//! blog's entry.

use super::{Contact, Draft, Finder, Participant, When, Who, channels::wired, reading::Predicate};
use crate::{
    event::{ContactKind, ContactStatus, DatePrecision},
    extract::{
        document::{Trigger, covering, starting},
        entities::Referent,
        places, status,
        times::{self, Days, Direction, Time},
    },
    lexicon::{Tense, TimeValue, Word},
};

/// Farthest a time stands from its predicate, in tokens, another clause counted double.
const TIME_REACH: usize = 34;

impl Finder<'_, '_> {
    /// The time told nearest to the predicate, as days, and its number.
    pub(super) fn when(
        &self,
        trigger: &Trigger,
        bounds: (usize, usize),
        reading: status::Reading,
        tense: Tense,
    ) -> Option<(When, usize)> {
        let (status, cue) = (reading.status, reading.cue);
        let document = self.document;
        let (first, last) = document.sentence(trigger.start);
        let mut best: Option<(usize, usize)> = None;
        let before = self.times.all.partition_point(|t| t.start < first);
        for (i, time) in starting(&self.times.all, first, last).iter().enumerate() {
            let i = before + i;
            let other_voice = document.quotes[time.start] != 0
                && document.quotes[time.start] != document.quotes[trigger.start];
            if time.end > last || time.dateline || !time.is_exact() || other_voice {
                continue;
            }
            // "discussed trade and agreed to meet on Feb. 10": the day of what comes next.
            let next = time.start >= trigger.end
                && starting(&document.triggers, trigger.end, time.start)
                    .iter()
                    .any(|t| self.choose_reading(t).1 == Tense::Infinitive);
            // "Début mars, X avait écrit à Y pour lui proposer de négocier": the day of what was written.
            let before = tense == Tense::Infinitive && self.other_verb_between(time.end, trigger.start);
            let aside = places::in_aside(document, self.mentions, trigger.end, time.start);
            if next || before || aside || self.in_relative_clause(trigger, tense, time) {
                continue;
            }
            // "Compared notes ahead of the session due on December 19": no contact of almost a year ago.
            if status == ContactStatus::Held && tense != Tense::Present && self.lies_ahead(time) {
                continue;
            }
            if let Some((from, to)) = cue
                && matches!(
                    status,
                    ContactStatus::Proposed | ContactStatus::Cancelled | ContactStatus::Refused
                )
                && (to..to + 3).contains(&time.start)
                && (to <= trigger.start && time.end <= trigger.start || from >= trigger.end)
            {
                continue;
            }
            let cost = self.remoteness(trigger, bounds, status, time);
            if cost <= TIME_REACH * document.scale() && best.is_none_or(|(c, _)| cost < c) {
                best = Some((cost, i));
            }
        }
        let (distance, i) = best?;
        let time = &self.times.all[i];
        let mut direction = status::direction(status);
        // What came to nothing was due on the nearest such day.
        if matches!(status, ContactStatus::Cancelled | ContactStatus::Refused)
            && matches!(time.value, TimeValue::Date(_))
        {
            direction = self.nearer(time);
        }
        if status == ContactStatus::Held
            && tense != Tense::Past
            && (time.points_ahead(self.times.anchor) || self.coming(trigger, tense, time))
        {
            direction = Direction::Future;
        }
        let days = time.resolve(self.times.anchor, direction)?;
        Some((
            When {
                days,
                span: (time.start, time.end),
                distance,
                reported: times::near_report(document, time.start, time.end),
            },
            i,
        ))
    }

    /// "The pact that they concluded last month": a time of what the clause behind a relative word tells, unless that
    /// clause is the contact's own, as in "talks which are due on Monday".
    fn in_relative_clause(&self, trigger: &Trigger, tense: Tense, time: &Time) -> bool {
        let document = self.document;
        if time.start < trigger.end || document.pack.syntax.verb_last {
            return false;
        }
        let opens = (trigger.end..time.start).rev().find(|i| {
            let words = document.words(*i);
            // "The pact that they concluded": what may open any clause, right behind a noun.
            let noun = document.tokens[i - 1].kind == crate::text::Kind::Word
                && !document.tokens[i - 1].capital
                && document.words(i - 1).is_empty()
                && *i > trigger.end
                && document.pack.names.cased;
            (words.has(Word::Relative) || words.has(Word::Subordinate) && noun)
                && covering(self.mentions, *i).is_none()
        });
        let Some(opens) = opens else { return false };
        let own = tense == Tense::Noun
            && (starting(&document.cues, opens, time.end)
                .iter()
                .any(|c| c.end <= time.end)
                || starting(&document.triggers, opens, time.start)
                    .iter()
                    .any(|t| t.end <= time.start));
        !own
    }

    /// Whether a day without a year is one to come rather than one of almost a year ago.
    fn lies_ahead(&self, time: &Time) -> bool {
        /// Days ahead of the article within which such a day is looked for.
        const AHEAD: i32 = 60;
        matches!(time.value, TimeValue::Date(_))
            && self
                .days_from_anchor(time, Direction::Past)
                .is_some_and(|d| d < -5 * AHEAD)
            && self
                .days_from_anchor(time, Direction::Future)
                .is_some_and(|d| (1..=AHEAD).contains(&d))
    }

    /// The direction in which a time is nearer to the article's day.
    fn nearer(&self, time: &Time) -> Direction {
        let far = |direction| self.days_from_anchor(time, direction).map_or(i32::MAX, i32::abs);
        if far(Direction::Past) <= far(Direction::Future) {
            Direction::Past
        } else {
            Direction::Future
        }
    }

    /// Days from the article's day to a time, negative before it.
    fn days_from_anchor(&self, time: &Time, direction: Direction) -> Option<i32> {
        time.resolve(self.times.anchor, direction)
            .map(|d: Days| (d.start - self.times.anchor).get_days())
    }

    /// How far a time is from the predicate, in tokens and what stands between them.
    fn remoteness(
        &self,
        trigger: &Trigger,
        bounds: (usize, usize),
        status: ContactStatus,
        time: &Time,
    ) -> usize {
        let document = self.document;
        let distance = if time.end <= trigger.start {
            trigger.start - time.end
        } else {
            time.start.saturating_sub(trigger.end)
        };
        let (from, to) = if time.end <= trigger.start {
            (time.end, trigger.start)
        } else {
            (trigger.end, time.start)
        };
        let mut cost = distance;
        if time.start < bounds.0 || time.end > bounds.1 {
            cost += 10;
        }
        let crossed = starting(&document.triggers, from, to)
            .iter()
            .filter(|t| t.start != trigger.start && t.end <= to)
            .count();
        cost += crossed * 12;
        if (from..to).any(|i| document.words(i).any(&[Word::Relative, Word::Subordinate])) {
            cost += 6;
        }
        if (from..to).any(|i| document.is(i, &[";"])) {
            cost += 14;
        }
        // A day tells more of a contact than a month or year told in passing.
        cost += match time
            .resolve(self.times.anchor, status::direction(status))
            .map(|d| d.precision)
        {
            Some(DatePrecision::Year) => 12,
            Some(DatePrecision::Month | DatePrecision::Season) => 3,
            _ => 0,
        };
        // "said on Tuesday", "proposed on Tuesday to meet": the day of the words, not of the contact.
        if times::near_report(document, time.start, time.end) {
            cost += 12;
        }
        cost
    }

    /// "Am Dienstag empfängt er X": the present tense with another day than the article's tells of what is to come.
    pub(super) fn coming(&self, trigger: &Trigger, tense: Tense, time: &Time) -> bool {
        /// Days within which a day without a year is looked for.
        const NEAR: i32 = 60;
        let day = |direction| self.days_from_anchor(time, direction);
        let ahead = match time.value {
            TimeValue::Weekday(None) => day(Direction::Past) != Some(0),
            TimeValue::Date(_) => {
                day(Direction::Past).is_some_and(|d| d < -NEAR)
                    && day(Direction::Future).is_some_and(|d| (0..=NEAR).contains(&d))
            }
            _ => false,
        };
        tense == Tense::Present
            && ahead
            && (self.document.pack.names.cased || self.document.pack.syntax.verb_first)
            && !self.document.in_title(trigger.start)
    }

    /// What goes on in a story stays where and when it was, until another day or place is told.
    pub(super) fn inherit(&self, p: &Predicate<'_>, draft: &mut Draft) {
        let (sentence, status, participants) = (p.sentence, draft.status.status, &draft.participants);
        let document = self.document;
        let title = document.in_title(document.sentences[sentence].0);
        if title || !matches!(status, ContactStatus::Held | ContactStatus::Planned) {
            return;
        }
        let last = self
            .found
            .iter()
            .rev()
            .take_while(|c| c.sentence + 2 >= sentence)
            .find(|c| !c.traits.title && c.status.status == status);
        let shared = |c: &Contact| {
            c.participants
                .iter()
                .any(|p| participants.iter().any(|q| q.who == p.who))
        };
        if draft.when.is_none() {
            draft.when = last.filter(|c| shared(c)).and_then(|c| c.when).map(|w| When {
                distance: w.distance + 20,
                ..w
            });
        }
        if draft.when.is_none() && status == ContactStatus::Held && p.tense != Tense::Noun {
            draft.when = self.narrative_day(sentence, participants);
        }
        if draft.when.is_none() && status == ContactStatus::Held {
            draft.when = self.live_day(sentence);
        }
        if draft.place.is_none()
            && !wired(draft.kind)
            && draft.kind != ContactKind::Visit
            && let Some(last) =
                last.filter(|c| shared(c) && c.when.map(|w| w.days) == draft.when.map(|w| w.days))
        {
            draft.place = last.place;
        }
    }

    /// The day that the sentences before tell of somebody who takes part.
    fn narrative_day(&self, sentence: usize, participants: &[Participant]) -> Option<When> {
        let document = self.document;
        let (start, _) = document.sentences[sentence];
        let (first, _) = document.sentences[sentence.saturating_sub(2)];
        let time = starting(&self.times.all, first, start).iter().rev().find(|t| {
            t.end <= start && t.is_exact() && !t.dateline && !times::near_report(document, t.start, t.end)
        })?;
        let (from, to) = document.sentence(time.start);
        let present = self.mentions_in(from, to).any(|i| {
            self.mentions[i].end <= to
                && matches!(self.entities.of[i], Referent::Entity(e) if participants.iter().any(|p| p.who == Who::Entity(e)))
        });
        let days = time
            .resolve(self.times.anchor, Direction::Past)
            .filter(|d| d.precision == DatePrecision::Day && d.start <= self.times.anchor)?;
        (present && !document.in_title(time.start)).then_some(When {
            days,
            span: (time.start, time.end),
            distance: 30,
            reported: false,
        })
    }

    /// The day of a live blog's entry, which opens with the hour: "18.40 - …".
    fn live_day(&self, sentence: usize) -> Option<When> {
        let document = self.document;
        let (at, _) = document.sentences[sentence];
        let paragraph = document.tokens[at].paragraph;
        let first = document.tokens.partition_point(|t| t.paragraph < paragraph);
        let end = document.tokens.partition_point(|t| t.paragraph <= paragraph);
        let text = document.text(first, end.min(first + 4));
        let digits = |s: &str| s.chars().take_while(char::is_ascii_digit).count();
        let hours = digits(text);
        let behind = text.get(hours..)?;
        let minutes = behind.strip_prefix(['.', ':', 'h', 'H'])?;
        let clock = (1..=2).contains(&hours)
            && digits(minutes) == 2
            && text[..hours].parse::<u8>().is_ok_and(|h| h < 24)
            && minutes[..2].parse::<u8>().is_ok_and(|m| m < 60);
        clock.then_some(When {
            days: times::day(self.times.anchor)?,
            span: (first, first + 1),
            distance: 10,
            reported: false,
        })
    }
}
