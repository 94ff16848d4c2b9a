//! `extract` keeps its promises for any article: no panic, offsets in bounds, the same events every time.

use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

use proptest::prelude::*;
use rapporteur::{
    article::{Article, PublishedAt},
    data,
    extract::{Engine, extract},
};

#[path = "support/gold.rs"]
mod gold;
mod invariants;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::load(&data::Source::Embedded).unwrap());

/// The gold articles of all languages.
static GOLD: LazyLock<Vec<Article>> = LazyLock::new(gold::articles);

fn check(article: &Article) {
    let events = extract(&ENGINE, article);
    invariants::assert_hold(article, &events);
    assert_eq!(
        extract(&ENGINE, article),
        events,
        "not the same events the second time"
    );
}

fn article(title: String, body: String, day: &str, language: Option<&str>) -> Article {
    Article {
        id: "a".into(),
        url: String::new(),
        source: String::new(),
        title,
        body,
        language: language.map(str::to_owned),
        published_at: PublishedAt::parse(day).unwrap(),
        record: None,
    }
}

#[test]
fn every_gold_article_keeps_the_promises() {
    assert!(GOLD.len() > 900);
    GOLD.iter().for_each(check);
}

#[test]
fn threads_agree_to_the_byte() {
    let read = || -> Vec<String> {
        GOLD.iter()
            .take(200)
            .map(|a| serde_json::to_string(&extract(&ENGINE, a)).unwrap())
            .collect()
    };
    let here = read();
    std::thread::scope(|scope| {
        let there: Vec<_> = (0..3).map(|_| scope.spawn(read)).collect();
        for thread in there {
            assert_eq!(thread.join().unwrap(), here);
        }
    });
}

#[test]
fn two_engines_agree_to_the_byte() {
    let other = Engine::load(&data::Source::Embedded).unwrap();
    assert_eq!(other.data_version(), ENGINE.data_version());
    for article in GOLD.iter().step_by(9) {
        assert_eq!(extract(&other, article), extract(&ENGINE, article));
    }
}

#[test]
fn odd_texts_keep_the_promises() {
    let long_word = "é".repeat(20_000);
    let one_sentence = "Macron a rencontré Poutine et ".repeat(200);
    let quotes = "«".repeat(20_000);
    for body in [
        "\0",
        "\u{feff}",
        "\u{202e}Macron met Putin.\u{202c}",
        "🇫🇷 Macron met 🇷🇺 Putin on Tuesday. 👨‍👩‍👧‍👦",
        ".",
        "…",
        "—",
        "Macron\u{a0}a rencontré Poutine\u{202f}!",
        "Macron\r\n\r\nmet\r\n\r\nPutin",
        "M. M. M. M.",
        "İİİ",
        "ﬁ ﬂ ﷺ",
        "Mαcron met Putin in Pаris",
        &long_word,
        &one_sentence,
        &quotes,
    ] {
        for language in [
            None,
            Some("fr"),
            Some("en"),
            Some("zh"),
            Some("ar"),
            Some("xx"),
            Some(""),
        ] {
            check(&article(body.to_owned(), body.to_owned(), "2021-12-14", language));
        }
    }
}

#[test]
fn any_day_of_publication_will_do() {
    let body = "Macron met Putin in Moscow on Tuesday, a day after last week's call. They will meet in 3 days, next year, \
                a decade ago and in February. Macron a rencontré Poutine mardi, la veille, fin février et il y a dix ans.";
    for day in [
        "0000-01-01",
        "0001-02-28",
        "1999-12-31",
        "2024-02-29",
        "9999-12-31",
        "2021-12-14T23:59:60Z",
    ] {
        check(&article(
            "Macron met Putin on Monday".into(),
            body.into(),
            day,
            None,
        ));
    }
}

#[test]
fn a_sentence_without_end_costs_no_more_than_its_length() {
    // No pause in the first, one after every tenth time in the second.
    let told = "Macron a rencontré Poutine et Erdogan a appelé Biden et ";
    let endless = told.repeat(600);
    let paragraphs = format!("{}.\n\n", told.repeat(10)).repeat(60);
    let cost = |body: &str| {
        let article = article(String::new(), body.to_owned(), "2021-12-14", Some("fr"));
        let start = Instant::now();
        std::hint::black_box(extract(&ENGINE, &article));
        start.elapsed()
    };
    let (usual, endless) = (cost(&paragraphs), cost(&endless));
    assert!(
        endless < usual * 10 + Duration::from_millis(200),
        "{endless:?} for what else takes {usual:?}"
    );
}

#[test]
fn a_long_article_costs_in_proportion_to_its_length() {
    let bodies: Vec<&str> = GOLD
        .iter()
        .filter(|a| a.language.as_deref() == Some("en"))
        .map(|a| a.body.as_str())
        .collect();
    let all = bodies.join("\n\n");
    let cost = |length: usize| {
        let body: String = all.chars().take(length).collect();
        let article = article(String::new(), body, "2021-12-14", Some("en"));
        let start = Instant::now();
        std::hint::black_box(extract(&ENGINE, &article));
        start.elapsed()
    };
    let (short, long) = (cost(16_000), cost(160_000));
    assert!(
        long < short * 30 + Duration::from_millis(200),
        "{long:?} for ten times what takes {short:?}"
    );
}

/// Words that the rules look for, in a disorder that no writer would produce.
fn word() -> impl Strategy<Value = String> {
    let known = vec![
        "Macron",
        "Emmanuel",
        "Putin",
        "Poutine",
        "Xi",
        "Paris",
        "Moscou",
        "the",
        "le",
        "la",
        "his",
        "son",
        "counterpart",
        "homologue",
        "français",
        "French",
        "president",
        "président",
        "minister",
        "met",
        "a rencontré",
        "s’est entretenu",
        "will",
        "not",
        "ne",
        "pas",
        "called off",
        "Tuesday",
        "mardi",
        "le même jour",
        "début",
        "December",
        "décembre",
        "2021",
        "12",
        ",",
        ".",
        ";",
        ":",
        "(",
        ")",
        "«",
        "»",
        "\"",
        "’",
        "\n\n",
        "\n",
        "and",
        "et",
        "with",
        "avec",
        "in",
        "à",
        "UN",
        "l’OTAN",
        "E3",
        "both",
        "les deux",
        "leaders",
        "summit",
        "sommet",
        "visit",
        "phone",
        "par téléphone",
        "of",
        "de",
    ];
    prop_oneof![9 => proptest::sample::select(known).prop_map(str::to_owned), 1 => "\\PC{1,6}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_text_keeps_the_promises(title in "\\PC{0,60}", body in "(?s).{0,600}") {
        check(&article(title, body, "2021-12-14", None));
    }

    #[test]
    fn any_order_of_words_keeps_the_promises(title in prop::collection::vec(word(), 0..12),
                                             body in prop::collection::vec(word(), 0..120),
                                             language in prop::option::of(prop::sample::select(vec!["fr", "en", "de"]))) {
        check(&article(title.join(" "), body.join(" "), "2021-12-14", language));
    }

    #[test]
    fn a_gold_article_cut_and_spliced_keeps_the_promises(one in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(),
                                                         at in 0.0..1.0_f64, upper: bool) {
        let (one, other) = (&GOLD[one.index(GOLD.len())], &GOLD[other.index(GOLD.len())]);
        let cut = |text: &str| {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
            let keep = (text.chars().count() as f64 * at) as usize;
            text.chars().take(keep).collect::<String>()
        };
        let mut spliced = one.clone();
        spliced.body = format!("{}{}", cut(&one.body), cut(&other.body));
        if upper {
            spliced.title = spliced.title.to_uppercase();
            spliced.body = spliced.body.to_uppercase();
        }
        check(&spliced);
    }
}
