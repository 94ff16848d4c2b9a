//! Names that no register knows, by the built-in data.

use super::*;
use crate::{data::Source, extract::Engine};
use std::sync::LazyLock;

use proptest::prelude::*;

static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::load_untrained(&Source::Embedded, &[]).expect("the built-in data"));

fn latin(language: &str) -> &'static Latin {
    let pack = ENGINE.packs().iter().find(|pack| pack.code == language);
    pack.and_then(|pack| pack.latin.as_ref())
        .expect("a pack of another script")
}

fn name(language: &str, party: &str, written: &str) -> String {
    let register = ENGINE.register();
    let party = register.party(party);
    let family_first = party
        .map(|party| register.party_info(party))
        .filter(|info| info.is_state)
        .map(|info| info.family_first);
    latin(language).name(written, party, family_first)
}

fn check(language: &str, examples: &[(&str, &str, &str)]) {
    let wrong: Vec<String> = examples
        .iter()
        .filter_map(|(party, written, usual)| {
            let got = name(language, party, written);
            (got != *usual).then(|| format!("{written} ({party}): {got}, not {usual}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_russian_name_is_written_as_english_news_does() {
    check(
        "ru",
        &[
            ("RUS", "Олег Васнецов", "Oleg Vasnetsov"),
            ("RUS", "Сергей Викторович Копыркин", "Sergei Kopyrkin"),
            ("RUS", "Копыркин Сергей Викторович", "Sergei Kopyrkin"),
            (
                "RUS",
                "Мария Ходынская-Голенищева",
                "Maria Khodynskaya-Golenishcheva",
            ),
            ("RUS", "Евгений Ещёнко", "Yevgeny Yeshchenko"),
            ("RUS", "Юлия Жданова", "Yulia Zhdanova"),
            ("RUS", "Щербаков", "Shcherbakov"),
            ("RUS", "Геннадий Андреев", "Gennady Andreyev"),
            ("RUS", "С. Вершинин", "S. Vershinin"),
        ],
    );
}

#[test]
fn a_name_in_another_case_is_told_in_the_plain_one() {
    check(
        "ru",
        &[
            ("RUS", "Олегом Васнецовым", "Oleg Vasnetsov"),
            ("RUS", "Сергея Вершинина", "Sergei Vershinin"),
            ("RUS", "Марией Захарченко", "Maria Zakharchenko"),
            ("RUS", "Юлии Ждановой", "Yulia Zhdanova"),
            ("RUS", "Олегу Жилкину", "Oleg Zhilkin"),
            ("RUS", "Дмитрием Полянским", "Dmitry Polyansky"),
            ("RUS", "Васнецовым", "Vasnetsov"),
            ("USA", "Джона Теффта", "John Tefft"),
            ("FRA", "Жана де Глиниасти", "Jean de Gliniasti"),
        ],
    );
}

#[test]
fn neighbours_whom_russian_texts_call_by_russian_names_keep_their_own() {
    check(
        "ru",
        &[
            ("UKR", "Евгений Перебийнис", "Yevhen Perebiynis"),
            ("UKR", "Сергеем Кислицей", "Serhiy Kyslytsya"),
            ("BLR", "Сергей Роменко", "Sergei Romenko"),
        ],
    );
}

#[test]
fn an_arabic_name_is_written_as_its_country_does() {
    check(
        "ar",
        &[
            (
                "SAU",
                "محمد بن عبد الرحمن القحطاني",
                "Mohammed bin Abdul Rahman al-Qahtani",
            ),
            ("QAT", "عبد الله الحمادي", "Abdullah al-Hamadi"),
            ("IRQ", "عبد الستار المقدادي", "Abdul Satar al-Maqdadi"),
            ("JOR", "عبدالستار", "Abdulsatar"),
            ("LBN", "مروان شربل", "Marwan Charbel"),
            ("USA", "جون ميلر", "John Miller"),
            ("NOR", "غونار فيكتورسن", "Gonar Fiktorsn"),
            ("YEM", "أبو بكر القربي", "Abu Bakr al-Qirbi"),
        ],
    );
}

#[test]
fn a_chinese_name_is_written_in_pinyin_family_name_first() {
    check(
        "zh",
        &[
            ("CHN", "华春莹", "Hua Chunying"),
            ("CHN", "卢沙野", "Lu Shaye"),
            ("CHN", "單宏", "Shan Hong"),
            ("CHN", "欧阳玉靖", "Ouyang Yujing"),
            ("CHN", "李恩", "Li En"),
            ("CHN", "刘长安", "Liu Chang'an"),
        ],
    );
}

#[test]
fn a_foreign_name_in_han_characters_is_looked_up_by_its_parts() {
    check(
        "zh",
        &[
            ("USA", "约翰·史密斯", "John Smith"),
            ("FRA", "让-皮埃尔·拉克鲁瓦", "Jean Pierre Lakeluwa"),
            ("DEU", "贝尔曼", "Bei'erman"),
            ("SLB", "马坎加", "Makanjia"),
        ],
    );
}

#[test]
fn what_a_register_knows_of_one_word_holds_for_namesakes() {
    // Dmytro Kuleba is in the register, his brother is not.
    check("ru", &[("UKR", "Дмитрий Бабченко", "Dmytro Babchenko")]);
    check("zh", &[("UKR", "伊戈尔·库列巴", "Igor Kuleba")]);
}

/// Letters of the three scripts, and what else stands in names.
fn written() -> impl Strategy<Value = String> {
    prop_oneof![
        "[А-Яа-яЁёЀ-ӿ]{1,12}( [А-Яа-яЁё]{1,12}){0,3}",
        "[ء-غ][ء-ي\u{64b}-\u{652}ٱ-ۓ]{0,9}( [ء-ي]{1,10}){0,3}",
        "[一-鿿]{1,6}(·[一-鿿]{1,6}){0,3}",
        "[а-яء-ي一-龥a-z.’-]{1,8}",
    ]
}

proptest! {
    #[test]
    fn any_name_comes_out_in_latin_letters_the_same_every_time(written in written(), party in prop::sample::select(vec!["RUS", "CHN", "EGY", "UN"])) {
        for language in ["ru", "ar", "zh"] {
            let got = name(language, party, &written);
            prop_assert_eq!(&got, &name(language, party, &written));
            prop_assert!(!got.is_empty());
            let foreign = |c: char| c.is_alphabetic() && deunicode::deunicode_char(c).is_some_and(|l| l.chars().any(|l| l.is_ascii_alphabetic())) && c > '\u{24f}' && !('\u{1e00}'..='\u{1eff}').contains(&c);
            prop_assert!(!got.contains(foreign), "{} of {}", got, written);
        }
    }
}

/// Every fifth person of the register is spelled by what the others teach; gives the share of family names that come
/// out as the register has them, and how alike the names are on average.
fn unseen(language: &str) -> (f64, f64) {
    let register = ENGINE.register();
    let pack = ENGINE
        .packs()
        .iter()
        .find(|pack| pack.code == language)
        .expect("a pack");
    let file = Source::Embedded
        .read(&format!("lexicon/{language}/names.toml"))
        .expect("a file");
    let mut latin =
        Latin::new(toml::from_str(&file).expect("names"), pack.names.cased, register).expect("names");
    let mut known = std::collections::HashMap::new();
    for (id, person) in register.people() {
        known.insert(person.name.as_str(), id.0);
    }
    let hidden = |person: &Person| known[person.name.as_str()] % 5 == 0;
    latin.learn(
        register
            .spellings(pack.script)
            .filter(|(person, _)| !hidden(person)),
    );
    let (mut all, mut right, mut alike) = (0.0, 0.0, 0.0);
    let mut seen = std::collections::HashSet::new();
    for (person, spelling) in register
        .spellings(pack.script)
        .filter(|(person, _)| hidden(person))
    {
        if latin.split(spelling).len() < 2 && language != "zh" || !seen.insert(&person.name) {
            continue;
        }
        let party = person.terms.first().map(|term| term.party);
        let family_first = party.map(|party| register.party_info(party).family_first);
        let got = fold(&latin.name(spelling, party, family_first));
        let wanted = fold(&person.name);
        let last = |name: &str| name.rsplit([' ', '-']).next().unwrap_or_default().to_owned();
        all += 1.0;
        right += f64::from(u8::from(last(&got) == last(&wanted)));
        alike += jaro_winkler(&got, &wanted);
    }
    (right / all, alike / all)
}

#[test]
fn people_whom_nobody_taught_come_out_near_their_usual_form() {
    for (language, least_right, least_alike) in [("ru", 0.4, 0.9), ("ar", 0.22, 0.87), ("zh", 0.1, 0.7)] {
        let (right, alike) = unseen(language);
        assert!(
            right >= least_right && alike >= least_alike,
            "{language}: {right:.3} {alike:.3}"
        );
    }
}
