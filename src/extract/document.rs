//! An article's tokens, and everything that lexicon and register recognise in them.
//!
//! One walk over the tries at every token gives all hits; they are sorted into layers (words, atoms, predicates, …),
//! and in each layer the leftmost longest hit wins.

use std::ops::Range;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::Engine;
use crate::{
    article::Article,
    event::ContactKind,
    lexicon::{Entry, Hit, Input, Pack, StateForm, Tense, Word},
    register::{GroupId, NameId, PartyId, PlaceId, Register, TopicId},
    text::{
        Kind, Script, SectionMap, Symbol, Symbols, Token, fold_into, mark_sentences, normalize_into, tokenize,
    },
};

/// Longest entry, in tokens.
const REACH: usize = 18;

/// A set of word classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Words(u64);

impl Words {
    /// Adds a class.
    pub fn insert(&mut self, word: Word) {
        self.0 |= 1 << word as u64;
    }

    /// Adds all classes of another set.
    pub fn extend(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether the class is in the set.
    pub fn has(self, word: Word) -> bool {
        self.0 & (1 << word as u64) != 0
    }

    /// Whether any of the classes is.
    pub fn any(self, words: &[Word]) -> bool {
        words.iter().any(|w| self.has(*w))
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl From<Word> for Words {
    fn from(word: Word) -> Self {
        let mut set = Self::default();
        set.insert(word);
        set
    }
}

/// What an atom of a noun phrase is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtomKind {
    /// Words for a state.
    State(PartyId, StateForm),
    /// An organisation.
    Organization(PartyId),
    /// Several parties.
    Group(GroupId),
    /// A city or site.
    Place(PlaceId),
    /// An office, plural or not.
    Office(usize, bool),
    /// Several people told before.
    Collective(usize),
    /// A word before a name.
    Honorific,
}

/// A recognised part of a noun phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Atom {
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// What it is.
    pub kind: AtomKind,
}

/// A stretch of tokens with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layer<T> {
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// The value.
    pub value: T,
}

/// A predicate in the text; several readings where the same words may be verb or noun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// Predicates and forms that the words may be.
    pub readings: SmallVec<[(usize, Tense); 2]>,
}

/// An article read through one language pack.
#[derive(Debug)]
pub struct Document<'a> {
    pub engine: &'a Engine,
    pub pack: &'a Pack,
    pub article: &'a Article,
    pub map: &'a SectionMap,
    pub tokens: Vec<Token>,
    /// Sentences as token ranges.
    pub sentences: Vec<(usize, usize)>,
    /// Classes of the word that begins at each token, and its end.
    words: Vec<(Words, usize)>,
    /// Classes of the auxiliaries that begin at each token, also inside a longer word: "a écrit" reports, and its "a"
    /// still makes a past of the participle.
    auxiliaries: Vec<Words>,
    /// Classes that a stripped affix stands for, before and after the token.
    affixes: Vec<(Words, Words)>,
    pub atoms: Vec<Atom>,
    pub names: Vec<Layer<NameId>>,
    pub triggers: Vec<Trigger>,
    pub cues: Vec<Layer<usize>>,
    pub channels: Vec<Layer<ContactKind>>,
    pub settings: Vec<Layer<()>>,
    pub initiatives: Vec<Layer<()>>,
    pub topics: Vec<Layer<TopicId>>,
    pub contexts: Vec<Layer<usize>>,
    pub times: Vec<Layer<usize>>,
    pub months: Vec<Layer<i8>>,
    pub weekdays: Vec<Layer<i8>>,
    pub numbers: Vec<Layer<u16>>,
    pub particles: Vec<bool>,
    pub not_names: Vec<bool>,
    /// Number of the quotation that each token stands in, 0 outside.
    pub quotes: Vec<u32>,
    /// One past the last token of the dateline ("PARIS, 3 May (Agency) -"), the body's first token where there is none.
    pub dateline_end: usize,
    /// Places and parties that the same words may also stand for, by the token they begin at.
    pub alternatives: FxHashMap<usize, Vec<AtomKind>>,
    /// All names of states, also those inside offices.
    pub state_names: Vec<Layer<PartyId>>,
    /// All nationality adjectives, also those inside offices.
    pub adjectives: Vec<Layer<PartyId>>,
}

struct Scan<'d> {
    tokens: &'d [Token],
    words: &'d WordForms,
    slots: Vec<SmallVec<[(Symbol, usize); 2]>>,
    sentences: &'d [(usize, usize)],
}

impl Input for Scan<'_> {
    fn symbols(&self, at: usize) -> &Symbols {
        &self.words.at(at).symbols
    }

    fn slots(&self, at: usize) -> &[(Symbol, usize)] {
        &self.slots[at]
    }

    fn token(&self, at: usize) -> &Token {
        &self.tokens[at]
    }

    fn limit(&self, at: usize) -> usize {
        (at + REACH).min(self.sentences[self.tokens[at].sentence as usize].1)
    }
}

/// The same for the names of people, which know no slots.
struct NameScan<'d>(&'d Scan<'d>);

impl Input for NameScan<'_> {
    fn symbols(&self, at: usize) -> &Symbols {
        &self.0.words.at(at).names
    }

    fn slots(&self, _: usize) -> &[(Symbol, usize)] {
        &[]
    }

    fn token(&self, at: usize) -> &Token {
        self.0.token(at)
    }

    fn limit(&self, at: usize) -> usize {
        self.0.limit(at)
    }
}

/// The names once more, one token left out: the name after the father stands between given and family name.
struct WithoutMiddle<'d> {
    names: NameScan<'d>,
    middle: usize,
}

impl WithoutMiddle<'_> {
    fn at(&self, at: usize) -> usize {
        at + usize::from(at >= self.middle)
    }
}

impl Input for WithoutMiddle<'_> {
    fn symbols(&self, at: usize) -> &Symbols {
        self.names.symbols(self.at(at))
    }

    fn slots(&self, _: usize) -> &[(Symbol, usize)] {
        &[]
    }

    fn token(&self, at: usize) -> &Token {
        self.names.token(self.at(at))
    }

    fn limit(&self, at: usize) -> usize {
        self.names.limit(at) - 1
    }
}

/// The number that a token of digits writes.
pub fn number(word: &str) -> Option<u32> {
    let mut value: u32 = 0;
    for c in word.chars() {
        let digit = match c {
            '٠'..='٩' => u32::from(c) - 0x660,
            '۰'..='۹' => u32::from(c) - 0x6f0,
            '０'..='９' => u32::from(c) - 0xff10,
            _ => c.to_digit(10)?,
        };
        value = value.checked_mul(10)?.checked_add(digit)?;
    }
    Some(value)
}

/// Sentences as token ranges.
fn sentences_of(tokens: &[Token]) -> Vec<(usize, usize)> {
    let mut sentences: Vec<(usize, usize)> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.sentence as usize == sentences.len() {
            sentences.push((at, at));
        }
        if let Some(last) = sentences.last_mut() {
            last.1 = at + 1;
        }
    }
    sentences
}

/// Every entry of the pack that a text holds, also those that lose to longer ones.
pub fn all_hits(engine: &Engine, pack: &Pack, text: &str) -> Vec<Hit> {
    let mut tokens = tokenize(text, &pack.tokens);
    mark_sentences(text, &mut tokens, &pack.tokens);
    let sentences = sentences_of(&tokens);
    let words = WordForms::of(engine, pack, text, &tokens);
    let mut scan = Scan {
        tokens: &tokens,
        words: &words,
        slots: vec![SmallVec::new(); tokens.len()],
        sentences: &sentences,
    };
    let mut hits = fill_slots(pack, text, &mut scan);
    for at in 0..tokens.len() {
        pack.trie.find(&scan, at, &mut hits);
    }
    hits
}

impl<'a> Document<'a> {
    /// Reads the article, or those of its paragraphs that are in the pack's language.
    pub fn read(
        engine: &'a Engine,
        pack: &'a Pack,
        article: &'a Article,
        map: &'a SectionMap,
        paragraphs: Option<&[Range<usize>]>,
    ) -> Self {
        let text = map.text();
        let mut tokens = tokenize(text, &pack.tokens);
        if let Some(paragraphs) = paragraphs {
            let mut rest = paragraphs.iter().peekable();
            tokens.retain(|token| {
                let start = token.start as usize;
                while rest.next_if(|paragraph| paragraph.end <= start).is_some() {}
                rest.peek().is_some_and(|paragraph| paragraph.start <= start)
            });
        }
        mark_sentences(text, &mut tokens, &pack.tokens);
        let sentences = sentences_of(&tokens);
        let words = WordForms::of(engine, pack, text, &tokens);
        let slots = vec![SmallVec::new(); tokens.len()];
        let mut scan = Scan {
            tokens: &tokens,
            words: &words,
            slots,
            sentences: &sentences,
        };
        let fillers = fill_slots(pack, text, &mut scan);
        let mut hits = Vec::new();
        let mut names = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            pack.trie.find(&scan, at, &mut hits);
            if token.kind == Kind::Word {
                engine.register.names().find(&NameScan(&scan), at, &mut names);
                let middle = at + 1;
                if let (Some(latin), Some(next)) = (&pack.latin, tokens.get(middle))
                    && token.capital
                    && next.capital
                    && next.sentence == token.sentence
                    && latin.is_patronymic(next.text(text))
                {
                    let from = names.len();
                    let shorter = WithoutMiddle {
                        names: NameScan(&scan),
                        middle,
                    };
                    engine.register.names().find(&shorter, at, &mut names);
                    names[from..].iter_mut().for_each(|hit| hit.end += 1);
                    let mut number = 0;
                    names.retain(|hit| {
                        number += 1;
                        number <= from || hit.end > middle + 1
                    });
                }
            }
        }
        let mut document = Self {
            engine,
            pack,
            article,
            map,
            sentences,
            words: vec![(Words::default(), 0); tokens.len()],
            auxiliaries: vec![Words::default(); tokens.len()],
            affixes: words.affixes(),
            atoms: Vec::new(),
            names: longest(
                names
                    .into_iter()
                    .map(|h| Layer {
                        start: h.start,
                        end: h.end,
                        value: h.entry,
                    })
                    .collect(),
            ),
            triggers: Vec::new(),
            cues: Vec::new(),
            channels: Vec::new(),
            settings: Vec::new(),
            initiatives: Vec::new(),
            topics: Vec::new(),
            contexts: Vec::new(),
            times: Vec::new(),
            months: Vec::new(),
            weekdays: Vec::new(),
            numbers: Vec::new(),
            particles: vec![false; tokens.len()],
            not_names: vec![false; tokens.len()],
            adjectives: Vec::new(),
            state_names: Vec::new(),
            alternatives: FxHashMap::default(),
            quotes: Vec::new(),
            dateline_end: 0,
            tokens,
        };
        document.sort(&fillers, &hits);
        document.dateline_end = document.find_dateline();
        document.quotes = document.find_quotes();
        document
    }

    /// The register.
    pub fn register(&self) -> &'a Register {
        &self.engine.register
    }

    /// The words of tokens `start..end` as they stand.
    pub fn text(&self, start: usize, end: usize) -> &'a str {
        match (
            self.tokens.get(start),
            end.checked_sub(1).and_then(|e| self.tokens.get(e)),
        ) {
            (Some(first), Some(last)) if start < end => {
                &self.map.text()[first.start as usize..last.end as usize]
            }
            _ => "",
        }
    }

    /// The token's words.
    pub fn word(&self, at: usize) -> &'a str {
        self.tokens[at].text(self.map.text())
    }

    /// Classes of the word that begins at the token; empty inside a longer word and behind the last token.
    pub fn words(&self, at: usize) -> Words {
        self.words.get(at).map(|w| w.0).unwrap_or_default()
    }

    /// Classes of the auxiliaries that begin at the token, alone or as the opening of a longer word.
    pub fn auxiliary(&self, at: usize) -> Words {
        self.auxiliaries.get(at).copied().unwrap_or_default()
    }

    /// One past the last token of the word that begins at the token (the token itself where it is no known word).
    pub fn word_end(&self, at: usize) -> usize {
        self.words.get(at).map_or(at + 1, |w| w.1.max(at + 1))
    }

    /// Classes that stripped affixes of the token stand for: before and after it.
    pub fn affix(&self, at: usize) -> (Words, Words) {
        self.affixes[at]
    }

    /// The range of the sentence that the token stands in.
    pub fn sentence(&self, at: usize) -> (usize, usize) {
        self.sentences[self.tokens[at].sentence as usize]
    }

    /// Tokens to a word, about: distances are told in words.
    pub fn scale(&self) -> usize {
        if self.pack.script == Script::Hani { 2 } else { 1 }
    }

    /// Whether the token is this punctuation mark.
    pub fn is(&self, at: usize, marks: &[&str]) -> bool {
        self.tokens.get(at).is_some_and(|t| t.kind == Kind::Punct) && marks.contains(&self.word(at))
    }

    /// Whether the token stands between quotation marks that open in its sentence.
    pub fn quoted(&self, at: usize) -> bool {
        let mut open = false;
        for i in self.sentence(at).0..at {
            if self.is(i, &["«", "“", "„", "「", "『"]) {
                open = true;
            } else if self.is(i, &["»", "”", "」", "』"]) {
                open = false;
            } else if self.is(i, &["\""]) {
                open = !open;
            }
        }
        open
    }

    /// Whether the token stands in the headline.
    pub fn in_title(&self, at: usize) -> bool {
        self.map.in_title(self.tokens[at].start as usize)
    }

    /// The first token behind the headline; none where there is nothing else.
    pub fn body_start(&self) -> Option<usize> {
        (0..self.tokens.len()).find(|at| !self.in_title(*at))
    }

    fn sort(&mut self, fillers: &[Hit], hits: &[Hit]) {
        let entries = &self.pack.entries;
        let mut atoms: Vec<Atom> = Vec::new();
        let mut words: Vec<Layer<Word>> = Vec::new();
        let mut triggers: Vec<Layer<(usize, Tense)>> = Vec::new();
        let mut idioms: Vec<Layer<()>> = Vec::new();
        for hit in fillers.iter().chain(hits) {
            let (start, end) = (hit.start, hit.end);
            let mut atom = |kind| atoms.push(Atom { start, end, kind });
            match entries[hit.entry as usize] {
                Entry::Word(word) => words.push(Layer {
                    start,
                    end,
                    value: word,
                }),
                Entry::State(party, form) => {
                    if form == StateForm::Adjective {
                        self.adjectives.push(Layer {
                            start,
                            end,
                            value: party,
                        });
                    } else {
                        self.state_names.push(Layer {
                            start,
                            end,
                            value: party,
                        });
                    }
                    atom(AtomKind::State(party, form));
                }
                Entry::Organization(party) => atom(AtomKind::Organization(party)),
                Entry::Group(group) => atom(AtomKind::Group(group)),
                Entry::Place(place) => atom(AtomKind::Place(place)),
                Entry::Office(rule, plural) => atom(AtomKind::Office(rule, plural)),
                Entry::Collective(rule) => atom(AtomKind::Collective(rule)),
                Entry::Honorific => atom(AtomKind::Honorific),
                Entry::Contact(rule, tense) => triggers.push(Layer {
                    start,
                    end,
                    value: (rule, tense),
                }),
                Entry::Cue(value) => self.cues.push(Layer { start, end, value }),
                Entry::Channel(value) => self.channels.push(Layer { start, end, value }),
                Entry::Setting => self.settings.push(Layer {
                    start,
                    end,
                    value: (),
                }),
                Entry::Idiom => idioms.push(Layer {
                    start,
                    end,
                    value: (),
                }),
                Entry::Initiative => self.initiatives.push(Layer {
                    start,
                    end,
                    value: (),
                }),
                Entry::Topic(value) => self.topics.push(Layer { start, end, value }),
                Entry::Context(value) => self.contexts.push(Layer { start, end, value }),
                Entry::Month(value) => self.months.push(Layer { start, end, value }),
                Entry::Weekday(value) => self.weekdays.push(Layer { start, end, value }),
                Entry::Number(value) => self.numbers.push(Layer { start, end, value }),
                Entry::Time(value) => self.times.push(Layer { start, end, value }),
                Entry::Particle => self.particles[start] = true,
                Entry::NotName => self.not_names[start..end].fill(true),
            }
        }
        self.cues = longest(std::mem::take(&mut self.cues));
        self.channels = longest(std::mem::take(&mut self.channels));
        self.settings = longest(std::mem::take(&mut self.settings));
        self.initiatives = longest(std::mem::take(&mut self.initiatives));
        self.topics = longest(std::mem::take(&mut self.topics));
        self.contexts = longest(std::mem::take(&mut self.contexts));
        self.months = longest(std::mem::take(&mut self.months));
        self.weekdays = longest(std::mem::take(&mut self.weekdays));
        self.numbers = longest(std::mem::take(&mut self.numbers));
        self.times = longest(std::mem::take(&mut self.times));
        self.adjectives = longest(std::mem::take(&mut self.adjectives));
        self.state_names = longest(std::mem::take(&mut self.state_names));
        words.sort_by_key(|w| (w.start, std::cmp::Reverse(w.end)));
        let mut covered = 0;
        for word in words {
            if matches!(
                word.value,
                Word::Have | Word::Be | Word::Will | Word::Not | Word::Reflexive
            ) {
                self.auxiliaries[word.start].insert(word.value);
            }
            if word.start < covered && self.words[word.start].1 != word.end {
                continue;
            }
            let slot = &mut self.words[word.start];
            slot.0.insert(word.value);
            slot.1 = word.end;
            covered = covered.max(word.end);
        }
        self.name_capitals(&mut atoms);
        atoms.sort_by_key(|a| a.start);
        self.atoms = self.choose_atoms(atoms.clone());
        for chosen in &self.atoms {
            let same = |a: &&Atom| a.end == chosen.end && a.kind != chosen.kind;
            let here = starting(&atoms, chosen.start, chosen.start + 1);
            let others: Vec<AtomKind> = here.iter().filter(same).map(|a| a.kind).collect();
            if !others.is_empty() {
                self.alternatives.insert(chosen.start, others);
            }
        }
        self.triggers = choose_triggers(triggers);
        let idioms = longest(idioms);
        self.triggers.retain(|t| {
            covering(&idioms, t.start).is_none_or(|i| t.end > i.end || t.end - t.start >= i.end - i.start)
        });
        self.drop_claimed_triggers();
    }

    /// "The Fijian capital", "la capitale fidjienne": a nationality beside the word makes it that state's capital.
    fn name_capitals(&self, atoms: &mut Vec<Atom>) {
        let capital = |at: usize| at < self.tokens.len() && self.words(at).has(Word::Capital);
        let found: Vec<Atom> = self
            .adjectives
            .iter()
            .filter_map(|a| {
                let span = if capital(a.end) {
                    Some((a.start, self.word_end(a.end)))
                } else {
                    (a.start > 0 && capital(a.start - 1)).then(|| (a.start - 1, a.end))
                };
                span.map(|(start, end)| Atom {
                    start,
                    end,
                    kind: AtomKind::State(a.value, StateForm::Capital),
                })
            })
            .collect();
        atoms.extend(found);
    }

    /// Quotations: what stands between quotation marks of one paragraph.
    fn find_quotes(&self) -> Vec<u32> {
        let mut quotes = vec![0; self.tokens.len()];
        let mut open: Option<(usize, &str)> = None;
        let mut number = 0;
        for at in 0..self.tokens.len() {
            if let Some((start, _)) = open
                && self.tokens[start].paragraph != self.tokens[at].paragraph
            {
                open = None;
            }
            if self.tokens[at].kind != Kind::Punct {
                continue;
            }
            let mark = self.word(at);
            let closes = match open.map(|o| o.1) {
                Some("«") => mark == "»",
                Some("»") => mark == "«",
                Some("“") => mark == "”",
                Some("„") => mark == "“" || mark == "”",
                Some("\"") => mark == "\"",
                Some("「") => mark == "」",
                Some("『") => mark == "』",
                Some(_) => false,
                None => {
                    if matches!(mark, "«" | "“" | "„" | "\"" | "「" | "『") {
                        open = Some((at, mark));
                    }
                    false
                }
            };
            if let (true, Some((start, _))) = (closes, open) {
                number += 1;
                quotes[start..=at].fill(number);
                open = None;
            }
        }
        quotes
    }

    /// A dateline is what stands at the head of the body before a dash, colon or bracket, with no predicate in it.
    fn find_dateline(&self) -> usize {
        const LONGEST: usize = 24;
        let Some(body) = self.body_start() else { return 0 };
        let place = self
            .atoms
            .iter()
            .find(|a| a.start >= body && a.start < body + 3)
            .filter(|a| {
                matches!(a.kind, AtomKind::Place(_) | AtomKind::State(..))
                    && self.tokens[a.start].paragraph == self.tokens[body].paragraph
            });
        let Some(place) = place else { return body };
        let limit = (body + LONGEST).min(self.tokens.len());
        let end = (place.end..limit).find(|i| {
            let dash =
                self.is(*i, &["-", "–", "—", "―"]) && (self.tokens[*i].spaced || self.is(i + 1, &["-"]));
            let mark = self.is(*i, &[":"]) && *i <= place.end + 1 && self.tokens[place.start].upper;
            dash || mark || self.words(*i).has(Word::Dateline)
        });
        match end {
            Some(end) if !self.triggers.iter().any(|t| t.start >= body && t.start < end) => {
                let mut end = end + 1;
                while self.is(end, &["-", "–", "—", ")", "）", "】"]) {
                    end += 1;
                }
                end
            }
            // "TUNIS (TAP) text", "Ashgabat, July 11 (IANS) text": a bracket right behind the place and its date.
            _ => (place.end..(place.end + 8).min(limit))
                .find(|i| self.is(*i, &[")", "）", "】"]))
                .filter(|i| {
                    (self.tokens[place.start].upper
                        || (place.end..*i).any(|n| self.tokens[n].kind == Kind::Number))
                        && !self.triggers.iter().any(|t| t.start >= body && t.start < *i)
                })
                .map_or(body, |i| i + 1),
        }
    }

    /// Leftmost longest; among readings of the same words a state before a place, the place of higher rank first.
    fn choose_atoms(&self, mut atoms: Vec<Atom>) -> Vec<Atom> {
        let register = self.register();
        let rank = |atom: &Atom| match atom.kind {
            AtomKind::Office(..) | AtomKind::Collective(_) => 0,
            AtomKind::State(..) => 1,
            AtomKind::Organization(_) | AtomKind::Group(_) => 2,
            AtomKind::Honorific => 3,
            AtomKind::Place(place) => 4 + usize::from(register.place_info(place).rank),
        };
        atoms.sort_by_key(|a| (a.start, std::cmp::Reverse(a.end), rank(a)));
        let mut chosen: Vec<Atom> = Vec::new();
        for atom in &atoms {
            if chosen.last().is_some_and(|last| last.end > atom.start) {
                continue;
            }
            // A longer office that begins inside ("les chefs d'état-major") wins over people told before.
            if matches!(atom.kind, AtomKind::Collective(_))
                && starting(&atoms, atom.start, atom.end)
                    .iter()
                    .any(|o| matches!(o.kind, AtomKind::Office(..)) && o.end > atom.end)
            {
                continue;
            }
            // "the foreign ministers of A and B" tells an office, "the foreign ministers" alone people told before.
            let office = matches!(atom.kind, AtomKind::Collective(_))
                .then(|| starting(&atoms, atom.start, atom.end))
                .and_then(|inside| {
                    inside
                        .iter()
                        .find(|o| matches!(o.kind, AtomKind::Office(..)) && o.end == atom.end)
                });
            let of_party = office.is_some_and(|o| {
                o.end < self.tokens.len()
                    && self.words[o.end].0.has(Word::Of)
                    && starting(&atoms, o.end + 1, o.end + 4).iter().any(|p| {
                        matches!(
                            p.kind,
                            AtomKind::State(..) | AtomKind::Organization(_) | AtomKind::Group(_)
                        )
                    })
                    || starting(&atoms, o.end, o.end + 1)
                        .iter()
                        .any(|p| matches!(p.kind, AtomKind::State(..)))
            });
            match office {
                Some(office) if of_party => chosen.push(*office),
                _ => chosen.push(*atom),
            }
        }
        chosen
    }

    /// A word that is part of an office or of an organisation's name, or of a longer cue, is no predicate.
    fn drop_claimed_triggers(&mut self) {
        let atoms = &self.atoms;
        let cues = &self.cues;
        let contacts = &self.pack.contacts;
        let (channels, sentences, tokens) = (&self.channels, &self.sentences, &self.tokens);
        self.triggers.retain(|t| {
            let around = atoms[..atoms.partition_point(|a| a.start <= t.start)].last();
            let claimed = around.is_some_and(|a| {
                matches!(
                    a.kind,
                    AtomKind::Office(..)
                        | AtomKind::Organization(_)
                        | AtomKind::Group(_)
                        | AtomKind::Honorific
                ) && t.end <= a.end
            });
            // "had", "eu" without a telephone in the sentence is no more than an auxiliary.
            let by_channel = |r: &(usize, Tense)| contacts[r.0].with_channel;
            let silent = t.readings.iter().all(by_channel) && {
                let (first, last) = sentences[tokens[t.start].sentence as usize];
                starting(channels, first, last).is_empty()
            };
            let cue = cues.get(cues.partition_point(|c| c.start < t.start));
            let in_cue = cue.is_some_and(|c| c.start == t.start && c.end > t.end);
            !claimed && !in_cue && !silent
        });
    }
}

/// What has a place in the text.
pub trait Stretch {
    /// First token and one past the last.
    fn place(&self) -> (usize, usize);
}

impl Stretch for Atom {
    fn place(&self) -> (usize, usize) {
        (self.start, self.end)
    }
}

impl<T> Stretch for Layer<T> {
    fn place(&self) -> (usize, usize) {
        (self.start, self.end)
    }
}

impl Stretch for Trigger {
    fn place(&self) -> (usize, usize) {
        (self.start, self.end)
    }
}

/// Those of the stretches, which stand in the order of the text, that begin at one of the tokens `from..to`.
pub fn starting<T: Stretch>(all: &[T], from: usize, to: usize) -> &[T] {
    let first = all.partition_point(|s| s.place().0 < from);
    let rest = &all[first..];
    &rest[..rest.partition_point(|s| s.place().0 < to)]
}

/// The stretch that the token is part of, of stretches that stand in order and do not overlap.
pub fn covering<T: Stretch>(all: &[T], at: usize) -> Option<&T> {
    all[..all.partition_point(|s| s.place().0 <= at)]
        .last()
        .filter(|s| at < s.place().1)
}

/// The stretch that ends right before the token, of stretches that stand in order and do not overlap.
pub fn ending<T: Stretch>(all: &[T], at: usize) -> Option<&T> {
    all[..all.partition_point(|s| s.place().0 < at)]
        .last()
        .filter(|s| at == s.place().1)
}

/// The leftmost longest of overlapping stretches.
fn longest<T: Copy>(mut layer: Vec<Layer<T>>) -> Vec<Layer<T>> {
    layer.sort_by_key(|l| (l.start, std::cmp::Reverse(l.end)));
    let mut end = 0;
    layer.retain(|l| {
        let keep = l.start >= end;
        if keep {
            end = l.end;
        }
        keep
    });
    layer
}

fn choose_triggers(mut found: Vec<Layer<(usize, Tense)>>) -> Vec<Trigger> {
    found.sort_by_key(|t| (t.start, std::cmp::Reverse(t.end), t.value));
    let mut triggers: Vec<Trigger> = Vec::new();
    for t in found {
        match triggers.last_mut() {
            Some(last) if last.start == t.start && last.end == t.end => last.readings.push(t.value),
            Some(last) if t.start < last.end => {}
            _ => triggers.push(Trigger {
                start: t.start,
                end: t.end,
                readings: SmallVec::from_slice(&[t.value]),
            }),
        }
    }
    triggers
}

/// What a word answers to.
#[derive(Debug, Default)]
struct WordForm {
    /// In the pack.
    symbols: Symbols,
    /// In the names of people.
    names: Symbols,
    /// Classes that a stripped affix stands for, before and after the word.
    affixes: (Words, Words),
}

/// The distinct words of a text, and which of them each token is.
#[derive(Debug)]
struct WordForms {
    forms: Vec<WordForm>,
    of: Vec<u32>,
}

impl WordForms {
    fn of(engine: &Engine, pack: &Pack, text: &str, tokens: &[Token]) -> Self {
        let mut words = Self {
            forms: Vec::new(),
            of: Vec::with_capacity(tokens.len()),
        };
        let mut known: FxHashMap<&str, u32> = FxHashMap::default();
        known.reserve(tokens.len() / 2);
        let mut buffers = Buffers::default();
        for token in tokens {
            let word = token.text(text);
            let at = *known.entry(word).or_insert_with(|| {
                words.forms.push(form_of(engine, pack, word, token, &mut buffers));
                u32::try_from(words.forms.len() - 1).unwrap_or(u32::MAX)
            });
            words.of.push(at);
        }
        words
    }

    fn at(&self, token: usize) -> &WordForm {
        &self.forms[self.of[token] as usize]
    }

    fn affixes(&self) -> Vec<(Words, Words)> {
        self.of
            .iter()
            .map(|at| self.forms[*at as usize].affixes)
            .collect()
    }
}

#[derive(Default)]
struct Buffers {
    folded: String,
    normalized: String,
    bare: String,
}

fn form_of(engine: &Engine, pack: &Pack, word: &str, token: &Token, buffers: &mut Buffers) -> WordForm {
    let (interner, names) = (&pack.interner, engine.register.name_words());
    let Buffers {
        folded,
        normalized,
        bare,
    } = buffers;
    folded.clear();
    fold_into(word, folded);
    let mut form = WordForm::default();
    form.symbols.extend(interner.get(folded));
    form.names.extend(names.get(folded));
    let bare_known = !form.symbols.is_empty() || !form.names.is_empty();
    if token.kind != Kind::Word {
        return form;
    }
    normalized.clear();
    normalize_into(word, normalized);
    form.symbols.extend(interner.get_exact(normalized));
    if token.script != Script::Hani {
        interner.push_prefixes(folded, &mut form.symbols);
    }
    for affix in pack.affixes.of(folded) {
        if !affix.strip(folded, bare) {
            continue;
        }
        let known = form.symbols.len() + form.names.len();
        let mut more = Symbols::new();
        more.extend(interner.get(bare));
        if affix.is_prefix() {
            interner.push_prefixes(bare, &mut more);
        }
        for symbol in more {
            if !form.symbols.contains(&symbol) {
                form.symbols.push(symbol);
            }
        }
        if let Some(symbol) = names.get(bare)
            && !form.names.contains(&symbol)
        {
            form.names.push(symbol);
        }
        if form.symbols.len() + form.names.len() > known
            && !bare_known
            && let Some(word) = affix.marker
        {
            let (before, after) = &mut form.affixes;
            if affix.leads() {
                before.insert(word)
            } else {
                after.insert(word)
            }
        }
    }
    form
}

/// Matches the entries that fill slots and enters them where they begin.
fn fill_slots(pack: &Pack, text: &str, scan: &mut Scan<'_>) -> Vec<Hit> {
    let slots = &pack.slots;
    for at in 0..scan.tokens.len() {
        if scan.tokens[at].kind != Kind::Number {
            continue;
        }
        let Some(n) = number(scan.tokens[at].text(text)) else {
            continue;
        };
        let mut fill = |symbol| scan.slots[at].push((symbol, at + 1));
        if (1..=31).contains(&n) {
            fill(slots.day);
        }
        if (1..=12).contains(&n) {
            fill(slots.monthnum);
        }
        if (1900..=2100).contains(&n) {
            fill(slots.year);
        }
        if n < 1000 {
            fill(slots.n);
        }
    }
    let mut hits = Vec::new();
    for at in 0..scan.tokens.len() {
        pack.fillers.find(scan, at, &mut hits);
    }
    for hit in &hits {
        let symbol = match pack.entries[hit.entry as usize] {
            Entry::State(_, StateForm::Adjective) => slots.adj,
            Entry::State(..) => slots.state,
            Entry::Month(_) => slots.month,
            Entry::Weekday(_) => slots.weekday,
            Entry::Number(_) => slots.n,
            _ => continue,
        };
        if !scan.slots[hit.start].contains(&(symbol, hit.end)) {
            scan.slots[hit.start].push((symbol, hit.end));
        }
    }
    hits
}
