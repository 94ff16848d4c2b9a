//! Loads a pack's files, checks them against the register and compiles them.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde::de::DeserializeOwned;

use super::{
    Frame, Governs, OfficeCode, StateForm, Tense, TimeValue, Word,
    affixes::Affixes,
    classes,
    format::{
        ContactsFile, ContextsFile, LanguageFile, NameRules, OfficesFile, StatusFile, SyntaxRules, TimeFile,
        TopicsFile, WordsFile,
    },
    pattern::Compiler,
    trie::{EntryId, Trie, TrieBuilder},
};
use crate::{
    data::Source,
    event::{ContactKind, ContactStatus, Office},
    latin::Latin,
    register::{GroupId, PartyId, PlaceId, Register, TopicId},
    text::{Interner, Script, Symbol, TokenRules},
};

/// What an entry of a lexicon stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// A function word.
    Word(Word),
    /// Words for a state.
    State(PartyId, StateForm),
    /// Words for an organisation.
    Organization(PartyId),
    /// Words for several parties at once.
    Group(GroupId),
    /// A city or site.
    Place(PlaceId),
    /// An office: its rule, and whether the form is a plural.
    Office(usize, bool),
    /// Several people told before.
    Collective(usize),
    /// A predicate in a form.
    Contact(usize, Tense),
    /// A cue to a status.
    Cue(usize),
    /// A channel.
    Channel(ContactKind),
    /// Words before a gathering that is no more than a setting.
    Setting,
    /// An expression that tells no contact though it holds a predicate's word.
    Idiom,
    /// Words before the party that took the initiative.
    Initiative,
    /// A topic.
    Topic(TopicId),
    /// Surroundings in which contacts are none.
    Context(usize),
    /// A month, 1 to 12.
    Month(i8),
    /// A weekday, 1 Monday to 7 Sunday.
    Weekday(i8),
    /// A number in words.
    Number(u16),
    /// A date by rule.
    Time(usize),
    /// A word before a name that is no office.
    Honorific,
    /// A lower-case word inside a name.
    Particle,
    /// A capitalised word that is never part of a name.
    NotName,
}

/// An office as its entry tells it.
#[derive(Debug, Clone)]
pub struct OfficeRule {
    /// What it stands for.
    pub code: OfficeCode,
    /// The party that the words tell.
    pub party: Option<PartyId>,
    /// Needs a party or a name beside it.
    pub weak: bool,
}

/// Words for several people told before.
#[derive(Debug, Clone)]
pub struct Collective {
    /// How many, 0 where not told.
    pub count: usize,
    /// Their office, where told.
    pub office: Option<Office>,
}

/// A predicate.
#[derive(Debug, Clone)]
pub struct Contact {
    /// Name in the pack.
    pub id: String,
    /// Kind, before channel and number of parties are known.
    pub kind: ContactKind,
    /// Arguments.
    pub frame: Frame,
    /// Both sides must stand in its own clause.
    pub strict: bool,
    /// It counts only where its clause tells the channel.
    pub with_channel: bool,
    /// Whether the kind holds only where nothing tells the channel.
    pub open: bool,
}

/// A cue to a status.
#[derive(Debug, Clone)]
pub struct Cue {
    /// The status it gives.
    pub status: ContactStatus,
    /// What it governs.
    pub governs: Governs,
}

/// Symbols of the slots.
#[derive(Debug, Clone)]
pub struct Slots {
    /// A number from 1 to 31.
    pub day: Symbol,
    /// A number from 1 to 12.
    pub monthnum: Symbol,
    /// A number from 1900 to 2100.
    pub year: Symbol,
    /// Any number up to 999, in digits or words.
    pub n: Symbol,
    /// A month's name.
    pub month: Symbol,
    /// A weekday's name.
    pub weekday: Symbol,
    /// An adjective or demonym of a state.
    pub adj: Symbol,
    /// A name, capital or seat of a state.
    pub state: Symbol,
}

/// A language pack, compiled.
#[derive(Debug)]
pub struct Pack {
    /// BCP 47 primary tag.
    pub code: String,
    /// ISO 639-3 code.
    pub iso639_3: String,
    /// English name.
    pub name: String,
    /// Writing system of its names.
    pub script: Script,
    /// Letters that tell another language.
    pub alien_letters: String,
    /// How words are split.
    pub tokens: TokenRules,
    /// How names look.
    pub names: NameRules,
    /// How sentences are built.
    pub syntax: SyntaxRules,
    /// What may be taken off a word.
    pub affixes: Affixes,
    /// How its names are written in Latin letters, where they are not.
    pub latin: Option<Latin>,
    /// The word forms of its entries.
    pub interner: Interner,
    /// Function words of one word, folded, in no order.
    pub function_words: Vec<Box<str>>,
    /// Slot symbols.
    pub slots: Slots,
    /// Entries that fill slots: matched first.
    pub fillers: Trie,
    /// All entries.
    pub trie: Trie,
    /// What each entry number stands for.
    pub entries: Vec<Entry>,
    /// Offices.
    pub offices: Vec<OfficeRule>,
    /// Collectives.
    pub collectives: Vec<Collective>,
    /// Predicates.
    pub contacts: Vec<Contact>,
    /// Cues.
    pub cues: Vec<Cue>,
    /// Date rules.
    pub times: Vec<TimeValue>,
    /// Names of surroundings.
    pub contexts: Vec<String>,
    /// Example sentences and the rule each must show: (file, rule, sentence).
    pub examples: Vec<(String, Entry, String)>,
    /// Date examples: words, publication day, expected `start..end`.
    pub time_examples: Vec<(usize, String)>,
}

/// Where an entry of a pack is written, form by form.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The entry's number.
    pub entry: EntryId,
    /// The file, below `data/`.
    pub file: String,
    /// The form as it stands there.
    pub form: String,
    /// The form with its macros written out.
    pub expanded: String,
}

/// What is wrong with a pack.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct PackError {
    /// The file, below `data/`.
    pub file: String,
    /// What is wrong, and with which entry.
    pub reason: String,
}

impl Pack {
    /// Loads the pack in `lexicon/<code>/`.
    ///
    /// # Errors
    /// Where a file is missing or an entry is malformed or names a code that the register does not have.
    pub fn load(source: &Source, code: &str, register: &Register) -> Result<Self, PackError> {
        Self::build(source, code, register, None).map(|(pack, _)| pack)
    }

    /// The pack, and where its entries are written: what it is checked by.
    ///
    /// # Errors
    /// As [`Pack::load`].
    pub fn load_with_origins(
        source: &Source,
        code: &str,
        register: &Register,
    ) -> Result<(Self, Vec<Origin>), PackError> {
        Self::build(source, code, register, Some(Vec::new()))
    }

    fn build(
        source: &Source,
        code: &str,
        register: &Register,
        origins: Option<Vec<Origin>>,
    ) -> Result<(Self, Vec<Origin>), PackError> {
        let folder = format!("lexicon/{code}");
        let file = format!("{folder}/language.toml");
        let language: LanguageFile = read(source, &file)?;
        let affixes = Affixes::new(&language.affixes).map_err(|reason| PackError { file, reason })?;
        let mut interner = Interner::default();
        let slots = Slots {
            day: interner.fresh(),
            monthnum: interner.fresh(),
            year: interner.fresh(),
            n: interner.fresh(),
            month: interner.fresh(),
            weekday: interner.fresh(),
            adj: interner.fresh(),
            state: interner.fresh(),
        };
        let slot_names: BTreeMap<String, Symbol> = [
            ("day", slots.day),
            ("monthnum", slots.monthnum),
            ("year", slots.year),
            ("n", slots.n),
            ("month", slots.month),
            ("weekday", slots.weekday),
            ("adj", slots.adj),
            ("state", slots.state),
        ]
        .map(|(name, symbol)| (name.to_owned(), symbol))
        .into();
        let mut pack = Self {
            code: language.code,
            iso639_3: language.iso639_3,
            name: language.name,
            script: language.script,
            alien_letters: language.alien_letters,
            tokens: language.tokens,
            names: language.names,
            syntax: language.syntax,
            affixes,
            latin: None,
            interner: Interner::default(),
            function_words: Vec::new(),
            slots,
            fillers: Trie::default(),
            trie: Trie::default(),
            entries: Vec::new(),
            offices: Vec::new(),
            collectives: Vec::new(),
            contacts: Vec::new(),
            cues: Vec::new(),
            times: Vec::new(),
            contexts: Vec::new(),
            examples: Vec::new(),
            time_examples: Vec::new(),
        };
        if pack.script != Script::Latn {
            let file = format!("{folder}/names.toml");
            let latin = Latin::new(read(source, &file)?, pack.names.cased, register);
            pack.latin = Some(latin.map_err(|reason| PackError { file, reason })?);
        }
        let rules = pack.tokens.clone();
        let mut builder = Builder {
            pack: &mut pack,
            interner,
            fillers: TrieBuilder::default(),
            trie: TrieBuilder::default(),
            compiler: Compiler::new(&rules, &language.macros, &slot_names),
            source,
            folder,
            file: String::new(),
            numbers: FxHashMap::default(),
            origins,
        };
        builder.words()?;
        let singles = builder.trie.singles();
        let word =
            |(word, symbol): (&str, Symbol)| singles.binary_search(&symbol).is_ok().then(|| word.into());
        builder.pack.function_words = builder.interner.words().filter_map(word).collect();
        builder.parties(register)?;
        builder.places(register)?;
        builder.offices(register)?;
        builder.contacts()?;
        builder.status()?;
        builder.time()?;
        builder.topics(register)?;
        builder.contexts()?;
        builder.names()?;
        let origins = builder.origins.unwrap_or_default();
        let (interner, fillers, trie) = (builder.interner, builder.fillers, builder.trie);
        pack.interner = interner;
        pack.fillers = fillers.freeze();
        pack.trie = trie.freeze();
        Ok((pack, origins))
    }
}

pub(super) fn read<T: DeserializeOwned>(source: &Source, file: &str) -> Result<T, PackError> {
    let fail = |reason: String| PackError {
        file: file.to_owned(),
        reason,
    };
    let text = source.read(file).map_err(|e| fail(e.to_string()))?;
    toml::from_str(&text).map_err(|e| fail(e.to_string()))
}

struct Builder<'b> {
    pack: &'b mut Pack,
    interner: Interner,
    fillers: TrieBuilder,
    trie: TrieBuilder,
    compiler: Compiler<'b>,
    source: &'b Source,
    folder: String,
    file: String,
    numbers: FxHashMap<(u8, u32), EntryId>,
    /// Where each form is written, where that is asked for.
    origins: Option<Vec<Origin>>,
}

impl Builder<'_> {
    fn open<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, PackError> {
        self.file = format!("{}/{name}", self.folder);
        read(self.source, &self.file)
    }

    fn rows(&mut self, name: &str) -> Result<Vec<csv::StringRecord>, PackError> {
        self.file = format!("{}/{name}", self.folder);
        let text = self
            .source
            .read(&self.file)
            .map_err(|e| self.fail(e.to_string()))?;
        csv::Reader::from_reader(text.as_bytes())
            .records()
            .collect::<Result<_, _>>()
            .map_err(|e| self.fail(e.to_string()))
    }

    fn fail(&self, reason: String) -> PackError {
        PackError {
            file: self.file.clone(),
            reason,
        }
    }

    fn entry(&mut self, entry: Entry) -> Result<EntryId, PackError> {
        let id = EntryId::try_from(self.pack.entries.len()).map_err(|e| self.fail(e.to_string()))?;
        self.pack.entries.push(entry);
        Ok(id)
    }

    fn add<S: AsRef<str>>(&mut self, entry: Entry, forms: &[S]) -> Result<(), PackError> {
        if forms.is_empty() {
            return Ok(());
        }
        let id = self.entry(entry)?;
        for form in forms {
            self.note(id, form.as_ref());
            let done = self
                .compiler
                .compile(form.as_ref(), id, &mut self.interner, &mut self.trie);
            done.map_err(|e| self.fail(e))?;
        }
        Ok(())
    }

    fn add_filler<S: AsRef<str>>(&mut self, entry: Entry, forms: &[S]) -> Result<(), PackError> {
        let id = self.entry(entry)?;
        for form in forms {
            self.fill(form.as_ref(), id)?;
        }
        Ok(())
    }

    fn note(&mut self, entry: EntryId, form: &str) {
        if let Some(origins) = &mut self.origins {
            origins.push(Origin {
                entry,
                file: self.file.clone(),
                form: form.to_owned(),
                expanded: self.compiler.expanded(form).unwrap_or_default(),
            });
        }
    }

    fn fill(&mut self, form: &str, id: EntryId) -> Result<(), PackError> {
        self.note(id, form);
        let done = self
            .compiler
            .compile(form, id, &mut self.interner, &mut self.fillers);
        done.map_err(|e| self.fail(e))
    }

    fn words(&mut self) -> Result<(), PackError> {
        let file: WordsFile = self.open("words.toml")?;
        for (name, forms) in &file.words {
            let word = Word::parse(name).ok_or_else(|| self.fail(format!("no class `{name}` of words")))?;
            self.add(Entry::Word(word), forms)?;
        }
        Ok(())
    }

    fn parties(&mut self, register: &Register) -> Result<(), PackError> {
        for row in self.rows("states.csv")? {
            let code = row.get(0).unwrap_or_default();
            let party = register
                .party(code)
                .ok_or_else(|| self.fail(format!("no state `{code}` in the register")))?;
            let columns = [
                (1, StateForm::Name),
                (2, StateForm::Adjective),
                (3, StateForm::Capital),
                (4, StateForm::Seat),
            ];
            for (column, form) in columns {
                let forms = list(row.get(column));
                if !forms.is_empty() {
                    self.add_filler(Entry::State(party, form), &forms)?;
                }
            }
        }
        for row in self.rows("organizations.csv")? {
            let code = row.get(0).unwrap_or_default();
            let entry = match (register.party(code), register.group(code)) {
                (Some(party), _) => Entry::Organization(party),
                (None, Some(group)) => Entry::Group(group),
                (None, None) => {
                    return Err(self.fail(format!("no organisation or group `{code}` in the register")));
                }
            };
            let forms = list(row.get(1));
            if !forms.is_empty() {
                self.add_filler(entry, &forms)?;
            }
        }
        Ok(())
    }

    fn places(&mut self, register: &Register) -> Result<(), PackError> {
        for (place, forms) in register.place_forms(self.pack.script) {
            let id = self.entry(Entry::Place(place))?;
            for form in forms {
                self.compiler
                    .compile_plain(form, id, &mut self.interner, &mut self.fillers);
            }
        }
        for row in self.rows("places.csv")? {
            let (name, country) = (row.get(0).unwrap_or_default(), row.get(1).unwrap_or_default());
            let place = register
                .place(name, country)
                .ok_or_else(|| self.fail(format!("no place `{name}` in `{country}` in the register")))?;
            let forms = list(row.get(2));
            if !forms.is_empty() {
                self.add_filler(Entry::Place(place), &forms)?;
            }
        }
        Ok(())
    }

    fn offices(&mut self, register: &Register) -> Result<(), PackError> {
        let file: OfficesFile = self.open("offices.toml")?;
        for office in file.office {
            let code = classes::office_code(&office.code)
                .ok_or_else(|| self.fail(format!("no office code `{}`", office.code)))?;
            let party = match office.party.as_str() {
                "" => None,
                p => Some(
                    register
                        .party(p)
                        .ok_or_else(|| self.fail(format!("no party `{p}` in the register")))?,
                ),
            };
            let at = self.pack.offices.len();
            self.pack.offices.push(OfficeRule {
                code,
                party,
                weak: office.weak,
            });
            self.add(Entry::Office(at, false), &office.forms)?;
            self.add(Entry::Office(at, true), &office.plural)?;
            self.examples(Entry::Office(at, false), office.examples);
        }
        for collective in file.collective {
            let office = match collective.office.as_str() {
                "" => None,
                o => Some(classes::office(o).ok_or_else(|| self.fail(format!("no office code `{o}`")))?),
            };
            let at = self.pack.collectives.len();
            self.pack.collectives.push(Collective {
                count: collective.count,
                office,
            });
            self.add(Entry::Collective(at), &collective.forms)?;
            self.examples(Entry::Collective(at), collective.examples);
        }
        Ok(())
    }

    fn contacts(&mut self) -> Result<(), PackError> {
        let file: ContactsFile = self.open("contacts.toml")?;
        for contact in file.contact {
            let kind = classes::kind(&contact.kind)
                .ok_or_else(|| self.fail(format!("{}: no kind `{}`", contact.id, contact.kind)))?;
            let frame = Frame::parse(&contact.frame)
                .ok_or_else(|| self.fail(format!("{}: no frame `{}`", contact.id, contact.frame)))?;
            let at = self.pack.contacts.len();
            if self.pack.contacts.iter().any(|c| c.id == contact.id) {
                return Err(self.fail(format!("two contacts are called `{}`", contact.id)));
            }
            self.pack.contacts.push(Contact {
                id: contact.id,
                kind,
                frame,
                strict: contact.strict,
                with_channel: contact.with_channel,
                open: contact.open,
            });
            let forms = [
                (Tense::Past, &contact.past),
                (Tense::Present, &contact.present),
                (Tense::Future, &contact.future),
                (Tense::Conditional, &contact.conditional),
                (Tense::Infinitive, &contact.infinitive),
                (Tense::Participle, &contact.participle),
                (Tense::Gerund, &contact.gerund),
                (Tense::Passive, &contact.passive),
                (Tense::Noun, &contact.noun),
            ];
            for (tense, forms) in forms {
                self.add(Entry::Contact(at, tense), forms)?;
            }
            self.examples(Entry::Contact(at, Tense::Past), contact.examples);
        }
        for channel in file.channel {
            let kind = classes::kind(&channel.kind)
                .ok_or_else(|| self.fail(format!("no kind `{}`", channel.kind)))?;
            self.add(Entry::Channel(kind), &channel.forms)?;
        }
        self.add(Entry::Setting, &file.setting)?;
        self.add(Entry::Idiom, &file.idioms)?;
        self.add(Entry::Initiative, &file.initiative)
    }

    fn status(&mut self) -> Result<(), PackError> {
        let file: StatusFile = self.open("status.toml")?;
        for cue in file.cue {
            let status = classes::status(&cue.status)
                .ok_or_else(|| self.fail(format!("no status `{}`", cue.status)))?;
            let governs = Governs::parse(&cue.governs)
                .ok_or_else(|| self.fail(format!("governs `{}`: after, before or any", cue.governs)))?;
            let at = self.pack.cues.len();
            self.pack.cues.push(Cue { status, governs });
            self.add(Entry::Cue(at), &cue.forms)?;
            self.examples(Entry::Cue(at), cue.examples);
        }
        Ok(())
    }

    fn time(&mut self) -> Result<(), PackError> {
        let file: TimeFile = self.open("time.toml")?;
        if file.months.len() != 12 || file.weekdays.len() != 7 {
            return Err(self.fail("twelve months and seven weekdays are needed".to_owned()));
        }
        for (number, forms) in (1..).zip(&file.months) {
            self.add_filler(Entry::Month(number), forms)?;
        }
        for (number, forms) in (1..).zip(&file.weekdays) {
            self.add_filler(Entry::Weekday(number), forms)?;
        }
        for (form, &number) in &file.numbers {
            let id = match self.numbers.get(&(0, u32::from(number))) {
                Some(&id) => id,
                None => self.entry(Entry::Number(number))?,
            };
            self.numbers.insert((0, u32::from(number)), id);
            self.fill(form, id)?;
        }
        for rule in file.rule {
            let value = TimeValue::parse(&rule.value).map_err(|e| self.fail(e))?;
            let at = self.pack.times.len();
            self.pack.times.push(value);
            self.add(Entry::Time(at), &rule.forms)?;
            self.pack
                .time_examples
                .extend(rule.examples.into_iter().map(|e| (at, e)));
        }
        Ok(())
    }

    fn topics(&mut self, register: &Register) -> Result<(), PackError> {
        let file: TopicsFile = self.open("topics.toml")?;
        for (code, forms) in &file.topics {
            let topic = register
                .topic(code)
                .ok_or_else(|| self.fail(format!("no topic `{code}`")))?;
            self.add(Entry::Topic(topic), forms)?;
        }
        Ok(())
    }

    fn contexts(&mut self) -> Result<(), PackError> {
        let file: ContextsFile = self.open("contexts.toml")?;
        for (name, forms) in file.contexts {
            let at = self.pack.contexts.len();
            self.pack.contexts.push(name);
            self.add(Entry::Context(at), &forms)?;
        }
        Ok(())
    }

    fn names(&mut self) -> Result<(), PackError> {
        self.file = format!("{}/language.toml", self.folder);
        let names = self.pack.names.clone();
        self.add(Entry::Honorific, &names.honorifics)?;
        self.add(Entry::Particle, &names.particles)?;
        self.add(Entry::NotName, &names.not_names)
    }

    fn examples(&mut self, entry: Entry, sentences: Vec<String>) {
        let file = self.file.clone();
        self.pack
            .examples
            .extend(sentences.into_iter().map(|s| (file.clone(), entry, s)));
    }
}

fn list(field: Option<&str>) -> Vec<&str> {
    field
        .unwrap_or_default()
        .split(';')
        .map(str::trim)
        .filter(|f| !f.is_empty())
        .collect()
}
