//! The classes that lexicon entries fall into: the vocabulary that packs and engine share.

use crate::event::{ContactKind, ContactStatus, Office};

macro_rules! named {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vmeta])* $variant,)* }

        impl $name {
            /// All of them with their names in the data.
            pub const ALL: &'static [(&'static str, Self)] = &[$(($text, Self::$variant),)*];

            /// The one of this name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().find(|(n, _)| *n == name).map(|(_, v)| *v)
            }
        }
    };
}

named! {
    /// Classes of function words.
    Word {
        /// The other side of a contact: avec, with.
        With = "with",
        /// The agent of a passive: par, by.
        By = "by",
        /// The addressee or goal: à, to.
        To = "to",
        /// The origin: from.
        From = "from",
        /// The genitive: de, of, 's.
        Of = "of",
        /// The place: à, in, at.
        In = "in",
        /// entre, between.
        Between = "between",
        /// et, and, a dash between names is read likewise.
        And = "and",
        /// The subject matter: sur, about.
        About = "about",
        /// après, after.
        After = "after",
        /// avant, before.
        Before = "before",
        /// lors de, during.
        During = "during",
        /// sans, without.
        Without = "without",
        /// Any other preposition: for, against, like, according to.
        Other = "other",
        /// The direct object where a word or ending tells it.
        Object = "object",
        /// The subject where a word or ending tells it.
        Subject = "subject",
        /// In the presence of: who follows takes part beside the others.
        Presence = "presence",
        /// qui, who: the noun before it is the subject or object of what follows.
        Relative = "relative",
        /// il, he.
        He = "he",
        /// ils, they.
        They = "they",
        /// l', lui, him: the object, where it stands beside the verb.
        Him = "him",
        /// les, leur, them: the same for several.
        Them = "them",
        /// son, his.
        His = "his",
        /// que, that, because: a clause of its own begins.
        Subordinate = "subordinate",
        /// a déclaré, said: whose subject speaks and is not thereby a participant.
        Report = "report",
        /// le, the: stands inside a noun phrase.
        Linker = "linker",
        /// un, a: what it opens behind an object says something of that object. Listed beside `linker`.
        Indefinite = "indefinite",
        /// ancien, former.
        Former = "former",
        /// par intérim, acting.
        Acting = "acting",
        /// vice-, deputy.
        Deputy = "deputy",
        /// élu, -elect.
        Elect = "elect",
        /// séparément, separately.
        Separately = "separately",
        /// ensemble, together.
        Together = "together",
        /// puis, then: another contact of the same subject follows.
        Then = "then",
        /// ici, here: the place of the dateline.
        Here = "here",
        /// 电, 讯: what ends a dateline where no dash does.
        Dateline = "dateline",
        /// ne, not.
        Not = "not",
        /// Auxiliary of active past tenses: a, has.
        Have = "have",
        /// Auxiliary of the passive: été, was.
        Be = "be",
        /// Auxiliary of the future: will.
        Will = "will",
        /// se, s': the verb turns back to its subject.
        Reflexive = "reflexive",
        /// of the same rank: homologue, counterpart, as a word before an office.
        Respective = "respective",
        /// discussed, raised, agenda: what follows or goes before is what was talked about.
        Discuss = "discuss",
        /// situation, war: what follows "in" behind it is what was talked about, not where.
        Matter = "matter",
        /// capitale, capital: with a nationality the seat of that state's government.
        Capital = "capital",
    }
}

named! {
    /// How a predicate takes its arguments.
    Frame {
        /// Subject and object or `with`, or a plural subject: meet, talk.
        Meet = "meet",
        /// Host receives visitor; in the passive the visitor is the subject.
        Receive = "receive",
        /// Visitor travels to a state or comes to see somebody.
        Visit = "visit",
        /// Caller calls; the subject is the initiator.
        Call = "call",
        /// Sender writes to addressee; the subject is the initiator.
        Write = "write",
        /// The subject gets a call or a letter `from` the initiator.
        Get = "get",
        /// Several parties gather.
        Gather = "gather",
        /// The subject brings the objects together.
        Mediate = "mediate",
        /// Delegations work on an agreement.
        Negotiate = "negotiate",
        /// A state summons another's ambassador; the subject is the initiator.
        Summon = "summon",
        /// The subject invites or proposes; the subject is the initiator.
        Invite = "invite",
    }
}

/// Tense or form of a predicate's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tense {
    /// Finite past.
    Past,
    /// Finite present.
    Present,
    /// Finite future.
    Future,
    /// Conditional, subjunctive.
    Conditional,
    /// Infinitive.
    Infinitive,
    /// Past participle: active with an auxiliary, else passive.
    Participle,
    /// Present participle, gerund.
    Gerund,
    /// Passive as a word of its own.
    Passive,
    /// Noun.
    Noun,
}

/// Where the governed words stand, seen from a cue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Governs {
    /// Behind the cue.
    After,
    /// Before the cue.
    Before,
    /// Either side, in the same clause.
    Any,
}

impl Governs {
    /// The one of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "after" => Some(Self::After),
            "before" => Some(Self::Before),
            "any" => Some(Self::Any),
            _ => None,
        }
    }
}

/// How words stand for a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StateForm {
    /// Its name: la Russie.
    Name,
    /// Its adjective or demonym: russe.
    Adjective,
    /// Its capital: Moscou.
    Capital,
    /// A seat that stands for its government: le Kremlin.
    Seat,
}

/// What an office entry stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OfficeCode {
    /// An office of the schema.
    Office(Office),
    /// Whoever leads that state.
    Leader,
    /// The same office as the other side's.
    Counterpart,
    /// The other side, told by its part in the contact: "his guest".
    Partner,
}

/// The office code of this name.
#[must_use]
pub fn office_code(name: &str) -> Option<OfficeCode> {
    match name {
        "LEADER" => Some(OfficeCode::Leader),
        "COUNTERPART" => Some(OfficeCode::Counterpart),
        "PARTNER" => Some(OfficeCode::Partner),
        _ => office(name).map(OfficeCode::Office),
    }
}

/// The office of the schema of this short name.
#[must_use]
pub fn office(name: &str) -> Option<Office> {
    Office::from_str_name(&format!("OFFICE_{name}")).filter(|o| *o != Office::Unspecified)
}

/// The kind of this short name.
#[must_use]
pub fn kind(name: &str) -> Option<ContactKind> {
    ContactKind::from_str_name(&format!("CONTACT_KIND_{name}")).filter(|k| *k != ContactKind::Unspecified)
}

/// The status of this short name.
#[must_use]
pub fn status(name: &str) -> Option<ContactStatus> {
    ContactStatus::from_str_name(&format!("CONTACT_STATUS_{name}"))
        .filter(|s| *s != ContactStatus::Unspecified)
}
