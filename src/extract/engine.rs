//! Lexicons and register, loaded, checked and compiled once.

use std::{
    panic::resume_unwind,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use sha2::{Digest, Sha256};

use crate::{
    article::Article,
    data::Source,
    lexicon::{Pack, PackError},
    model::{self, Logistic, ModelError, Models},
    register::{People, Register, RegisterError},
    text::{Found, Languages},
};

/// All that extraction knows; shared by all threads.
#[derive(Debug)]
pub struct Engine {
    pub(crate) register: Register,
    pub(crate) packs: Vec<Pack>,
    languages: Languages,
    pub(crate) models: Models,
    data_version: String,
}

/// Why an engine could not be built.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A register table or overlay.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// A language pack.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// A trained model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The data as a whole.
    #[error("data: {0}")]
    Data(#[from] std::io::Error),
}

impl Engine {
    /// Loads and compiles the data.
    ///
    /// # Errors
    /// Where a data file is missing or breaks its format.
    pub fn load(source: &Source) -> Result<Self, LoadError> {
        Self::load_with(source, &[])
    }

    /// Loads and compiles the data with the user's overlays of the register on top.
    ///
    /// # Errors
    /// Where a data file or an overlay is missing or breaks its format.
    pub fn load_with(source: &Source, overlays: &[PathBuf]) -> Result<Self, LoadError> {
        let mut engine = Self::load_untrained(source, overlays)?;
        engine.models.confidence = Logistic::load(source, "confidence", &super::confidence_features())?;
        engine.models.topics = Logistic::load(source, "topics", &super::topic_features(&engine.register))?;
        Ok(engine)
    }

    /// Loads and compiles the data without the trained models: whoever trains them has none yet.
    ///
    /// # Errors
    /// Where a data file or an overlay is missing or breaks its format.
    pub fn load_untrained(source: &Source, overlays: &[PathBuf]) -> Result<Self, LoadError> {
        let register = Register::load_tables(source)?;
        let mut jobs = vec![Job::People, Job::Fingerprint];
        jobs.extend(source.folders("lexicon")?.into_iter().map(Job::Pack));
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                done.push(job.run(source, overlays, &register));
            }
            done
        };
        let threads = thread::available_parallelism()
            .map_or(1, usize::from)
            .min(jobs.len());
        let mut done: Vec<Done> = thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut done = work();
            for other in others {
                done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
            }
            done.into_iter().collect::<Result<_, _>>()
        })?;
        let (mut people, mut packs, mut data_version) = (People::default(), Vec::new(), String::new());
        for done in done.drain(..) {
            match done {
                Done::People(loaded) => people = *loaded,
                Done::Pack(pack) => packs.push(*pack),
                Done::Fingerprint(version) => data_version = version,
            }
        }
        packs.sort_by(|a, b| a.code.cmp(&b.code));
        let mut languages = Languages::default();
        for pack in &packs {
            let words = pack.function_words.iter().map(|word| &**word);
            languages.add(
                (&pack.code, &pack.iso639_3),
                pack.script,
                words,
                &pack.alien_letters,
            );
        }
        let register = register.with_people(people);
        for pack in &mut packs {
            let script = pack.script;
            if let Some(latin) = &mut pack.latin {
                latin.learn(register.spellings(script));
            }
        }
        let models = Models {
            confidence: Logistic::blank(super::confidence_features().len()),
            topics: Logistic::blank(super::topic_features(&register).len()),
        };
        Ok(Self {
            register,
            packs,
            languages,
            models,
            data_version,
        })
    }

    /// Fingerprint of the data the engine was built from: 16 hexadecimal digits.
    #[must_use]
    pub fn data_version(&self) -> &str {
        &self.data_version
    }

    /// The language packs.
    #[must_use]
    pub fn packs(&self) -> &[Pack] {
        &self.packs
    }

    /// The languages that can be read, numbered as the packs are.
    #[must_use]
    pub fn languages(&self) -> &Languages {
        &self.languages
    }

    /// The register.
    #[must_use]
    pub fn register(&self) -> &Register {
        &self.register
    }

    /// The language that the article is written in: the number of its pack, if there is one.
    #[must_use]
    pub fn language(&self, article: &Article) -> Found {
        self.languages
            .of_article(&article.title, &article.body, article.language.as_deref())
    }
}

/// A part of the data that can be loaded beside the others.
enum Job {
    People,
    Pack(String),
    Fingerprint,
}

/// A part loaded.
enum Done {
    People(Box<People>),
    Pack(Box<Pack>),
    Fingerprint(String),
}

impl Job {
    fn run(&self, source: &Source, overlays: &[PathBuf], register: &Register) -> Result<Done, LoadError> {
        Ok(match self {
            Self::People => Done::People(Box::new(register.load_people(source, overlays)?)),
            Self::Pack(code) => Done::Pack(Box::new(Pack::load(source, code, register)?)),
            Self::Fingerprint => Done::Fingerprint(fingerprint(source, overlays)?),
        })
    }
}

fn fingerprint(source: &Source, overlays: &[PathBuf]) -> std::io::Result<String> {
    let mut hash = Sha256::new();
    let mut files = Vec::new();
    for folder in ["register", "register/terms", "register/people"] {
        files.extend(source.files(folder)?);
    }
    for code in source.folders("lexicon")? {
        files.extend(source.files(&format!("lexicon/{code}"))?);
    }
    for file in files {
        hash.update(file.as_bytes());
        hash.update(source.read(&file)?.as_bytes());
    }
    for name in ["confidence", "topics"] {
        // Models that are not there yet are about to be trained.
        match model::text(source, name) {
            Ok(text) => hash.update(text.as_bytes()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    for overlay in overlays {
        hash.update(std::fs::read(overlay)?);
    }
    Ok(hash
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect())
}
