//! Any bytes are an article or a typed error.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use rapporteur::article::{Decoder, Mapping, Preset, RecordContext};

static DECODERS: LazyLock<[Decoder; 2]> = LazyLock::new(|| {
    [Preset::Default, Preset::Ninjs].map(|preset| {
        Decoder::new(&Mapping {
            preset,
            ..Mapping::default()
        })
    })
});

fuzz_target!(|bytes: &[u8]| {
    let record = RecordContext {
        topic: "t",
        partition: 0,
        offset: 0,
        key: Some(bytes),
        timestamp_ms: Some(0),
    };
    for decoder in DECODERS.iter() {
        match decoder.decode(bytes, Some(&record)) {
            Ok(article) => assert!(!article.id.is_empty() && !article.body.trim().is_empty()),
            Err(error) => assert!(!error.code().is_empty() && !error.to_string().is_empty()),
        }
    }
});
