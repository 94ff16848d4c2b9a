//! Noun phrases that may take part in a contact: names, offices, nationalities and states put together.
//!
//! Atoms and names are walked from left to right; what stands between two of them (nothing, an article, "of",
//! a possessive, a comma, a bracket) decides whether the second belongs to the phrase that the first began.

use smallvec::SmallVec;

use super::{
    document::{AtomKind, Document, Stretch, Words, covering, starting},
    names::Name,
};
use crate::{
    event::Office,
    lexicon::{OfficeCode, StateForm, Word},
    register::{NameId, PartyId, PlaceId},
};

/// What a mention is, in the main.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MentionKind {
    /// Somebody, by name or office.
    Person,
    /// A state by its name, capital or seat.
    State(StateForm),
    /// An organisation.
    Organization,
    /// Several parties under one name.
    Group,
    /// Several people told before: "the two leaders"; how many, 0 where not told.
    Collective(usize),
    /// A pronoun for one.
    He,
    /// A pronoun for several.
    They,
}

/// Classes of the words that govern a noun phrase.
const GOVERNORS: [Word; 14] = [
    Word::With,
    Word::By,
    Word::To,
    Word::From,
    Word::Of,
    Word::In,
    Word::Between,
    Word::About,
    Word::After,
    Word::Before,
    Word::During,
    Word::Without,
    Word::Other,
    Word::Presence,
];

/// An office as a mention tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfficeMention {
    /// First token of its words.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// What it stands for.
    pub code: OfficeCode,
    /// Several holders.
    pub plural: bool,
    /// The words alone are no mention.
    pub weak: bool,
    /// It is told as past, deputy or to come.
    pub shifted: bool,
}

/// A noun phrase.
#[derive(Debug, Clone)]
pub struct Mention {
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// What it is.
    pub kind: MentionKind,
    /// The name: tokens and register spelling.
    pub name: Option<(usize, usize, Option<NameId>)>,
    /// The office.
    pub office: Option<OfficeMention>,
    /// The parties told.
    pub parties: SmallVec<[PartyId; 3]>,
    /// Parties that the words for the first one may also stand for: "Congolese".
    pub either: SmallVec<[PartyId; 2]>,
    /// The place that a capital or seat also is.
    pub place: Option<PlaceId>,
    /// Classes of the word that governs it.
    pub marker: Words,
    /// A possessive follows it: "Putin's".
    pub possessive: bool,
    /// Mentions joined by "and" or commas share a number.
    pub group: usize,
    /// A pronoun's possessive stands before it: "his counterpart".
    pub his: bool,
    /// It is the subject of a reporting verb.
    pub speaker: bool,
    /// It goes on with the list of holders that the mention before it is in.
    pub listed: bool,
}

impl Mention {
    /// Whether it is told as governed by one of these classes.
    pub fn marked(&self, words: &[Word]) -> bool {
        self.marker.any(words)
    }

    /// Whether nothing governs it, so that it may be a subject or object.
    pub fn free(&self) -> bool {
        !self.marker.any(&GOVERNORS)
    }

    /// Whether it is a pronoun.
    pub fn pronoun(&self) -> bool {
        matches!(self.kind, MentionKind::He | MentionKind::They)
    }
}

#[derive(Debug, Clone, Copy)]
enum Part {
    Atom(AtomKind),
    Name(Option<NameId>),
    He,
    They,
}

#[derive(Debug, Clone, Copy)]
struct Piece {
    start: usize,
    end: usize,
    part: Part,
}

impl Stretch for Piece {
    fn place(&self) -> (usize, usize) {
        (self.start, self.end)
    }
}

impl Stretch for Mention {
    fn place(&self) -> (usize, usize) {
        (self.start, self.end)
    }
}

/// What stands between two pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    Nothing,
    Linker,
    Of,
    Possessive,
    Hyphen,
    Comma,
    Open,
    And,
    From,
    Other,
}

/// All mentions of the document, by their place.
pub fn assemble(document: &Document<'_>, names: &[Name]) -> Vec<Mention> {
    let pieces = pieces(document, names);
    let mut mentions: Vec<Mention> = Vec::new();
    let mut at = 0;
    while at < pieces.len() {
        let (mention, next) = Assembler {
            document,
            pieces: &pieces,
        }
        .mention(at);
        mentions.extend(mention);
        at = next.max(at + 1);
    }
    adopt_names(document, &mut mentions);
    distribute_office(document, &mut mentions);
    drop_strangers(&mut mentions);
    for mention in &mut mentions {
        let (marker, his) = marker(document, mention);
        mention.marker = marker;
        // "wo ihn Cassis empfing": the pronoun's own form tells the object.
        if mention.pronoun() && document.words(mention.start).has(Word::Object) {
            mention.marker.insert(Word::Object);
        }
        // A preposition written onto a person is never a place's.
        if mention.kind == MentionKind::Person && document.affix(mention.start).0.has(Word::In) {
            mention.marker.insert(Word::With);
        }
        mention.his = his;
        mention.possessive = document.tokens.get(mention.end).is_some_and(|t| !t.spaced)
            && document.words(mention.end).has(Word::Of)
            && document.word(mention.end).starts_with(['\'', '’', 's']);
    }
    mark_countries(document, &mut mentions);
    let own: Vec<Words> = mentions.iter().map(|m| m.marker).collect();
    group(document, &mut mentions);
    dissolve(document, &mut mentions, &own);
    hand_back(document, &mut mentions);
    mark_speakers(document, &mut mentions);
    mentions
}

/// "In Baku, Azerbaijan on Friday": a state behind a comma says where the town before it lies.
fn mark_countries(document: &Document<'_>, mentions: &mut [Mention]) {
    for m in mentions {
        let behind_comma = matches!(m.kind, MentionKind::State(StateForm::Name))
            && m.start > 1
            && document.is(m.start - 1, &[",", "،"])
            && m.marker.is_empty();
        if !behind_comma {
            continue;
        }
        let town = m.start - 2;
        let party = m.parties.first().copied();
        let known = super::document::ending(&document.atoms, m.start - 1).is_some_and(|a| match a.kind {
            AtomKind::Place(place) => document.register().place_info(place).country == party,
            AtomKind::State(of, StateForm::Capital) => Some(of) == party,
            _ => false,
        });
        let unknown = document.tokens[town].capital
            && covering(&document.atoms, town).is_none()
            && town > 0
            && document.words(town - 1).has(Word::In);
        if known || unknown {
            m.marker.insert(Word::In);
        }
    }
}

/// Whether a common office ("the minister") may be meant for a holder of that office.
pub fn may_shorten(short: OfficeCode, long: OfficeCode) -> bool {
    short == long
        || short == OfficeCode::Office(Office::Minister)
            && matches!(
                long,
                OfficeCode::Office(Office::ForeignMinister | Office::DefenceMinister)
            )
}

/// Common offices that refer to nobody named before are no mentions: "the president of the club".
fn drop_strangers(mentions: &mut Vec<Mention>) {
    let mut named: SmallVec<[OfficeCode; 8]> = SmallVec::new();
    mentions.retain(|m| {
        let Some(office) = m.office else { return true };
        if m.name.is_some() {
            named.push(office.code);
        }
        let bare = office.weak && m.name.is_none() && m.parties.is_empty();
        !bare || named.iter().any(|long| may_shorten(office.code, *long))
    });
}

/// "Los presidentes de Chile, Boric, y de Argentina, Milei": an office told once for holders each told with a state.
fn distribute_office(document: &Document<'_>, mentions: &mut Vec<Mention>) {
    let mut at = 0;
    while at < mentions.len() {
        let head = &mentions[at];
        let shared = head
            .office
            .filter(|o| head.name.is_none() && head.parties.len() == 1 && o.code != OfficeCode::Partner);
        let pairs = shared
            .map(|_| holders(document, mentions, at))
            .unwrap_or_default();
        let plural = shared.is_some_and(|o| o.plural);
        if let (Some(mut office), true) = (shared, pairs.len() > 1 || plural && !pairs.is_empty()) {
            office.plural = false;
            let last = pairs[pairs.len() - 1].1;
            let mut told: Vec<Mention> = Vec::new();
            for (state, name) in &pairs {
                let mut holder = mentions[*name].clone();
                holder.start = mentions[*state].start;
                holder.office = Some(office);
                holder.parties = mentions[*state].parties.clone();
                holder.listed = *state != at;
                told.push(holder);
            }
            mentions.splice(at..=last, told);
            at += pairs.len();
            continue;
        }
        at += 1;
    }
}

/// The state and the name of each holder in the list that mention `at` begins: the first state is its own.
fn holders(document: &Document<'_>, mentions: &[Mention], at: usize) -> Vec<(usize, usize)> {
    let comma = |i: usize| document.is(i, &[",", "،"]);
    let between =
        |from: usize, to: usize, ok: &dyn Fn(usize) -> bool| from < to && to - from < 6 && (from..to).all(ok);
    let bare_name = |m: &Mention| m.name.is_some() && m.office.is_none() && m.parties.is_empty();
    let mut pairs = Vec::new();
    let mut state = at;
    loop {
        let name = state + 1;
        let named = mentions.get(name).is_some_and(|m| {
            bare_name(m)
                && document.tokens[m.start].sentence == document.tokens[mentions[at].start].sentence
                && between(mentions[state].end, m.start, &comma)
        });
        if !named {
            return pairs;
        }
        pairs.push((state, name));
        let end = mentions[name].end;
        let next = name + 1;
        let listed = mentions.get(next).is_some_and(|m| {
            matches!(
                m.kind,
                MentionKind::State(StateForm::Name) | MentionKind::Organization
            ) && m.parties.len() == 1
                && document.tokens[m.start].sentence == document.tokens[end - 1].sentence
                && between(end, m.start, &|i| {
                    comma(i)
                        || document.is(i, &[";", "؛"])
                        || document.words(i).any(&[Word::And, Word::Of, Word::Linker])
                })
                && (end..m.start).any(|i| document.words(i).has(Word::Of))
        });
        if !listed {
            return pairs;
        }
        state = next;
    }
}

/// Longest stretch between an office and the name set off by commas behind it, in tokens.
const APPOSITION_REACH: usize = 10;

/// "Le ministre taïwanais chargé des Affaires continentales, Wang Yu-chi, …": what stands between an office and the
/// name in apposition to it says what the office is about, and is no mention of its own.
fn adopt_names(document: &Document<'_>, mentions: &mut Vec<Mention>) {
    let mut at = 0;
    while at < mentions.len() {
        let office = &mentions[at];
        let titled = office.kind == MentionKind::Person
            && office.name.is_none()
            && office.office.is_some_and(|o| {
                !o.plural
                    && !matches!(
                        o.code,
                        OfficeCode::Partner | OfficeCode::Office(Office::Delegation)
                    )
            });
        if let Some(named) = titled.then(|| apposition(document, mentions, at)).flatten() {
            let (name, end) = (mentions[named].name, mentions[named].end);
            mentions[at].name = name;
            mentions[at].end = end;
            mentions.drain(at + 1..=named);
        }
        at += 1;
    }
}

/// The mention that names the holder of the office told by mention `at`.
fn apposition(document: &Document<'_>, mentions: &[Mention], at: usize) -> Option<usize> {
    let office = &mentions[at];
    let (_, last) = document.sentence(office.start);
    let comma = |i: usize| document.is(i, &[",", "،", "，"]);
    let named = (at + 1..mentions.len())
        .take(4)
        .find(|i| mentions[*i].name.is_some())?;
    let name = &mentions[named];
    let (from, to) = (office.end, name.start.checked_sub(1)?);
    let set_off = to > from
        && to - from <= APPOSITION_REACH
        && comma(to)
        && name.end <= last
        && (name.end == last || comma(name.end));
    let bare = name.office.is_none() && name.parties.is_empty();
    let plain = set_off
        && (from..to).all(|i| {
            !document.words(i).any(&[
                Word::Have,
                Word::Be,
                Word::Will,
                Word::Not,
                Word::Report,
                Word::Relative,
                Word::Subordinate,
                Word::With,
                Word::By,
                Word::Between,
            ]) && !document.is(i, &[";", ":", "(", ")", ",", "،", "«", "»", "“", "”", "\""])
                && covering(&document.triggers, i).is_none()
                && covering(&document.times, i).is_none()
        });
    let holds = |person: &crate::register::PersonId| {
        let terms = &document.register().person(*person).terms;
        terms.is_empty() || terms.iter().any(|t| office.parties.contains(&t.party))
    };
    let fits = office.parties.is_empty()
        || name
            .name
            .and_then(|n| n.2)
            .is_none_or(|id| document.register().name_form(id).people.iter().any(holds));
    (bare && plain && fits).then_some(named)
}

fn pieces(document: &Document<'_>, names: &[Name]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for atom in &document.atoms {
        let before = &names[..names.partition_point(|n| n.start < atom.end)];
        if before.last().is_none_or(|n| n.end <= atom.start) {
            pieces.push(Piece {
                start: atom.start,
                end: atom.end,
                part: Part::Atom(atom.kind),
            });
        }
    }
    // Names and atoms lie in order and apart from each other.
    for name in names {
        pieces.push(Piece {
            start: name.start,
            end: name.end,
            part: Part::Name(name.known),
        });
    }
    pieces.sort_by_key(|p| (p.start, p.end));
    let mut pronouns: Vec<Piece> = Vec::new();
    for at in 0..document.tokens.len() {
        let words = document.words(at);
        let end = document.word_end(at);
        let possessive = words.has(Word::His)
            && starting(&pieces, end, end + 3).iter().any(|p| {
                matches!(
                    p.part,
                    Part::Atom(AtomKind::Office(..) | AtomKind::State(_, StateForm::Adjective))
                )
            });
        let part = if possessive {
            continue;
        } else if words.has(Word::He) {
            Part::He
        } else if words.has(Word::They) {
            Part::They
        } else {
            continue;
        };
        let free = |pieces: &[Piece]| {
            pieces[..pieces.partition_point(|p| p.start < end)]
                .last()
                .is_none_or(|p| p.end <= at)
        };
        if free(&pieces) && free(&pronouns) {
            pronouns.push(Piece { start: at, end, part });
        }
    }
    pieces.append(&mut pronouns);
    pieces.sort_by_key(|p| (p.start, p.end));
    pieces
}

struct Assembler<'d, 'a> {
    document: &'d Document<'a>,
    pieces: &'d [Piece],
}

impl Assembler<'_, '_> {
    /// The mention that begins with piece `at`, and the piece behind it.
    fn mention(&self, at: usize) -> (Option<Mention>, usize) {
        let document = self.document;
        let piece = self.pieces[at];
        let mut m = Mention {
            start: piece.start,
            end: piece.end,
            kind: MentionKind::Person,
            name: None,
            office: None,
            parties: SmallVec::new(),
            either: SmallVec::new(),
            place: None,
            marker: Words::default(),
            possessive: false,
            group: 0,
            his: false,
            speaker: false,
            listed: false,
        };
        match piece.part {
            Part::He => {
                m.kind = MentionKind::He;
                return (Some(m), at + 1);
            }
            Part::They => {
                m.kind = MentionKind::They;
                return (Some(m), at + 1);
            }
            Part::Atom(AtomKind::Collective(rule)) => {
                let collective = &document.pack.collectives[rule];
                m.kind = MentionKind::Collective(collective.count);
                m.office = collective.office.map(|office| OfficeMention {
                    start: piece.start,
                    end: piece.end,
                    code: OfficeCode::Office(office),
                    plural: true,
                    weak: false,
                    shifted: false,
                });
                return (Some(m), at + 1);
            }
            Part::Atom(AtomKind::Group(group)) => {
                m.kind = MentionKind::Group;
                m.parties
                    .extend(document.register().members(group).iter().copied());
                return (Some(m), at + 1);
            }
            Part::Atom(AtomKind::Place(_)) => return (None, at + 1),
            _ => {}
        }
        // Parties before a plural office: "the Russian and Ukrainian presidents".
        let mut next = at;
        let mut leading: SmallVec<[PartyId; 3]> = SmallVec::new();
        if let Some(parties_end) = self.leading_parties(at, &mut leading) {
            next = parties_end;
            m.parties = leading;
            self.take_office(&mut m, next);
            next += 1;
        } else {
            self.take(&mut m, next);
            next += 1;
        }
        let mut closed = false;
        while !closed && next < self.pieces.len() {
            let taken = self.extend(&mut m, next);
            if taken == 0 {
                closed = true;
            }
            next += taken;
        }
        (self.finish(m), next)
    }

    /// Two or more nationalities joined by "and" before a plural office.
    fn leading_parties(&self, at: usize, out: &mut SmallVec<[PartyId; 3]>) -> Option<usize> {
        let mut next = at;
        loop {
            let piece = self.pieces.get(next)?;
            match piece.part {
                Part::Atom(AtomKind::State(party, _) | AtomKind::Organization(party)) => out.push(party),
                Part::Atom(AtomKind::Office(_, true)) if out.len() > 1 => return Some(next),
                _ => return None,
            }
            let following = self.pieces.get(next + 1)?;
            let gap = self.gap(piece.end, following.start);
            let office_next = matches!(following.part, Part::Atom(AtomKind::Office(..)));
            if !(matches!(gap, Gap::And | Gap::Comma | Gap::Hyphen)
                || office_next && matches!(gap, Gap::Nothing | Gap::Possessive | Gap::Hyphen))
            {
                return None;
            }
            next += 1;
        }
    }

    fn take(&self, m: &mut Mention, at: usize) {
        let piece = self.pieces[at];
        m.end = m.end.max(piece.end);
        match piece.part {
            Part::Name(known) => m.name = Some((piece.start, piece.end, known)),
            Part::Atom(AtomKind::Office(..)) => self.take_office(m, at),
            Part::Atom(AtomKind::State(party, form)) => {
                if m.office.is_none() && m.name.is_none() {
                    m.kind = MentionKind::State(form);
                }
                for other in self.document.alternatives.get(&piece.start).into_iter().flatten() {
                    if let AtomKind::State(other, _) = other {
                        m.either.push(*other);
                    }
                }
                if matches!(form, StateForm::Capital | StateForm::Seat) {
                    m.place = self.document.register().party_info(party).capital;
                }
                push(&mut m.parties, party);
            }
            Part::Atom(AtomKind::Organization(party)) => {
                if m.office.is_none() && m.name.is_none() {
                    m.kind = MentionKind::Organization;
                }
                push(&mut m.parties, party);
            }
            _ => {}
        }
    }

    fn take_office(&self, m: &mut Mention, at: usize) {
        let document = self.document;
        let piece = self.pieces[at];
        let Part::Atom(AtomKind::Office(rule, plural)) = piece.part else {
            return;
        };
        let rule = &document.pack.offices[rule];
        m.kind = MentionKind::Person;
        m.end = m.end.max(piece.end);
        let before = (1..=3)
            .filter_map(|n| piece.start.checked_sub(n))
            .take_while(|i| {
                document.words(*i).any(&[
                    Word::Linker,
                    Word::Former,
                    Word::Deputy,
                    Word::Acting,
                    Word::Elect,
                ]) || covering(&document.adjectives, *i).is_some()
                    || document.is(*i, &["-"])
            });
        let shifted = before
            .into_iter()
            .any(|i| document.words(i).any(&[Word::Former, Word::Deputy, Word::Elect]))
            || (piece.end < document.tokens.len() && document.words(piece.end).any(&[Word::Elect]))
            || document.is(piece.end, &["-"])
                && piece.end + 1 < document.tokens.len()
                && document.words(piece.end + 1).has(Word::Elect);
        m.office = Some(OfficeMention {
            start: piece.start,
            end: piece.end,
            code: rule.code,
            plural,
            weak: rule.weak,
            shifted,
        });
        if let Some(party) = rule.party {
            push(&mut m.parties, party);
        }
        // A nationality inside the words of the office: "ministre russe des affaires étrangères". What is listed as no
        // office at all ("the Ukraine crisis") is nobody's.
        if rule.code == OfficeCode::Office(Office::Unknown) {
            return;
        }
        for adjective in document.adjectives.iter().chain(&document.state_names) {
            if piece.start <= adjective.start && adjective.end <= piece.end && rule.party.is_none() {
                push(&mut m.parties, adjective.value);
            }
        }
    }

    /// Takes piece `next` into the mention where it belongs there; how many pieces were taken.
    fn extend(&self, m: &mut Mention, next: usize) -> usize {
        let piece = self.pieces[next];
        let gap = self.gap(m.end, piece.start);
        let counterpart = m.office.is_some_and(|o| o.code == OfficeCode::Counterpart);
        // "ambassadeur de Russie en Italie, X": the state of residence says nothing of the party.
        let resident = m
            .office
            .is_some_and(|o| matches!(o.code, OfficeCode::Office(Office::Ambassador | Office::Envoy)));
        if resident
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
        {
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
            Part::Atom(AtomKind::Office(..)) => {
                if m.office.is_none() {
                    let before = match m.kind {
                        MentionKind::State(StateForm::Adjective) => matches!(gap, Gap::Nothing | Gap::Hyphen),
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
                    if m.name.is_some()
                        && gap == Gap::Nothing
                        && self.document.pack.syntax.party_before_office
                    {
                        return self.join(m, next);
                    }
                } else if m.name.is_some() && gap == Gap::Nothing && self.own_office(m, next) {
                    return self.join_apposed(m, next);
                } else if self.document.pack.syntax.verb_first && !m.parties.is_empty()
                    || self.is_counterpart(next)
                {
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
            Part::Atom(AtomKind::State(_, form)) => {
                let party_told = !m.parties.is_empty();
                if m.office.is_some()
                    && !party_told
                    && (m.name.is_none() || gap == Gap::Nothing && form == StateForm::Adjective)
                {
                    let fits = match form {
                        StateForm::Adjective => matches!(gap, Gap::Nothing | Gap::Hyphen | Gap::Linker),
                        _ if self.definite(m) => false,
                        _ => {
                            matches!(gap, Gap::Nothing | Gap::Of | Gap::Hyphen)
                                || counterpart && gap == Gap::From
                        }
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
            Part::Name(_) if m.name.is_none() => {
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
            _ => 0,
        }
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
                super::entities::same_office(rule.code, term.office)
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

    fn join(&self, m: &mut Mention, next: usize) -> usize {
        self.take(m, next);
        // A closing bracket belongs to what it closes.
        if self.document.is(m.end, &[")", "）"]) {
            m.end += 1;
        }
        1
    }

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

    fn name_follows(&self, at: usize) -> bool {
        let end = self.pieces[at].end;
        self.pieces.get(at + 1).is_some_and(|n| {
            matches!(n.part, Part::Name(_) | Part::Atom(AtomKind::Honorific))
                && matches!(self.gap(end, n.start), Gap::Nothing | Gap::Comma)
        })
    }

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

    fn gap(&self, from: usize, to: usize) -> Gap {
        let document = self.document;
        if to < from || to > from + 4 || to >= document.tokens.len() {
            return Gap::Other;
        }
        if from < document.tokens.len()
            && to < document.tokens.len()
            && document.tokens[from.max(1) - 1].sentence != document.tokens[to].sentence
        {
            return Gap::Other;
        }
        let mut gap = Gap::Nothing;
        let mut at = from;
        while at < to {
            let words = document.words(at);
            let token = &document.tokens[at];
            let here = if document.is(at, &[",", "،", "，", "、"]) {
                Gap::Comma
            } else if document.is(at, &["(", "（"]) {
                Gap::Open
            } else if document.is(at, &["-", "–", "/", "‑"]) && (!token.spaced || document.is(at, &["/"]))
            {
                Gap::Hyphen
            } else if document.is(at, &["\"", "«", "»", "“", "”"]) {
                Gap::Nothing
            } else if words.has(Word::Of) {
                if document.word(at).starts_with(['\'', '’'])
                    || document.word(at) == "的"
                    || document.word(at) == "之"
                {
                    Gap::Possessive
                } else {
                    Gap::Of
                }
            } else if words.any(&[
                Word::Linker,
                Word::Former,
                Word::Acting,
                Word::Deputy,
                Word::Elect,
                Word::Respective,
            ]) {
                Gap::Linker
            } else if words.has(Word::And) {
                Gap::And
            } else if words.has(Word::From) && !words.has(Word::Of) {
                Gap::From
            } else {
                return Gap::Other;
            };
            gap = match (gap, here) {
                (Gap::Nothing, here) => here,
                (gap, Gap::Nothing | Gap::Linker) => gap,
                (Gap::Linker, here) => here,
                (Gap::Comma, Gap::And) | (Gap::And, Gap::Of) | (Gap::Comma, Gap::Of) => Gap::And,
                (Gap::Of, Gap::Of) => Gap::Of,
                _ => return Gap::Other,
            };
            at = document.word_end(at).min(to);
        }
        // A conjunction or preposition written onto the next word.
        let affix = document.affix(to).0;
        if affix.has(Word::And) && matches!(gap, Gap::Nothing | Gap::Comma | Gap::Linker) {
            return Gap::And;
        }
        if affix.any(&[Word::To, Word::In, Word::With, Word::By]) {
            return Gap::Other;
        }
        gap
    }

    /// Whether a nationality is a noun of its own: an article before it, and no word behind it that it could qualify.
    fn stands_alone(&self, m: &Mention) -> bool {
        let document = self.document;
        let (first, last) = document.sentence(m.start);
        let article = m.start > first
            && document.words(m.start - 1).has(Word::Linker)
            && document.tokens[m.start].kind == crate::text::Kind::Word;
        if !article || !document.pack.names.cased || m.end >= last {
            return false;
        }
        let before = m.start.checked_sub(2).filter(|b| *b >= first);
        let after = document.words(m.end);
        let verb = after.any(&[
            Word::Have,
            Word::Be,
            Word::Will,
            Word::Report,
            Word::Not,
            Word::Reflexive,
        ]) || document.triggers.iter().any(|t| t.start == m.end)
            || document.is(m.end, &[",", "."]);
        let noun_before = before.is_some_and(|b| {
            document.words(b).is_empty()
                && document.tokens[b].kind == crate::text::Kind::Word
                && !document.triggers.iter().any(|t| t.end == b + 1)
        });
        verb && !noun_before
    }

    /// "The president": a common office with nothing but its article, which may mean a holder named before.
    fn refers_back(&self, m: &Mention) -> bool {
        let document = self.document;
        let (first, _) = document.sentence(m.start);
        let singular = m.office.is_some_and(|o| !o.plural && !o.shifted);
        singular
            && m.start > first
            && document.words(m.start - 1).has(Word::Linker)
            && !document.words(m.end).has(Word::Of)
    }

    fn finish(&self, mut m: Mention) -> Option<Mention> {
        let person = m.name.is_some() || m.office.is_some();
        if person {
            m.kind = MentionKind::Person;
            if m.name.is_none()
                && m.office.is_some_and(|o| o.weak)
                && m.parties.is_empty()
                && !self.refers_back(&m)
            {
                return None;
            }
            return Some(m);
        }
        // A nationality alone is an adjective of something else, unless nothing follows that it could belong to:
        // "le Français a promis", "el salvadoreño llegó". An honorific alone is nobody.
        match m.kind {
            MentionKind::State(StateForm::Adjective) if self.stands_alone(&m) => {
                m.kind = MentionKind::Person;
                Some(m)
            }
            MentionKind::State(StateForm::Adjective) => None,
            MentionKind::State(_) | MentionKind::Organization => Some(m),
            _ => None,
        }
    }
}

fn push(parties: &mut SmallVec<[PartyId; 3]>, party: PartyId) {
    if !parties.contains(&party) {
        parties.push(party);
    }
}

/// How telling an office is: the lower the more.
pub fn office_rank(code: OfficeCode) -> usize {
    const ORDER: [Office; 13] = [
        Office::HeadOfState,
        Office::HeadOfGovernment,
        Office::ForeignMinister,
        Office::DefenceMinister,
        Office::HeadOfOrganization,
        Office::SecurityAdviser,
        Office::Envoy,
        Office::Ambassador,
        Office::MilitaryChief,
        Office::Legislator,
        Office::SeniorOfficial,
        Office::Minister,
        Office::Other,
    ];
    match code {
        OfficeCode::Office(office) => ORDER.iter().position(|o| *o == office).unwrap_or(ORDER.len()),
        OfficeCode::Leader | OfficeCode::Counterpart | OfficeCode::Partner => 0,
    }
}

/// Classes of the word that governs the mention, and whether a possessive pronoun stands before it.
fn marker(document: &Document<'_>, m: &Mention) -> (Words, bool) {
    let mut marker = document.affix(m.start).0;
    let mut his = false;
    let (first, last) = document.sentence(m.start);
    marker.extend(document.affix(m.end - 1).1);
    if document.pack.syntax.marker_after {
        if m.end < last {
            let words = document.words(m.end);
            marker.extend(words);
        }
        return (marker, his);
    }
    let mut at = m.start;
    let mut skipped = 0;
    while at > first {
        at -= 1;
        // Words of several tokens are entered where they begin.
        let begin = (at.saturating_sub(3)..=at)
            .find(|b| document.word_end(*b) == at + 1 && !document.words(*b).is_empty())
            .unwrap_or(at);
        let words = document.words(begin);
        if words.has(Word::His) {
            his = true;
            at = begin;
            continue;
        }
        let governs = words.any(&GOVERNORS) || words.has(Word::Object);
        if governs
            && covering(&document.triggers, begin).is_some()
            && !words.any(&[Word::With, Word::By, Word::From, Word::Between])
        {
            // "called on the minister": the word belongs to the predicate, whose object follows.
            break;
        }
        if governs {
            // A possessive ending marks the phrase before it, not this one.
            if !document.word(begin).starts_with(['\'', '’']) || !document.pack.tokens.elided.is_empty() {
                marker.extend(words);
            }
            break;
        }
        if words.any(&[
            Word::Linker,
            Word::Former,
            Word::Acting,
            Word::Deputy,
            Word::Elect,
            Word::Respective,
        ]) || document.is(begin, &["\"", "«", "“", "„", "‘"])
        {
            at = begin;
            continue;
        }
        if covering(&document.times, at).is_some() {
            break;
        }
        let plain = words.is_empty()
            && !m.pronoun()
            && document.tokens[at].kind == crate::text::Kind::Word
            && !document.tokens[at].capital
            && covering(&document.triggers, at).is_none()
            && covering(&document.cues, at).is_none()
            && document.pack.names.cased;
        if plain && skipped == 0 {
            skipped += 1;
            continue;
        }
        break;
    }
    (marker, his)
}

/// Where markers follow their phrases, the last member of a group carries the marker of all.
fn hand_back(document: &Document<'_>, mentions: &mut [Mention]) {
    if !document.pack.syntax.marker_after {
        return;
    }
    for at in (1..mentions.len()).rev() {
        if mentions[at].group == mentions[at - 1].group && mentions[at - 1].marker.is_empty() {
            mentions[at - 1].marker = mentions[at].marker;
        }
    }
}

/// Outside headlines a comma alone joins nobody: it sets off an apposition, or the subject from what is before it.
fn dissolve(document: &Document<'_>, mentions: &mut [Mention], own: &[Words]) {
    let mut at = 0;
    while at < mentions.len() {
        let group = mentions[at].group;
        let end = (at..mentions.len())
            .find(|i| mentions[*i].group != group)
            .unwrap_or(mentions.len());
        let list = (at + 1..end).any(|i| {
            mentions[i].listed
                || (mentions[i - 1].end..mentions[i].start)
                    .any(|t| document.words(t).has(Word::And) || document.is(t, &["、", "-", "–", "/"]))
                || document.affix(mentions[i].start).0.has(Word::And)
        });
        if !list && !document.in_title(mentions[at].start) {
            for i in at + 1..end {
                mentions[i].group = i;
                mentions[i].marker = own[i];
            }
        }
        at = end.max(at + 1);
    }
}

/// Numbers the groups of mentions that are joined by "and", commas or dashes.
fn group(document: &Document<'_>, mentions: &mut [Mention]) {
    for at in 0..mentions.len() {
        mentions[at].group = at;
        if at == 0 {
            continue;
        }
        let (before, here) = (&mentions[at - 1], &mentions[at]);
        if here.listed {
            (mentions[at].group, mentions[at].marker) = (before.group, before.marker);
            continue;
        }
        if matches!(here.kind, MentionKind::Collective(_)) {
            continue;
        }
        if document.tokens[before.start].sentence != document.tokens[here.start].sentence
            || here.pronoun()
            || before.kind == MentionKind::They
        {
            continue;
        }
        let Some(join) = joins(document, before, here.start) else {
            continue;
        };
        // "he and Angola's president"; but "told him, Modi and Xi …".
        if before.pronoun() && join == Join::Comma {
            continue;
        }
        // "…entre l'Algérie et la Chine, le ministre …": a comma alone lists no state beside a person.
        let person = |m: &Mention| matches!(m.kind, MentionKind::Person | MentionKind::He);
        if join == Join::Comma && person(before) != person(here) && !document.in_title(here.start) {
            continue;
        }
        // "à Washington, leurs homologues": where and who are not one list.
        if matches!(before.kind, MentionKind::State(_))
            && before.marked(&[Word::In])
            && here.kind == MentionKind::Person
        {
            continue;
        }
        let own = here.marker;
        let same = own.is_empty()
            || own == before.marker
            || own.has(Word::And)
            || !own.any(&[Word::With, Word::By, Word::In, Word::From, Word::Between]);
        if same {
            mentions[at].group = mentions[at - 1].group;
            // "من السودان وسوريا": a conjunction written onto the word governs nothing itself.
            if !own.any(&GOVERNORS) && !own.has(Word::Object) {
                mentions[at].marker = mentions[at - 1].marker;
            }
            // "les présidents X et Y": the office is told once.
            let office = mentions[at - 1].office;
            let m = &mut mentions[at];
            if m.office.is_none() && m.name.is_some() && office.is_some_and(|o| o.plural) {
                m.office = office;
            }
        }
    }
}

/// How two members of a list are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    /// By a comma alone.
    Comma,
    /// By a conjunction, a dash, or an enumeration mark.
    And,
}

fn joins(document: &Document<'_>, before: &Mention, to: usize) -> Option<Join> {
    let from = before.end;
    if to < from || to > from + 5 {
        return None;
    }
    let mut at = from;
    let mut joined = None;
    // "les deux dirigeants caucasiens et Charles Michel": an adjective behind who is told without a name.
    let adjective = before.name.is_none()
        && matches!(before.kind, MentionKind::Collective(_) | MentionKind::Person)
        && document.pack.names.cased
        && document.words(at).is_empty()
        && document
            .tokens
            .get(at)
            .is_some_and(|t| t.kind == crate::text::Kind::Word && !t.capital)
        && covering(&document.triggers, at).is_none()
        && document.words(at + 1).has(Word::And);
    if adjective {
        at += 1;
    }
    while at < to {
        let words = document.words(at);
        let dash = document.is(at, &["-", "–", "/"]) && !document.tokens[at].spaced;
        let comma = document.is(at, &[",", "،", "，"]);
        if dash || document.is(at, &["、"]) || words.has(Word::And) {
            joined = Some(Join::And);
        } else if comma {
            joined = joined.or(Some(Join::Comma));
        } else if !(words.any(&[
            Word::Linker,
            Word::His,
            Word::Of,
            Word::With,
            Word::To,
            Word::Former,
            Word::Object,
        ]) || document.is(at, &["\"", "«", "»"]))
        {
            return None;
        }
        at = document.word_end(at);
    }
    if document.affix(to).0.has(Word::And) {
        return Some(Join::And);
    }
    joined
}

/// Marks the subjects of reporting verbs.
fn mark_speakers(document: &Document<'_>, mentions: &mut [Mention]) {
    for at in 0..document.tokens.len() {
        if !document.words(at).has(Word::Report) {
            continue;
        }
        let end = document.word_end(at);
        let (first, last) = document.sentence(at);
        let near = |from: usize, to: usize| {
            from <= to
                && to <= from + 3
                && (from..to).all(|i| {
                    document.tokens[i].kind == crate::text::Kind::Word
                        && !document.words(i).has(Word::Relative)
                })
        };
        if let Some(m) = mentions
            .iter_mut()
            .rev()
            .find(|m| m.end <= at && m.start >= first)
            && near(m.end, at)
            && m.free()
        {
            m.speaker = true;
            continue;
        }
        if let Some(m) = mentions.iter_mut().find(|m| m.start >= end && m.end <= last)
            && near(end, m.start)
            && (m.free() || document.words(at).has(Word::Other))
        {
            m.speaker = true;
        }
    }
}
