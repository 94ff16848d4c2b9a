//! Lexicons and register, loaded, checked and compiled once.

use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::{
    article::Article,
    data::Source,
    lexicon::{Pack, PackError},
    model::{Logistic, ModelError, Models},
    register::{Register, RegisterError},
    text::{Interner, detect},
};

/// Letters of an article that are enough to tell its language.
const SAMPLE: usize = 2000;

/// All that extraction knows; shared by all threads.
#[derive(Debug)]
pub struct Engine {
    pub(crate) interner: Interner,
    pub(crate) register: Register,
    pub(crate) packs: Vec<Pack>,
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
        let mut interner = Interner::default();
        let register = Register::load(source, overlays, &mut interner)?;
        let mut packs = Vec::new();
        for code in source.folders("lexicon")? {
            packs.push(Pack::load(source, &code, &register, &mut interner)?);
        }
        let data_version = fingerprint(source, overlays)?;
        let models = Models {
            confidence: Logistic::blank(super::confidence_features().len()),
            topics: Logistic::blank(super::topic_features(&register).len()),
        };
        Ok(Self { interner, register, packs, models, data_version })
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

    /// The register.
    #[must_use]
    pub fn register(&self) -> &Register {
        &self.register
    }

    /// The pack of the language that the article is written in, if there is one.
    #[must_use]
    pub fn pack_for(&self, article: &Article) -> Option<&Pack> {
        let choices: Vec<(&str, &str)> = self.packs.iter().map(|p| (p.code.as_str(), p.iso639_3.as_str())).collect();
        let sample: String = format!("{}\n{}", article.title, article.body).chars().take(SAMPLE).collect();
        let code = detect(&sample, article.language.as_deref(), &choices)?;
        self.packs.iter().find(|p| p.code == code)
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
    for overlay in overlays {
        hash.update(std::fs::read(overlay)?);
    }
    Ok(hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}
