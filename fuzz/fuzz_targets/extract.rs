//! Any article gives events that keep the promises of the schema.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use rapporteur::{
    article::{Article, Decoder, PublishedAt},
    data,
    extract::{Engine, extract},
};

#[path = "../../tests/invariants/mod.rs"]
mod invariants;

static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::load(&data::Source::Embedded).expect("the built-in data"));
static DECODER: LazyLock<Decoder> = LazyLock::new(Decoder::default);

fuzz_target!(|bytes: &[u8]| {
    // Bytes that are no article are taken for the text of one.
    let article = DECODER.decode(bytes, None).or_else(|_| {
        let published_at = PublishedAt::from_millisecond(1_639_476_000_000).expect("a time");
        Article::from_text(bytes, 1 << 20, String::new(), published_at, None)
    });
    if let Ok(article) = article {
        let events = extract(&ENGINE, &article);
        invariants::assert_hold(&article, &events);
    }
});
