//! Ten languages tell one contact alike, and an article is read in the language it is in, whatever its tag says.

#[path = "support/gold.rs"]
mod gold;

use std::{collections::BTreeMap, sync::LazyLock};

use rapporteur::{
    article::{Article, PublishedAt},
    data::Source,
    event::{ContactEvent, ContactKind},
    extract::{Engine, Extracted, extract, extract_or_pass},
    text::Found,
};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::load(&Source::Embedded).unwrap());

fn article(language: Option<&str>, day: &str, title: &str, body: &str) -> Article {
    Article {
        id: "a".into(),
        url: String::new(),
        source: String::new(),
        title: title.into(),
        body: body.into(),
        language: language.map(str::to_owned),
        published_at: PublishedAt::parse(day).unwrap(),
        record: None,
    }
}

fn told(event: &ContactEvent) -> String {
    let who: Vec<String> = event
        .participants
        .iter()
        .map(|p| format!("{} ({}{})", p.name, p.country, p.organization))
        .collect();
    let date = event.date.as_ref().map_or("no date", |date| &date.start);
    format!("{} of {} on {date}", event.kind().as_str_name(), who.join(", "))
}

/// Every telling gives one event, and all of them the same contact.
fn agree(day: &str, kind: ContactKind, tellings: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    let mut keys: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    assert_eq!(tellings.len(), ENGINE.packs().len());
    for (language, body) in tellings {
        let events = extract(&ENGINE, &article(Some(language), day, "", body));
        match &events[..] {
            [event] if event.kind() == kind => {
                keys.entry(format!("{}: {}", event.contact_key, told(event)))
                    .or_default()
                    .push(language);
            }
            _ => wrong.push(format!(
                "{language}: {:#?}",
                events.iter().map(told).collect::<Vec<_>>()
            )),
        }
    }
    assert!(wrong.is_empty() && keys.len() == 1, "{wrong:#?} {keys:#?}");
}

#[test]
fn a_meeting_has_one_key_in_ten_languages() {
    agree(
        "2023-03-02",
        ContactKind::Meeting,
        &[
            (
                "fr",
                "La ministre française des Affaires étrangères, Catherine Colonna, a rencontré mercredi à New Delhi son homologue indien Subrahmanyam Jaishankar.",
            ),
            (
                "en",
                "French Foreign Minister Catherine Colonna met her Indian counterpart Subrahmanyam Jaishankar in New Delhi on Wednesday.",
            ),
            (
                "es",
                "La ministra francesa de Asuntos Exteriores, Catherine Colonna, se reunió el miércoles en Nueva Delhi con su homólogo indio, Subrahmanyam Jaishankar.",
            ),
            (
                "de",
                "Die französische Außenministerin Catherine Colonna hat am Mittwoch in Neu-Delhi ihren indischen Amtskollegen Subrahmanyam Jaishankar getroffen.",
            ),
            (
                "it",
                "La ministra degli Esteri francese Catherine Colonna ha incontrato mercoledì a Nuova Delhi il suo omologo indiano Subrahmanyam Jaishankar.",
            ),
            (
                "pt",
                "A ministra francesa dos Negócios Estrangeiros, Catherine Colonna, reuniu-se na quarta-feira em Nova Deli com o seu homólogo indiano, Subrahmanyam Jaishankar.",
            ),
            (
                "ru",
                "Министр иностранных дел Франции Катрин Колонна в среду встретилась в Нью-Дели со своим индийским коллегой Субраманьямом Джайшанкаром.",
            ),
            (
                "ar",
                "التقت وزيرة الخارجية الفرنسية كاترين كولونا نظيرها الهندي سوبرامانيام جايشانكار يوم الأربعاء في نيودلهي.",
            ),
            ("zh", "法国外长卡特琳·科隆纳星期三在新德里会见印度外长苏杰生。"),
            (
                "tr",
                "Fransa Dışişleri Bakanı Catherine Colonna, çarşamba günü Yeni Delhi'de Hindistanlı mevkidaşı Subrahmanyam Jaishankar ile görüştü.",
            ),
        ],
    );
}

#[test]
fn a_phone_call_has_one_key_in_ten_languages() {
    agree(
        "2022-05-28",
        ContactKind::PhoneCall,
        &[
            (
                "fr",
                "Le président français Emmanuel Macron s’est entretenu samedi par téléphone avec le président russe Vladimir Poutine.",
            ),
            (
                "en",
                "French President Emmanuel Macron spoke by phone with Russian President Vladimir Putin on Saturday.",
            ),
            (
                "es",
                "El presidente francés, Emmanuel Macron, mantuvo el sábado una conversación telefónica con el presidente ruso, Vladímir Putin.",
            ),
            (
                "de",
                "Der französische Präsident Emmanuel Macron hat am Samstag mit dem russischen Präsidenten Wladimir Putin telefoniert.",
            ),
            (
                "it",
                "Il presidente francese Emmanuel Macron ha avuto sabato un colloquio telefonico con il presidente russo Vladimir Putin.",
            ),
            (
                "pt",
                "O presidente francês, Emmanuel Macron, falou ao telefone no sábado com o presidente russo, Vladimir Putin.",
            ),
            (
                "ru",
                "Президент Франции Эмманюэль Макрон в субботу провёл телефонный разговор с президентом России Владимиром Путиным.",
            ),
            (
                "ar",
                "أجرى الرئيس الفرنسي إيمانويل ماكرون يوم السبت اتصالا هاتفيا مع الرئيس الروسي فلاديمير بوتين.",
            ),
            ("zh", "法国总统马克龙星期六同俄罗斯总统普京通电话。"),
            (
                "tr",
                "Fransa Cumhurbaşkanı Emmanuel Macron, cumartesi günü Rusya Devlet Başkanı Vladimir Putin ile telefonda görüştü.",
            ),
        ],
    );
}

#[test]
fn a_visit_has_one_key_in_ten_languages() {
    agree(
        "2023-10-20",
        ContactKind::Visit,
        &[
            (
                "fr",
                "Le Premier ministre britannique Rishi Sunak s’est rendu jeudi en Israël.",
            ),
            (
                "en",
                "British Prime Minister Rishi Sunak visited Israel on Thursday.",
            ),
            (
                "es",
                "El primer ministro británico, Rishi Sunak, visitó Israel el jueves.",
            ),
            (
                "de",
                "Der britische Premierminister Rishi Sunak besuchte am Donnerstag Israel.",
            ),
            (
                "it",
                "Il primo ministro britannico Rishi Sunak ha visitato giovedì Israele.",
            ),
            (
                "pt",
                "O primeiro-ministro britânico, Rishi Sunak, visitou Israel na quinta-feira.",
            ),
            (
                "ru",
                "Премьер-министр Великобритании Риши Сунак в четверг посетил Израиль.",
            ),
            ("ar", "زار رئيس الوزراء البريطاني ريشي سوناك إسرائيل يوم الخميس."),
            ("zh", "英国首相苏纳克星期四访问以色列。"),
            (
                "tr",
                "İngiltere Başbakanı Rishi Sunak perşembe günü İsrail'i ziyaret etti.",
            ),
        ],
    );
}

/// The gold articles and the language that each is tagged with.
fn gold() -> Vec<(String, Article)> {
    let tagged = |article: Article| {
        let tag = article.language.clone().unwrap();
        (tag.split('-').next().unwrap().to_owned(), article)
    };
    gold::articles().into_iter().map(tagged).collect()
}

#[test]
fn no_tag_however_wrong_ruins_an_article() {
    let packs = ENGINE.packs();
    let mut wrong = Vec::new();
    let gold = gold();
    // Every tag with some of the articles of every language; all articles without any.
    for (at, (language, article)) in gold.iter().enumerate() {
        let mut article = article.clone();
        let tags = [
            None,
            Some("xx"),
            Some(&*packs[at % packs.len()].code),
            Some(&*packs[(at / 7) % packs.len()].code),
        ];
        for tag in tags {
            article.language = tag.map(str::to_owned);
            match ENGINE.language(&article) {
                Found::Known(found) if packs[found].code == *language => {}
                found => wrong.push(format!("{} in {language} as {tag:?}: {found:?}", article.id)),
            }
        }
    }
    assert!(
        wrong.len() * 500 <= gold.len() * 4,
        "{} of {}: {wrong:#?}",
        wrong.len(),
        gold.len() * 4
    );
}

#[test]
fn articles_in_one_language_are_read_in_one_piece() {
    let packs = ENGINE.packs();
    let mut split = Vec::new();
    for (language, article) in gold() {
        let main = packs.iter().position(|pack| pack.code == language).unwrap();
        let text = format!("{}\n\n{}", article.title, article.body);
        if let Some(parts) = ENGINE.languages().parts(&text, main) {
            let others: Vec<&str> = parts[1..]
                .iter()
                .flat_map(|part| part.paragraphs.iter().map(|p| &text[p.clone()]))
                .collect();
            let kept: usize = parts
                .iter()
                .flat_map(|part| &part.paragraphs)
                .map(|p| p.len())
                .sum();
            split.push(format!(
                "{}: {others:?}, {kept} of {} bytes",
                article.id,
                text.len()
            ));
        }
    }
    assert!(split.len() <= 2, "{} {split:#?}", split.len());
}

const FRENCH: &str = "Le président français Emmanuel Macron a rencontré mardi à Paris la présidente de la Commission européenne \
                      Ursula von der Leyen, avec qui il a parlé de l’énergie et du budget de l’Union.";
const ENGLISH: &str = "On Wednesday, British Prime Minister Rishi Sunak spoke by phone with Ukrainian President Volodymyr Zelensky \
                       about the delivery of tanks and the next steps of the training of pilots.";
const CHINESE: &str =
    "中国外交部长王毅星期四在北京会见德国外长贝尔伯克，双方就两国关系和共同关心的国际问题交换了意见。";
const DUTCH: &str = "De Belgische premier heeft woensdag in Brussel gesproken met zijn Nederlandse ambtgenoot over de plannen voor \
                     een nieuwe spoorlijn tussen de twee landen, zo heeft zijn kabinet donderdag laten weten.";

#[test]
fn an_article_in_several_languages_is_read_paragraph_by_paragraph() {
    for order in [
        [FRENCH, ENGLISH, CHINESE],
        [CHINESE, FRENCH, ENGLISH],
        [ENGLISH, CHINESE, FRENCH],
    ] {
        for tag in [None, Some("fr"), Some("en"), Some("zh")] {
            let body = order.join("\n\n");
            let article = article(tag, "2023-02-10", "", &body);
            let events = extract(&ENGINE, &article);
            let mut languages: Vec<&str> = events
                .iter()
                .map(|e| e.article.as_ref().unwrap().language.as_str())
                .collect();
            let all: Vec<String> = events.iter().map(told).collect();
            // In the order of the text.
            let starts: Vec<u32> = events
                .iter()
                .map(|e| e.evidence[0].span.as_ref().unwrap().start)
                .collect();
            assert!(starts.is_sorted(), "{all:?}");
            languages.sort_unstable();
            assert_eq!(languages, ["en", "fr", "zh"], "{tag:?} {all:?}");
            for event in &events {
                let span = event.evidence[0].span.as_ref().unwrap();
                let words: String = body
                    .chars()
                    .skip(span.start as usize)
                    .take((span.end - span.start) as usize)
                    .collect();
                assert_eq!(words, span.text);
            }
        }
    }
}

#[test]
fn a_contact_that_two_languages_of_an_article_tell_is_one_event() {
    let english = "French President Emmanuel Macron met European Commission President Ursula von der Leyen in Paris on Tuesday, \
                   and they spoke about energy and about the budget of the Union.";
    let body = format!("{FRENCH}\n\n{english}");
    let events = extract(&ENGINE, &article(None, "2023-02-10", "", &body));
    assert_eq!(
        events.len(),
        1,
        "{:?}",
        events.iter().map(told).collect::<Vec<_>>()
    );
    let alone = extract(&ENGINE, &article(None, "2023-02-10", "", FRENCH));
    assert_eq!(events[0].contact_key, alone[0].contact_key);
    assert!(events[0].evidence.len() > alone[0].evidence.len());
}

#[test]
fn what_is_in_a_language_without_a_pack_is_passed_over() {
    let dutch = article(Some("nl"), "2023-02-10", "", &format!("{DUTCH} {DUTCH}"));
    assert_eq!(extract_or_pass(&ENGINE, &dutch), Extracted::PassedOver("nld"));
    let tagged = Article {
        language: Some("de".into()),
        ..dutch
    };
    assert_eq!(extract_or_pass(&ENGINE, &tagged), Extracted::PassedOver("nld"));
    let quoting = article(Some("fr"), "2023-02-10", "", &format!("{FRENCH}\n\n{DUTCH}"));
    assert_eq!(extract(&ENGINE, &quoting).len(), 1);
}
