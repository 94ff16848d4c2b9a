//! Whether a piece belongs to the mention before it.
//!
//! What the mention already has (name, office, party), what the piece is, and the [`Gap`] between them decide: an office
//! takes the state behind "of", a name the office behind a comma, unless that is another person's.

use super::{Mention, MentionKind, assembling::Assembler, gap::Gap, office_rank, pieces::Part};
use crate::{
    event::Office,
    extract::document::AtomKind,
    lexicon::{OfficeCode, StateForm, Word},
};

impl Assembler<'_, '_> {
    /// Takes piece `next` into the mention where it belongs there; how many pieces were taken.
    pub(super) fn extend(&self, m: &mut Mention, next: usize) -> usize {
        let piece = self.pieces[next];
        let gap = self.gap(m.end, piece.start);
        if self.tells_residence(m, next) {
            m.end = piece.end;
            return 1;
        }
        let plural = m.office.is_some_and(|o| o.plural);
        match piece.part {
            Part::Atom(AtomKind::Honorific)
                if matches!(gap, Gap::Nothing | Gap::Linker) && m.name.is_none() =>
            {
                self.join(m, next)
            }
            Part::Atom(AtomKind::Honorific)
                if gap == Gap::Comma && m.name.is_none() && m.office.is_some() =>
            {
                let Some(after) = self.pieces.get(next + 1) else {
                    return 0;
                };
                if matches!(after.part, Part::Name(_))
                    && self.gap(piece.end, after.start) == Gap::Nothing
                    && self.closes(next + 1)
                {
                    self.take(m, next + 1);
                    2
                } else {
                    0
                }
            }
            Part::Atom(AtomKind::Office(..)) => self.extend_by_office(m, next, gap),
            Part::Atom(AtomKind::State(_, form)) => self.extend_by_state(m, next, gap, form),
            Part::Atom(AtomKind::Organization(_)) => {
                let fits = m.office.is_some()
                    && m.parties.is_empty()
                    && (m.name.is_none()
                        && matches!(gap, Gap::Nothing | Gap::Of | Gap::Hyphen | Gap::Linker)
                        || gap == Gap::Open);
                if fits || m.name.is_some() && m.parties.is_empty() && gap == Gap::Open {
                    self.join(m, next)
                } else {
                    0
                }
            }
            Part::Atom(AtomKind::Group(group))
                if m.parties.is_empty()
                    && m.name.is_none()
                    && plural
                    && matches!(gap, Gap::Of | Gap::Nothing | Gap::Linker) =>
            {
                m.end = piece.end;
                m.parties
                    .extend(self.document.register().members(group).iter().copied());
                1
            }
            // A delegation or capital is nobody's title: "la capitale nigérienne, Victoria Nuland …".
            Part::Name(_)
                if m.office
                    .is_some_and(|o| o.code == OfficeCode::Office(Office::Delegation))
                    && gap == Gap::Comma =>
            {
                0
            }
            Part::Name(_) if m.name.is_none() => self.extend_by_name(m, next, gap),
            _ => 0,
        }
    }

    /// Whether a preposition of place stands before the mention.
    fn located(&self, m: &Mention) -> bool {
        let document = self.document;
        m.start > 0 && !document.pack.syntax.marker_after && document.words(m.start - 1).has(Word::In)
    }

    /// "Ambassadeur de Russie en Italie, X": the state of residence says nothing of the party.
    fn tells_residence(&self, m: &Mention, next: usize) -> bool {
        let piece = self.pieces[next];
        let resident = m
            .office
            .is_some_and(|o| matches!(o.code, OfficeCode::Office(Office::Ambassador | Office::Envoy)));
        resident
            && !m.parties.is_empty()
            && m.name.is_none()
            && matches!(
                piece.part,
                Part::Atom(
                    AtomKind::State(_, StateForm::Name | StateForm::Capital)
                        | AtomKind::Organization(_)
                        | AtomKind::Place(_)
                )
            )
            && piece.start <= m.end + 3
            && (m.end..piece.start).all(|i| {
                self.document
                    .words(i)
                    .any(&[Word::In, Word::To, Word::Linker, Word::Other])
            })
            && self.pieces.get(next + 1).is_some_and(|n| {
                matches!(n.part, Part::Name(_) | Part::Atom(AtomKind::Honorific))
                    && matches!(self.gap(piece.end, n.start), Gap::Comma | Gap::Nothing)
            })
    }

    /// An office, where it belongs to what is told before.
    fn extend_by_office(&self, m: &mut Mention, next: usize, gap: Gap) -> usize {
        let piece = self.pieces[next];
        let plural = m.office.is_some_and(|o| o.plural);
        if m.office.is_none() {
            let before = match m.kind {
                MentionKind::State(StateForm::Adjective) => matches!(gap, Gap::Nothing | Gap::Hyphen),
                // "Sollte in Paris Präsident Macron treffen": a town where something takes place.
                MentionKind::State(StateForm::Capital) if gap == Gap::Nothing && self.located(m) => false,
                // Where an office carries the article, a place before it is not its own.
                MentionKind::State(_) | MentionKind::Organization => {
                    matches!(gap, Gap::Nothing | Gap::Possessive | Gap::Hyphen)
                        && self.document.pack.syntax.article_prefix.is_empty()
                        || gap == Gap::Of && self.document.pack.syntax.party_before_office
                }
                _ => m.name.is_none(),
            };
            if m.name.is_none() && before {
                return self.join(m, next);
            }
            // "Antes da cerimónia na Estação da Luz, o Presidente tomou …": what is no known person takes no
            // office that goes on as a subject of its own.
            let known = m.name.is_some_and(|n| n.2.is_some());
            let own_subject = !known
                && self.document.words(piece.start - 1).has(Word::Linker)
                && !self.closes(next)
                && self.document.words(piece.end).is_empty()
                && self.pieces.get(next + 1).is_none_or(|n| n.start != piece.end);
            if m.name.is_some()
                && matches!(gap, Gap::Comma | Gap::Open)
                && !self.names_another(next)
                && !own_subject
            {
                return self.join(m, next);
            }
            if m.name.is_some() && gap == Gap::Nothing && self.own_office(m, next) {
                return self.join_apposed(m, next);
            }
            if m.name.is_some() && gap == Gap::Nothing && self.document.pack.syntax.party_before_office {
                return self.join(m, next);
            }
        } else if m.name.is_some() && gap == Gap::Nothing && self.own_office(m, next) {
            return self.join_apposed(m, next);
        } else if self.document.pack.syntax.verb_first && !m.parties.is_empty() || self.is_counterpart(next) {
            // Subject and object stand side by side behind their verb.
            return 0;
        } else if m.name.is_none()
            && m.office.is_some_and(|o| !o.plural)
            && matches!(gap, Gap::Nothing | Gap::Hyphen)
        {
            // "Minister of State, Foreign Minister X": the later office is the finer one.
            return self.join_finer(m, next);
        } else if m.name.is_none() && gap == Gap::Comma && !plural && self.name_follows(next) {
            return self.join_finer(m, next);
        }
        0
    }

    /// A state, where it is the party of the office or name before.
    fn extend_by_state(&self, m: &mut Mention, next: usize, gap: Gap, form: StateForm) -> usize {
        let piece = self.pieces[next];
        let plural = m.office.is_some_and(|o| o.plural);
        let counterpart = m.office.is_some_and(|o| o.code == OfficeCode::Counterpart);
        let party_told = !m.parties.is_empty();
        if m.office.is_some()
            && !party_told
            && (m.name.is_none() || gap == Gap::Nothing && form == StateForm::Adjective)
        {
            let fits = match form {
                StateForm::Adjective => matches!(gap, Gap::Nothing | Gap::Hyphen | Gap::Linker),
                _ if self.definite(m) => false,
                _ => matches!(gap, Gap::Nothing | Gap::Of | Gap::Hyphen) || counterpart && gap == Gap::From,
            };
            return if fits { self.join(m, next) } else { 0 };
        }
        if plural
            && party_told
            && m.name.is_none()
            && matches!(gap, Gap::And | Gap::Comma | Gap::Hyphen)
            && !self.begins_person(next)
        {
            return self.join(m, next);
        }
        if m.name.is_some() && !party_told {
            if gap == Gap::Open {
                return self.join(m, next);
            }
            if gap == Gap::Comma && form == StateForm::Adjective {
                let Some(after) = self.pieces.get(next + 1) else {
                    return 0;
                };
                let office = matches!(after.part, Part::Atom(AtomKind::Office(_, false)));
                if m.office.is_none()
                    && office
                    && self.gap(piece.end, after.start) == Gap::Nothing
                    && !self.names_another(next + 1)
                {
                    self.join(m, next);
                    self.join(m, next + 1);
                    return 2;
                }
            }
            if gap == Gap::Of && form == StateForm::Name {
                return self.join(m, next);
            }
        }
        // "Russia's, Moscow's …": two states never make one mention.
        0
    }

    /// A name, where it is that of whom the words before tell.
    fn extend_by_name(&self, m: &mut Mention, next: usize, gap: Gap) -> usize {
        let plural = m.office.is_some_and(|o| o.plural);
        let direct = matches!(gap, Gap::Nothing) || gap == Gap::Hyphen && m.office.is_some();
        let fits = match m.kind {
            MentionKind::State(StateForm::Adjective) => gap == Gap::Nothing && m.office.is_none(),
            MentionKind::State(StateForm::Name) => gap == Gap::Possessive && m.office.is_none(),
            MentionKind::State(_) | MentionKind::Organization => gap == Gap::Possessive,
            _ => {
                direct
                    || gap == Gap::Linker && self.document.pack.names.cased && plural
                    || gap == Gap::Comma && m.office.is_some() && !plural && self.closes(next)
            }
        };
        if fits {
            m.kind = MentionKind::Person;
            return self.join(m, next);
        }
        0
    }

    /// "الشيخ محمد بن زايد آل نهيان رئيس دولة الإمارات": whether the office that follows a known name at once is one
    /// that its bearer has held, of the party told where one is.
    fn own_office(&self, m: &Mention, at: usize) -> bool {
        let register = self.document.register();
        let Part::Atom(AtomKind::Office(rule, false)) = self.pieces[at].part else {
            return false;
        };
        let rule = &self.document.pack.offices[rule];
        let told = self.pieces.get(at + 1).and_then(|next| match next.part {
            Part::Atom(AtomKind::State(party, _))
                if matches!(
                    self.gap(self.pieces[at].end, next.start),
                    Gap::Nothing | Gap::Of | Gap::Linker
                ) =>
            {
                Some(party)
            }
            _ => None,
        });
        let held = |person: &crate::register::PersonId| {
            register.person(*person).terms.iter().any(|term| {
                crate::extract::entities::same_office(rule.code, term.office)
                    && rule.party.or(told).is_none_or(|p| p == term.party)
            })
        };
        !self.document.pack.syntax.article_prefix.is_empty()
            && !self.names_another(at)
            && m.name
                .and_then(|n| n.2)
                .is_some_and(|id| register.name_form(id).people.iter().any(held))
    }

    /// Takes an office that says again who the name's bearer is, and the state told with it.
    fn join_apposed(&self, m: &mut Mention, next: usize) -> usize {
        if m.office.is_none() {
            self.take_office(m, next);
        }
        m.end = self.pieces[next].end;
        let Some(piece) = self.pieces.get(next + 1) else {
            return 1;
        };
        let own = matches!(piece.part, Part::Atom(AtomKind::State(..)))
            && matches!(self.gap(m.end, piece.start), Gap::Nothing | Gap::Of | Gap::Linker);
        if !own {
            return 1;
        }
        self.take(m, next + 1);
        m.kind = MentionKind::Person;
        2
    }

    /// Takes piece `next`.
    fn join(&self, m: &mut Mention, next: usize) -> usize {
        self.take(m, next);
        // A closing bracket belongs to what it closes.
        if self.document.is(m.end, &[")", "）"]) {
            m.end += 1;
        }
        1
    }

    /// Takes a second office; of the two the more telling one stays.
    fn join_finer(&self, m: &mut Mention, next: usize) -> usize {
        let first = m.office;
        self.take_office(m, next);
        if let (Some(first), Some(now)) = (first, &mut m.office)
            && office_rank(first.code) < office_rank(now.code)
        {
            now.code = first.code;
        }
        1
    }

    /// Whether a name stands right behind piece `at`, so that its office is another person's.
    fn names_another(&self, at: usize) -> bool {
        let mut end = self.pieces[at].end;
        for next in at + 1..self.pieces.len().min(at + 4) {
            let piece = self.pieces[next];
            if self.gap(end, piece.start) != Gap::Nothing {
                return false;
            }
            match piece.part {
                Part::Name(_) => return true,
                Part::Atom(AtomKind::State(_, StateForm::Adjective) | AtomKind::Honorific) => end = piece.end,
                _ => return false,
            }
        }
        false
    }

    /// Whether a name follows piece `at`, at once or behind a comma.
    fn name_follows(&self, at: usize) -> bool {
        let end = self.pieces[at].end;
        self.pieces.get(at + 1).is_some_and(|n| {
            matches!(n.part, Part::Name(_) | Part::Atom(AtomKind::Honorific))
                && matches!(self.gap(end, n.start), Gap::Nothing | Gap::Comma)
        })
    }

    /// Whether the piece is "counterpart".
    fn is_counterpart(&self, at: usize) -> bool {
        matches!(self.pieces[at].part, Part::Atom(AtomKind::Office(rule, _)) if self.document.pack.offices[rule].code == OfficeCode::Counterpart)
    }

    /// Whether the office carries the article, so that no state's name can belong to it.
    fn definite(&self, m: &Mention) -> bool {
        let article = &self.document.pack.syntax.article_prefix;
        !article.is_empty()
            && m.office.is_some_and(|o| {
                o.end - o.start == 1 && self.document.word(o.start).contains(article.as_str())
            })
    }

    /// Whether piece `at` (a nationality) opens a mention of its own: an office or name follows it.
    fn begins_person(&self, at: usize) -> bool {
        let piece = self.pieces[at];
        self.pieces.get(at + 1).is_some_and(|next| {
            matches!(next.part, Part::Name(_) | Part::Atom(AtomKind::Office(..)))
                && matches!(self.gap(piece.end, next.start), Gap::Nothing | Gap::Possessive)
        })
    }

    /// Whether an apposition ends behind piece `at`: punctuation, the sentence's end, or "and".
    fn closes(&self, at: usize) -> bool {
        let end = self.pieces[at].end;
        let document = self.document;
        if end >= document.tokens.len() || document.tokens[end].sentence != document.tokens[end - 1].sentence
        {
            return true;
        }
        document.is(
            end,
            &[
                ",", ".", ";", ":", ")", "(", "-", "–", "—", "،", "؛", "，", "、", "。",
            ],
        ) || document.words(end).has(Word::And)
    }
}
